"""The form as a spreadsheet: arrows and Enter, a pasted block and its undo, rows added and removed, running sums."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK_EN, DESK_ZH, PHONE_ZH, Look
from tests.browser.projects import Projects
from tests.browser.test_every_page import assert_accessible
from tests.browser.windows import Window, Windows
from tests.handlers.rows import PROJECT, project

pytestmark = pytest.mark.browser

PASTE = """([selector, text]) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  const cell = document.querySelector(selector);
  cell.focus();
  cell.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""
PATIENCE = 30_000
"""Milliseconds that a large page may take on a busy machine."""
COSTS = ("8000", "1,200", "300", "40", "0", "60", "500", "100", "200", "150", "50", "100")


def paste(page: Page, name: str, text: str) -> None:
    """As if the text had been copied from a spreadsheet."""
    page.evaluate(PASTE, [f'[name="{name}"]', text])


def cell(page: Page, name: str) -> str:
    return page.locator(f'[name="{name}"]').input_value()


def opened(windows: Windows, projects: Projects, look: Look, form: str = "107-1") -> Window:
    window = windows.open(projects.base, look)
    window.go(projects.path(projects.starred(), form))
    return window


def test_enter_and_arrows_move_as_in_a_spreadsheet_and_send_nothing(windows: Windows, projects: Projects) -> None:
    page = opened(windows, projects, DESK_ZH, "107-2").page
    address = page.url
    page.focus("#rd_staff_total")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    expect(page.locator(".entry input >> nth=1")).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#rd_staff_total")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".entry input >> nth=2")).to_be_focused()
    assert page.url == address
    assert cell(page, "rd_staff_total") == "12"


def test_arrows_go_along_a_row_and_enter_in_the_last_row_makes_the_next(windows: Windows, projects: Projects) -> None:
    page = opened(windows, projects, DESK_ZH).page
    page.focus('[name="projects.5.project_cost"]')
    page.keyboard.type("100")
    page.keyboard.press("ArrowRight")
    expect(page.locator('[name="projects.5.project_cost_government"]')).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(page.locator('[name="projects.5.project_cost"]')).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator('[name="projects.6.project_cost"]')).to_be_focused()


def test_a_column_copied_from_a_spreadsheet_lands_line_by_line_and_one_undo_takes_it_back(
    windows: Windows, projects: Projects
) -> None:
    page = opened(windows, projects, DESK_ZH, "107-2").page
    page.fill("#rd_cost_total", "1")
    paste(page, "rd_cost_total", "\r\n".join(COSTS) + "\r\n")
    names = page.locator(".entry input").evaluate_all("all => all.map(one => one.name)")
    first = names.index("rd_cost_total")
    assert [cell(page, name) for name in names[first : first + len(COSTS)]] == list(COSTS)
    expect(page.locator("#told")).to_contain_text(f"已粘贴 {len(COSTS)} 格")
    page.keyboard.press("Control+z")
    assert [cell(page, name) for name in names[first : first + 3]] == ["1", "", ""]
    expect(page.locator("#told")).to_contain_text("已撤销粘贴")


def test_what_does_not_fit_is_told_and_nothing_is_cut(windows: Windows, projects: Projects) -> None:
    page = opened(windows, projects, DESK_ZH, "107-2").page
    paste(page, "rd_staff_total", "12\t人\n3")
    assert cell(page, "rd_staff_total") == "12"
    expect(page.locator("#told")).to_contain_text("已粘贴 2 格。 有 1 格没有放下：人。")


@pytest.mark.parametrize("look", [DESK_ZH, DESK_EN], ids=str)
def test_a_block_of_projects_makes_the_rows_it_needs_and_finds_options_by_code_or_name(
    windows: Windows, projects: Projects, look: Look
) -> None:
    page = opened(windows, projects, look).page
    goals = {"zh": "开发全新产品", "en": "Developing an entirely new product"}
    lines = [
        f'"项目 ""{n}""\t二期"\t0{1 + n % 5}\t10\t9\t{goals[look.language]}\t2031{1 + n % 12:02d}' for n in range(8)
    ]
    lines.append("最后一个\t77\t10\t9\t3\t203101")
    paste(page, "projects.1.project_name", "\n".join(lines))
    assert page.locator("tbody[data-row]").count() == 9
    assert cell(page, "projects.3.project_name") == '项目 "2"\t二期'
    assert cell(page, "projects.3.project_source") == "3"
    assert cell(page, "projects.8.project_goal") == "3"
    assert cell(page, "projects.9.project_source") == ""
    expect(page.locator("#told")).to_contain_text("77")
    page.keyboard.press("Control+z")
    assert page.locator("tbody[data-row]").count() == 5
    assert cell(page, "projects.3.project_source") == ""


def test_rows_are_added_copied_removed_and_brought_back(windows: Windows, projects: Projects) -> None:
    page = opened(windows, projects, DESK_ZH).page
    page.fill('[name="projects.1.project_name"]', "项目甲")
    page.select_option('[name="projects.1.project_goal"]', "3")
    page.click("button[name=more]")
    assert page.locator("tbody[data-row]").count() == 10
    page.click('tbody[data-row="1"] [data-act=copy]')
    assert cell(page, "projects.11.project_name") == "项目甲"
    assert cell(page, "projects.11.project_goal") == "3"
    page.click('tbody[data-row="1"] [data-act=remove]')
    expect(page.locator('[name="projects.1.project_name"]')).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(page.locator('[name="projects.1.project_name"]')).to_have_value("项目甲")
    expect(page.get_by_label("复制这一行 · 第 11 行")).to_be_visible()
    assert_accessible(page)


def test_sums_follow_what_is_typed_exactly_and_no_figure_is_expected(windows: Windows, projects: Projects) -> None:
    page = opened(windows, projects, DESK_ZH).page
    page.fill('[name="projects.1.project_person_months"]', "10.1")
    page.fill('[name="projects.2.project_person_months"]', "20.2")
    page.fill('[name="projects.2.project_cost"]', "１２,000")
    expect(page.locator('[data-sum="project_person_months"]')).to_have_text("30.3")
    expect(page.locator('[data-sum="project_cost"]')).to_have_text("12,000")
    page.fill('[name="projects.1.project_cost_basic_own"]', "7")
    page.fill('[name="projects.1.project_cost_basic_outsourced"]', "5")
    parts = page.locator('tbody[data-row="1"] [data-parts]')
    expect(parts).to_have_text("各分项合计 12")
    page.fill('[name="projects.1.project_cost_basic_outsourced"]', "不知道")
    expect(parts).to_have_text("各分项合计 7")


@pytest.mark.parametrize("look", [DESK_ZH, PHONE_ZH], ids=str)
def test_two_hundred_projects_are_filled_saved_and_sent(windows: Windows, projects: Projects, look: Look) -> None:
    unit = projects.starred()
    window = windows.open(projects.base, look)
    page = window.page
    window.go(projects.path(unit))
    keys = page.locator('tbody[data-row="1"] td.cell :is(input, select)').evaluate_all(
        "all => all.map(one => one.name)"
    )
    lines = []
    for number in range(1, 201):
        typed = project(number)
        lines.append("\t".join(typed.get(name.replace(".1.", f".{number}."), "") for name in keys))
    paste(page, "projects.1.project_name", "\n".join(lines))
    assert page.locator("tbody[data-row]").count() == 200
    expect(page.locator('[data-sum="project_cost"]')).to_have_text("200,000")
    page.click('button[name="action"][value="save"]')
    expect(page.locator("#saved")).to_be_visible(timeout=PATIENCE)
    assert cell(page, "projects.200.project_name") == f"{PROJECT['project_name']}之200"
    assert window.overflow() <= 0
    for name in ("unit_head", "statistician", "filler", "phone"):
        page.fill(f"#{name}", "甲")
    page.click('button[name="action"][value="submit"]')
    expect(page.locator(".receipt")).to_be_visible(timeout=PATIENCE)
    assert projects.submission(unit).state.revision == 1
