"""Every page of 107-1, on desk and phone, in both languages: nothing for axe-core to say, nothing over the edge, and on
paper every row whole."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import DESK_EN, DESK_ZH, PHONE_ZH
from tests.browser.projects import Projects
from tests.browser.test_every_page import BROKEN, HAN, SMALLEST, assert_accessible
from tests.browser.windows import Window, Windows
from tests.handlers.rows import FORM, page_path, project, submission, version
from tests.handlers.world import SIGN_OFF
from workflows.submissions import Submission

pytestmark = pytest.mark.browser

PEOPLES_OWN = re.compile(r"示例[\w〔〕（）-]*|高强度铝合金薄板轧制工艺研究之\d+|县审戊|赵一|钱二|孙三|请看|[甲乙丙]")


def post(projects: Projects, path: str, **typed: str) -> None:
    client = projects.world.client()
    assert client.post(path, data={**typed, **projects.world.csrf(client)}).status_code in {303, 422}


def filled(projects: Projects, action: str = "save", **more: str) -> int:
    """A starred unit with three projects, saved or sent."""
    unit = projects.starred()
    rows = {**project(1), **project(2), **project(3), **more}
    typed = {**SIGN_OFF, **rows, "draft_version": version(projects.world, unit), "action": action}
    post(projects, page_path(projects.world, unit), **typed)
    projects.world.sweep()
    return unit


def review_path(projects: Projects, unit: int) -> str:
    return projects.world.link("reviewer990101@staff.example", "r", f"示例企业{unit}号")


def scene_with_mistakes(projects: Projects) -> str:
    return projects.path(filled(projects, **project(3, start_month="2031x", project_cost="5", project_goal="77")))


def scene_sealed(projects: Projects) -> str:
    return projects.path(filled(projects, "submit"))


def scene_review_with_changes(projects: Projects) -> str:
    world = projects.world
    unit = filled(projects, "submit")
    post(
        projects,
        review_path(projects, unit),
        decision="return",
        reason_code="unit",
        mark="projects.2",
        items="projects.3.project_cost",
        comment="请看",
    )
    world.sweep()
    rows = {**project(1), **project(2, project_cost="1500"), **project(4), "draft_version": version(world, unit)}
    post(projects, page_path(world, unit), **SIGN_OFF, **rows, action="submit")
    world.sweep()
    return review_path(projects, unit)


def scene_returned(projects: Projects) -> str:
    unit = filled(projects, "submit")
    typed = {"reason_code": "unit", "mark": "projects.2", "items": "projects.3.project_cost R31", "comment": "请看"}
    post(projects, review_path(projects, unit), decision="return", **typed)
    return projects.path(unit)


SCENES = {
    "with mistakes": scene_with_mistakes,
    "sealed": scene_sealed,
    "review with changes": scene_review_with_changes,
    "returned": scene_returned,
    "print": lambda projects: scene_sealed(projects) + "/print",
    "print of a draft": lambda projects: scene_with_mistakes(projects) + "/print",
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_page_of_rows_is_accessible_and_fits_desk_and_phone(windows: Windows, projects: Projects, scene: str) -> None:
    path = SCENES[scene](projects)
    for look in (DESK_ZH, DESK_EN):
        window = windows.open(projects.base, look)
        page = window.page
        window.go(path)
        assert not BROKEN.search(page.content())
        if look is DESK_EN:
            assert HAN.findall(PEOPLES_OWN.sub("", page.inner_text("main"))) == []
        assert_accessible(page)
        page.set_viewport_size({"width": PHONE_ZH.width, "height": PHONE_ZH.height})
        assert_accessible(page)
        page.set_viewport_size({"width": SMALLEST["width"], "height": SMALLEST["height"]})
        assert window.overflow() <= 0


def test_a_finding_leads_to_its_cell_from_the_list_and_from_the_short_list(
    windows: Windows, projects: Projects
) -> None:
    window = windows.open(projects.base, DESK_ZH)
    page = window.page
    window.go(scene_with_mistakes(projects))
    page.click('.notice .todo a[href="#projects.3.start_month"]')
    expect(page.locator('[name="projects.3.start_month"]')).to_be_focused()
    page.click("#short summary")
    page.locator('#short a[href^="#projects.3.project_cost"]').first.click()
    expect(page.locator('[name^="projects.3.project_cost"]:focus')).to_have_count(1)


def assert_on_paper(window: Window, pages: range, wide: bool) -> None:
    page: Page = window.page
    page.emulate_media(media="print")
    for screen in page.locator("button, .top, .bottom, .toolbar").all():
        expect(screen).to_be_hidden()
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") in pages
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert boxes
    assert all((float(across) > float(up)) == wide for across, up in boxes)


def test_projects_print_across_with_their_hash_and_lines_print_upright(windows: Windows, projects: Projects) -> None:
    window = windows.open(projects.base, DESK_ZH)
    more = {name: text for number in range(4, 61) for name, text in project(number).items()}
    unit = filled(projects, "submit", **more)
    sent: Submission = submission(projects.world, unit, FORM)
    window.go(projects.path(unit) + "/print")
    expect(window.page.locator(".seal-place")).to_be_visible()
    expect(window.page.locator(".seal-proof")).to_contain_text(sent.state.revision_hash)
    expect(window.page.locator(".seal-proof svg")).to_be_visible()
    assert_on_paper(window, range(3, 6), wide=True)
    rows = window.page.locator(".grid-sheet tbody tr")
    assert rows.evaluate_all("all => all.every(one => getComputedStyle(one).breakInside === 'avoid')")
    window.go(projects.path(unit, "107-2") + "/print")
    assert_on_paper(window, range(2, 4), wide=False)


def test_without_scripts_rows_are_added_by_a_button_and_removed_by_emptying(
    windows: Windows, projects: Projects
) -> None:
    look = type(PHONE_ZH)("phone", 360, 780, "zh", scripts=False)
    window = windows.open(projects.base, look)
    page = window.page
    window.go(projects.path(projects.newcomer()))
    page.fill('[name="projects.1.project_name"]', "项目甲")
    page.fill('[name="projects.2.project_name"]', "项目乙")
    page.select_option('[name="projects.2.project_goal"]', "3")
    page.click("button[name=more]")
    assert page.locator("tbody[data-row]").count() == 12
    page.fill('[name="projects.1.project_name"]', "")
    page.click('button[name="action"][value="save"]')
    expect(page.locator('[name="projects.1.project_name"]')).to_have_value("项目乙")
    expect(page.locator('[name="projects.1.project_goal"]')).to_have_value("3")
    assert window.overflow() <= 0
