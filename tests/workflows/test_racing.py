"""Two people act on one return at the same moment: one step is taken, and the other is told what happened."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from register.seats import StaffMember
from workflows.filing import save, submit
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import Stage
from workflows.ports import DraftConflict, StateConflict
from workflows.reviewing import Verdict, decide_case
from workflows.stepping import CommandRefused
from workflows.submissions import Trace, Transition


@pytest.fixture
def opened(world: Any) -> Any:
    """kd-1 is open and nothing has been filed."""
    world.open()
    return world


@pytest.fixture
def meanwhile(world: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets somebody else act between the reading and the writing of the next step."""

    def arrange(act: Callable[[], object]) -> None:
        commit = world.store.commit

        def late(transition: Transition) -> None:
            monkeypatch.setattr(world.store, "commit", commit)
            act()
            commit(transition)

        monkeypatch.setattr(world.store, "commit", late)

    return arrange


def test_of_two_first_saves_the_second_is_shown_the_first(opened: Any, trace: Trace, meanwhile: Any) -> None:
    link = opened.filing_link()
    meanwhile(lambda: save(opened.services, link, opened.entry(cost_total="1"), trace))
    with pytest.raises(DraftConflict) as caught:
        save(opened.services, link, opened.entry(cost_total="2"), trace)
    assert caught.value.stored is not None
    assert caught.value.stored.inputs == {"cost_total": "1"}
    assert [event.type for event in opened.store.events(link.submission)] == ["FilingExpected", "DraftStarted"]


def test_a_double_click_on_send_seals_once(opened: Any, trace: Trace, meanwhile: Any) -> None:
    link = opened.filing_link()
    meanwhile(lambda: submit(opened.services, link, opened.entry(), trace))
    with pytest.raises(CommandRefused) as caught:
        submit(opened.services, link, opened.entry(), trace)
    assert caught.value.refusal.code is RefusalCode.NOT_EDITABLE
    assert opened.submission().state.revision == 1
    assert opened.store.revision(link.submission, 2) is None


def test_a_save_that_a_submit_overtook_is_refused(opened: Any, trace: Trace, meanwhile: Any) -> None:
    link = opened.filing_link()
    meanwhile(lambda: submit(opened.services, link, opened.entry(), trace))
    with pytest.raises(CommandRefused):
        save(opened.services, link, opened.entry(cost_total="9"), trace)
    assert opened.store.draft(link.submission).inputs == opened.entry().inputs


def test_of_two_holders_of_a_seat_the_slower_learns_who_decided_and_when(
    opened: Any, seat: Callable[..., StaffMember], meanwhile: Any
) -> None:
    opened.seats(seat("990101", 1), seat("990101", 2))
    opened.file()
    first, second = (opened.review_link("county", number=number) for number in (1, 2))
    meanwhile(lambda: decide_case(opened.services, first, Verdict(accept=True)))
    with pytest.raises(CommandRefused) as caught:
        decide_case(opened.services, second, Verdict(accept=False, reason="other", items=("R1",)))
    decision = caught.value.refusal.decision
    assert caught.value.refusal.code is RefusalCode.ALREADY_DECIDED
    assert decision is not None
    assert (decision.person, decision.accepted, decision.at) == (first.person, True, opened.clock.now())
    assert opened.store.payload(first.submission, 3) is None


def test_of_sixteen_holders_who_press_at_once_exactly_one_decides(
    opened: Any, seat: Callable[..., StaffMember]
) -> None:
    opened.seats(*(seat("990101", number) for number in range(16)))
    opened.file()
    links = [opened.review_link("county", number=number) for number in range(16)]
    barrier = threading.Barrier(16)

    def press(number: int) -> RefusalCode | None:
        back = Verdict(accept=False, reason="other", items=("R1",), comment=f"我是 {number}")
        barrier.wait()
        try:
            decide_case(opened.services, links[number], Verdict(accept=True) if number % 2 else back)
        except CommandRefused as refused:
            return refused.refusal.code
        return None

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(press, range(16)))
    assert outcomes.count(None) == 1
    assert outcomes.count(RefusalCode.ALREADY_DECIDED) == 15
    winner = outcomes.index(None)
    (decision,) = opened.submission().state.standing
    assert (decision.person, decision.accepted) == (links[winner].person, bool(winner % 2))
    assert len(opened.store.events(links[0].submission)) == 3


def test_a_store_that_never_stops_conflicting_ends_in_a_refusal(
    opened: Any, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conflicting(transition: Transition) -> None:
        raise StateConflict(transition.before.id)

    opened.file("E2")
    link = opened.filing_link("E1")
    review = opened.review_link("county", "E2")
    monkeypatch.setattr(opened.store, "commit", conflicting)
    for step in (save, submit):
        with pytest.raises(CommandRefused):
            step(opened.services, link, opened.entry(), trace)
    with pytest.raises(CommandRefused):
        decide_case(opened.services, review, Verdict(accept=True))
    assert opened.submission("E1").state.stage is Stage.NOT_STARTED
    assert opened.submission("E2").state.decisions == ()


def test_a_collection_or_unit_that_the_store_has_lost_is_an_error_by_name(opened: Any) -> None:
    submission = opened.submission()
    for identity in (replace(submission.identity, form="kd-9"), replace(submission.identity, unit_id="E9")):
        with pytest.raises(LookupError, match=submission.id):
            opened.services.unit_of(replace(submission, identity=identity))
