"""The form's own check of one return: what is required and missing, and which edit rules fire.

Findings name cells and the gap between the unit's own figures; never an expected value or a peer's figure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from forms.content import Content
from forms.definition import UNITS, EditRule, FormDefinition
from forms.findings import Finding
from forms.language import Gap, Outcome, Rule, compile_rule
from forms.language_conditions import unfit_figures
from forms.records import Surroundings, cell_key, record_of, untold
from forms.required import missing
from forms.values import format_number

__all__ = ["Finding", "RuleResult", "RuleState", "Surroundings", "check", "check_in", "evaluate"]

_SHOWN_DECIMALS: Final = Decimal("0.000001")


class RuleState(StrEnum):
    """How a rule stands with one return."""

    FIRED = "fired"
    SATISFIED = "satisfied"
    NOT_EVALUATED = "not_evaluated"
    WAITING = "waiting"
    """The rule needs another form of the unit that is not sealed yet."""


_STATES: Final = {
    Outcome.FIRES: RuleState.FIRED,
    Outcome.HOLDS: RuleState.SATISFIED,
    Outcome.NOT_EVALUATED: RuleState.NOT_EVALUATED,
}


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One sentence of one rule on one return, or on one row of it (counted from 1; 0 for the whole)."""

    rule: EditRule
    state: RuleState
    row: int = 0
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule of the definition beside its closures; `figures` are looked at one by one when it fires."""

    edit: EditRule
    rule: Rule
    names: frozenset[str]
    figures: Mapping[str, int]


def check(
    definition: FormDefinition,
    content: Content,
    *,
    starred: bool,
    last_year: Content | None = None,
    other_forms: Mapping[str, Content] | None = None,
    attributes: Mapping[str, str] | None = None,
    year: int | None = None,
) -> tuple[Finding, ...]:
    """All findings on a return: missing required items, then fired rules, both in the form's order.

    What is not given (`forms.records.Surroundings`) leaves the rules that need it unasked.
    """
    around = Surroundings(last_year, other_forms or {}, attributes or {}, year)
    return check_in(definition, content, around, starred=starred)


def check_in(
    definition: FormDefinition, content: Content, around: Surroundings, *, starred: bool
) -> tuple[Finding, ...]:
    """The check of a return within its surroundings."""
    record = record_of(definition, content, around)
    lacking = missing(definition, content, record, starred=starred)
    fired = (
        _finding(asked, answers, row)
        for asked, state, row, answers in _states(definition, content, around, record)
        if state is RuleState.FIRED
    )
    return (*lacking, *fired)


def evaluate(definition: FormDefinition, content: Content, around: Surroundings) -> tuple[RuleResult, ...]:
    """How every rule stands with a return: fired, satisfied, not evaluated, or waiting for another form."""
    record = record_of(definition, content, around)
    return tuple(
        RuleResult(asked.edit, state, row, _finding(asked, answers, row) if state is RuleState.FIRED else None)
        for asked, state, row, answers in _states(definition, content, around, record)
    )


def _states(
    definition: FormDefinition, content: Content, around: Surroundings, record: Mapping[str, Any]
) -> Iterator[tuple[_Asked, RuleState, int, Mapping[str, Any]]]:
    """Each rule, how it stands, on which row, and the record it was asked of.

    A rule over a figure that exists but was not told (refused, unknown) is not evaluated.
    """
    hidden = untold(definition, content, around)
    for asked in _compiled(definition):
        edit = asked.edit
        if edit.forms and not around.other_forms.keys() >= set(edit.forms):
            yield asked, RuleState.WAITING, 0, record
        elif (edit.needs_last_year and around.last_year is None) or (hidden and hidden & asked.names):
            yield asked, RuleState.NOT_EVALUATED, 0, record
        elif edit.for_each:
            for number, row in enumerate(record.get(edit.for_each) or (), start=1):
                answers = {**record, **row}
                yield asked, _STATES[asked.rule.outcome(answers)], number, answers
        else:
            yield asked, _STATES[asked.rule.outcome(record)], 0, record


@lru_cache(maxsize=64)
def _compiled(definition: FormDefinition) -> tuple[_Asked, ...]:
    return tuple(_asked(definition, edit) for edit in definition.rules)


def _asked(definition: FormDefinition, edit: EditRule) -> _Asked:
    scope = definition.scope.of_row(edit.for_each) if edit.for_each else definition.scope
    rule = compile_rule(edit.expression, scope, form=definition.form)
    figures = {key: scope.items[key].decimals for key in scope.figures} if rule.all_figures else {}
    return _Asked(edit, rule, frozenset(rule.items), figures)


def _finding(asked: _Asked, record: Mapping[str, Any], row: int) -> Finding:
    edit, gap = asked.edit, asked.rule.gap(record)
    zh, en = edit.message_zh, edit.message_en
    if gap is not None:
        zh, en = f"{zh}{_gap_zh(gap)}", f"{en} {_gap_en(gap)}"
    if row:
        zh, en = f"第 {row} 行：{zh}", f"Row {row}: {en}"
    items = edit.items or tuple(unfit_figures(asked.figures, record)) or _signed(asked.rule)
    if row:
        items = tuple(cell_key(edit.for_each, row, key) for key in items)
    return Finding(edit.id, edit.severity, items, zh, en, part=edit.part, row=row)


def _signed(rule: Rule) -> tuple[str, ...]:
    """The lines of the sign-off block a rule names, as the page calls them."""
    return tuple(key.removeprefix("signoff.") for key in rule.items if key.startswith("signoff."))


def _gap_zh(gap: Gap) -> str:
    unit = f"（{gap.unit}）" if gap.unit else ""
    return f"左边 {_shown(gap.left)}，右边 {_shown(gap.right)}，相差 {_shown(gap.difference)}{unit}。"


def _gap_en(gap: Gap) -> str:
    unit = f" ({UNITS[gap.unit]})" if gap.unit in UNITS else ""
    return f"Left {_shown(gap.left)}, right {_shown(gap.right)}, difference {_shown(gap.difference)}{unit}."


def _shown(value: Decimal) -> str:
    """A figure in a message: only what a division makes endless is cut, at 6 decimals."""
    exponent = value.as_tuple().exponent
    endless = isinstance(exponent, int) and exponent < -6
    return format_number(value.quantize(_SHOWN_DECIMALS) if endless else value)
