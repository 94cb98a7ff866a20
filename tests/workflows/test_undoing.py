"""A decision is taken back by who took it, until somebody acted on it; the province's, until a build uses it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from register.seats import StaffMember
from tests.asking import reopen
from workflows.asking import ask
from workflows.deadlines import to_text
from workflows.filing import save
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import Stage
from workflows.ports import StateConflict
from workflows.reviewing import Verdict, decide_case, open_case
from workflows.stepping import CommandRefused
from workflows.submissions import Transition
from workflows.undoing import BUILDING, build_note, undo, undo_refusal


def standing(world: Any) -> int:
    """The decision that the page shows last."""
    decisions = world.submission().state.standing
    return decisions[-1].event_number if decisions else 0


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come."""
    world.open()
    world.file()
    return world


def refused(world: Any, level: str) -> RefusalCode:
    with pytest.raises(CommandRefused) as caught:
        undo(world.services, world.review_link(level), standing(world))
    return caught.value.refusal.code


def accept_all(world: Any) -> None:
    for level in ("county", "city", "province"):
        world.accept(level)


def test_an_acceptance_taken_back_gives_the_level_its_turn_again(filed: Any) -> None:
    filed.accept("county")
    after = undo(filed.services, filed.review_link("county"), standing(filed))
    assert after == filed.submission()
    assert (after.state.stage, after.state.turn.level) == (Stage.IN_REVIEW, "county")
    assert filed.accept("county").state.turn.level == "city"


def test_a_return_taken_back_is_under_review_again(filed: Any) -> None:
    filed.send_back("county")
    after = undo(filed.services, filed.review_link("county"), standing(filed))
    assert (after.state.stage, after.state.returned) == (Stage.IN_REVIEW, None)


def test_a_decision_is_not_taken_back_twice(filed: Any) -> None:
    filed.accept("county")
    link = filed.review_link("county")
    undo(filed.services, link, standing(filed))
    assert refused(filed, "county") is RefusalCode.ALREADY_DONE


def test_nobody_takes_back_what_another_of_his_seat_decided(filed: Any, seat: Callable[..., StaffMember]) -> None:
    filed.seats(seat("990101"), seat("990101", 2), seat("990100"), seat("990000"))
    filed.accept("county")
    other = filed.review_link("county", number=2)
    assert undo_refusal(filed.services, other, filed.submission()) is not None
    with pytest.raises(CommandRefused):
        undo(filed.services, other, standing(filed))


def test_the_next_level_that_acted_keeps_it_from_being_taken_back(filed: Any) -> None:
    filed.accept("county")
    ask(filed.services, filed.review_link("city"), "cost_total", "请说明")
    assert refused(filed, "county") is RefusalCode.NEXT_ACTED
    filed.send_back("city")
    assert refused(filed, "county") is RefusalCode.NOT_YOURS


def test_a_filler_who_began_to_correct_keeps_the_return_from_being_taken_back(filed: Any, trace: Any) -> None:
    filed.send_back("county")
    assert undo_refusal(filed.services, filed.review_link("county"), filed.submission()) is None
    save(filed.services, filed.filing_link(), filed.entry(1), trace)
    assert refused(filed, "county") is RefusalCode.FILLER_ACTED


def test_the_provinces_acceptance_is_taken_back_while_no_table_was_built_since(filed: Any) -> None:
    filed.store.set_mark(build_note(2025), to_text(filed.clock.now()))
    filed.clock.ahead(minutes=1)
    accept_all(filed)
    after = undo(filed.services, filed.review_link("province"), standing(filed))
    assert (after.state.stage, after.state.accepted) == (Stage.IN_REVIEW, None)


@pytest.mark.parametrize("later", [0, 60], ids=["at the same instant", "afterwards"])
def test_a_table_built_since_keeps_the_provinces_acceptance(filed: Any, later: int) -> None:
    accept_all(filed)
    filed.store.set_mark(build_note(2025), to_text(filed.clock.now() + timedelta(seconds=later)))
    assert refused(filed, "province") is RefusalCode.IN_A_TABLE


def test_a_build_that_is_going_on_keeps_the_provinces_acceptance(filed: Any) -> None:
    accept_all(filed)
    filed.store.set_mark(build_note(2025), BUILDING)
    assert refused(filed, "province") is RefusalCode.IN_A_TABLE


def test_a_build_of_another_year_keeps_nothing(filed: Any) -> None:
    accept_all(filed)
    filed.store.set_mark(build_note(2024), BUILDING)
    assert undo(filed.services, filed.review_link("province"), standing(filed)).state.stage is Stage.IN_REVIEW


def test_a_build_that_starts_in_between_wins(filed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    accept_all(filed)
    commit, conflicts = filed.store.commit, []

    def after_a_build_began(transition: Transition) -> None:
        filed.store.set_mark(build_note(2025), BUILDING)
        try:
            commit(transition)
        except StateConflict:
            conflicts.append(transition)
            raise

    monkeypatch.setattr(filed.store, "commit", after_a_build_began)
    assert refused(filed, "province") is RefusalCode.IN_A_TABLE
    assert len(conflicts) == 1
    assert filed.submission().state.stage is Stage.ACCEPTED


def test_a_lower_levels_acceptance_is_taken_back_whatever_is_built(filed: Any) -> None:
    filed.accept("county")
    filed.store.set_mark(build_note(2025), BUILDING)
    assert undo(filed.services, filed.review_link("county"), standing(filed)).state.turn.level == "county"


def test_a_reopening_is_taken_back_until_the_filler_begins(filed: Any) -> None:
    accept_all(filed)
    reopen(filed.services, filed.submission(), ("cost_total",), "请再核对")
    filed.store.set_mark(build_note(2025), BUILDING)
    after = undo(filed.services, filed.review_link("province"), standing(filed))
    assert (after.state.stage, after.state.accepted.revision) == (Stage.ACCEPTED, 1)


def test_after_it_was_taken_back_the_level_decides_otherwise(filed: Any) -> None:
    filed.accept("county")
    undo(filed.services, filed.review_link("county"), standing(filed))
    assert open_case(filed.services, filed.review_link("county")).refusal is None
    verdict = Verdict(accept=False, reason="change", items=("cost_total",))
    assert decide_case(filed.services, filed.review_link("county"), verdict).state.stage is Stage.RETURNED


def test_an_overtaken_link_takes_nothing_back(filed: Any) -> None:
    filed.send_back("county")
    filed.file(cost_total="121", cost_labour="70")
    filed.accept("county")
    old = replace(filed.review_link("county"), revision=1)
    with pytest.raises(CommandRefused) as caught:
        undo(filed.services, old, standing(filed))
    assert caught.value.refusal.code is RefusalCode.OVERTAKEN
