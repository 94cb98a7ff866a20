"""From the text of an edit rule to its tree: Python-expression spelling, whitelisted nodes, hard limits."""

import ast
import re
from decimal import Decimal
from typing import Final, Literal

from forms.faults import Fault
from forms.language_functions import FUNCTIONS, Function, Kind
from forms.language_tree import (
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
)
from forms.language_words import LAST, MAX_LENGTH, NAMESPACES, USAGE, WORDS, RuleError, check_bounds

MAX_PLACES: Final = 10

_CONSTANT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_TEXT: Final = re.compile(r"[ -~]{1,30}")
_OPERATORS: Final[dict[type[ast.cmpop], Operator]] = {
    ast.Eq: Operator.EQUAL,
    ast.NotEq: Operator.NOT_EQUAL,
    ast.Lt: Operator.LESS,
    ast.LtE: Operator.AT_MOST,
    ast.Gt: Operator.GREATER,
    ast.GtE: Operator.AT_LEAST,
}


def parse(expression: str, *, form: str = "") -> Condition:
    """The tree of a rule; `form` is the form it is asked of, which `form("…")` may name like any other.

    Raises RuleError for whatever the language does not have.
    """
    if len(expression) > MAX_LENGTH:
        raise RuleError(Fault.RULE_TOO_LONG, MAX_LENGTH + 1, limit=MAX_LENGTH)
    for column, character in enumerate(expression, start=1):
        if character == "#" or not (character.isascii() and character.isprintable()):
            raise RuleError(Fault.NOT_ASCII, column, character=character)
    indent = len(expression) - len(expression.lstrip())
    try:
        body = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = getattr(error, "offset", None) or len(expression.strip()) + 1  # 0 or none: it ends too soon
        raise RuleError(Fault.NOT_AN_EXPRESSION, indent + column) from error
    check_bounds(body)
    return _Reader(expression.strip(), indent, form).condition(body)


class _Reader:
    """Turns whitelisted `ast` nodes into ours; constants are read from the kept text, never as float."""

    def __init__(self, text: str, indent: int, form: str, before: str = "") -> None:
        self._text = text
        self._indent = indent
        self._form = form
        self._before = before

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return AllOf(tuple(self.condition(value) for value in values))
            case ast.BoolOp(op=ast.Or(), values=values):
                return AnyOf(tuple(self.condition(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Negation(self.condition(operand))
            case ast.Compare(ops=[ast.In() | ast.NotIn()]):
                return self._membership(node)
            case ast.Compare():
                return self._chain(node)
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self._condition_call(name, node)
            case _:
                raise self._error(Fault.CONDITION_EXPECTED, node)

    def _condition_call(self, name: str, node: ast.Call) -> Condition:
        match name, node.args:
            case "implies", [condition, consequence]:
                return Implication(self.condition(condition), self.condition(consequence))
            case "within", [left, right, tolerance]:
                return Within(self.value(left), self.value(right), self.value(tolerance), self._column(node))
            case "filled", [part]:
                return Filled(self._address(part), self._column(node))
            case "figures_fit", []:
                return FiguresFit(self._column(node))
        function = FUNCTIONS.get(name)
        if function is not None and function.gives is Kind.TRUTH:
            return Truth(self._named(name, function, node))
        raise self._call_error(name, node, Fault.CONDITION_EXPECTED)

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant():
                return self._written(node)
            case ast.Name(id="months_in_year"):
                return Constant(Decimal(12), self._column(node), "月")
            case ast.Name() | ast.Attribute():
                return self._address(node)
            case ast.UnaryOp(op=ast.USub()) | ast.BinOp():
                return self._arithmetic(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return Conditional(self.condition(test), self.value(body), self.value(orelse), self._column(node))
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self._value_call(name, node)
        raise self._error(Fault.VALUE_EXPECTED, node)

    def _written(self, node: ast.Constant) -> Constant | TextConstant:
        if isinstance(node.value, str):
            return TextConstant(self._words(node.value, node), self._column(node))
        return Constant(self._constant(node), self._column(node))

    def _arithmetic(self, node: ast.expr) -> Value:
        column = self._column(node)
        match node:
            case ast.UnaryOp() | ast.BinOp(op=ast.Add() | ast.Sub()):
                return Sum(tuple(self._terms(node, 1)), column)
            case ast.BinOp(op=ast.Mult(), left=left, right=right):
                return Product(self.value(left), self.value(right), column)
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                return Quotient(self.value(left), self.value(right), column)
        raise self._error(Fault.VALUE_EXPECTED, node)

    def _value_call(self, name: str, node: ast.Call) -> Value:
        column = self._column(node)
        match name, node.args:
            case "sum", [part]:
                return RowSum(self._row_column(part), column)
            case "count", [part]:
                return RowCount(self._table(part), column)
            case "round", [part, ast.Constant(value=int(places))] if places in range(MAX_PLACES + 1):
                return Rounded(self.value(part), places, column)
            case "last", [part]:
                return self._last(node).value(part)
        function = FUNCTIONS.get(name)
        if function is not None and function.gives is not Kind.TRUTH:
            return self._named(name, function, node)
        raise self._call_error(name, node, Fault.VALUE_EXPECTED)

    def _named(self, name: str, function: Function, node: ast.Call) -> Call:
        """A function on values, in a table of `language_functions`; its list, if it takes one, is a word."""
        given = len(node.args) - function.words
        if given != len(function.takes):
            raise self._error(Fault.WRONG_ARGUMENTS, node, name=name, usage=function.usage)
        arguments: list[Value | RowColumn] = []
        for part, kind in zip(node.args, function.takes, strict=False):
            arguments.append(self._row_column(part) if kind is Kind.ROWS else self.value(part))
        word = ""
        if function.words:
            match node.args[-1]:
                case ast.Constant(value=str(word)):
                    pass
                case _:
                    raise self._error(Fault.WRONG_ARGUMENTS, node, name=name, usage=function.usage)
        return Call(name, tuple(arguments), self._column(node), word)

    def _terms(self, node: ast.expr, sign: Literal[1, -1]) -> list[tuple[Literal[1, -1], Value]]:
        """A sum flattened, so that a blank term means the same wherever the brackets stand."""
        opposite: Literal[1, -1] = -1 if sign == 1 else 1
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._terms(operand, opposite)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return [*self._terms(left, sign), *self._terms(right, sign)]
            case ast.BinOp(op=ast.Sub(), left=left, right=right):
                return [*self._terms(left, sign), *self._terms(right, opposite)]
            case _:
                return [(sign, self.value(node))]

    def _chain(self, node: ast.Compare) -> Condition:
        """`a >= b >= c` is `a >= b and b >= c`."""
        sides = [self.value(side) for side in (node.left, *node.comparators)]
        pairs: list[Condition] = []
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if type(operator) not in _OPERATORS:
                raise self._error(Fault.BAD_COMPARISON, node)
            pairs.append(Comparison(left, _OPERATORS[type(operator)], right, self._column(node)))
        return pairs[0] if len(pairs) == 1 else AllOf(tuple(pairs))

    def _membership(self, node: ast.Compare) -> Condition:
        part, column = self.value(node.left), self._column(node)
        match node.comparators[0]:
            case ast.Name(id="options"):
                member = Member(part, None, column)
            case ast.Tuple(elts=listed) | ast.List(elts=listed) if listed:
                member = Member(part, tuple(self._option(each) for each in listed), column)
            case _:
                raise self._error(Fault.BAD_MEMBERSHIP, node)
        return Negation(member) if isinstance(node.ops[0], ast.NotIn) else member

    def _option(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str(text)):
                return self._words(text, node)
            case _:
                raise self._error(Fault.BAD_MEMBERSHIP, node)

    def _last(self, node: ast.Call) -> "_Reader":
        if self._before:
            raise self._error(Fault.LAST_OF_LAST, node)
        return _Reader(self._text, self._indent, self._form, LAST)

    def _address(self, node: ast.expr) -> ItemValue:
        """An item, a register attribute, a sign-off line, or an item of another form."""
        match node:
            case ast.Name(id=key) if key not in WORDS or key == "year":
                return ItemValue(self._before + key, self._column(node))
            case ast.Attribute(value=ast.Name(id=space), attr=key) if space in NAMESPACES and not self._before:
                return ItemValue(f"{space}.{key}", self._column(node))
            case ast.Attribute(value=ast.Call() as call, attr=key) if key not in WORDS:
                return ItemValue(self._before + self._of_form(call) + key, self._column(node))
            case ast.Call(func=ast.Name(id="last"), args=[part], keywords=[]):
                return self._last(node)._address(part)
            case _:
                raise self._error(Fault.LAST_OF_LAST if self._before else Fault.VALUE_EXPECTED, node)

    def _row_column(self, node: ast.expr) -> RowColumn:
        match node:
            case ast.Call(func=ast.Name(id="last"), args=[part], keywords=[]):
                return self._last(node)._row_column(part)
            case ast.Attribute(value=table, attr=key):
                return RowColumn(self._table(table), key, self._column(node))
            case _:
                raise self._error(Fault.WRONG_ARGUMENTS, node, name="sum", usage=USAGE["sum"])

    def _table(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=table) if table not in WORDS:
                return self._before + table
            case ast.Attribute(value=ast.Call() as call, attr=table):
                return self._before + self._of_form(call) + table
            case _:
                raise self._error(Fault.WRONG_ARGUMENTS, node, name="count", usage=USAGE["count"])

    def _of_form(self, node: ast.Call) -> str:
        """The prefix of another form's names; none for the form's own."""
        match node:
            case ast.Call(func=ast.Name(id="form"), args=[ast.Constant(value=str(form))], keywords=[]):
                if self._before and form != self._form:
                    raise self._error(Fault.LAST_OF_LAST, node)
                return "" if form == self._form else f"{form}."
            case _:
                raise self._error(Fault.WRONG_ARGUMENTS, node, name="form", usage=USAGE["form"])

    def _constant(self, node: ast.Constant) -> Decimal:
        written = self._text[node.col_offset : node.end_col_offset]
        if _CONSTANT.fullmatch(written) is None:
            raise self._error(Fault.BAD_NUMBER, node)
        return Decimal(written)

    def _words(self, text: str, node: ast.expr) -> str:
        if _TEXT.fullmatch(text) is None:
            raise self._error(Fault.BAD_TEXT, node)
        return text

    def _call_error(self, name: str, node: ast.Call, otherwise: Fault) -> RuleError:
        """What is wrong with a call: no such function, the wrong arguments, or one that does not fit here."""
        if name in USAGE and len(node.args) != USAGE[name].count(",") + (name != "figures_fit"):
            return self._error(Fault.WRONG_ARGUMENTS, node, name=name, usage=USAGE[name])
        if name not in USAGE and name not in FUNCTIONS:
            known = ", ".join(sorted({*USAGE, *FUNCTIONS}))
            return self._error(Fault.UNKNOWN_FUNCTION, node, name=name, known=known)
        return self._error(otherwise, node)

    def _column(self, node: ast.expr) -> int:
        return self._indent + node.col_offset + 1

    def _error(self, fault: Fault, node: ast.expr, **facts: object) -> RuleError:
        return RuleError(fault, self._column(node), **facts)
