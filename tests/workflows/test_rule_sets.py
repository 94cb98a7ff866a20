"""A revision is judged by the rules it was sent under; a newer set informs, and says beforehand what it would do."""

from dataclasses import replace
from typing import Any

import pytest

from forms.definition import Severity
from forms.loading import DefinitionError
from forms.severities import SeverityOverlay
from workflows.comparing_rules import compare
from workflows.machine.refusals import RefusalCode
from workflows.reviewing import open_case
from workflows.rule_sets import adopt, forms_in_force, stamped
from workflows.stepping import CommandRefused

FIRM = "version: 2026-1\nseverities: {R2: firm}\n"
FATAL = "version: 2026-2\nseverities: {R2: fatal}\n"


@pytest.fixture
def shipped(world: Any) -> Any:
    return world.services.forms


def restarted(world: Any, shipped: Any) -> None:
    """The process starts anew and reads what is in force."""
    world.services = replace(world.services, forms=forms_in_force(world.store, shipped))


@pytest.fixture
def sent(world: Any) -> Any:
    """E1 was sent under the shipped severities; R2 fired and has its reason."""
    world.open()
    world.file(cost_total="10", cost_labour="0")
    return world


def test_without_an_overlay_the_shipped_forms_are_in_force(world: Any, shipped: Any) -> None:
    assert forms_in_force(world.store, shipped) is shipped


def test_an_overlay_that_is_adopted_is_in_force_from_the_next_start(world: Any, shipped: Any) -> None:
    adopt(world.services, FIRM, shipped)
    restarted(world, shipped)
    rule = next(rule for rule in world.services.forms.by_version("kd-1/2021").rules if rule.id == "R2")
    assert rule.severity is Severity.FIRM


def test_an_overlay_that_names_an_unknown_rule_changes_nothing(world: Any, shipped: Any) -> None:
    with pytest.raises(DefinitionError):
        adopt(world.services, "version: x\nseverities: {R99: firm}\n", shipped)
    assert forms_in_force(world.store, shipped) is shipped


@pytest.mark.parametrize("text", [FIRM, FATAL])
def test_what_was_sent_before_is_judged_as_it_was_sent(sent: Any, shipped: Any, text: str) -> None:
    adopt(sent.services, text, shipped)
    restarted(sent, shipped)
    case = open_case(sent.services, sent.review_link("county"))
    assert case.checked is not None
    assert [found.severity for found in case.findings] == [Severity.QUERY]
    assert [found.rule_id for found in case.checked.newer] == ["R2"]
    assert sent.accept("county").state.turn.region == "990100"


def test_what_is_sent_afterwards_is_judged_by_the_newer_set(sent: Any, shipped: Any) -> None:
    adopt(sent.services, FIRM, shipped)
    restarted(sent, shipped)
    sent.send_back("county")
    sent.file(cost_total="11", cost_labour="0")
    with pytest.raises(CommandRefused) as caught:
        sent.accept("county")
    assert caught.value.refusal.code is RefusalCode.FIRM_FINDINGS


def test_each_set_that_was_in_force_is_kept(world: Any, shipped: Any) -> None:
    first = shipped.by_version("kd-1/2021").rule_set
    for text in (FIRM, FATAL):
        adopt(world.services, text, shipped)
        restarted(world, shipped)
    now = world.services.forms.by_version("kd-1/2021")
    found = stamped(world.services, now, first)
    assert found is not None
    assert (found.rule_set, now.rule_set != first) == (first, True)
    assert stamped(world.services, now, "0" * 16) is None


def test_rules_that_are_no_longer_to_be_had_only_inform(sent: Any, shipped: Any) -> None:
    """The program words a rule otherwise now: nobody can ask the old one again, and the new one was not seen."""
    overlay = SeverityOverlay("x", {"R2": Severity.FATAL})
    sent.services = replace(sent.services, forms=overlay.over(shipped))
    case = open_case(sent.services, sent.review_link("county"))
    assert case.checked is not None
    assert not case.checked.is_stamped
    assert [found.rule_id for found in case.checked.newer] == ["R2"]
    assert sent.accept("county").state.turn.region == "990100"


def test_a_newer_set_says_beforehand_how_many_accepted_returns_it_would_fail(sent: Any, shipped: Any) -> None:
    sent.file("E2", cost_total="10", cost_labour="5")
    for unit, zone in (("E1", "990101"), ("E2", "990171")):
        assert zone in {body.region for body in sent.submission(unit).state.route}
        for level in ("county", "city", "province"):
            sent.accept(level, unit)
    same = compare(sent.services, 2025, "kd-1", shipped)
    assert (same.accepted, same.failed, same.by_rule) == (2, 0, {})
    firm = compare(sent.services, 2025, "kd-1", SeverityOverlay("a", {"R2": Severity.FIRM}).over(shipped))
    assert (firm.accepted, firm.failed, firm.by_rule) == (2, 0, {("R2", Severity.FIRM): 1})
    fatal = compare(sent.services, 2025, "kd-1", SeverityOverlay("b", {"R2": Severity.FATAL}).over(shipped))
    assert (fatal.failed, fatal.by_rule) == (1, {("R2", Severity.FATAL): 1})
    milder = compare(sent.services, 2025, "kd-1", SeverityOverlay("c", {"R2": Severity.NOTE}).over(shipped))
    assert (milder.failed, milder.by_rule) == (0, {})
