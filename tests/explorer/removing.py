"""The machine with something missing: each guard of each row taken out in turn, each stage added or taken away."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tests.explorer.cast import Bounds
from tests.explorer.exploring import Broken, Explorer, Rules, Situation
from workflows.machine import commands as c
from workflows.machine.commands import Command
from workflows.machine.guards import Guard, moves_before_the_close_or_by_exception
from workflows.machine.table import RULES

ASPECT_OF: Mapping[type[Command], str] = {
    c.Answer: "questions",
    c.Ask: "questions",
    c.CloseQuery: "questions",
    c.ClaimCase: "claims",
    c.ProposeWaiver: "waivers",
    c.ConfirmWaiver: "waivers",
    c.ProposeDisposition: "dispositions",
    c.ConfirmDisposition: "dispositions",
    c.DeclineDisposition: "dispositions",
    c.Reinstate: "dispositions",
    c.ProposeExtension: "exceptions",
    c.GrantExtension: "exceptions",
    c.Move: "moves",
    c.Remind: "calendar",
    c.PassDeadline: "calendar",
}
BESIDE: Mapping[str, str] = {
    "has_its_queries_answered": "questions",
    "comes_before_the_next_level_acts": "questions",
    "is_not_under_review_yet": "questions",
    "only_who_refused_files_after_a_disposition": "dispositions",
    "is_on_the_route": "moves",
    "is_not_his_own_filing": "staff",
    "has_not_decided_at_another_level": "staff",
    "moves_before_the_close_or_by_exception": "exceptions",
}
"""What a guard needs to happen beside its command before it has anything to say."""
ENOUGH = 6_000
"""Situations within which a missing guard shows, or never does."""


def places() -> Iterator[tuple[type[Command], Guard]]:
    """Every guard in every row it stands in."""
    for command, rule in RULES.items():
        for guard in rule.guards:
            yield command, guard


def without(command: type[Command], guard: Guard) -> Rules:
    """The table with one guard missing from one row."""
    rule = RULES[command]
    return {**RULES, command: replace(rule, guards=tuple(one for one in rule.guards if one is not guard))}


def bounds_for(command: type[Command], guard: Guard | None = None) -> Bounds:
    """The smallest exploration in which the row matters."""
    aspects = {ASPECT_OF[command]} if command in ASPECT_OF else set()
    if guard is not None and guard.__name__ in BESIDE:
        aspects.add(BESIDE[guard.__name__])
    revisions = 1 if guard is moves_before_the_close_or_by_exception else 2
    return Bounds(revisions=revisions, aspects=frozenset(aspects))


def breach_of(rules: Rules, bounds: Bounds, *starts: Situation, most: int = ENOUGH) -> str:
    """The first breach that an exploration under these rules meets; blank when it meets none."""
    try:
        Explorer(bounds, rules, most=most).run(*starts)
    except Broken as broken:
        return str(broken)
    return ""
