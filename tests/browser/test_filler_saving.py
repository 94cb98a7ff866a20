"""Nothing typed is lost: the line goes down, the session ends, the window closes, two windows are open at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.looks import DESK_ZH, PHONE_ZH, Look
from tests.browser.projects import Projects
from tests.browser.test_every_page import assert_accessible
from tests.browser.test_filler_sheet import COSTS, PATIENCE, cell, paste
from tests.browser.windows import Window, Windows
from tests.handlers.rows import project

pytestmark = pytest.mark.browser

FORM = "107-2"
COPIES = "Object.keys(localStorage).filter(name => name.startsWith('zhibao.kept.'))"


@contextmanager
def offline(windows: Windows, window: Window) -> Iterator[None]:
    """The line is down; what Chromium then says of its requests is no complaint about the page."""
    window.page.context.set_offline(True)
    yield
    window.page.context.set_offline(False)
    windows.complaints[:] = [one for one in windows.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def expire_session(windows: Windows, window: Window) -> None:
    """The session cookie is gone, as after closing the browser overnight; the first refusal is noted as an error."""
    window.page.context.clear_cookies(name="zhibao")
    windows.complaints[:] = [one for one in windows.complaints if "status of 400" not in one]


def forgive_refusal(windows: Windows) -> None:
    """The one answer 400 after which the page fetched a fresh check code."""
    refused = [one for one in windows.complaints if "status of 400" in one]
    assert len(refused) == 1
    windows.complaints.remove(refused[0])


def expect_state(page: Page, text: str) -> None:
    expect(page.locator("#state")).to_contain_text(text, timeout=PATIENCE)


def opened(windows: Windows, projects: Projects, unit: int, form: str = FORM, look: Look = DESK_ZH) -> Window:
    window = windows.open(projects.base, look)
    window.go(projects.path(unit, form))
    return window


def test_what_is_typed_is_saved_by_itself_and_the_copy_on_the_device_goes(windows: Windows, projects: Projects) -> None:
    unit = projects.newcomer()
    page = opened(windows, projects, unit).page
    page.fill("#rd_staff_total", "1O")
    expect_state(page, "有改动")
    expect_state(page, "草稿已自动保存于")
    draft = projects.draft(unit, FORM)
    assert draft is not None
    assert draft.inputs["rd_staff_total"] == "1O"
    assert page.evaluate(COPIES) == []
    page.fill("#rd_staff_total", "10")
    page.click('button[name="action"][value="save"]')
    expect(page.locator("#saved")).to_be_visible()
    assert cell(page, "rd_staff_total") == "10"


def test_a_pasted_column_outlives_a_lost_line_and_an_expired_session(windows: Windows, projects: Projects) -> None:
    """Paste, lose the network mid-way, let the session expire, come back: every value is there."""
    unit = projects.newcomer()
    window = opened(windows, projects, unit)
    page = window.page
    page.fill("#rd_staff_total", "12")
    expect_state(page, "草稿已自动保存于")
    names = page.locator(".entry input").evaluate_all("all => all.map(one => one.name)")
    pasted = names[names.index("rd_cost_total") :][: len(COSTS)]
    with offline(windows, window):
        paste(page, "rd_cost_total", "\n".join(COSTS))
        expect_state(page, "连不上网")
        page.fill("#papers", "4")
        page.click('button[name="action"][value="save"]')
        expect(page.locator("#told")).to_contain_text("没有发出去")
        expect(page.locator("form#filing")).to_be_visible()
        expire_session(windows, window)
    expect_state(page, "草稿已自动保存于")
    forgive_refusal(windows)
    page.reload()
    assert [cell(page, name) for name in pasted] == list(COSTS)
    assert cell(page, "papers") == "4"
    assert cell(page, "rd_staff_total") == "12"


def test_a_window_closed_while_offline_comes_back_in_the_next(windows: Windows, projects: Projects) -> None:
    unit = projects.newcomer()
    window = opened(windows, projects, unit)
    page = window.page
    with offline(windows, window):
        paste(page, "rd_cost_total", "\n".join(COSTS))
        expect_state(page, "连不上网")
        page.close()
    expire_session(windows, window)
    again = window.page.context.new_page()
    again.goto(projects.base + projects.path(unit, FORM))
    expect(again.locator("#offer")).to_contain_text(f"{len(COSTS)} 处已经取回")
    assert cell(again, "rd_cost_total") == COSTS[0]
    assert_accessible(again)
    expect_state(again, "草稿已自动保存于")
    assert again.evaluate(COPIES) == []
    draft = projects.draft(unit, FORM)
    assert draft is not None
    assert draft.inputs["rd_cost_total"] == COSTS[0]
    again.click("[data-leave]")
    assert cell(again, "rd_cost_total") == ""


def test_where_something_else_was_saved_since_the_copy_is_offered_and_not_put_back(
    windows: Windows, projects: Projects
) -> None:
    unit = projects.newcomer()
    window = opened(windows, projects, unit)
    with offline(windows, window):
        window.page.fill("#rd_staff_total", "12")
        expect_state(window.page, "连不上网")
        window.page.close()
    other = opened(windows, projects, unit)
    other.page.fill("#papers", "3")
    expect_state(other.page, "草稿已自动保存于")
    again = window.page.context.new_page()
    again.goto(projects.base + projects.path(unit, FORM))
    expect(again.locator("#offer")).to_contain_text("有 1 处不同")
    assert (cell(again, "rd_staff_total"), cell(again, "papers")) == ("", "3")
    again.click("[data-take]")
    assert (cell(again, "rd_staff_total"), cell(again, "papers")) == ("12", "3")
    expect(again.locator("#offer")).to_be_hidden()
    expect_state(again, "草稿已自动保存于")


def test_rows_come_back_whole_whatever_numbers_they_had(windows: Windows, projects: Projects) -> None:
    unit = projects.starred()
    window = opened(windows, projects, unit, "107-1", PHONE_ZH)
    page = window.page
    keys = page.locator('tbody[data-row="1"] td.cell > :is(input, select)').evaluate_all(
        "all => all.map(one => one.name)"
    )
    with offline(windows, window):
        rows = [project(number) for number in range(1, 9)]
        lines = ["\t".join(row.get(key.replace(".1.", f".{n}."), "") for key in keys) for n, row in enumerate(rows, 1)]
        paste(page, "projects.1.project_name", "\n".join(lines))
        page.click('tbody[data-row="2"] [data-act=remove]')
        expect_state(page, "连不上网")
        page.close()
    again = window.page.context.new_page()
    again.goto(projects.base + projects.path(unit))
    expect_state(again, "草稿已自动保存于")
    again.reload()
    names = [cell(again, f"projects.{number}.project_name")[-1:] for number in range(1, 9)]
    assert names == ["1", "3", "4", "5", "6", "7", "8", ""]
    assert cell(again, "projects.7.project_output") == "9"


def test_two_windows_never_overwrite_each_other_by_themselves(windows: Windows, projects: Projects) -> None:
    unit = projects.newcomer()
    first, second = opened(windows, projects, unit), opened(windows, projects, unit)
    first.page.fill("#rd_staff_total", "12")
    expect_state(first.page, "草稿已自动保存于")
    second.page.fill("#rd_staff_total", "21")
    expect_state(second.page, "在别处改过")
    draft = projects.draft(unit, FORM)
    assert draft is not None
    assert draft.inputs["rd_staff_total"] == "12"
    second.page.click('button[name="action"][value="save"]')
    expect(second.page.locator("#rd_staff_total-why .stored b")).to_have_text("12")
    assert cell(second.page, "rd_staff_total") == "21"
    second.page.fill("#papers", "3")
    second.page.wait_for_timeout(4000)
    assert projects.draft(unit, FORM) == draft
    second.page.click('button[name="action"][value="save"]')
    expect(second.page.locator("#saved")).to_be_visible()
    assert cell(second.page, "rd_staff_total") == "21"


def test_an_answer_that_was_lost_is_no_conflict_with_oneself(windows: Windows, projects: Projects) -> None:
    unit = projects.newcomer()
    window = opened(windows, projects, unit)
    page = window.page
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append("once")
            route.fetch()
            route.abort()

    page.route(re.compile("/keep$"), lose)
    page.fill("#rd_staff_total", "12")
    expect_state(page, "连不上网")
    page.fill("#papers", "4")
    expect_state(page, "草稿已自动保存于")
    windows.complaints[:] = [one for one in windows.complaints if "ERR_FAILED" not in one]
    draft = projects.draft(unit, FORM)
    assert draft is not None
    assert (draft.version, draft.inputs["papers"]) == (2, "4")


def sign(page: Page) -> None:
    for name in page.locator(".entry input").evaluate_all("all => all.map(one => one.name)"):
        page.fill(f"#{name}", "0")
    for name in ("unit_head", "statistician", "filler", "phone"):
        page.fill(f"#{name}", "甲")


def test_a_page_left_open_until_the_session_ended_is_sent_at_the_first_press(
    windows: Windows, projects: Projects
) -> None:
    unit = projects.newcomer()
    window = windows.open(projects.base, DESK_ZH)
    page = window.page
    page.clock.install()
    window.go(projects.path(unit, FORM))
    sign(page)
    page.clock.run_for(3_000)
    expect_state(page, "草稿已自动保存于")
    page.clock.fast_forward("02:00:00")
    expire_session(windows, window)
    page.click('button[name="action"][value="submit"]')
    expect(page.locator(".receipt")).to_be_visible(timeout=PATIENCE)
    forgive_refusal(windows)
    assert projects.submission(unit, FORM).state.revision == 1


def test_a_press_that_an_ended_session_refused_loses_nothing_and_what_was_sent_leaves_the_device(
    windows: Windows, projects: Projects
) -> None:
    unit = projects.newcomer()
    window = opened(windows, projects, unit)
    page = window.page
    sign(page)
    expire_session(windows, window)
    page.click('button[name="action"][value="submit"]')
    expect(page.get_by_role("heading", name="这一页没有提交成功")).to_be_visible()
    forgive_refusal(windows)
    window.go(projects.path(unit, FORM))
    assert cell(page, "rd_staff_total") == "0"
    assert cell(page, "phone") == "甲"
    page.click('button[name="action"][value="submit"]')
    expect(page.locator(".receipt")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate(COPIES) == []
    assert projects.submission(unit, FORM).state.revision == 1
