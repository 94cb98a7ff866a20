"""The return on paper: the head the law wants, every item, who signs, the place of the seal, what proves it."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.handlers.rows import open_projects, page_path, project, submission
from tests.handlers.test_pages_reading import nothing_may_be_written
from tests.handlers.world import SIGN_OFF, YEAR, World

HEAD = ("表号", "制定机关", "文号", "有效期至", "单位详细名称", "统一社会信用代码", "单位盖章处")
STAMP = '<span class="stamp">示例</span>'


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    made = open_projects(tmp_path / "home")
    yield made
    made.home.close()


def printed(world: World, form: str = "107-1", query: str = "") -> str:
    return html.unescape(world.client().get(f"{page_path(world, form=form)}/print{query}").text)


def file_projects(world: World, action: str = "submit", version: str = "0", **rows: str) -> None:
    client, path = world.client(), page_path(world)
    data = {"draft_version": version, "action": action, **SIGN_OFF, **rows}
    assert client.post(path, data={**data, **world.csrf(client)}).status_code == 303


def test_a_draft_is_printed_as_a_draft_in_the_official_layout(town: World) -> None:
    file_projects(town, "save", **project(1), **project(2, project_cost="1O"))
    text = printed(town)
    for words in (*HEAD, "草稿，没有报送", "高强度铝合金薄板轧制工艺研究之2", "有 1 格读不出来", *SIGN_OFF.values()):
        assert words in text, words
    assert STAMP in text
    assert "SHA-256" not in text
    assert '<body class="print landscape">' in text


def test_every_item_stands_on_the_printed_form_filled_or_not(town: World) -> None:
    text = printed(town, "107-2")
    for item in town.home.forms.in_force("107-2", YEAR).items.values():
        assert f'<td class="code">{item.code}</td>' in text, item.code
        assert item.name_zh in text
    assert "landscape" not in text


def test_what_was_sealed_is_printed_with_its_hash_and_where_to_check_it(town: World) -> None:
    file_projects(town, **project(1))
    text = printed(town)
    assert submission(town).state.revision_hash in text
    address = "/c/" + text.split('<dd class="hash">')[2].split("/c/")[1].split("<")[0]
    assert submission(town).state.revision_hash in town.client().get(address).text
    assert "二维码" in text
    assert "草稿" not in text


def test_after_a_return_both_the_new_draft_and_what_was_sent_can_be_printed(town: World) -> None:
    file_projects(town, **project(1))
    town.sweep()
    town.review(1, "990101", decision="return", reason_code="unit", items="projects")
    file_projects(town, "save", version="1", **project(1, project_cost="777"))
    assert "777" in printed(town)
    assert "打印已报送的第 1 版" in printed(town)
    sealed = printed(town, query="?what=sealed")
    assert "777" not in sealed
    assert submission(town).state.revision_hash in sealed


def test_a_sealed_return_waits_for_a_confirmed_device_as_everywhere(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_projects(town, **project(1))
    monkeypatch.setattr("handlers.filing_pages.is_confirmed", lambda _person: False)
    text = printed(town)
    assert "高强度铝合金" not in text
    assert submission(town).state.revision_hash not in text
    assert 'action="/f/' in text


def test_printing_changes_nothing(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file_projects(town, "save", **project(1))
    paths = [f"{page_path(town)}/print", f"{page_path(town, form='107-2')}/print"]
    with nothing_may_be_written(monkeypatch):
        for path in paths:
            for method in ("GET", "HEAD"):
                assert town.client().open(path, method=method).status_code == 200
