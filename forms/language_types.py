"""The static check of a rule, when its form is loaded: names, types, units of measure and digits all fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from forms.faults import Fault
from forms.language_functions import FUNCTIONS, Kind
from forms.language_tree import (
    AllOf,
    AnyOf,
    Call,
    Comparison,
    Condition,
    Conditional,
    Constant,
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
)
from forms.language_units import PURE, Unit, unit_named
from forms.language_words import LAST, RuleError

UNIT_SIZES: Final = ("L", "M", "S", "T")
_EQUALITIES: Final = (Operator.EQUAL, Operator.NOT_EQUAL)


@dataclass(frozen=True, slots=True)
class Type:
    """What may stand at an address: its kind; of a figure the unit (None fits any) and decimals; of a choice
    the codes of its options."""

    kind: Kind
    unit: Unit | None = None
    decimals: int = 0
    options: tuple[str, ...] = ()


TEXT: Final = Type(Kind.TEXT)
YEAR: Final = Type(Kind.NUMBER)
ATTRIBUTES: Final[Mapping[str, Type]] = MappingProxyType(
    {
        "unit.credit_code": TEXT,
        "unit.kind": Type(Kind.CHOICE, options=("enterprise", "county", "city")),
        "unit.region_code": TEXT,
        "unit.industry_code": TEXT,
        "unit.size": Type(Kind.CHOICE, options=UNIT_SIZES),
        "unit.starred": Type(Kind.CHOICE, options=("0", "1")),
        **{f"signoff.{name}": TEXT for name in ("unit_head", "statistician", "filler", "phone")},
        "signoff.report_date": Type(Kind.DATE),
    }
)
"""What a rule may ask of the register and of the sign-off block, beside the form itself."""


@dataclass(frozen=True, slots=True)
class Scope:
    """All a rule of one form can name: items, tables by column, other forms of the unit, keyword lists.

    `figures` are the addresses `figures_fit()` looks at; of a rule asked of each row, the row's figures.
    """

    items: Mapping[str, Type]
    tables: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    forms: Mapping[str, "Scope"] = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    figures: tuple[str, ...] = ()

    def of_row(self, table: str) -> "Scope":
        """The scope of a rule asked of each row: the columns of the row are names of their own."""
        columns = self.tables[table]
        figures = tuple(key for key, column in columns.items() if column.kind is Kind.NUMBER)
        return Scope({**self.items, **columns}, self.tables, self.forms, self.keywords, figures)

    def type_at(self, address: ItemValue) -> Type:
        """Raises RuleError where nothing has this name."""
        key = address.key.removeprefix(LAST)
        if key == "year":
            return YEAR
        space, dot, name = key.rpartition(".")
        if not dot:
            return self._known(self.items, key, address.column)
        if space in ("unit", "signoff"):
            if key not in ATTRIBUTES:
                raise RuleError(Fault.NO_SUCH_ATTRIBUTE, address.column, key=key)
            return ATTRIBUTES[key]
        return self._known(self._form(space, address.column).items, name, address.column)

    def columns_at(self, table: str, column: int) -> Mapping[str, Type]:
        """The columns of a table. Raises RuleError where there is none of this name."""
        form, dot, name = table.removeprefix(LAST).rpartition(".")
        tables = self._form(form, column).tables if dot else self.tables
        if name not in tables:
            raise RuleError(Fault.NO_SUCH_TABLE, column, table=name)
        return tables[name]

    def column_at(self, rows: RowColumn) -> Type:
        columns = self.columns_at(rows.table, rows.column)
        if rows.key not in columns:
            raise RuleError(Fault.NO_SUCH_COLUMN, rows.column, table=rows.table, key=rows.key)
        return columns[rows.key]

    def _form(self, form: str, column: int) -> "Scope":
        if form not in self.forms:
            raise RuleError(Fault.NO_SUCH_FORM, column, form=form)
        return self.forms[form]

    @staticmethod
    def _known(items: Mapping[str, Type], key: str, column: int) -> Type:
        if key not in items:
            raise RuleError(Fault.NO_SUCH_ITEM, column, key=key)
        return items[key]


def scope_of_units(units: Mapping[str, str]) -> Scope:
    """The scope of a form of whole figures only, by the unit of measure of each."""
    return Scope({key: Type(Kind.NUMBER, unit_named(unit)) for key, unit in units.items()}, figures=tuple(units))


def check_types(tree: Condition, scope: Scope) -> None:
    """Raises RuleError for an unknown name, and where types or units of measure disagree."""
    match tree:
        case Comparison():
            _check_comparison(tree, scope)
        case Within():
            _common([tree.left, tree.right, tree.tolerance], scope, tree.column)
        case Member():
            _check_member(tree, scope)
        case Filled(part=part):
            scope.type_at(part)
        case Truth(call=call):
            _call_type(call, scope)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                check_types(part, scope)
        case Negation(part=part):
            check_types(part, scope)
        case Implication(condition=condition, consequence=consequence):
            check_types(condition, scope)
            check_types(consequence, scope)
        case _:
            return


def type_of(node: Value, scope: Scope) -> Type:
    """The type of a value; raises RuleError where its parts disagree."""
    return _TYPES[type(node)](node, scope)


def _constant_type(node: Constant, scope: Scope) -> Type:
    return Type(Kind.NUMBER, unit_named(node.unit) if node.unit else None)


def _sum_type(node: Sum, scope: Scope) -> Type:
    return Type(Kind.NUMBER, _common([term for _, term in node.terms], scope, node.column))


def _row_sum_type(node: RowSum, scope: Scope) -> Type:
    return _number_type(scope.column_at(node.rows), node.column)


def _row_count_type(node: RowCount, scope: Scope) -> Type:
    scope.columns_at(node.table, node.column)
    return Type(Kind.NUMBER)


def _scaled_type(node: Product | Quotient, scope: Scope) -> Type:
    """千元/人 for a quotient, 人·件 for a product; a constant keeps the other unit, 1 over it below the line."""
    left, right = _number(node.left, scope).unit, _number(node.right, scope).unit
    if isinstance(node, Quotient) and isinstance(node.right, Constant) and not node.right.value:
        raise RuleError(Fault.DIVISION_BY_ZERO, node.right.column)
    if left is None and right is None:
        return Type(Kind.NUMBER)
    left, right = left or PURE, right or PURE
    return Type(Kind.NUMBER, left.times(right) if isinstance(node, Product) else left.over(right))


def _conditional_type(node: Conditional, scope: Scope) -> Type:
    check_types(node.condition, scope)
    return Type(Kind.NUMBER, _common([node.then, node.otherwise], scope, node.column))


def _call_type(call: Call, scope: Scope) -> Type:
    function = FUNCTIONS[call.function]
    for argument, wanted in zip(call.arguments, function.takes, strict=True):
        found = scope.column_at(argument) if isinstance(argument, RowColumn) else type_of(argument, scope)
        asked = Kind.TEXT if wanted is Kind.ROWS else wanted
        if found.kind is not asked:
            facts = {"wanted": asked.zh, "wanted_en": asked, "found": found.kind.zh, "found_en": found.kind}
            raise RuleError(Fault.WRONG_TYPE, argument.column, name=call.function, **facts)
    if function.words and call.word not in scope.keywords:
        raise RuleError(Fault.NO_SUCH_KEYWORDS, call.column, name=call.word)
    return Type(function.gives, unit_named(function.unit) if function.unit else None, function.scale)


def _number(node: Value, scope: Scope) -> Type:
    return _number_type(type_of(node, scope), node.column)


def _number_type(found: Type, column: int) -> Type:
    if found.kind is not Kind.NUMBER:
        raise RuleError(Fault.NUMBER_EXPECTED, column, found=found.kind.zh, found_en=found.kind)
    return found


def _common(nodes: list[Value], scope: Scope, column: int) -> Unit | None:
    """The one unit of all; constants fit any."""
    units = [unit for node in nodes if (unit := _number(node, scope).unit) is not None]
    for unit in units:
        if unit != units[0]:
            raise RuleError(Fault.UNITS_DIFFER, column, one=units[0], other=unit)
    return units[0] if units else None


def _check_comparison(tree: Comparison, scope: Scope) -> None:
    left, right = type_of(tree.left, scope), type_of(tree.right, scope)
    if left.kind is Kind.NUMBER and right.kind is Kind.NUMBER:
        _common([tree.left, tree.right], scope, tree.column)
        return
    constant = tree.right if isinstance(tree.right, TextConstant) else tree.left
    if isinstance(constant, TextConstant):
        left = right = left if constant is tree.right else right
        _check_constant(constant, left)
    if left.kind is not right.kind:
        facts = {"one": left.kind.zh, "other": right.kind.zh, "one_en": left.kind, "other_en": right.kind}
        raise RuleError(Fault.TYPES_DIFFER, tree.column, **facts)
    if left.kind in (Kind.CHOICE, Kind.TEXT) and tree.operator not in _EQUALITIES:
        raise RuleError(Fault.NO_ORDER, tree.column)


def _check_member(tree: Member, scope: Scope) -> None:
    found = type_of(tree.part, scope)
    if tree.options is None:
        if found.kind is not Kind.CHOICE:
            raise RuleError(Fault.OPTIONS_OF_TEXT, tree.column)
        return
    for option in tree.options:
        _check_constant(TextConstant(option, tree.column), found)


def _check_constant(node: TextConstant, found: Type) -> None:
    """A text written in a rule must be one that can stand where it is compared."""
    if found.kind is Kind.NUMBER:
        facts = {"one": Kind.NUMBER.zh, "other": Kind.TEXT.zh, "one_en": Kind.NUMBER, "other_en": Kind.TEXT}
        raise RuleError(Fault.TYPES_DIFFER, node.column, **facts)
    if found.kind is Kind.CHOICE and node.value not in found.options:
        raise RuleError(Fault.NOT_AN_OPTION, node.column, value=node.value)
    if found.kind is Kind.MONTH and not _is_month(node.value):
        raise RuleError(Fault.NOT_A_MONTH, node.column, value=node.value)


def _is_month(text: str) -> bool:
    if text == "000000":
        return True
    return len(text) == 6 and text.isdigit() and 1 <= int(text[4:]) <= 12


_TYPES: Final[Mapping[type, Callable[[Any, Scope], Type]]] = MappingProxyType(
    {
        ItemValue: lambda node, scope: scope.type_at(node),
        Constant: _constant_type,
        TextConstant: lambda node, scope: TEXT,
        Sum: _sum_type,
        RowSum: _row_sum_type,
        RowCount: _row_count_type,
        Rounded: lambda node, scope: Type(Kind.NUMBER, _number(node.part, scope).unit),
        Conditional: _conditional_type,
        Call: _call_type,
        Product: _scaled_type,
        Quotient: _scaled_type,
    }
)
