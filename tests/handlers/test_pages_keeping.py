"""Quiet saving: what the page's own script asks of the server, and what it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.handlers.rows import FORM, open_projects, page_path, project, submission, version
from tests.handlers.world import SIGN_OFF, World
from workflows.collecting import close_collection
from workflows.links import FilingLink
from workflows.submissions import Draft

PAGE, OTHER = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    made = open_projects(tmp_path / "home")
    yield made
    made.home.close()


def keep(world: World, path: str = "", **typed: str) -> TestResponse:
    client = world.client()
    way = path or page_path(world)
    return client.post(f"{way}/keep", data={"draft_version": version(world), **typed, **world.csrf(client)})


def draft(world: World) -> Draft:
    stored = world.home.store.draft(submission(world).id)
    assert stored is not None
    return stored


def test_it_says_the_version_it_was_saved_under_and_when(town: World) -> None:
    answer = keep(town, **project(1, project_cost="1O"))
    assert answer.status_code == 200
    assert answer.get_json() == {"version": 1, "saved_at": "2032-01-15 10:00"}
    assert draft(town).inputs["projects.1.project_cost"] == "1O"


def test_where_nothing_changed_nothing_is_written(town: World) -> None:
    keep(town, page=PAGE, **project(1))
    answer = keep(town, page=OTHER, **project(1))
    assert answer.get_json()["version"] == 1
    assert len(town.home.store.traces(submission(town).id)) == 1


def test_another_windows_save_is_a_conflict_and_stays(town: World) -> None:
    keep(town, page=PAGE, **project(1, project_cost="7"))
    for page in ({"page": OTHER}, {}, {"page": "x"}):
        answer = keep(town, draft_version="0", **page, **project(1, project_cost="8"))
        assert (answer.status_code, answer.get_json()) == (409, {"problem": "conflict"})
    assert draft(town).inputs["projects.1.project_cost"] == "7"


def test_a_page_whose_last_answer_was_lost_goes_on_from_its_own_save(town: World) -> None:
    keep(town, page=PAGE, **project(1, project_cost="7"))
    answer = keep(town, draft_version="0", page=PAGE, **project(1, project_cost="8"))
    assert (answer.status_code, answer.get_json()["version"]) == (200, 2)
    assert draft(town).inputs["projects.1.project_cost"] == "8"


def test_sending_goes_on_from_its_own_save_too(town: World) -> None:
    keep(town, page=PAGE, **project(1), **SIGN_OFF)
    client, path = town.client(), page_path(town)
    data = {"draft_version": "0", "page": PAGE, "action": "submit", **project(1), **SIGN_OFF}
    assert client.post(path, data={**data, "page": OTHER, **town.csrf(client)}).status_code == 409
    assert client.post(path, data={**data, **town.csrf(client)}).status_code == 303
    assert submission(town).state.revision == 1


def test_what_rests_with_the_reviewers_or_is_closed_is_not_saved_and_says_why(town: World) -> None:
    client, path = town.client(), page_path(town)
    data = {"draft_version": "0", "action": "submit", **project(1), **SIGN_OFF}
    assert client.post(path, data={**data, **town.csrf(client)}).status_code == 303
    sealed = keep(town, **project(1, project_cost="7"))
    assert (sealed.status_code, sealed.get_json()["problem"]) == (409, "closed")
    close_collection(town.home.services, year=submission(town).identity.year)
    closed = keep(town, page_path(town, 2), **project(1))
    assert closed.status_code == 409
    assert "已经截止" in closed.get_json()["text"]


def test_too_many_rows_are_not_saved(town: World) -> None:
    rows = {f"projects.{number}.project_name": "项目" for number in range(1, 2002)}
    assert keep(town, **rows).get_json()["problem"] == "too_many"
    assert version(town) == "0"


def test_it_needs_the_check_code_and_the_units_own_link(town: World) -> None:
    path = page_path(town)
    assert town.client().post(f"{path}/keep", data=project(1)).status_code == 400
    services = town.home.services
    strange = FilingLink(submission(town).id, services.store.person_of("unit2@units.example").id)
    assert keep(town, f"/f/{services.links.sign(strange)}", **project(1)).status_code == 403
    assert town.client().get(f"{path}/keep").status_code == 405
    assert version(town) == "0"


def test_the_scripts_come_from_here_under_the_nonce_and_the_page_works_without(town: World) -> None:
    answer = town.client().get(page_path(town))
    nonce = answer.headers["Content-Security-Policy"].split("nonce-")[1].split("'")[0]
    assert f'<script nonce="{nonce}" type="module" src="/static/filing/main.js"></script>' in answer.text
    assert answer.text.count("<script") == 1
    for name in (
        "main",
        "keys",
        "paste",
        "rows",
        "sums",
        "saving",
        "copies",
        "holding",
        "sheet",
        "undo",
        "words",
        "forget",
    ):
        with town.client().get(f"/static/filing/{name}.js") as script:
            assert script.status_code == 200
            assert script.mimetype == "text/javascript"
            assert b"http" not in script.data
    assert FORM in answer.text


def test_a_conflict_keeps_the_reasons_that_were_typed(town: World) -> None:
    """Pressing save again on the page with both values must not lose a word."""
    client, path = town.client(), page_path(town)
    keep(town, **project(1))
    reason = "工艺推广只是名称，项目内容是研究新的轧制方法。"
    data = {"draft_version": "0", "action": "save", "explanation-R27": reason, **project(1, project_name="推广")}
    answer = client.post(path, data={**data, **town.csrf(client)})
    assert answer.status_code == 409
    assert f'name="explanation-R27" value="{reason}"' in answer.text
