"""What a filler meets after he has sent: taking back, answering, a return, a reopening, a record, an exception."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from register.units import make_synthetic_credit_code
from tests.asking import ask, close, dispose, extend, reinstate, reopen, undo
from tests.handlers.test_pages_reading import nothing_may_be_written
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.collecting import close_collection
from workflows.links import FilingLink
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import DispositionKind, ExtensionScope, QueryStatus, Stage
from workflows.submissions import Submission, submission_id

ITEM = "rd_cost_total"
QUESTION = "比上年增长85%，请核实 <b>口径</b>。"
ANSWER = "去年新设了研发部门，情况属实。"
LEVELS = ("990101", "990100", "990000")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    """A home of this test's own; the first unit has sent its return."""
    made = found(tmp_path / "home")
    open_year(made)
    made.file(1, papers="7")
    yield made
    made.home.close()


def submission(world: World, unit: int = 1) -> Submission:
    key = submission_id(world.home.store.home_key(), YEAR, "107-2", make_synthetic_credit_code(unit))
    there = world.home.store.submission(key)
    assert there is not None
    return there


def path(world: World, unit: int = 1) -> str:
    """The unit's own page."""
    services, email = world.home.services, f"unit{unit}@units.example"
    link = FilingLink(submission(world, unit).id, services.store.person_of(email).id)
    return f"/f/{services.links.sign(link)}"


def page(world: World, unit: int = 1) -> str:
    return html.unescape(world.client().get(path(world, unit)).text)


def post(world: World, door: str, client: FlaskClient | None = None, unit: int = 1, **data: object) -> TestResponse:
    browser = client or world.client()
    return browser.post(path(world, unit) + door, data={**data, **world.csrf(browser)})


def send(world: World, unit: int = 1, **figures: str) -> int:
    """Send the return as the page stands now; the status."""
    draft = world.home.store.draft(submission(world, unit).id)
    zeros = dict.fromkeys(world.home.forms.in_force("107-2", YEAR).items, "0")
    data = {**zeros, **SIGN_OFF, **figures, "draft_version": draft.version if draft else 0, "action": "submit"}
    return post(world, "", unit=unit, **data).status_code


def asked(world: World, level: str = "county", item: str = ITEM) -> int:
    return ask(world.home.services, submission(world), level, item, QUESTION)


def accept_all(world: World) -> None:
    assert [world.review(1, region) for region in LEVELS] == [303] * 3


def is_form(text: str) -> bool:
    return '<form id="filing"' in text


# Taking back


def test_the_button_is_there_until_a_level_acts(town: World) -> None:
    assert "撤回第 1 版" in page(town)
    assert "仍然封存" in page(town)
    town.review(1, "990101")
    assert "撤回第" not in page(town)


def test_a_query_ends_the_time_for_taking_back(town: World) -> None:
    asked(town)
    assert "撤回第" not in page(town)


def test_what_was_taken_back_is_the_form_with_all_that_was_sent(town: World) -> None:
    answer = post(town, "/withdraw", revision=1)
    assert answer.status_code == 303
    text = html.unescape(town.client().get(answer.headers["Location"]).text)
    assert is_form(text)
    assert re.search(r'id="papers" name="papers" value="7"', text)
    assert "第 1 版已撤回" in text
    town.sweep()
    assert any("已撤回" in letter.subject for letter in town.post.letters)


def test_pressed_twice_it_is_taken_back_once_and_the_form_opens(town: World) -> None:
    assert [post(town, "/withdraw", revision=1).status_code for _ in range(2)] == [303, 303]
    events = [event.type for event in town.home.store.events(submission(town).id)]
    assert events.count("Withdrawn") == 1


def test_once_review_began_the_page_says_so_and_nothing_moves(town: World) -> None:
    town.review(1, "990101")
    answer = post(town, "/withdraw", revision=1)
    assert answer.status_code == 409
    assert "审核已经开始，不能再撤回" in answer.text
    assert "无须再做" not in answer.text
    assert submission(town).state.stage is Stage.IN_REVIEW


@pytest.mark.parametrize("revision", ["0", "2", "x", "", "9" * 30])
def test_a_page_that_showed_another_revision_takes_nothing_back(town: World, revision: str) -> None:
    answer = post(town, "/withdraw", revision=revision)
    assert answer.status_code == 409
    assert "您看到的那一版已有变化" in answer.text
    assert submission(town).state.stage is Stage.IN_REVIEW


def test_after_the_close_nothing_is_taken_back(town: World) -> None:
    close_collection(town.home.services, year=YEAR)
    assert "撤回第" not in page(town)
    answer = post(town, "/withdraw", revision=1)
    assert answer.status_code == 409
    assert "已经截止" in answer.text


# Answering


def test_a_query_stands_beside_its_item_with_the_body_and_its_words(town: World) -> None:
    number = asked(town)
    text = page(town)
    line, thread = text.index(f'id="row-{ITEM}"'), text.index(f'id="query-{number}"')
    assert line < thread < text.index('id="row-', line + 5)
    for words in ("示例县", QUESTION, "等待答复", "有 1 条查询等您答复"):
        assert words in text
    assert "县审戊" not in text
    assert "<b>口径</b>" not in town.client().get(path(town)).text


def test_an_answer_is_recorded_and_shown_and_no_field_is_left(town: World) -> None:
    number = asked(town)
    answer = post(town, "/answer", query=number, answer=ANSWER)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path(town)}#query-{number}")
    text = page(town)
    assert ANSWER in text
    assert "已答复" in text
    assert f'id="answer-{number}"' not in text
    assert "等您答复" not in text
    assert submission(town).state.queries[0].status is QueryStatus.ANSWERED


def test_a_query_on_a_returned_form_is_answered_beside_its_cell(town: World) -> None:
    number = asked(town, "city")
    town.review(1, "990101", decision="return", reason_code="change", items="papers", comment="请看")
    text = page(town)
    assert is_form(text)
    assert text.index(f'id="{ITEM}"') < text.index(f'id="query-{number}"')
    form = text[text.index('<form id="filing"') : text.index("</form>", text.index('<form id="filing"'))]
    assert f'form="answer-{number}-form"' in form
    assert f'<form id="answer-{number}-form"' not in form
    assert post(town, "/answer", query=number, answer=ANSWER).status_code == 303
    assert ANSWER in page(town)
    assert re.search(r'id="papers" name="papers" value="7"', page(town))


@pytest.mark.parametrize("typed", ["", "  \n\t ", "长" * 2001], ids=["empty", "blank", "too long"])
def test_an_answer_that_is_not_taken_stays_in_its_field(town: World, typed: str) -> None:
    number, other = asked(town), asked(town, "city", "papers")
    answer = post(town, "/answer", query=number, answer=typed)
    assert answer.status_code == 422
    field = re.search(rf'<textarea id="answer-{number}"[^>]*>([^<]*)</textarea>', answer.text)
    assert field is not None
    assert field[1] == typed
    assert 'aria-invalid="true"' in field[0]
    assert f'id="answer-{number}-why"' in answer.text
    assert f'id="answer-{other}-why"' not in answer.text
    assert submission(town).state.queries[0].status is QueryStatus.OPEN


def test_a_button_pressed_twice_answers_once(town: World) -> None:
    number = asked(town)
    assert [post(town, "/answer", query=number, answer=ANSWER).status_code for _ in range(2)] == [303, 303]


def test_a_second_answer_is_refused_and_its_words_are_still_there_to_copy(town: World) -> None:
    number = asked(town)
    post(town, "/answer", query=number, answer=ANSWER)
    answer = post(town, "/answer", query=number, answer="另一种说法。")
    assert answer.status_code == 409
    assert "已经做过了" in answer.text
    assert "另一种说法。" in answer.text
    assert ANSWER in answer.text


@pytest.mark.parametrize("query", ["0", "77", "x", ""])
def test_an_answer_to_no_query_is_refused_in_words(town: World, query: str) -> None:
    answer = post(town, "/answer", query=query, answer=ANSWER)
    assert answer.status_code == 409
    assert "没有这条查询" in answer.text
    assert ANSWER in answer.text


def test_a_closed_query_is_shown_without_a_field(town: World) -> None:
    number = asked(town)
    close(town.home.services, submission(town), number)
    text = page(town)
    assert "已了结" in text
    assert f'id="answer-{number}"' not in text


def test_after_the_close_a_query_is_shown_and_takes_no_answer(town: World) -> None:
    number = asked(town)
    close_collection(town.home.services, year=YEAR)
    assert f'id="answer-{number}"' not in page(town)
    answer = post(town, "/answer", query=number, answer=ANSWER)
    assert answer.status_code == 409
    assert "已经截止" in answer.text
    assert ANSWER in answer.text


def test_a_draft_after_withdrawal_shows_an_older_query_that_waits_for_the_next_sending(town: World) -> None:
    number = asked(town, "city")
    town.review(1, "990101", decision="return", reason_code="change", items="papers")
    assert send(town, papers="8") == 303
    assert post(town, "/withdraw", revision=2).status_code == 303
    text = page(town)
    assert QUESTION in text
    assert f'id="answer-{number}"' not in text
    assert "重新报送以后可以在这里答复" in text


# Where it stands


def test_a_return_says_who_returned_it_and_when(town: World) -> None:
    town.review(1, "990101", decision="return", reason_code="change", items=ITEM, comment="请看第 2 项")
    text = page(town)
    for words in ("被退回", "示例县", "第 1 版", "请看第 2 项", "2032-01-15 10:00"):
        assert words in text


def test_a_reopened_return_says_that_the_accepted_one_stands(town: World) -> None:
    accept_all(town)
    reopen(town.home.services, submission(town), (ITEM,), "口径请再看")
    text = page(town)
    assert is_form(text)
    for words in ("已验收的报表重新打开了", "示例省", "口径请再看", "照旧有效"):
        assert words in text
    undo(town.home.services, submission(town), "province")
    assert not is_form(page(town))
    assert "已验收" in page(town)


def test_a_unit_recorded_as_refusing_may_still_file(town: World) -> None:
    dispose(town.home.services, submission(town, 2), DispositionKind.REFUSED)
    text = page(town, 2)
    assert is_form(text)
    assert "已登记为拒报，现在仍可填报" in text
    assert "第四十四条" in text
    assert send(town, 2) == 303
    assert submission(town, 2).state.stage is Stage.IN_REVIEW


def test_a_unit_recorded_as_refusing_is_told_after_the_close_whom_to_ask(town: World) -> None:
    dispose(town.home.services, submission(town, 2), DispositionKind.REFUSED)
    close_collection(town.home.services, year=YEAR)
    text = page(town, 2)
    assert not is_form(text)
    assert "现在要补报，请联系省级统计机构" in text
    assert "不再要求填报" not in text


def test_a_unit_recorded_as_closed_files_nothing_and_is_told_whom_to_tell(town: World) -> None:
    dispose(town.home.services, submission(town, 2), DispositionKind.CLOSED)
    text = page(town, 2)
    assert not is_form(text)
    for words in ("例外", "停业、歇业或已注销", "告知省级统计机构"):
        assert words in text
    answer = post(town, "", unit=2, action="save", papers="3")
    assert answer.status_code == 409
    assert "已确认为例外" in answer.text
    reinstate(town.home.services, submission(town, 2))
    assert is_form(page(town, 2))


def test_an_exception_after_the_close_opens_the_form_and_says_until_when(town: World) -> None:
    close_collection(town.home.services, year=YEAR)
    assert not is_form(page(town, 2))
    extend(
        town.home.services, submission(town, 2), ExtensionScope.FILING, town.clock.now() + timedelta(days=3, hours=2)
    )
    text = page(town, 2)
    assert is_form(text)
    assert "准予贵单位补报" in text
    assert "填报、更正到 2032-01-18 12:00" in text
    assert "报送期限 2032-01-18 12:00" in text
    assert post(town, "", unit=2, action="save", papers="3").status_code == 303
    town.clock.move(timedelta(days=4))
    assert not is_form(page(town, 2))
    assert post(town, "", unit=2, action="save", papers="3").status_code == 409


def test_an_exception_for_reviewing_only_opens_no_form(town: World) -> None:
    number = asked(town)
    close_collection(town.home.services, year=YEAR)
    extend(town.home.services, submission(town), ExtensionScope.REVIEW, town.clock.now() + timedelta(days=3))
    text = page(town)
    assert not is_form(text)
    assert "审核可以延长到 2032-01-18 10:00" in text
    assert "撤回第" not in text
    assert post(town, "/answer", query=number, answer=ANSWER).status_code == 303


def test_a_due_time_that_has_passed_is_said(town: World) -> None:
    assert "已过，请尽快报送" not in page(town, 2)
    town.clock.move(timedelta(days=60))
    assert "已过，请尽快报送" in page(town, 2)


# For every door


@pytest.mark.parametrize("door", ["/withdraw", "/answer"])
def test_a_step_needs_the_csrf_field_and_the_units_own_link(town: World, door: str) -> None:
    number, version = asked(town), submission(town).version
    data = {"revision": "1", "query": str(number), "answer": ANSWER}
    assert town.client().post(path(town) + door, data=data).status_code == 400
    store = town.home.store
    strange = FilingLink(submission(town).id, store.person_of("unit2@units.example").id)
    client = town.client()
    foreign = f"/f/{town.home.services.links.sign(strange)}{door}"
    assert client.post(foreign, data={**data, **town.csrf(client)}).status_code == 403
    assert client.get(path(town) + door).status_code == 405
    assert submission(town).version == version


def test_looking_changes_nothing_wherever_it_stands(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(town)
    paths = [path(town)]
    post(town, "/answer", query=submission(town).state.queries[0].number, answer=ANSWER)
    dispose(town.home.services, submission(town, 2), DispositionKind.REFUSED)
    dispose(town.home.services, submission(town, 3), DispositionKind.CLOSED)
    paths += [path(town, 2), path(town, 3)]
    with nothing_may_be_written(monkeypatch):
        for one in paths:
            for method in ("GET", "HEAD"):
                assert town.client().open(one, method=method).status_code == 200


def test_every_refusal_a_filler_can_meet_is_in_words_on_his_page(town: World) -> None:
    """The codes are those of the machine's own rules for his commands."""
    number = asked(town)
    met = {
        RefusalCode.UNDER_REVIEW: post(town, "/withdraw", revision=1),
        RefusalCode.OVERTAKEN: post(town, "/withdraw", revision=9),
        RefusalCode.QUERY_UNKNOWN: post(town, "/answer", query=number + 50, answer=ANSWER),
        RefusalCode.NOT_EDITABLE: post(town, "", action="save", papers="3"),
    }
    post(town, "/answer", query=number, answer=ANSWER)
    met[RefusalCode.ALREADY_DONE] = post(town, "/answer", query=number, answer="另一种说法。")
    close_collection(town.home.services, year=YEAR)
    met[RefusalCode.COLLECTION_CLOSED] = post(town, "", action="save", papers="3")
    for code, answer in met.items():
        assert answer.status_code == 409, code
        assert '<div class="notice bad" role="alert">' in answer.text, code
        assert "没有改动" in answer.text, code
