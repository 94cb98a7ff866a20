"""A section in a colleague's browser, and what the filler sees of it in a page that is open all the while."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import DESK_EN, DESK_ZH, PHONE_ZH, Look
from tests.browser.projects import Projects
from tests.browser.test_every_page import assert_accessible
from tests.browser.test_filler_saving import expect_state
from tests.browser.test_filler_sheet import PATIENCE, cell
from tests.browser.windows import Windows

pytestmark = pytest.mark.browser

FORM = "107-2"


@pytest.mark.parametrize("look", [DESK_ZH, PHONE_ZH], ids=str)
def test_a_colleague_fills_his_section_while_the_filler_goes_on(
    windows: Windows, projects: Projects, look: Look
) -> None:
    unit = projects.newcomer()
    filler, colleague = windows.open(projects.base, DESK_ZH), windows.open(projects.base, look)
    page = filler.page
    filler.go(projects.path(unit, FORM))
    page.fill("#papers", "3")
    page.click("#handover summary")
    page.select_option("#handover-section", "2")
    page.fill("#handover-name", "财务科 李四")
    page.click("#handover form.fields button")
    address = page.locator("#handover input[readonly]").input_value()
    assert cell(page, "papers") == "3"

    colleague.go(projects.base + "/h/" + address.split("/h/")[1])
    expect(colleague.page.locator("#papers")).to_have_count(0)
    expect(colleague.page.locator('[name="action"][value="submit"]')).to_have_count(0)
    assert_accessible(colleague.page)
    assert colleague.overflow() <= 0
    colleague.page.fill("#rd_cost_total", "8000")
    expect_state(colleague.page, "草稿已自动保存于")
    colleague.page.fill("#rd_cost_labour", "8000")
    colleague.page.click('button[value="save"]')
    expect(colleague.page.locator("#saved")).to_be_visible()

    page.fill("#papers", "4")
    expect(page.locator("#told")).to_contain_text("财务科 李四 填来的 2 格已经放进本页", timeout=PATIENCE)
    assert (cell(page, "rd_cost_total"), cell(page, "papers")) == ("8000", "4")
    page.reload()
    expect(page.locator("#handover")).to_contain_text("填来 2 格")
    assert_accessible(page)
    page.click("#handover .danger")
    expect(page.locator("#handover input[readonly]")).to_have_count(0)
    colleague.page.reload()
    expect(colleague.page.get_by_role("heading", name="这个链接已经结束")).to_be_visible()


def test_what_came_in_is_looked_at_before_it_is_sent(windows: Windows, projects: Projects) -> None:
    unit = projects.newcomer()
    filler, colleague = windows.open(projects.base, DESK_ZH), windows.open(projects.base, DESK_EN)
    page = filler.page
    filler.go(projects.path(unit, FORM))
    page.click("#handover summary")
    page.fill("#handover-name", "人事科")
    page.click("#handover form.fields button")
    address = page.locator("#handover input[readonly]").input_value()
    colleague.go(projects.base + "/h/" + address.split("/h/")[1])
    colleague.page.fill("#rd_staff_total", "12")
    colleague.page.click('button[value="save"]')
    expect(colleague.page.locator("#saved")).to_be_visible()
    for name in ("unit_head", "statistician", "filler", "phone"):
        page.fill(f"#{name}", "甲")
    page.click('button[name="action"][value="submit"]')
    expect(page.get_by_text("还没有报送：请先处理下面")).to_be_visible()
    expect(page.locator("#told")).to_contain_text("人事科 填来的 1 格", timeout=PATIENCE)
    expect(page.locator("#phone")).to_have_value("甲")
    assert cell(page, "rd_staff_total") == "12"
    assert projects.submission(unit, FORM).state.revision == 0
