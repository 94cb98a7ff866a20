"""Queries as pages show them, and the filler's answer: given once, bound to the revision, kept as a payload."""

from dataclasses import replace
from typing import Any

import pytest

from tests.asking import ask, close
from workflows.answering import UnfitAnswer, answer_query, why_no_answer
from workflows.filing import SubmissionUnknown
from workflows.links import FilingLink
from workflows.machine.events import QueryAnswered
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import QueryStatus, Stage
from workflows.permissions import NotAllowed
from workflows.queries import MAX_WORDS, Thread, threads_by_item, threads_of
from workflows.stepping import CommandRefused

QUESTION = "人工费用比上年增长85%，请核实。"
ANSWER = "去年新设了研发部门，情况属实。"


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come."""
    world.open()
    world.file()
    return world


def asked(world: Any, level: str = "county", item: str = "cost_labour", words: str = QUESTION) -> int:
    return ask(world.services, world.submission(), level, item, words)


def threads(world: Any) -> tuple[Thread, ...]:
    return threads_of(world.services, world.submission())


def refusal(world: Any, query: int) -> RefusalCode:
    with pytest.raises(CommandRefused) as refused:
        answer_query(world.services, world.filing_link(), query, ANSWER)
    return refused.value.refusal.code


def test_where_nobody_asked_there_is_no_thread(filed: Any) -> None:
    assert threads(filed) == ()


def test_a_query_says_who_asked_when_and_what(filed: Any) -> None:
    number = asked(filed)
    (thread,) = threads(filed)
    assert (thread.query.number, thread.query.item) == (number, "cost_labour")
    assert (thread.body_zh, thread.body_en, thread.by) == ("甲一县", "Jiayi County", "审核员990101-1")
    assert (thread.question, thread.answer, thread.answered_at) == (QUESTION, "", None)
    assert thread.query.asked_at == filed.clock.now()
    assert thread.is_open
    assert not thread.is_closed


def test_an_answer_stands_beside_its_question_and_is_bound_to_the_revision(filed: Any) -> None:
    first, second = asked(filed), asked(filed, "city", "cost_total", "请说明口径。")
    filed.clock.ahead(hours=3)
    answer_query(filed.services, filed.filing_link(), second, f"  {ANSWER}\n")
    one, other = threads(filed)
    assert [one.query.number, other.query.number] == [first, second]
    assert (one.answer, one.is_open) == ("", True)
    assert (other.answer, other.answered_at, other.is_open) == (ANSWER, filed.clock.now(), False)
    event = filed.store.events(filed.submission().id)[other.query.answer - 1].event()
    state = filed.submission().state
    assert isinstance(event, QueryAnswered)
    assert (event.query, event.revision, event.revision_hash) == (second, 1, state.revision_hash)
    assert event.answer_hash == filed.store.payload(filed.submission().id, other.query.answer).hash


def test_threads_stand_beside_the_item_they_are_about(filed: Any) -> None:
    numbers = [asked(filed), asked(filed, "city", "cost_total"), asked(filed, "city")]
    found = threads_by_item(threads(filed))
    assert {item: [one.query.number for one in rows] for item, rows in found.items()} == {
        "cost_labour": [numbers[0], numbers[2]],
        "cost_total": [numbers[1]],
    }


@pytest.mark.parametrize("words", ["", " \n\t　", "长" * (MAX_WORDS + 1)], ids=["empty", "blank", "too long"])
def test_an_answer_that_says_nothing_or_too_much_is_not_taken(filed: Any, words: str) -> None:
    number, before = asked(filed), filed.submission().version
    with pytest.raises(UnfitAnswer):
        answer_query(filed.services, filed.filing_link(), number, words)
    assert filed.submission().version == before
    assert threads(filed)[0].is_open


def test_the_longest_answer_is_taken_whole(filed: Any) -> None:
    answer_query(filed.services, filed.filing_link(), asked(filed), "长" * MAX_WORDS)
    assert threads(filed)[0].answer == "长" * MAX_WORDS


def test_a_query_is_answered_once_and_only_where_there_is_one(filed: Any) -> None:
    number = asked(filed)
    answer_query(filed.services, filed.filing_link(), number, "口径没有变化。")
    assert refusal(filed, number) is RefusalCode.ALREADY_DONE
    assert refusal(filed, number + 40) is RefusalCode.QUERY_UNKNOWN


def test_the_same_answer_twice_is_once(filed: Any) -> None:
    number, link = asked(filed), filed.filing_link()
    once = answer_query(filed.services, link, number, ANSWER)
    assert answer_query(filed.services, link, number, f"{ANSWER}\r\n") == once
    assert [event.type for event in filed.store.events(link.submission)].count("QueryAnswered") == 1


def test_a_line_break_counts_as_one_character_as_it_does_in_the_browser(filed: Any) -> None:
    lines = "\r\n".join(["长" * (MAX_WORDS // 2 - 1), "长" * (MAX_WORDS // 2)])
    answer_query(filed.services, filed.filing_link(), asked(filed), lines)
    assert threads(filed)[0].answer == lines.replace("\r\n", "\n")


def test_a_query_on_a_returned_filing_is_answered_and_the_return_then_stands(filed: Any) -> None:
    number = asked(filed, "city", "cost_total")
    filed.send_back("county", items=("cost_labour",))
    answer_query(filed.services, filed.filing_link(), number, ANSWER)
    state = filed.submission().state
    assert (state.stage, state.correcting) == (Stage.RETURNED, True)
    assert threads(filed)[0].answer == ANSWER


def test_a_new_revision_that_changes_the_item_ends_its_query_and_no_other(filed: Any) -> None:
    gone, stays = asked(filed), asked(filed, "city", "cost_total")
    filed.send_back("county", items=("cost_labour",))
    filed.file(cost_total="120", cost_labour="80")
    assert [one.query.number for one in threads(filed)] == [stays]
    assert refusal(filed, gone) is RefusalCode.QUERY_UNKNOWN
    assert why_no_answer(filed.services, filed.submission(), filed.filing_link().person, stays) is None


def test_a_query_that_was_closed_is_still_shown_and_takes_no_answer(filed: Any) -> None:
    number = asked(filed)
    close(filed.services, filed.submission(), number)
    (thread,) = threads(filed)
    assert (thread.query.status, thread.is_closed, thread.question) == (QueryStatus.CLOSED, True, QUESTION)
    why = why_no_answer(filed.services, filed.submission(), filed.filing_link().person, number)
    assert why is not None
    assert why.code is RefusalCode.ALREADY_DONE


def test_words_that_were_erased_leave_the_query_standing(filed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    number = asked(filed)
    monkeypatch.setattr(filed.store, "payload", lambda *_: None)
    (thread,) = threads(filed)
    assert (thread.query.number, thread.question) == (number, "")


def test_only_the_unit_itself_answers(filed: Any, reworded: Any) -> None:
    number, link = asked(filed), filed.filing_link()
    with pytest.raises(NotAllowed):
        answer_query(filed.services, FilingLink(link.submission, "somebody"), number, ANSWER)
    with pytest.raises(SubmissionUnknown):
        answer_query(filed.services, replace(link, submission="elsewhere"), number, ANSWER)
    reworded("E1", email="new@units.example")
    with pytest.raises(NotAllowed):
        answer_query(filed.services, link, number, ANSWER)
