"""The reviewer's pages: guard, queries, undo, claim, what changed, and many accepted at once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from register.units import make_synthetic_credit_code
from tests.handlers.world import YEAR, World, found, open_year
from workflows.links import InboxLink
from workflows.machine.states import QueryStatus, Stage
from workflows.submissions import Submission, submission_id
from workflows.undoing import BUILDING, build_note

COUNTY = "reviewer990101@staff.example"
RETURN = {"decision": "return", "reason_code": "change", "items": "papers"}


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three enterprises, each of which has sent its return; the county's turn has come for all."""
    made = found(tmp_path_factory.mktemp("reviewing"))
    open_year(made)
    for unit in (1, 2, 3):
        made.file(
            unit,
            papers=str(unit),
            rd_cost_total=str(1000 * unit),
            rd_cost_other=str(1000 * unit),
            rd_src_own=str(1000 * unit),
        )
        made.clock.move(timedelta(days=1))
    yield made
    made.home.close()


def submission(world: World, unit: int) -> Submission:
    key = submission_id(world.home.store.home_key(), YEAR, "107-2", make_synthetic_credit_code(unit))
    found = world.home.store.submission(key)
    assert found is not None
    return found


def path_of(world: World, unit: int, email: str = COUNTY) -> str:
    return world.link(email, "r", f"示例企业{unit}号")


def post(world: World, path: str, client: FlaskClient | None = None, **values: str) -> tuple[int, str]:
    """Post a form of a page; the status and the page it leads to."""
    browser = client or world.client()
    answer = browser.post(path, data={**values, **world.csrf(browser)}, follow_redirects=True)
    world.sweep()
    return answer.history[0].status_code if answer.history else answer.status_code, answer.text


def inbox_path(world: World, email: str = COUNTY, region: str = "990101") -> str:
    link = InboxLink(region, world.home.store.person_of(email).id)
    return f"/i/{world.home.services.links.sign(link)}"


def test_a_comment_that_directs_a_figure_is_stopped_and_stays_as_typed(world: World) -> None:
    status, page = post(world, path_of(world, 1), **RETURN, comment="论文数偏少，请改为 20。")
    assert status == 422
    assert "论文数偏少，请改为 20。" in page
    assert "统计法第七条、第四十条" in page
    assert "改为20" in page
    assert submission(world, 1).state.stage is Stage.IN_REVIEW
    assert post(world, path_of(world, 1), **RETURN, comment="论文数比上年减少85%，请核实")[0] == 303
    assert submission(world, 1).state.stage is Stage.RETURNED


def test_each_decision_names_the_hash_that_was_shown(world: World) -> None:
    page = world.client().get(path_of(world, 1)).text
    shown = re.search(r'name="revision_hash" value="([0-9a-f]{64})"', page)
    assert shown is not None
    assert shown[1] == submission(world, 1).state.revision_hash
    assert post(world, path_of(world, 1), decision="accept", revision_hash="0" * 64)[0] == 409
    assert submission(world, 1).state.decisions == ()
    assert post(world, path_of(world, 1), decision="accept", revision_hash=shown[1])[0] == 303


def test_a_question_goes_to_the_filler_and_its_item_shows_it(world: World) -> None:
    path = path_of(world, 1)
    status, page = post(world, f"{path}/ask", item="papers", question="是否包含会议论文？")
    assert status == 303
    assert page.count("是否包含会议论文？") == 2
    (query,) = submission(world, 1).state.queries
    assert post(world, path, decision="accept")[0] == 409
    assert post(world, f"{path}/close-query", query=str(query.number))[0] == 303
    assert submission(world, 1).state.queries[0].status is QueryStatus.CLOSED
    assert post(world, path, decision="accept")[0] == 303


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"question": "请说明"}, 422),
        ({"item": "papers", "question": ""}, 422),
        ({"item": "no_such", "question": "请说明"}, 422),
        ({"item": "papers", "question": "应填 20"}, 422),
    ],
    ids=["no item", "no words", "unknown item", "a directive"],
)
def test_a_question_that_lacks_something_is_refused_with_its_words_kept(
    world: World, values: dict[str, str], status: int
) -> None:
    found, page = post(world, f"{path_of(world, 1)}/ask", **values)
    assert found == status
    assert values["question"] in page
    assert submission(world, 1).state.queries == ()


def test_what_is_no_query_is_not_closed(world: World) -> None:
    for typed in ("", "x", "99", "9" * 30, "-1"):
        assert post(world, f"{path_of(world, 1)}/close-query", query=typed)[0] == 409


def test_a_decision_is_taken_back_from_its_own_page_and_by_the_letter(world: World) -> None:
    path = path_of(world, 1)
    assert "/undo" not in world.client().get(path).text
    assert post(world, path, decision="accept")[0] == 303
    letter = world.link(COUNTY, "d", "示例企业1号")
    page = world.client().get(letter, follow_redirects=True).text
    assert '/undo"' in page
    shown = re.search(r'name="decision" value="(\d+)"', page)
    assert shown is not None
    status, page = post(world, f"{path}/undo", decision=shown[1])
    assert status == 303
    assert 'id="decision"' in page
    assert submission(world, 1).state.decisions == ()
    for again in (shown[1], "", "x"):
        assert post(world, f"{path}/undo", decision=again)[0] == 409


def test_a_build_keeps_the_provinces_acceptance_and_the_page_says_so(world: World) -> None:
    for region in ("990101", "990100", "990000"):
        assert world.review(1, region) == 303
    world.home.store.set_mark(build_note(YEAR), BUILDING)
    path = path_of(world, 1, "reviewer990000@staff.example")
    page = world.client().get(path).text
    assert f"{path}/undo" not in page
    assert "已有汇总表用了这次验收" in page
    number = submission(world, 1).state.standing[-1].event_number
    assert post(world, f"{path}/undo", decision=str(number))[0] == 409


def test_opening_a_return_does_not_claim_it_and_pressing_the_button_does(world: World) -> None:
    path = path_of(world, 1)
    world.client().get(path)
    assert submission(world, 1).state.claim is None
    status, page = post(world, f"{path}/claim")
    assert status == 303
    assert submission(world, 1).state.claim is not None
    assert "您已标明在处理" in page
    assert "您在处理" in world.client().get(inbox_path(world)).text


def test_a_corrected_return_shows_exactly_the_changed_cells(world: World) -> None:
    post(world, path_of(world, 1), **RETURN)
    world.file(1, papers="9", rd_cost_total="1000", rd_cost_other="1000", rd_src_own="1000", draft_version="1")
    page = world.client().get(path_of(world, 1)).text
    assert re.findall(r'<tr id="row-(\w+)" class="[^"]*changed', page) == ["papers"]
    assert page.count('<span class="was">') == 1
    assert "原为 1<" in page


def test_a_proposal_is_made_with_a_kind_and_a_reason(world: World) -> None:
    path = path_of(world, 1)
    assert post(world, f"{path}/propose", kind="", reason="与 2 号重复")[0] == 422
    assert post(world, f"{path}/propose", kind="duplicate", reason=" ")[0] == 422
    status, page = post(world, f"{path}/propose", kind="duplicate", reason="与 2 号重复")
    assert status == 303
    assert "与 2 号重复" in page
    assert submission(world, 1).state.stage is Stage.IN_REVIEW


def picks(page: str) -> list[str]:
    return re.findall(r'name="pick" value="([^"]+)"', page)


def test_many_are_accepted_at_once_and_what_has_a_query_is_held_back(world: World) -> None:
    client, path = world.client(), inbox_path(world)
    post(world, f"{path_of(world, 2)}/ask", item="papers", question="是否包含会议论文？")
    page = client.get(f"{path}?select=1").text
    assert len(picks(page)) == len(re.findall(r'name="pick"[^>]* checked>', page)) == 2
    held = f"{submission(world, 2).id}:{submission(world, 2).state.revision_hash}"
    answer = client.post(f"{path}/accept", data={"pick": [*picks(page), held], **world.csrf(client)})
    assert answer.status_code == 200
    assert answer.text.count('<b class="good">') == 2
    assert "有提示或查询" in answer.text
    turns = [submission(world, unit).state.turn for unit in (1, 2, 3)]
    assert [turn.region for turn in turns if turn] == ["990100", "990101", "990100"]


def test_a_listed_hash_that_was_overtaken_or_decided_says_so(world: World) -> None:
    client, path = world.client(), inbox_path(world)
    listed = picks(client.get(path).text)
    post(world, path_of(world, 1), **RETURN)
    world.file(1, papers="9", rd_cost_total="1000", rd_cost_other="1000", rd_src_own="1000", draft_version="1")
    assert world.review(3, "990101") == 303
    answer = client.post(f"{path}/accept", data={"pick": listed, **world.csrf(client)})
    assert "已被新的版本取代" in answer.text
    assert "已由 县审戊 于" in answer.text
    assert submission(world, 1).state.decisions == ()


def test_a_bulk_acceptance_is_bounded_and_wants_something_ticked(world: World) -> None:
    client, path = world.client(), inbox_path(world)
    for named in ([], ["x:y"] * 51):
        answer = client.post(f"{path}/accept", data={"pick": named, **world.csrf(client)})
        assert answer.status_code == 422
    for odd in ("", ":", "nobody:" + "0" * 64, "x" * 500):
        answer = client.post(f"{path}/accept", data={"pick": [odd], **world.csrf(client)})
        assert answer.status_code == 200
    assert [submission(world, unit).state.decisions for unit in (1, 2, 3)] == [(), (), ()]


def test_a_return_of_another_seat_is_not_accepted_through_an_inbox(world: World) -> None:
    client, path = world.client(), inbox_path(world, "reviewer990100@staff.example", "990100")
    state = submission(world, 1)
    answer = client.post(
        f"{path}/accept", data={"pick": [f"{state.id}:{state.state.revision_hash}"], **world.csrf(client)}
    )
    assert answer.text.count('<b class="good">') == 0
    assert submission(world, 1).state.decisions == ()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("age", [1, 2, 3]), ("amount", [3, 2, 1]), ("nonsense", [1, 2, 3])],
)
def test_the_inbox_is_sorted_as_asked(world: World, sort: str, expected: list[int]) -> None:
    page = world.client().get(f"{inbox_path(world)}?sort={sort}").text
    assert [int(one) for one in re.findall(r">示例企业(\d)号</a>", page)] == expected


def test_the_inbox_is_for_its_holder_on_a_confirmed_device(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    careful = replace(world.home.settings, review_confirm="device")
    monkeypatch.setattr(
        world.app, "extensions", {**world.app.extensions, "zhibao": replace(world.home, settings=careful)}
    )
    client, path = world.client(), inbox_path(world)
    answer = client.post(f"{path}/accept", data={"pick": "x:y", **world.csrf(client)})
    assert "先确认这台设备" in answer.text
    for door in ("undo", "claim", "ask", "close-query", "propose", "waive", "confirm-waiver"):
        answer = client.post(f"{path_of(world, 1)}/{door}", data=world.csrf(client))
        assert "先确认这台设备" in answer.text, door
