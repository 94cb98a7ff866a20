"""The DuckDB back end: a rule as SQL text over one row a filing, made from our own tree, never by transpiling.

Columns are named by address, as in a record: "rd_cost_total" DECIMAL(15 + decimals, decimals), "last.rd_cost_total",
"107-1.projects" a LIST of STRUCTs by column key, "unit.size" VARCHAR, "year" INTEGER. Numbers are counted whole, with
a number of decimals known when the text is made (`forms.language_digits`): DuckDB's `/` would give a DOUBLE.
TRUE holds, FALSE fires, NULL is not evaluated: SQL's own three values are the language's. `forms` never runs it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from forms.language_conditions import breakdowns, own_keys
from forms.language_digits import ITEM_DIGITS, ROW_DIGITS, Digits, digits_of, shift_of
from forms.language_functions import FUNCTIONS, Kind, quoted, sql_text
from forms.language_sql_numbers import Written, any_true, counted, integer_type, power
from forms.language_tree import (
    QUOTIENT_DECIMALS,
    AllOf,
    AnyOf,
    Call,
    Comparison,
    Condition,
    Conditional,
    Constant,
    FiguresFit,
    Filled,
    Implication,
    ItemValue,
    Member,
    Negation,
    Operator,
    Product,
    Quotient,
    Rounded,
    RowColumn,
    RowCount,
    RowSum,
    Sum,
    TextConstant,
    Truth,
    Value,
    Within,
    keys_of,
)
from forms.language_types import Scope

_SIGNS: Final = {Operator.EQUAL: "=", Operator.NOT_EQUAL: "<>"}


def rule_sql(
    tree: Condition,
    scope: Scope,
    *,
    row: str = "",
    columns: frozenset[str] = frozenset(),
    once: dict[str, str] | None = None,
) -> str:
    """The condition as a boolean expression; `columns` of a rule asked of each row are fields of `row`.

    What is the same for every row stands under a name that `once` is given, with its SQL; inline without it.
    """
    return _Writer(scope, row, columns, once).condition(tree)


class _Writer:
    """Writes one rule; a method a node, as in the Python back end."""

    def __init__(self, scope: Scope, row: str, columns: frozenset[str], once: dict[str, str] | None) -> None:
        self._scope = scope
        self._row = row
        self._columns = columns
        self._once = once

    def condition(self, node: Condition) -> str:
        return _CONDITIONS[type(node)](self, node)

    def all_of(self, node: AllOf) -> str:
        return f"({' AND '.join(self.condition(part) for part in node.parts)})"

    def any_of(self, node: AnyOf) -> str:
        return f"({' OR '.join(self.condition(part) for part in node.parts)})"

    def negation(self, node: Negation) -> str:
        return f"(NOT {self.condition(node.part)})"

    def filled(self, node: Filled) -> str:
        return f"({self._name(node.part.key)} IS NOT NULL)"

    def truth(self, node: Truth) -> str:
        return self.call(node.call).text

    def implication(self, node: Implication) -> str:
        given, follows = self.condition(node.condition), self.condition(node.consequence)
        blanks = " OR ".join(f"{self._name(key)} IS NULL" for key in own_keys(node.consequence))
        unanswered = f"CASE WHEN {blanks} THEN FALSE END" if blanks else "NULL"
        return f"(CASE WHEN NOT {given} THEN TRUE WHEN {given} THEN coalesce({follows}, {unanswered}) END)"

    def membership(self, node: Member) -> str:
        options = node.options
        if options is None and isinstance(node.part, ItemValue):
            options = self._scope.type_at(node.part).options
        listed = ", ".join(sql_text(option) for option in options or ())
        return f"({self._value(node.part).text} IN ({listed}))"

    def figures_fit(self, node: FiguresFit) -> str:
        fits = []
        for key in self._scope.figures:
            name, places = self._name(key), self._scope.items[key].decimals
            fits.append(f"coalesce({name} >= 0 AND {name} = round({name}, {places}), TRUE)")
        return f"({' AND '.join(fits)})" if fits else "TRUE"

    def comparison(self, node: Comparison | Within) -> str:
        left, right = self._value(node.left), self._value(node.right)
        undefined = [left.undefined, right.undefined]
        decimals = max(left.decimals, right.decimals)
        one, other = left.at(decimals), right.at(decimals)
        left_fills, right_fills = breakdowns(node)
        if left_fills:
            one = f"coalesce({one}, CASE WHEN {right.text} IS NOT NULL THEN 0 END)"
        if right_fills:
            other = f"coalesce({other}, CASE WHEN {left.text} IS NOT NULL THEN 0 END)"
        if isinstance(node, Within):
            allowed = self._value(node.tolerance)
            undefined.append(allowed.undefined)
            finest = max(decimals, allowed.decimals)
            apart = f"abs({one} - {other})"
            text = f"({Written(apart, decimals).at(finest)} <= {allowed.at(finest)})"
        else:
            text = f"({one} {_SIGNS.get(node.operator, node.operator.value)} {other})"
        when = any_true(undefined)
        return f"(CASE WHEN {when} THEN NULL ELSE {text} END)" if when else text

    def _value(self, node: Value) -> Written:
        return _VALUES[type(node)](self, node)

    def constant(self, node: Constant) -> Written:
        digits = digits_of(node, self._scope)
        text = f"CAST({int(node.value.scaleb(digits.decimals))} AS {integer_type(digits)})"
        return Written(text, digits.decimals)

    def text_constant(self, node: TextConstant) -> Written:
        return Written(sql_text(node.value))

    def row_count(self, node: RowCount) -> Written:
        return Written(f"CAST(len({self._name(node.table)}) AS BIGINT)")

    def product(self, node: Product) -> Written:
        left, right = self._value(node.left), self._value(node.right)
        wide = integer_type(digits_of(node, self._scope))
        text = f"(CAST({left.text} AS {wide}) * CAST({right.text} AS {wide}))"
        return Written(text, left.decimals + right.decimals, any_true([left.undefined, right.undefined]))

    def _name(self, key: str) -> str:
        return f"{self._row}.{quoted(key)}" if key in self._columns else quoted(key)

    def item(self, node: ItemValue) -> Written:
        found, name = self._scope.type_at(node), self._name(node.key)
        if found.kind is not Kind.NUMBER:
            return Written(name)
        digits = digits_of(node, self._scope)
        return Written(counted(name, digits), digits.decimals)

    def row_sum(self, node: RowSum) -> Written:
        rows = node.rows
        decimals = self._scope.column_at(rows).decimals
        cells = f"list_transform({self._name(rows.table)}, lambda each: each.{quoted(rows.key)})"
        whole = f"list_sum({cells})"
        return Written(counted(whole, Digits(ITEM_DIGITS + ROW_DIGITS, decimals)), decimals)

    def sum(self, node: Sum) -> Written:
        """Terms with items decide whether the sum is blank; each blank one is 0 once any is filled."""
        written = [(sign, term, self._value(term)) for sign, term in node.terms]
        digits = digits_of(node, self._scope)
        integer = integer_type(digits)
        added, blanks = "", []
        for sign, term, value in written:
            text = f"CAST({value.at(digits.decimals)} AS {integer})"
            if keys_of(term):
                blanks.append(f"{value.text} IS NULL")
                text = f"coalesce({text}, 0)"
            added += f" {'+' if sign == 1 else '-'} {text}"
        total = f"(0{added})"
        if blanks:
            total = f"(CASE WHEN {' AND '.join(blanks)} THEN NULL ELSE {total} END)"
        return Written(total, digits.decimals, any_true([value.undefined for _, _, value in written]))

    def quotient(self, node: Quotient) -> Written:
        """|a|·10^shift over |b|, doubled and halved so that it rounds half up, then given its sign."""
        left, right = self._value(node.left), self._value(node.right)
        shift = shift_of(digits_of(node.left, self._scope), digits_of(node.right, self._scope))
        above = f"CAST(abs({left.text}) AS HUGEINT) * {10 ** max(shift, 0)}"
        below = f"CAST(abs({right.text}) AS HUGEINT) * {10 ** max(-shift, 0)}"
        ratio = f"(({above}) * 2 + ({below})) // (({below}) * 2)"
        sign = f"(CASE WHEN ({left.text} < 0) <> ({right.text} < 0) THEN -1 ELSE 1 END)"
        zero = f"({left.text} IS NOT NULL AND {right.text} = 0)"
        text = f"(CASE WHEN {right.text} <> 0 THEN {sign} * ({ratio}) END)"
        return Written(text, QUOTIENT_DECIMALS, any_true([left.undefined, right.undefined, zero]))

    def rounded(self, node: Rounded) -> Written:
        part = self._value(node.part)
        away = part.decimals - node.places
        if away <= 0:
            return part
        unit = power(away)
        sign = f"(CASE WHEN {part.text} < 0 THEN -1 ELSE 1 END)"
        return Written(f"({sign} * ((abs({part.text}) * 2 + {unit}) // ({unit} * 2)))", node.places, part.undefined)

    def conditional(self, node: Conditional) -> Written:
        given = self.condition(node.condition)
        then, otherwise = self._value(node.then), self._value(node.otherwise)
        decimals = max(then.decimals, otherwise.decimals)

        def branch(one: str, other: str) -> str:
            return f"(CASE WHEN {given} THEN {one} WHEN NOT {given} THEN {other} END)"

        undefined = ""
        if then.undefined or otherwise.undefined:
            undefined = branch(then.undefined or "FALSE", otherwise.undefined or "FALSE")
        return Written(branch(then.at(decimals), otherwise.at(decimals)), decimals, undefined)

    def call(self, node: Call) -> Written:
        function = FUNCTIONS[node.function]
        texts, undefined = [], []
        for part in node.arguments:
            if isinstance(part, RowColumn):
                texts.append(self._column(part, function.prepared or str))
                continue
            value = self._value(part)
            texts.append(value.text)
            undefined.append(value.undefined)
        extra = (self._scope.keywords[node.word],) if function.words else ()
        filled = " AND ".join(f"{text} IS NOT NULL" for text in texts)
        text = f"(CASE WHEN {filled} THEN {function.sql(*texts, *extra)} END)"
        return Written(text, function.scale, any_true(undefined))

    def _column(self, rows: RowColumn, prepared: Callable[[str], str]) -> str:
        cells = f"list_transform({self._name(rows.table)}, lambda each: each.{quoted(rows.key)})"
        text = prepared(f"list_filter({cells}, lambda each: each IS NOT NULL)")
        if self._once is None:
            return text
        name = f"known{len(self._once)}"
        self._once[name] = text
        return name


_CONDITIONS: Final[Mapping[type, Callable[[_Writer, Any], str]]] = MappingProxyType(
    {
        Comparison: _Writer.comparison,
        Within: _Writer.comparison,
        AllOf: _Writer.all_of,
        AnyOf: _Writer.any_of,
        Negation: _Writer.negation,
        Implication: _Writer.implication,
        Member: _Writer.membership,
        Filled: _Writer.filled,
        Truth: _Writer.truth,
        FiguresFit: _Writer.figures_fit,
    }
)
_VALUES: Final[Mapping[type, Callable[[_Writer, Any], Written]]] = MappingProxyType(
    {
        ItemValue: _Writer.item,
        Constant: _Writer.constant,
        TextConstant: _Writer.text_constant,
        Sum: _Writer.sum,
        RowSum: _Writer.row_sum,
        RowCount: _Writer.row_count,
        Rounded: _Writer.rounded,
        Conditional: _Writer.conditional,
        Call: _Writer.call,
        Product: _Writer.product,
        Quotient: _Writer.quotient,
    }
)
