"""107-1 on every page: filled row by row without scripts, sent, reviewed by row and cell, returned, compared."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.handlers.rows import PLAIN, STARRED, open_projects, page_path, project, submission, version
from tests.handlers.world import SIGN_OFF, World
from workflows.machine.states import Stage

STARRED_COLUMN = "project_cost_basic"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    made = open_projects(tmp_path / "home")
    yield made
    made.home.close()


def post(world: World, unit: int = STARRED, door: str = "", **data: str) -> TestResponse:
    client = world.client()
    path = page_path(world, unit)
    typed = {"draft_version": version(world, unit), **data, **world.csrf(client, path)}
    return client.post(path + door, data=typed)


def page(world: World, unit: int = STARRED, query: str = "") -> str:
    return html.unescape(world.client().get(page_path(world, unit) + query).text)


def value_of(text: str, name: str) -> str | None:
    found = re.search(rf'id="{re.escape(name)}" name="{re.escape(name)}" value="([^"]*)"', text)
    return found[1] if found else None


def chosen(text: str, name: str) -> list[str]:
    select = re.search(rf'<select id="{re.escape(name)}".*?</select>', text, re.DOTALL)
    assert select is not None, name
    return re.findall(r'<option value="([^"]*)" selected', select[0])


def rows_on(text: str) -> int:
    return len(re.findall(r"<tbody data-row=", text))


def send(world: World, unit: int = STARRED, **rows: str) -> None:
    answer = post(world, unit, action="submit", **SIGN_OFF, **rows)
    assert answer.status_code == 303, answer.text
    world.sweep()


def review_page(world: World, region: str = "990101") -> str:
    path = world.link(f"reviewer{region}@staff.example", "r", "示例企业1号")
    return html.unescape(world.client().get(path).text)


# Filling


def test_a_first_page_has_empty_rows_and_a_button_for_more(town: World) -> None:
    text = page(town)
    assert rows_on(text) == 5
    answer = post(town, more="projects", blank="5", **project(1))
    assert answer.status_code == 303
    assert "blank=10" in answer.headers["Location"]
    assert rows_on(page(town, query="?blank=10")) == 11
    assert rows_on(page(town, query="?blank=99999")) == rows_on(page(town, query="?blank=x")) == 6


def test_rows_come_back_as_typed_with_their_options_chosen(town: World) -> None:
    assert post(town, action="save", **project(1, project_source="02"), **project(2)).status_code == 303
    text = page(town)
    assert value_of(text, "projects.1.project_name") == "高强度铝合金薄板轧制工艺研究之1"
    assert chosen(text, "projects.1.project_source") == ["2"]
    assert chosen(text, "projects.2.project_goal") == ["3"]
    assert value_of(text, "projects.2.start_month") == "203101"


def test_a_row_that_is_emptied_is_gone_and_the_others_move_up(town: World) -> None:
    assert post(town, action="save", **project(1), **dict.fromkeys(project(2), ""), **project(3)).status_code == 303
    text = page(town)
    assert value_of(text, "projects.2.project_name") == "高强度铝合金薄板轧制工艺研究之3"
    assert value_of(text, "projects.3.project_name") == ""


def test_a_mistake_is_told_under_its_row_and_the_list_jumps_to_its_cell(town: World) -> None:
    post(town, action="save", **project(1), **project(2), **project(3, start_month="2031年13月"))
    text = page(town)
    assert value_of(text, "projects.3.start_month") == "2031年13月"
    assert '<a href="#projects.3.start_month">' in text
    cell = re.search(r'<input id="projects\.3\.start_month"[^>]*>', text)
    assert cell is not None
    assert 'aria-invalid="true"' in cell[0]
    assert 'aria-describedby="projects.3-why"' in cell[0]
    assert 'id="projects.3-why"' in text


def test_what_is_no_option_stays_to_be_seen_and_is_a_mistake(town: World) -> None:
    post(town, action="save", **project(1, project_goal="77"))
    text = page(town)
    assert chosen(text, "projects.1.project_goal") == ["77"]
    assert "没有这个选项" in text


def test_starred_columns_are_asked_of_starred_units_only(town: World) -> None:
    assert f"projects.1.{STARRED_COLUMN}" in page(town, STARRED)
    assert STARRED_COLUMN not in page(town, PLAIN)


def test_more_rows_than_the_form_takes_are_refused_and_nothing_is_stored(town: World) -> None:
    rows = {f"projects.{number}.project_name": "项目" for number in range(1, 2002)}
    answer = post(town, action="save", **rows)
    assert answer.status_code == 422
    assert "超过 2000 行" in answer.text
    assert version(town) == "0"


def test_a_page_too_large_to_read_says_so(town: World) -> None:
    answer = post(town, action="save", **{"projects.1.project_name": "长" * 500_000})
    assert answer.status_code == 413
    assert "一页最多 4 MB" in answer.text


def test_so_many_rows_that_lists_would_weigh_more_than_they_help_are_typed_with_one_list(town: World) -> None:
    rows = {name: text for number in range(1, 402) for name, text in project(number).items()}
    assert post(town, action="save", **rows).status_code == 303
    text = page(town)
    assert '<select id="projects.' not in text
    assert 'name="projects.401.project_source" value="1"' in text
    assert text.count('<datalist id="options-project_source">') == 1


def test_sums_of_the_units_own_rows_stand_under_the_columns(town: World) -> None:
    post(town, action="save", **project(1), **project(2, project_cost="2500"))
    foot = page(town).split("<tfoot>")[1].split("</tfoot>")[0]
    assert re.search(r'data-sum="project_cost"[^>]*>3,500<', foot)
    assert 'data-sum="project_name"' not in foot


def test_the_parts_of_a_total_are_added_beside_it_and_never_called_expected(town: World) -> None:
    post(town, action="save", **project(1, project_cost_basic="30", project_cost_basic_own="25"))
    text = page(town)
    assert re.search(r'data-parts="projects\.1\.project_cost_basic_own projects\.1[^"]*">各分项合计 <b>35</b>', text)


# Sending and reviewing


def test_a_return_of_rows_goes_its_whole_way(town: World) -> None:
    send(town, **project(1), **project(2))
    assert "高强度铝合金薄板轧制工艺研究之2" in page(town)
    assert "1 本企业自选项目" in page(town)
    for region in ("990101", "990100", "990000"):
        assert town.review(1, region) == 303
    assert submission(town).state.stage is Stage.ACCEPTED
    office = town.signed_in("office@staff.example")
    assert "高强度铝合金薄板轧制工艺研究之1" in office.get(f"/office/submissions/{submission(town).id}").text


def test_a_fatal_row_keeps_the_form_from_being_sent(town: World) -> None:
    answer = post(town, action="submit", **SIGN_OFF, **project(1, project_cost="5"))
    assert answer.status_code == 422
    assert '<a href="#projects.1.project_cost' in answer.text
    assert submission(town).state.revision == 0


def test_a_row_can_be_asked_about_and_the_query_stands_under_it(town: World) -> None:
    send(town, **project(1), **project(2))
    client, path = town.client(), town.link("reviewer990101@staff.example", "r", "示例企业1号")
    asked = {"item": "projects.2", "question": "这个项目与上年有何区别？", **town.csrf(client, path)}
    assert client.post(f"{path}/ask", data=asked).status_code == 303
    for text in (page(town), review_page(town)):
        assert text.index('id="row-projects.2"') < text.index("这个项目与上年有何区别？", text.index("<tbody"))
        assert "第 2 行" in text
    for nowhere in ("projects.2001", "projects.x", "elsewhere.1", "projects.1.project_cost"):
        data = {**asked, "item": nowhere}
        assert client.post(f"{path}/ask", data=data).status_code == 422, nowhere


def test_a_return_names_a_row_a_cell_or_a_rule_and_the_filler_sees_them_marked(town: World) -> None:
    send(town, **project(1), **project(2), **project(3))
    town.review(
        1, "990101", decision="return", reason_code="unit", mark="projects.2", items="projects.3.project_cost R31"
    )
    letter = next(one for one in town.post.letters if "退回" in one.subject)
    assert "第 2 行、第 3 行 10 项目经费支出、R31" in letter.text
    text = page(town)
    assert re.search(r'<tbody data-row="2" class="marked', text)
    assert not re.search(r'<tbody data-row="1" class="marked', text)
    assert re.search(r'<td class="cell of-integer number marked"[^>]*><input id="projects\.3\.project_cost"', text)
    assert re.search(r'id="projects\.project_cost_basic"[^>]*marked', text)


def test_a_reviewer_sees_which_rows_and_cells_changed_since_his_look(town: World) -> None:
    send(town, **project(1), **project(2), **project(3))
    town.review(1, "990101", decision="return", reason_code="unit", items="projects")
    new = project(1, project_name="全新项目")
    moved = {name.replace(".1.", ".2."): text for name, text in project(1).items()}
    send(
        town,
        **new,
        **moved,
        **{name.replace(".2.", ".3."): text for name, text in project(2, project_cost="1500").items()},
    )
    text = review_page(town)
    changes = text.split('id="changes"')[1].split("</section>")[0]
    assert "第 1 行" in changes
    assert "全新项目" in changes
    assert "第 2 行" not in changes
    assert re.search(r"<del>1,000</del>.*<ins>1,500</ins>", changes, re.DOTALL)
    assert "删去" in changes
    assert "原为 1,000" in text
    assert submission(town).state.revision == 2


def test_a_conflict_shows_the_other_windows_cell_under_its_row(town: World) -> None:
    post(town, action="save", **project(1, project_cost="700"))
    answer = post(town, action="save", draft_version="0", **project(1, project_cost="900"))
    assert answer.status_code == 409
    assert re.search(r'class="stored">项目经费支出，另一个窗口保存的：<b>700</b>', answer.text)
