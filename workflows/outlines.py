"""A revision in outline, for a list that is sorted and not read: its main amount and the number of its findings."""

from dataclasses import dataclass
from decimal import Decimal

from forms.content import Content
from forms.definition import FormDefinition, Item, ItemKind, Severity
from forms.edits import Finding

YUAN = {"千元": Decimal(1000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
"""Yuan in each unit of money."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One row per submission, of its latest revision. `amount` is in yuan, so that forms in 千元 and 万元 compare;
    None where the main amount is blank, or told by a status only."""

    amount: Decimal | None
    findings: int


def to_look_at(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What a reviewer has to look at: a note (提示) is shown and needs nothing."""
    return tuple(finding for finding in findings if finding.severity is not Severity.NOTE)


def outline_of(definition: FormDefinition, content: Content, findings: tuple[Finding, ...]) -> Outline:
    """The outline of what is being sealed."""
    item = main_item(definition)
    value = content.cell(item.key).value if item else None
    amount = None if value is None or item is None else value * YUAN[item.unit]
    return Outline(amount, len(to_look_at(findings)))


def main_item(definition: FormDefinition) -> Item | None:
    """The item a return is weighed by: the first amount of money on the form (107-2: 研究开发费用合计)."""
    amounts = (item for item in definition.items.values() if item.kind is ItemKind.AMOUNT and item.unit in YUAN)
    return next(amounts, None)
