"""Reviewers and the filler they write to: a return with a reason, a correction, three acceptances."""

import pytest
from playwright.sync_api import expect

from handlers.demo.enterprise_years import OPEN_YEAR
from register.units import Unit
from tests.browser.looks import LOOKS, Look
from tests.browser.steps import accept, choose, fill, letters, open_letter, press, send_return, submit_decision
from tests.browser.town import Town
from tests.browser.windows import Window, Windows

pytestmark = pytest.mark.browser

COMMENT = "请核对人员与费用是否同一口径。"
REASON = "unit"
SCRIPTS_OFF = Look("phone", 390, 844, "zh", scripts=False)


@pytest.mark.parametrize("look", [*LOOKS, SCRIPTS_OFF], ids=[*map(str, LOOKS), "phone-zh-no-scripts"])
def test_a_return_comes_back_marked_and_is_accepted_after_its_correction(
    town: Town, windows: Windows, look: Look
) -> None:
    unit = town.newcomer()
    county, city, province = town.reviewers(unit)
    filler, reviewer = windows.open(town.base, look), windows.open(town.base, look)
    filler.go(town.filing_address(unit))
    send_return(filler, town.figures(unit))

    _send_back(reviewer, county, unit)
    open_letter(filler, unit.email, f"退回：{OPEN_YEAR}年示例107-2表需要补充或改正（{unit.name}")
    _correct(filler, town, unit)

    accept(reviewer, county, unit, arrived=2)
    accept(reviewer, city, unit)
    accept(reviewer, province, unit)
    open_letter(filler, unit.email, "验收通过：2025")
    expect(filler.page.locator(".receipt")).to_contain_text(look.say("已验收"))
    assert letters(filler, unit.email, "退回：2025").count() == 1


def _send_back(window: Window, reviewer: str, unit: Unit) -> None:
    """First without choosing anything, then without naming an item, then as it should be."""
    page = window.page
    open_letter(window, reviewer, f"待审核：{unit.name} {OPEN_YEAR}年")
    expect(page.locator(".form-head")).to_contain_text(unit.unit_id)
    expect(page.locator('input[name="decision"]:checked')).to_have_count(0)
    submit_decision(window)
    expect(page.locator('input[name="decision"]:invalid')).to_have_count(2)
    expect(page.locator(".notice")).to_have_count(0)
    choose(window, "return")
    page.fill("#comment", COMMENT)
    page.select_option("#reason_code", REASON)
    submit_decision(window)
    expect(page.locator(".notice.bad")).to_be_visible()
    expect(page.locator("#comment")).to_have_value(COMMENT)
    page.check('input[name="mark"][value="rd_cost_total"]')
    submit_decision(window)
    expect(page.locator(".notice.good")).to_be_visible()
    expect(page.locator("#decision")).to_have_count(0)


def _correct(window: Window, town: Town, unit: Unit) -> None:
    """The reason, the comment and the marked cell are there, and nothing else is marked; one figure changes."""
    page = window.page
    expect(page.locator(".notice.warn").first).to_contain_text(COMMENT)
    expect(page.locator("tr.marked")).to_have_count(1)
    expect(page.locator("tr.marked #rd_cost_total")).to_have_value(town.figures(unit)["rd_cost_total"])
    fill(window, {"papers": "9"})
    press(window, "submit")
    expect(page.locator(".receipt")).to_be_visible()


def test_a_new_device_asks_for_the_mailed_code_once(careful_town: Town, windows: Windows, look: Look) -> None:
    town = careful_town
    address, reviewer = town.waiting_review()
    window = windows.open(town.base, look)
    page = window.page
    window.go(address)
    expect(page.locator("#decision")).to_have_count(0)
    page.click('form[action$="/code"] button')
    expect(page.locator("#code")).to_be_visible()
    fill(window, {"code": "000000"})
    page.click('form[action$="/confirm"] button')
    expect(page.locator(".notice.bad")).to_be_visible()
    fill(window, {"code": town.mailed_code(reviewer, 1)})
    page.click('form[action$="/confirm"] button')
    expect(page.locator("#decision")).to_be_visible()
    window.go(address)
    expect(page.locator("#decision")).to_be_visible()


def test_another_device_is_asked_again(careful_town: Town, windows: Windows) -> None:
    address, _reviewer = careful_town.waiting_review()
    window = windows.open(careful_town.base, LOOKS[0])
    window.go(address)
    expect(window.page.locator("#decision")).to_have_count(0)
    expect(window.page.locator('form[action$="/code"] button')).to_be_visible()
