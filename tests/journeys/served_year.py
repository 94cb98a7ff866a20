"""A served year for the tests of mistakes: its links, and sending its pages."""

from http import HTTPStatus

from tests.journeys.driver import Browser, Home
from tests.journeys.pages import Page
from tests.journeys.registers import one_county, quiet_year

UNITS = 12


def serve_two_years(home: Home) -> None:
    """Units 1 to 3 have sent for 2031; 2030 is closed, with unit 5 in review."""
    home.load(*one_county(UNITS, holders="ab"))
    for year in ("2031", "2030"):
        home.zhibao("collection", "open", "--year", year, "--form", "107-2", "--due", "2099-03-10")
    home.start()
    home.zhibao("sweep")
    for unit in (1, 2, 3):
        browser = Browser()
        page = browser.open(filing(home, unit))
        assert submit(browser, page).status == HTTPStatus.SEE_OTHER
    browser = Browser()
    assert submit(browser, browser.open(filing(home, 5, "2030"))).status == HTTPStatus.SEE_OTHER
    home.zhibao("sweep")
    home.zhibao("collection", "close", "--year", "2030")


def filing(home: Home, unit: int, year: str = "2031") -> str:
    """A unit's filing link."""
    address = f"unit{unit}@units.example"
    mails = [mail for mail in home.mails() if mail.to == address and mail.opens("f")]
    return next(mail for mail in mails if year in mail.subject).link("f")


def review(home: Home, unit: int, year: str = "2031", letter: str = "a") -> str:
    """The review link of a return, to one of the holders of the county's seat."""
    address = f"reviewer990101{letter}@review.example"
    mails = [mail for mail in home.mails() if mail.to == address and mail.opens("r") and year in mail.subject]
    return next(mail for mail in mails if f"示例企业{unit}号 " in mail.subject).link("r")


def submit(browser: Browser, page: Page, **figures: str) -> Page:
    """Send a page filled with zeros and these figures."""
    return browser.send(page, "filing", {**quiet_year(page.forms["filing"], figures), "action": "submit"})


def csrf(page: Page) -> dict[str, str]:
    """The hidden field of a page's first form."""
    return {"csrf_token": next(iter(page.forms.values())).fields["csrf_token"]}
