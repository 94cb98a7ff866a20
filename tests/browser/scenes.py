"""Every page there is, each as somebody meets it: how a window gets there."""

from collections.abc import Callable, Mapping

from handlers.demo.enterprise_years import CLOSED_YEAR, OPEN_YEAR
from tests.browser.small_home import OFFICE_YEAR
from tests.browser.steps import SIGN_OFF, choose, fill, press, submit_decision
from tests.browser.town import Town
from tests.browser.windows import Window

Scene = Callable[[Window, Town], None]


def at(path: str) -> Scene:
    """A page anybody may open."""
    return lambda window, _town: window.go(path)


def office(path: str, *, then: str = "") -> Scene:
    """A page of the signed-in office; optionally follow a link on it."""

    def scene(window: Window, town: Town) -> None:
        window.go(town.leads().sign_in)
        window.page.click("main button")
        window.go(path)
        if then:
            window.page.locator(then).first.click()

    return scene


def _filing(window: Window, town: Town) -> None:
    window.go(town.leads().filler)


def _filing_refused(window: Window, town: Town) -> None:
    """Mistakes, a finding, and a sign-off that is missing: nothing was stored."""
    _filing(window, town)
    fill(window, {"rd_staff_total": "1O", "patents_applied": "3", "patents_applied_invention": "5"})
    press(window, "submit")


def _filing_conflict(window: Window, town: Town) -> None:
    """A page without the version that is stored: what another window saved stands beside."""
    window.go(town.leads().filler_returned)
    fill(window, {"rd_staff_total": "7", "unit_head": SIGN_OFF["unit_head"]})
    window.page.evaluate("document.querySelector('[name=draft_version]').value = '0'")
    press(window, "save")


def _review_refused(window: Window, town: Town) -> None:
    window.go(town.leads().county_reviewer)
    choose(window, "return")
    submit_decision(window)


def _first_letter(window: Window, _town: Town) -> None:
    window.go("/mailbox")
    window.page.locator("details summary").first.click()


SCENES: Mapping[str, Scene] = {
    "home": at("/"),
    "programs": at("/api/v1/docs"),
    "sign_in": at("/signin"),
    "sign_in_asked": at("/signin?asked=1"),
    "sign_in_button": lambda window, town: window.go(town.leads().sign_in),
    "mailbox": _first_letter,
    "mailbox_empty": at("/mailbox?to=nobody"),
    "no_such_page": at("/nowhere"),
    "link_invalid": at("/f/not-a-link"),
    "link_expired": lambda window, town: window.go(town.expired_address()),
    "filing": _filing,
    "filing_refused": _filing_refused,
    "filing_conflict": _filing_conflict,
    "filing_returned": lambda window, town: window.go(town.leads().filler_returned),
    "filed": lambda window, town: window.go(town.filed_address()),
    "receipt": lambda window, town: window.go(town.receipt_address()),
    "review": lambda window, town: window.go(town.leads().province_reviewer),
    "review_refused": _review_refused,
    "review_decided": lambda window, town: window.go(town.decided_review_address()),
    "inbox": lambda window, town: window.go(town.inbox_address("530000")),
    "inbox_settings": lambda window, town: window.go(town.inbox_address("530000") + "/settings"),
    "inbox_empty": lambda window, town: window.go(town.inbox_address("533400")),
    "overview": office("/office/"),
    "progress": office(f"/office/{OPEN_YEAR}/progress"),
    "progress_city": office(f"/office/{OPEN_YEAR}/progress?region=530100"),
    "progress_empty": office(f"/office/{OPEN_YEAR}/progress?region=533400"),
    "submissions": office(f"/office/{OPEN_YEAR}/submissions"),
    "submissions_empty": office(f"/office/{OPEN_YEAR}/submissions?region=533400"),
    "submission": office(f"/office/{CLOSED_YEAR}/submissions", then="tbody a"),
    "seat_returns": office(f"/office/{CLOSED_YEAR}/returns"),
    "seat_returns_empty": office(f"/office/{OFFICE_YEAR}/returns"),
    "unsent": office(f"/office/{OPEN_YEAR}/unsent"),
    "proposals": office(f"/office/{OPEN_YEAR}/proposals"),
    "found": office(f"/office/{OPEN_YEAR}/find?q=9"),
    "collections": office("/office/collections", then="summary"),
    "tables": office("/office/tables/"),
    "region_indicators": office(f"/office/tables/region_indicators/{OFFICE_YEAR}"),
    "response_rates": office(f"/office/tables/response_rates/{OPEN_YEAR}"),
    "enterprise_totals": office(f"/office/tables/enterprise_totals/{CLOSED_YEAR}"),
}
