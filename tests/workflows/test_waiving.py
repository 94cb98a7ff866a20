"""A firm rule may be sent with a reason; the first level accepts once it is corrected, or waived by two people."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from forms.definition import Severity
from forms.severities import SeverityOverlay
from register.seats import StaffMember
from workflows.bulk_accepting import Outcome, accept_many
from workflows.filing import open_seal
from workflows.links import InboxLink, ReviewLink
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import Stage
from workflows.review_desk import open_review
from workflows.reviewing import UnknownItems
from workflows.stepping import CommandRefused
from workflows.waiving import confirm_waiver, propose_waiver

REASON = "企业全年停产，研发人员由集团发薪，已看过工资表"


@pytest.fixture
def firm(world: Any) -> Any:
    """R2 is firm in this installation; E1 was sent without labour costs, with its reason. The county has two people."""
    overlay = SeverityOverlay("2026-1", {"R2": Severity.FIRM})
    world.services = replace(world.services, forms=overlay.over(world.services.forms))
    world.sweeper = replace(world.sweeper, services=world.services)
    seats = [*world.store.staff()]
    second = StaffMember("r990101.2@seats.example", "审核员990101-2", seats[0].role, "990101")
    world.seats(*seats, second)
    world.open()
    world.file(cost_total="10", cost_labour="0")
    return world


def second_of(world: Any) -> ReviewLink:
    link: ReviewLink = world.review_link("county", number=2)
    return link


def until(world: Any, days: int = 30) -> Any:
    return world.clock.now() + timedelta(days=days)


def refusal(world: Any, level: str = "county") -> RefusalCode:
    with pytest.raises(CommandRefused) as caught:
        world.accept(level)
    return caught.value.refusal.code


def waived(world: Any, days: int = 30) -> None:
    after = propose_waiver(world.services, world.review_link("county"), "R2", until(world, days), REASON)
    confirm_waiver(world.services, second_of(world), after.state.waivers[0].event_number)


def test_it_is_sent_with_a_reason_and_not_accepted_at_the_first_level(firm: Any) -> None:
    assert firm.submission().state.stage is Stage.IN_REVIEW
    assert refusal(firm) is RefusalCode.FIRM_FINDINGS


def test_two_people_waive_it_and_it_is_accepted(firm: Any) -> None:
    waived(firm)
    assert firm.accept("county").state.turn.region == "990100"
    assert firm.accept("city").state.turn.region == "990000"
    assert firm.accept("province").state.stage is Stage.ACCEPTED


def test_one_person_alone_waives_nothing(firm: Any) -> None:
    after = propose_waiver(firm.services, firm.review_link("county"), "R2", until(firm), REASON)
    with pytest.raises(CommandRefused) as caught:
        confirm_waiver(firm.services, firm.review_link("county"), after.state.waivers[0].event_number)
    assert caught.value.refusal.code is RefusalCode.SAME_PERSON
    assert refusal(firm) is RefusalCode.FIRM_FINDINGS


def test_a_waiver_lapses(firm: Any) -> None:
    waived(firm, days=3)
    firm.clock.ahead(days=3)
    assert refusal(firm) is RefusalCode.FIRM_FINDINGS


def test_a_waiver_is_of_the_revision_it_was_given_for(firm: Any) -> None:
    waived(firm)
    firm.send_back("county")
    firm.file(cost_total="11", cost_labour="0")
    assert refusal(firm) is RefusalCode.FIRM_FINDINGS


def test_what_is_corrected_needs_no_waiver(firm: Any) -> None:
    firm.send_back("county")
    firm.file(cost_total="10", cost_labour="5")
    assert firm.accept("county").state.turn.region == "990100"


def test_only_a_firm_rule_that_fired_is_waived_and_only_with_a_reason(firm: Any) -> None:
    link = firm.review_link("county")
    for rule in ("R1", "R9", ""):
        with pytest.raises(UnknownItems):
            propose_waiver(firm.services, link, rule, until(firm), REASON)
    with pytest.raises(CommandRefused) as caught:
        propose_waiver(firm.services, link, "R2", until(firm), "  ")
    assert caught.value.refusal.code is RefusalCode.INCOMPLETE


def test_the_desk_shows_the_waiver_with_its_words_and_who_may_confirm(firm: Any) -> None:
    (before,) = open_review(firm.services, firm.review_link("county")).firm
    assert (before.waiver, before.may_propose, before.may_confirm) == (None, True, False)
    propose_waiver(firm.services, firm.review_link("county"), "R2", until(firm), REASON)
    (own,) = open_review(firm.services, firm.review_link("county")).firm
    assert (own.reason, own.by, own.may_propose, own.may_confirm) == (REASON, "审核员990101-1", False, False)
    (other,) = open_review(firm.services, second_of(firm)).firm
    assert (other.is_live, other.may_confirm) == (False, True)


def test_a_bulk_acceptance_holds_it_back_even_when_it_is_waived(firm: Any) -> None:
    waived(firm)
    link = InboxLink("990101", firm.review_link("county").person)
    (result,) = accept_many(firm.services, link, [(firm.submission().id, firm.submission().state.revision_hash)])
    assert result.outcome is Outcome.HELD


def test_a_waiver_that_waits_is_among_the_proposals_and_the_province_is_written_to(firm: Any) -> None:
    firm.sweep()
    propose_waiver(firm.services, firm.review_link("county"), "R2", until(firm), REASON)
    assert [one.id for one in firm.store.proposals(2025, "", 9).rows] == [firm.submission().id]
    firm.sweep()
    assert [letter.to_email for letter in firm.post.about("豁免准强制性审核关系 R2")] == ["r990000.1@seats.example"]
    confirm_waiver(firm.services, second_of(firm), firm.submission().state.waivers[0].event_number)
    assert firm.store.proposals(2025, "", 9).rows == []


def test_the_rule_set_of_the_overlay_is_stamped(firm: Any) -> None:
    revision = firm.store.revision(firm.submission().id, 1)
    definition = firm.services.forms.by_version("kd-1/2021")
    assert open_seal(revision)["rule_set"] == definition.rule_set == firm.submission().state.rule_set
