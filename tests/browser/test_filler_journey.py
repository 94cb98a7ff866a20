"""A filler at a browser: from the invitation to the receipt, with mistakes on the way."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK_ZH, LOOKS, PHONE_ZH, Look
from tests.browser.steps import SIGN_OFF, fill, open_letter, press, send_return
from tests.browser.town import Town
from tests.browser.windows import Window, Windows

pytestmark = pytest.mark.browser

MISTAKES = {"rd_staff_total": "1O", "patents_applied": "3", "patents_applied_invention": "5"}
"""A letter typed for a zero, and a part above its whole."""
BEHIND_THE_BAR = """element => {
  const box = element.getBoundingClientRect(), bar = document.querySelector('.actions').getBoundingClientRect();
  return box.top < 0 || box.bottom > Math.min(innerHeight, bar.top);
}"""


def test_a_filler_goes_from_mail_to_receipt(town: Town, window: Window) -> None:
    unit, page = town.newcomer(), window.page
    figures = town.figures(unit)
    open_letter(window, unit.email, unit.name)
    address = page.url
    assert unit.name in page.locator(".form-head").inner_text()

    fill(window, {**figures, **MISTAKES})
    press(window, "save")
    expect(page.get_by_text(window.look.say("已保存"), exact=True)).to_be_visible()
    expect(page.locator("#rd_staff_total")).to_have_value("1O")
    expect(page.locator("#rd_staff_total")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#rd_staff_total-why .mistake")).to_be_visible()
    expect(page.locator("#patents_applied_invention-why .finding")).to_be_visible()

    fill(window, {name: figures[name] for name in MISTAKES})
    press(window, "submit")
    _sign_what_is_missing(page)
    press(window, "submit")
    expect(page.locator(".receipt")).to_contain_text(unit.unit_id)
    expect(page.get_by_text(window.look.say("已报送，收到了"))).to_be_visible()

    window.go(address)
    expect(page.locator("form#filing")).to_have_count(0)
    expect(page.locator("#row-rd_cost_labour .now")).to_contain_text(f"{int(figures['rd_cost_labour']):,}")
    expect(page.locator(".signatures")).to_contain_text(SIGN_OFF["statistician"])


def _sign_what_is_missing(page: Page) -> None:
    """Nothing was sent; each link of the list leads to the input that lacks its signature, in sight and focused."""
    expect(page.locator("form#filing")).to_be_visible()
    for name, text in SIGN_OFF.items():
        page.click(f'.todo a[href="#{name}"]')
        expect(page.locator(f"#{name}")).to_be_focused()
        assert not page.locator(f"#{name}").evaluate(BEHIND_THE_BAR)
        page.keyboard.type(text)


@pytest.mark.parametrize("look", [PHONE_ZH, LOOKS[-1]], ids=str)
def test_the_second_of_two_windows_sees_both_values_before_it_overwrites(
    town: Town, windows: Windows, look: Look
) -> None:
    unit = town.newcomer()
    first, second = windows.open(town.base, look), windows.open(town.base, look)
    for window in (first, second):
        window.go(town.filing_address(unit))
    fill(first, {"rd_staff_total": "12", "papers": "4"})
    press(first, "save")
    fill(second, {"rd_staff_total": "21", "papers": "4"})
    press(second, "save")
    expect(second.page.locator(".notice.bad")).to_be_visible()
    expect(second.page.locator("#rd_staff_total")).to_have_value("21")
    expect(second.page.locator("#rd_staff_total-why .stored b")).to_have_text("12")
    expect(second.page.locator("#papers-why .stored")).to_have_count(0)
    press(second, "save")
    expect(second.page.locator(".notice.bad")).to_have_count(0)
    first.page.reload()
    expect(first.page.locator("#rd_staff_total")).to_have_value("21")


@pytest.mark.parametrize("look", [PHONE_ZH, DESK_ZH], ids=str)
def test_the_form_can_be_filled_and_sent_with_the_keyboard_alone(town: Town, window: Window) -> None:
    unit, page = town.newcomer(), window.page
    figures = {**town.figures(unit), **SIGN_OFF}
    window.go(town.filing_address(unit))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    while figures:
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || ''")
        assert name != "action", f"the keyboard passed by {sorted(figures)}"
        if name in figures:
            page.keyboard.type(figures.pop(name))
    while page.evaluate("document.activeElement.value") != "submit":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_be_visible()


@pytest.mark.parametrize("look", [Look("phone", 390, 844, "zh", scripts=False)], ids=["phone-zh-no-scripts"])
def test_enter_in_a_cell_saves_and_never_sends(town: Town, window: Window) -> None:
    unit, page = town.newcomer(), window.page
    window.go(town.filing_address(unit))
    fill(window, {**town.figures(unit), **SIGN_OFF})
    page.press("#rd_staff_total", "Enter")
    expect(page.locator("#saved")).to_be_visible()
    expect(page.locator("form#filing")).to_be_visible()


@pytest.mark.parametrize("look", [Look("phone", 390, 844, "zh", scripts=False)], ids=["phone-zh-no-scripts"])
def test_the_whole_way_of_a_filler_works_without_scripts(town: Town, window: Window) -> None:
    unit = town.newcomer()
    open_letter(window, unit.email, unit.name)
    fill(window, MISTAKES)
    press(window, "save")
    expect(window.page.locator("#patents_applied_invention-why .finding")).to_be_visible()
    send_return(window, town.figures(unit))
