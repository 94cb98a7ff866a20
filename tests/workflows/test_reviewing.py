"""The reviewer's use cases: looking changes nothing, and a decision is accept or a return with its reasons."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from register.seats import StaffMember
from workflows import reviewing
from workflows.collecting import close_collection
from workflows.directives import DirectsAFigure
from workflows.filing import SubmissionUnknown
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import Stage
from workflows.permissions import NotAllowed
from workflows.reasons import return_reasons
from workflows.reviewing import UnknownItems, Verdict, decide_case, open_case
from workflows.stepping import CommandRefused
from workflows.words import name_of


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come."""
    world.open()
    world.file()
    return world


def refusal(world: Any, level: str, verdict: Verdict) -> RefusalCode:
    with pytest.raises(CommandRefused) as caught:
        decide_case(world.services, world.review_link(level), verdict)
    return caught.value.refusal.code


def test_the_reviewer_sees_the_figures_the_findings_and_the_bodies(filed: Any) -> None:
    case = open_case(filed.services, filed.review_link("county"))
    assert case.content is not None
    assert case.content.cell("cost_total").value == Decimal(120)
    assert (case.unit.unit_id, case.region.code, case.body.code) == ("E1", "990101", "990101")
    assert (case.refusal, case.decisions, case.findings, case.last_year) == (None, (), (), None)


def test_the_reviewer_is_shown_the_rules_that_fired(world: Any) -> None:
    world.open()
    world.file(cost_total="10", cost_labour="0")
    assert [finding.rule_id for finding in open_case(world.services, world.review_link("county")).findings] == ["R2"]


def test_reading_a_case_changes_nothing(filed: Any) -> None:
    before = filed.submission(), filed.store.pending_count()
    open_case(filed.services, filed.review_link("county"))
    assert (filed.submission(), filed.store.pending_count()) == before


def test_a_case_whose_turn_has_not_come_says_so(filed: Any) -> None:
    case = open_case(filed.services, filed.review_link("city"))
    assert case.refusal is not None
    assert case.refusal.code is RefusalCode.NOT_YET


def test_acceptance_moves_the_return_up_the_route_to_the_end(filed: Any) -> None:
    for level, inbox in (("county", "990100"), ("city", "990000"), ("province", "")):
        after = filed.accept(level)
        assert after == filed.submission()
        if inbox:
            assert [row.id for row in filed.store.inbox(inbox, "", 9).rows] == [after.id]
    assert filed.submission().state.stage is Stage.ACCEPTED
    told = open_case(filed.services, filed.review_link("province")).decisions
    assert [one.by for one in told] == ["审核员990101-1", "审核员990100-1", "审核员990000-1"]


def test_nobody_but_the_holder_of_the_seat_decides(filed: Any, seat: Callable[..., StaffMember]) -> None:
    link = filed.review_link("county")
    filed.seats(seat("990101", 2), seat("990100"), seat("990000"))
    for step in (open_case, lambda services, one: decide_case(services, one, Verdict(accept=True))):
        with pytest.raises(NotAllowed):
            step(filed.services, link)
    assert filed.submission().state.decisions == ()


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(accept=False, items=("R1",), comment="words"),
        Verdict(accept=False, reason="other"),
        Verdict(accept=False),
        Verdict(accept=False, reason="请改成 130", items=("R1",)),
    ],
    ids=["no reason", "no items", "neither", "a reason of his own"],
)
def test_a_return_without_a_coded_reason_or_items_is_refused(filed: Any, verdict: Verdict) -> None:
    assert refusal(filed, "county", verdict) is RefusalCode.INCOMPLETE
    assert filed.submission().state.stage is Stage.IN_REVIEW
    assert len(filed.store.events(filed.submission().id)) == 2


@pytest.mark.parametrize("reason", list(return_reasons()))
def test_each_coded_reason_returns_and_reaches_the_filler(filed: Any, reason: str) -> None:
    after = filed.send_back("county", reason=reason)
    assert after.state.stage is Stage.RETURNED
    assert after.state.returned.reason == reason
    filed.sweep()
    (letter,) = filed.post.about("退回：")
    assert letter.to_email == "e1@units.example"
    assert return_reasons()[reason]["zh"] in letter.text


def test_a_return_that_names_what_the_form_does_not_have_is_refused(filed: Any) -> None:
    with pytest.raises(UnknownItems) as caught:
        filed.send_back("county", items=("cost_total", "profit", "R9"))
    assert caught.value.names == ("profit", "R9")
    assert filed.submission().state.stage is Stage.IN_REVIEW


def test_an_item_named_twice_counts_once_in_the_order_named(filed: Any) -> None:
    after = filed.send_back("county", items=("R1", "cost_total", "R1"))
    assert after.state.returned.items == ("R1", "cost_total")


def test_a_comment_is_kept_as_a_payload_and_only_its_salted_hash_in_the_chain(filed: Any) -> None:
    after = filed.send_back("county", comment="  请核对费用合计  ")
    number = after.state.returned.event_number
    payload = filed.store.payload(after.id, number)
    event = filed.store.events(after.id)[number - 1]
    assert payload.text == "请核对费用合计"
    assert event.data["comment_hash"] == payload.hash
    assert "请核对" not in repr(event.data)
    case = open_case(filed.services, filed.review_link("county"))
    assert case.decisions[0].comment == "请核对费用合计"


def test_the_same_comment_hashes_differently_each_time(filed: Any) -> None:
    hashes = set()
    for revision in (1, 2):
        filed.send_back("county", comment="同样的话")
        hashes.add(filed.store.payload(filed.submission().id, 2 * revision + 1).hash)
        filed.file()
    assert len(hashes) == 2


def test_a_comment_is_cut_at_its_greatest_length(filed: Any) -> None:
    after = filed.send_back("county", comment="长" * (reviewing.MAX_COMMENT + 5))
    assert len(filed.store.payload(after.id, 3).text) == reviewing.MAX_COMMENT


def test_an_acceptance_keeps_no_words(filed: Any) -> None:
    decide_case(filed.services, filed.review_link("county"), Verdict(accept=True, comment="好"))
    assert filed.store.payload(filed.submission().id, 3) is None


def test_the_same_decision_twice_is_once_and_the_second_learns_of_the_first(filed: Any) -> None:
    link = filed.review_link("county")
    decide_case(filed.services, link, Verdict(accept=True))
    pending = filed.store.pending_count()
    with pytest.raises(CommandRefused) as caught:
        decide_case(filed.services, link, Verdict(accept=True))
    first = caught.value.refusal.decision
    assert caught.value.refusal.code is RefusalCode.ALREADY_DECIDED
    assert first is not None
    assert (first.person, first.at) == (link.person, filed.clock.now())
    assert filed.store.pending_count() == pending


def test_a_link_to_an_overtaken_revision_decides_nothing(filed: Any) -> None:
    old = filed.review_link("county")
    filed.send_back("county")
    filed.file(cost_total="121", cost_labour="70")
    case = open_case(filed.services, old)
    assert case.refusal is not None
    assert case.refusal.code is RefusalCode.OVERTAKEN
    with pytest.raises(CommandRefused):
        decide_case(filed.services, old, Verdict(accept=True))
    assert filed.submission().state.decisions == ()


def test_nobody_decides_on_what_he_filed_himself(filed: Any, world: Any, seat: Callable[..., StaffMember]) -> None:
    both = replace(seat("990201"), email="E3@units.example")
    world.seats(both)
    world.file("E3", cost_total="5", cost_labour="4", cost_abroad="0")
    link = replace(world.review_link("county", "E3"), person=world.store.person_of("e3@units.example").id)
    for verdict in (Verdict(accept=True), Verdict(accept=False, reason="other", items=("R1",))):
        with pytest.raises(CommandRefused) as caught:
            decide_case(world.services, link, verdict)
        assert caught.value.refusal.code is RefusalCode.OWN_FILING


def test_nobody_decides_at_two_levels_though_he_holds_both_seats(filed: Any, seat: Callable[..., StaffMember]) -> None:
    filed.seats(seat("990101"), replace(seat("990100"), email="r990101.1@seats.example"), seat("990000"))
    filed.accept("county")
    link = replace(filed.review_link("city"), person=filed.review_link("county").person)
    with pytest.raises(CommandRefused) as caught:
        decide_case(filed.services, link, Verdict(accept=True))
    assert caught.value.refusal.code is RefusalCode.TWO_LEVELS


def test_after_the_close_no_decision_is_taken(filed: Any) -> None:
    close_collection(filed.services, 2025)
    for verdict in (Verdict(accept=True), Verdict(accept=False, reason="other", items=("R1",))):
        assert refusal(filed, "county", verdict) is RefusalCode.COLLECTION_CLOSED
    case = open_case(filed.services, filed.review_link("county"))
    assert case.refusal is not None
    assert case.refusal.code is RefusalCode.COLLECTION_CLOSED


def test_a_link_to_another_homes_submission_is_unknown(filed: Any) -> None:
    with pytest.raises(SubmissionUnknown):
        open_case(filed.services, replace(filed.review_link("county"), submission="elsewhere"))


def test_a_reviewer_whose_address_was_erased_is_named_by_nothing(filed: Any) -> None:
    assert name_of(filed.services, "erased") == ""
    outsider = filed.store.person_of("left@long.ago.example")
    assert name_of(filed.services, outsider.id) == "left@long.ago.example"


def test_a_comment_that_directs_a_figure_is_stopped_before_anything_is_stored(filed: Any) -> None:
    with pytest.raises(DirectsAFigure) as caught:
        filed.send_back("county", comment="偏低，请改为 500。")
    assert (caught.value.refusal.code, caught.value.words) == (RefusalCode.DIRECTS_A_FIGURE, "改为500")
    assert filed.submission().state.stage is Stage.IN_REVIEW


def test_a_comment_that_says_what_was_seen_reaches_the_filler(filed: Any) -> None:
    assert filed.send_back("county", comment="比上年增长85%，请核实").state.stage is Stage.RETURNED
