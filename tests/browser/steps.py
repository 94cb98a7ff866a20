"""What people do on the pages, step by step."""

import time
from collections.abc import Mapping

from playwright.sync_api import Locator, expect

from handlers.demo.enterprise_years import OPEN_YEAR
from register.units import Unit
from tests.browser.town import PATIENCE
from tests.browser.windows import Window

SIGN_OFF = {"unit_head": "赵一", "statistician": "钱二", "filler": "孙三", "phone": "000-0000"}


def letters(window: Window, address: str, about: str) -> Locator:
    """The letters to an address whose subject or text names something, newest first, on the mailbox page."""
    window.go(f"/mailbox?to={address}")
    return window.page.locator("details.letter", has_text=about)


def open_letter(window: Window, address: str, about: str, arrived: int = 1) -> None:
    """Wait until so many such letters have arrived, open the newest and follow its link."""
    end = time.monotonic() + PATIENCE
    while letters(window, address, about).count() < arrived:
        assert time.monotonic() < end, f"no letter to {address} about {about}"
        time.sleep(0.2)
    newest = window.page.locator("details.letter", has_text=about).first
    newest.locator("summary").click()
    newest.get_by_role("link").click()


def fill(window: Window, values: Mapping[str, str]) -> None:
    """Type into inputs by name."""
    for name, value in values.items():
        window.page.fill(f"#{name}", value)


def press(window: Window, action: str) -> None:
    """One of the two buttons of the form: save or submit."""
    window.page.click(f'button[name="action"][value="{action}"]')


def send_return(window: Window, figures: Mapping[str, str]) -> None:
    """Fill and sign the open form and send it; the receipt is what opens."""
    fill(window, {**figures, **SIGN_OFF})
    press(window, "submit")
    expect(window.page.locator(".receipt")).to_be_visible()


def choose(window: Window, decision: str) -> None:
    """Choose a decision on a review page."""
    window.page.check(f'input[name="decision"][value="{decision}"]')


def submit_decision(window: Window) -> None:
    """Press the one button of the decision."""
    window.page.click("#decision button[type=submit]")


def accept(window: Window, reviewer: str, unit: Unit, arrived: int = 1) -> None:
    """Accept a unit's return by the letter to a reviewer."""
    open_letter(window, reviewer, f"待审核：{unit.name} {OPEN_YEAR}年", arrived)
    choose(window, "accept")
    submit_decision(window)
    expect(window.page.locator(".notice.good")).to_be_visible()
