"""A unit takes back what it sent until somebody acts on it; the revision stays sealed and visible."""

from typing import Any

import pytest

from tests.asking import ask
from workflows.collecting import close_collection
from workflows.filing import open_desk
from workflows.links import FilingLink
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import Stage
from workflows.permissions import NotAllowed
from workflows.reviewing import open_case
from workflows.stepping import CommandRefused
from workflows.submissions import Transition
from workflows.withdrawing import why_no_withdrawal, withdraw


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come."""
    world.open()
    world.file()
    return world


def refusal(world: Any, revision: int = 1) -> RefusalCode:
    with pytest.raises(CommandRefused) as refused:
        withdraw(world.services, world.filing_link(), revision)
    return refused.value.refusal.code


def test_what_was_sent_is_the_draft_again_and_the_revision_stays_visible(filed: Any) -> None:
    sealed = filed.store.revision(filed.submission().id, 1)
    assert why_no_withdrawal(filed.services, filed.submission(), filed.filing_link().person) is None
    assert withdraw(filed.services, filed.filing_link(), 1).state.stage is Stage.DRAFT
    desk = open_desk(filed.services, filed.filing_link())
    assert desk.editable
    assert desk.draft is not None
    assert desk.draft.inputs == {"cost_total": "120", "cost_labour": "70"}
    assert filed.store.revision(filed.submission().id, 1) == sealed
    assert [row.id for row in filed.store.sealed(2025, {}, "", 9).rows] == [filed.submission().id]
    assert filed.store.inbox("990101", "", 9).rows == []


def test_what_was_taken_back_can_be_sent_again_as_the_next_revision(filed: Any) -> None:
    withdraw(filed.services, filed.filing_link(), 1)
    assert filed.file(cost_total="121", cost_labour="70").number == 2
    assert filed.submission().state.turn.region == "990101"


def test_once_a_level_decided_or_asked_it_is_too_late(filed: Any) -> None:
    ask(filed.services, filed.submission(), "county", "cost_total", "请说明。")
    assert refusal(filed) is RefusalCode.UNDER_REVIEW
    filed.file("E2")
    filed.accept("county", "E2")
    with pytest.raises(CommandRefused) as refused:
        withdraw(filed.services, filed.filing_link("E2"), 1)
    assert refused.value.refusal.code is RefusalCode.UNDER_REVIEW
    assert refused.value.refusal.decision.region == "990171"


def test_a_level_that_was_faster_wins(filed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = filed.store.commit

    def after_the_county(transition: Transition) -> None:
        monkeypatch.setattr(filed.store, "commit", commit)
        filed.accept("county")
        commit(transition)

    monkeypatch.setattr(filed.store, "commit", after_the_county)
    assert refusal(filed) is RefusalCode.UNDER_REVIEW
    state = filed.submission().state
    assert (state.stage, state.turn.region) == (Stage.IN_REVIEW, "990100")


def test_a_page_that_showed_an_older_revision_withdraws_nothing(filed: Any) -> None:
    filed.send_back("county")
    filed.file()
    assert refusal(filed, 1) is RefusalCode.OVERTAKEN
    assert filed.submission().state.stage is Stage.IN_REVIEW


def test_what_is_with_the_filler_already_cannot_be_taken_back(filed: Any) -> None:
    withdraw(filed.services, filed.filing_link(), 1)
    assert refusal(filed) is RefusalCode.UNDER_REVIEW


def test_after_the_close_nothing_is_taken_back(filed: Any) -> None:
    close_collection(filed.services, year=2025)
    assert refusal(filed) is RefusalCode.COLLECTION_CLOSED
    assert why_no_withdrawal(filed.services, filed.submission(), filed.filing_link().person) is not None


def test_only_the_unit_itself_withdraws(filed: Any) -> None:
    with pytest.raises(NotAllowed):
        withdraw(filed.services, FilingLink(filed.submission().id, "somebody"), 1)


def test_the_reviewer_of_a_withdrawn_correction_is_not_told_of_an_older_return(filed: Any) -> None:
    filed.send_back("county")
    filed.file()
    link = filed.review_link("county")
    withdraw(filed.services, filed.filing_link(), 2)
    why = open_case(filed.services, link).refusal
    assert why is not None
    assert (why.code, why.decision) == (RefusalCode.NOT_IN_REVIEW, None)
