"""All rules of a form over many filings at once, as one DuckDB statement; who runs it is not this module's business.

The relation has one row per filing, with the columns of `relation_columns`. The answer has one row per filing: its
number, then a column a sentence of a rule, TRUE satisfied, FALSE fired, NULL not evaluated or waiting for another
form. A rule asked of each row is FALSE if any row fires it, else NULL if any row leaves it open.
"""

from collections.abc import Iterator, Mapping

from forms.definition import EditRule, FormDefinition
from forms.language_digits import ITEM_DIGITS
from forms.language_functions import Kind, bound_sql, quoted, sql_text
from forms.language_parsing import parse
from forms.language_sql import rule_sql
from forms.language_tree import keys_of
from forms.language_types import ATTRIBUTES, Scope, Type
from forms.language_words import LAST

FILING = "filing"
UNTOLD = "untold"
"""The column that lists the addresses of figures that exist but were not told (refused, unknown)."""
GIVEN = "given"
"""The column that lists what is there beside the filing itself: `last` and the other forms."""
LAST_YEAR = "last"
_ROW = "each_row"


def relation_columns(definition: FormDefinition) -> Mapping[str, str]:
    """Column name → DuckDB type of the relation a form's rules are asked of: own, last year's, other forms'."""
    own = dict(_columns(definition.scope, ""))
    columns = {FILING: "BIGINT", **own, **{f"{LAST}{name}": kind for name, kind in own.items()}}
    for form, scope in definition.other_forms.items():
        columns |= dict(_columns(scope, f"{form}."))
    attributes = dict.fromkeys(ATTRIBUTES, "VARCHAR")
    return {**columns, **attributes, "year": "INTEGER", UNTOLD: "VARCHAR[]", GIVEN: "VARCHAR[]"}


def _columns(scope: Scope, prefix: str) -> Iterator[tuple[str, str]]:
    for key, found in scope.items.items():
        yield prefix + key, _sql_type(found)
    for table, columns in scope.tables.items():
        fields = ", ".join(f"{quoted(key)} {_sql_type(found)}" for key, found in columns.items())
        yield prefix + table, f"STRUCT({fields})[]"


def _sql_type(found: Type) -> str:
    if found.kind is Kind.NUMBER:
        return f"DECIMAL({ITEM_DIGITS + found.decimals}, {found.decimals})"
    return "VARCHAR"


def column_of(rule: EditRule) -> str:
    """The name of a sentence's column in the answer: R17, R21.2."""
    return f"{rule.id}.{rule.part}" if rule.part else rule.id


def outcomes_sql(definition: FormDefinition, relation: str) -> str:
    """The statement over a relation of this name."""
    wanted = ",\n".join(f"  {_outcome(definition, rule)} AS {quoted(column_of(rule))}" for rule in definition.rules)
    return f"SELECT {quoted(FILING)},\n{wanted}\nFROM {quoted(relation)}"


def _outcome(definition: FormDefinition, rule: EditRule) -> str:
    tree = parse(rule.expression, form=definition.form)
    if rule.for_each:
        columns = frozenset(definition.scope.tables[rule.for_each])
        scope = definition.scope.of_row(rule.for_each)
        once: dict[str, str] = {}
        said = _of_rows(rule.for_each, rule_sql(tree, scope, row=_ROW, columns=columns, once=once))
        for name, text in once.items():
            said = bound_sql(name, text, said)
    else:
        said = rule_sql(tree, definition.scope)
    return _guarded(said, keys_of(tree), (*rule.forms, *((LAST_YEAR,) if rule.needs_last_year else ())))


def _guarded(said: str, named: tuple[str, ...], needed: tuple[str, ...]) -> str:
    """NULL where something the rule needs is not there, or was not told."""
    unasked = [f"NOT list_contains({quoted(GIVEN)}, {sql_text(name)})" for name in needed]
    if named:
        listed = ", ".join(sql_text(key) for key in named)
        unasked.append(f"list_has_any({quoted(UNTOLD)}, [{listed}])")
    return f"CASE WHEN {' OR '.join(unasked)} THEN NULL ELSE {said} END" if unasked else said


def _of_rows(table: str, condition: str) -> str:
    """One outcome from those of the rows; a table without rows leaves the rule unasked.

    A row says 0 fired, 1 open, 2 satisfied: the least decides, and each row is looked at once.
    """
    said = f"list_transform({quoted(table)}, lambda {_ROW}: coalesce(CAST(({condition}) AS TINYINT) * 2, 1))"
    return f"CASE list_min({said}) WHEN 0 THEN FALSE WHEN 2 THEN TRUE END"
