"""The form's own check of one return: what is required and missing, and which edit rules fire.

Findings name cells and the gap between the unit's own figures; never an expected value or a peer's figure.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from forms.content import Content
from forms.definition import UNITS, EditRule, FormDefinition, Severity
from forms.language import Gap, Outcome, Rule, compile_rule
from forms.values import Status, format_number

_NOT_KNOWN = (Status.REFUSED, Status.UNKNOWN)
_SHOWN_DECIMALS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the check says of a return: the rule, its severity, the item keys concerned, the message."""

    rule_id: str
    severity: Severity
    items: tuple[str, ...]
    zh: str
    en: str


def check(definition: FormDefinition, content: Content, *, starred: bool) -> tuple[Finding, ...]:
    """All findings on a return: missing required items, then fired rules, both in the form's order."""
    return (*_missing(definition, content, starred=starred), *_fired(definition, content))


def _missing(definition: FormDefinition, content: Content, *, starred: bool) -> Iterator[Finding]:
    """Not applicable, refused and unknown are answers; a blank is not, and a note alone is not."""
    for key, item in definition.items.items():
        if definition.is_required(item, starred=starred) and content.cell(key).is_blank:
            yield Finding(
                f"required:{key}",
                Severity.FATAL,
                (key,),
                f"{item.cited_zh}没有填。没有发生请填 0。",
                f"{item.cited_en} is blank. Enter 0 if there was none.",
            )


def _fired(definition: FormDefinition, content: Content) -> Iterator[Finding]:
    """A rule over a figure that exists but was not told (refused, unknown) is not evaluated."""
    values = {key: cell.value for key, cell in content.cells.items()}
    untold = {key for key, cell in content.cells.items() if cell.status in _NOT_KNOWN}
    for edit, rule in _compiled(definition):
        if untold and not untold.isdisjoint(rule.items):
            continue
        if rule.outcome(values) is Outcome.FIRES:
            yield _finding(edit, rule.gap(values))


@lru_cache(maxsize=64)
def _compiled(definition: FormDefinition) -> tuple[tuple[EditRule, Rule], ...]:
    units = {key: item.unit for key, item in definition.items.items()}
    return tuple((edit, compile_rule(edit.expression, units)) for edit in definition.rules)


def _finding(edit: EditRule, gap: Gap | None) -> Finding:
    zh, en = edit.message_zh, edit.message_en
    if gap is not None:
        left, right, apart = _shown(gap.left), _shown(gap.right), _shown(gap.difference)
        unit = f"（{gap.unit}）" if gap.unit else ""
        unit_en = f" ({UNITS[gap.unit]})" if gap.unit in UNITS else ""
        zh = f"{zh}左边 {left}，右边 {right}，相差 {apart}{unit}。"
        en = f"{en} Left {left}, right {right}, difference {apart}{unit_en}."
    return Finding(edit.id, edit.severity, edit.items, zh, en)


def _shown(value: Decimal) -> str:
    """A figure in a message: only what a division makes endless is cut, at 6 decimals."""
    exponent = value.as_tuple().exponent
    endless = isinstance(exponent, int) and exponent < -6
    return format_number(value.quantize(_SHOWN_DECIMALS) if endless else value)
