"""From the text of an edit rule to its tree: Python-expression spelling, whitelisted nodes, hard limits."""

import ast
import re
from decimal import Decimal
from typing import Final, Literal

from forms.language_tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Constant,
    Implication,
    ItemValue,
    Negation,
    Number,
    Operator,
    Product,
    Quotient,
    Sum,
)

MAX_LENGTH: Final = 2_000
MAX_NODES: Final = 1_000
MAX_NESTING: Final = 100
IMPLIES: Final = "implies"

_CONSTANT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_OPERATORS: Final[dict[type[ast.cmpop], Operator]] = {
    ast.Eq: Operator.EQUAL,
    ast.NotEq: Operator.NOT_EQUAL,
    ast.Lt: Operator.LESS,
    ast.LtE: Operator.AT_MOST,
    ast.Gt: Operator.GREATER,
    ast.GtE: Operator.AT_LEAST,
}


class RuleError(ValueError):
    """A rule cannot be read: what was found, and the 1-based column where."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.message = message
        self.column = column


def parse(expression: str) -> Condition:
    """The tree of a rule; raises RuleError for whatever the language does not have."""
    if len(expression) > MAX_LENGTH:
        raise RuleError(f"the rule is over {MAX_LENGTH} characters; split it", MAX_LENGTH + 1)
    for column, character in enumerate(expression, start=1):
        if character == "#" or not (character.isascii() and character.isprintable()):
            raise RuleError(f"{character!r} does not belong in a rule; use keys and ASCII marks", column)
    indent = len(expression) - len(expression.lstrip())
    try:
        body = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        column = getattr(error, "offset", None) or len(expression.strip()) + 1  # 0 or none: it ends too soon
        raise RuleError("this is not an expression; see the rule language", indent + column) from error
    _check_bounds(body)
    return _Reader(expression.strip(), indent).condition(body)


def _check_bounds(body: ast.expr) -> None:
    """Count and depth first, without recursion, so that nothing deep is ever walked by recursion."""
    waiting: list[tuple[ast.AST, int]] = [(body, 1)]
    count = 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        column = getattr(node, "col_offset", 0) + 1
        if count > MAX_NODES:
            raise RuleError(f"the rule has over {MAX_NODES} parts; split it", column)
        if depth > MAX_NESTING:
            raise RuleError(f"the rule is nested over {MAX_NESTING} deep; simplify it", column)
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


class _Reader:
    """Turns whitelisted `ast` nodes into ours; constants are read from the kept text, never as float."""

    def __init__(self, text: str, indent: int) -> None:
        self._text = text
        self._indent = indent

    def condition(self, node: ast.expr) -> Condition:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return AllOf(tuple(self.condition(value) for value in values))
            case ast.BoolOp(op=ast.Or(), values=values):
                return AnyOf(tuple(self.condition(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Negation(self.condition(operand))
            case ast.Compare():
                return self._chain(node)
            case ast.Call():
                return self._implication(node)
            case _:
                raise self._error("a comparison, and, or, not or implies(…, …) was expected", node)

    def number(self, node: ast.expr) -> Number:
        column = self._column(node)
        match node:
            case ast.Name(id=key) if key != IMPLIES:
                return ItemValue(key, column)
            case ast.Constant():
                return Constant(self._constant(node), column)
            case ast.UnaryOp(op=ast.USub()) | ast.BinOp(op=ast.Add() | ast.Sub()):
                return Sum(tuple(self._terms(node, 1)), column)
            case ast.BinOp(op=ast.Mult(), left=left, right=right):
                return Product(self.number(left), self.number(right), column)
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                return Quotient(self.number(left), self.number(right), column)
            case _:
                raise self._error("an item key, a number or + - * / was expected", node)

    def _terms(self, node: ast.expr, sign: Literal[1, -1]) -> list[tuple[Literal[1, -1], Number]]:
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
                return [(sign, self.number(node))]

    def _chain(self, node: ast.Compare) -> Condition:
        """`a >= b >= c` is `a >= b and b >= c`."""
        sides = [self.number(side) for side in (node.left, *node.comparators)]
        pairs: list[Condition] = []
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if type(operator) not in _OPERATORS:
                raise self._error("only == != < <= > >= compare", node)
            pairs.append(Comparison(left, _OPERATORS[type(operator)], right, self._column(node)))
        return pairs[0] if len(pairs) == 1 else AllOf(tuple(pairs))

    def _implication(self, node: ast.Call) -> Condition:
        match node:
            case ast.Call(func=ast.Name(id="implies"), args=[condition, consequence], keywords=[]):
                return Implication(self.condition(condition), self.condition(consequence))
            case _:
                raise self._error("the only call is implies(condition, consequence)", node)

    def _constant(self, node: ast.Constant) -> Decimal:
        written = self._text[node.col_offset : node.end_col_offset]
        if _CONSTANT.fullmatch(written) is None:
            raise self._error("a plain number such as 12 or 0.5 was expected", node)
        return Decimal(written)

    def _column(self, node: ast.expr) -> int:
        return self._indent + node.col_offset + 1

    def _error(self, message: str, node: ast.expr) -> RuleError:
        return RuleError(message, self._column(node))
