"""Each guard of each row of the table is taken out in turn, and a law is broken somewhere: no guard is idle."""

from dataclasses import replace

import pytest

from tests.explorer.cast import AT, BEFORE, CITY, PROVINCE, Bounds
from tests.explorer.exploring import Case, Situation, opened
from tests.explorer.ledger import told
from tests.explorer.removing import bounds_for, breach_of, places, without
from workflows.machine import decide, evolve
from workflows.machine import guards as g
from workflows.machine.commands import Ask, Circumstances, Command, Submit
from workflows.machine.guards import MOST_QUERIES, Guard
from workflows.machine.refusals import Refusal
from workflows.machine.table import RULES


def asked_without_end() -> Situation:
    """A return about which every question that may be asked has been asked."""
    case = given(opened(), Submit(BEFORE.filler, "h1", "f/1", "r", late=False))
    for number in range(MOST_QUERIES):
        case = given(case, Ask("tian", CITY if number % 2 else PROVINCE, 1, f"item-{number}", "w"))
    return Situation((case,))


def given(case: Case, command: Command) -> Case:
    """The case after a command that is taken."""
    outcome = decide(case.state, command, Circumstances(AT))
    assert not isinstance(outcome, Refusal), outcome
    for event in outcome:
        case = Case(evolve(case.state, event, AT), told(case.ledger, event, case.state.events + 1))
    return case


def starts(guard: Guard) -> tuple[Situation, ...]:
    """Where the exploration begins, if not at the opening."""
    return (asked_without_end(),) if guard is g.does_not_ask_without_end else ()


@pytest.mark.parametrize(
    ("command", "guard"), list(places()), ids=[f"{command.__name__}-{guard.__name__}" for command, guard in places()]
)
def test_without_this_guard_a_law_is_broken(command: type[Command], guard: Guard) -> None:
    bounds = bounds_for(command, guard)
    if starts(guard):
        bounds = replace(bounds, questions=MOST_QUERIES + 1)
    assert breach_of(without(command, guard), bounds, *starts(guard)) != ""


def test_with_every_guard_in_its_place_the_same_search_finds_nothing() -> None:
    bounds = Bounds(revisions=2, questions=MOST_QUERIES + 1, aspects=frozenset({"questions"}))
    assert breach_of(RULES, bounds, asked_without_end(), most=60) == ""
