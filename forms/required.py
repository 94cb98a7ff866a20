"""Which items a unit must answer and did not: required always, of starred units, or where a condition holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from forms.content import Content
from forms.definition import FormDefinition, Item, Severity
from forms.findings import Finding
from forms.language import Outcome, Rule, compile_rule
from forms.language_types import Scope
from forms.records import cell_key


@dataclass(frozen=True, slots=True)
class _Conditions:
    """When an item is required, and when it is shown; None where it does not depend on other items."""

    required: Rule | None
    shown: Rule | None


def missing(
    definition: FormDefinition, content: Content, record: Mapping[str, Any], *, starred: bool
) -> Iterator[Finding]:
    """Not applicable, refused and unknown are answers; a blank is not, and a note alone is not."""
    for item, conditions in _conditions(definition):
        cell = content.cells.get(item.key)
        if (cell is None or cell.is_blank) and _is_required(definition, item, conditions, record, starred=starred):
            yield _lacking(item, item.key, 0)
    for table in definition.tables:
        for number, row in enumerate(content.rows.get(table, ()), start=1):
            answers = {**record, **record[table][number - 1]}
            for item, conditions in _conditions(definition, table):
                cell = row.get(item.key)
                if (cell is None or cell.is_blank) and _is_required(
                    definition, item, conditions, answers, starred=starred
                ):
                    yield _lacking(item, cell_key(table, number, item.key), number)


def is_shown(definition: FormDefinition, item: Item, record: Mapping[str, Any], *, table: str = "") -> bool:
    """Whether the item is to be answered, as far as the rest of the return says; of a row, by the row's record.

    A condition that cannot be told yet hides nothing.
    """
    return all(
        conditions is None or conditions.shown is None or conditions.shown.outcome(record) is not Outcome.FIRES
        for each, conditions in _conditions(definition, table)
        if each.key == item.key
    )


def _is_required(
    definition: FormDefinition,
    item: Item,
    conditions: _Conditions | None,
    record: Mapping[str, Any],
    *,
    starred: bool,
) -> bool:
    """A condition that cannot be told asks for nothing."""
    if conditions is None:
        return definition.is_required(item, starred=starred)
    if conditions.shown is not None and conditions.shown.outcome(record) is Outcome.FIRES:
        return False
    if conditions.required is None:
        return definition.is_required(item, starred=starred)
    return definition.is_asked(item, starred=starred) and conditions.required.outcome(record) is Outcome.HOLDS


@lru_cache(maxsize=128)
def _conditions(definition: FormDefinition, table: str = "") -> tuple[tuple[Item, _Conditions | None], ...]:
    """Each item, or each column of a table, beside its conditions if it has any."""
    scope = definition.scope.of_row(table) if table else definition.scope
    items = definition.tables[table].columns if table else tuple(definition.items.values())
    return tuple((item, _compiled(item, scope, definition.form)) for item in items)


def _compiled(item: Item, scope: Scope, form: str) -> _Conditions | None:
    def rule(expression: str) -> Rule | None:
        return compile_rule(expression, scope, form=form) if expression else None

    if not item.required_when and not item.shown_when:
        return None
    return _Conditions(rule(item.required_when), rule(item.shown_when))


def _lacking(item: Item, key: str, row: int) -> Finding:
    zh, en = f"{item.cited_zh}没有填。", f"{item.cited_en} is blank."
    if item.type.is_figure:
        zh, en = f"{zh}没有发生请填 0。", f"{en} Enter 0 if there was none."
    if row:
        zh, en = f"第 {row} 行：{zh}", f"Row {row}: {en}"
    return Finding(f"required:{key}", Severity.FATAL, (key,), zh, en, row=row)
