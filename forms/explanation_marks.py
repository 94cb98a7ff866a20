"""What a reason is bound to: the values it was written for. A changed value voids it (machine invariant 14).

A mark stands beside each text in a draft and, hidden, on the page: 16 hex digits over the values, a hyphen, 16 over the
text. A mark of this very text over other values says that the text was written for those; a text without such a mark
is new, and written for what stands now.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from forms.content import Content, SignOff, to_json
from forms.definition import FormDefinition
from forms.statistical_edits import watched_items
from forms.values import Cell

Others = Mapping[str, Content]
"""The unit's sealed returns on other forms, by form."""
NO_OTHERS: Final[Others] = MappingProxyType({})
INPUT: Final = "explanation-"
MARK: Final = "-for"
"""What the input of a text (`explanation-R17`) and of its mark (`explanation-R17-for`) are called."""


def items_of_rule(definition: FormDefinition, rule_id: str) -> frozenset[str]:
    """All items and tables of this form that a rule names in any of its sentences, or a statistical edit looks at."""
    named = {key for rule in definition.rules if rule.id == rule_id for key in (*rule.items, rule.for_each) if key}
    return frozenset(named) | watched_items(definition).get(rule_id, frozenset())


def rule_ids(definition: FormDefinition) -> tuple[str, ...]:
    """Every rule and statistical edit that can be named on this form, each once."""
    return tuple(dict.fromkeys([*(rule.id for rule in definition.rules), *watched_items(definition)]))


def binding(definition: FormDefinition, content: Content, rule_id: str, others: Others = NO_OTHERS) -> str:
    """16 hex digits over the values an explanation explains: a changed value changes it, and voids the text.

    All cells the rule names on this form count, in their sealed spelling; of a table all its rows, and of a rule
    across forms all that was sealed on the other form.
    """
    named = items_of_rule(definition, rule_id)
    cells = {key: cell for key, cell in content.cells.items() if key in named}
    rows = {table: found for table, found in content.rows.items() if table in named}
    sealed = to_json(Content(cells, {}, SignOff(), rows), definition)
    needed = {form for rule in definition.rules if rule.id == rule_id for form in rule.forms}
    beside = {form: _plain(others[form]) for form in sorted(needed & others.keys())}
    bound = [rule_id, sealed["cells"], sealed.get("rows", {}), *([beside] if beside else [])]
    return _digest(json.dumps(bound, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def mark_of(definition: FormDefinition, content: Content, rule_id: str, text: str, others: Others = NO_OTHERS) -> str:
    """The mark of a text that is written for what stands now."""
    return f"{binding(definition, content, rule_id, others)}-{_digest(text)}"


def voided(
    definition: FormDefinition, content: Content, known: Iterable[Mapping[str, str]], others: Others = NO_OTHERS
) -> Iterator[tuple[str, str]]:
    """Each rule whose text was written for other values, with the mark that says so.

    `known` are marks by rule, from wherever one was kept: the page, the draft, the revision before.
    """
    marks = list(known)
    for rule, text in content.explanations.items():
        values, said = binding(definition, content, rule, others), _digest(text)
        for kept in marks:
            before, _, of_text = kept.get(rule, "").partition("-")
            if of_text == said and before != values:
                yield rule, kept[rule]
                break


def marked_inputs(
    definition: FormDefinition, content: Content, known: Iterable[Mapping[str, str]], others: Others = NO_OTHERS
) -> dict[str, str]:
    """The inputs that keep the marks of all texts, as a draft stores them: old ones stay, a new text gets its own."""
    void = dict(voided(definition, content, known, others))
    return {
        f"{INPUT}{rule}{MARK}": void.get(rule) or mark_of(definition, content, rule, text, others)
        for rule, text in content.explanations.items()
    }


def marks_in(inputs: Mapping[str, str]) -> dict[str, str]:
    """The marks among a page's or a draft's inputs, by rule."""
    return {
        name.removeprefix(INPUT).removesuffix(MARK): text
        for name, text in inputs.items()
        if name.startswith(INPUT) and name.endswith(MARK)
    }


def _plain(content: Content) -> dict[str, Any]:
    rows = {table: [_cells(row) for row in rows] for table, rows in content.rows.items()}
    return {"cells": _cells(content.cells), "rows": rows}


def _cells(cells: Mapping[str, Cell]) -> dict[str, list[str]]:
    return {key: [_figure(cell), cell.text, str(cell.status)] for key, cell in cells.items()}


def _figure(cell: Cell) -> str:
    return "" if cell.value is None else f"{cell.value.normalize():f}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
