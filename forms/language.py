"""The rule language: what an edit rule means for one record, compiled to a closure over exact decimals.

A rule is a condition that must hold. It has three outcomes, `holds`, `fires` and `not_evaluated`:

- a *number* is blank when its item is blank. In a sum or difference a blank term counts as 0 once any term is
  filled; a sum of blanks is blank (constants fill nothing), and so is a column of blanks or a table without rows.
  A product, quotient or function with a blank part is blank. Not applicable counts as absent, never as 0.
- a *comparison* with a blank side, or with a division by zero in it, is not evaluated. In `total == a + b` a
  filled total makes its blank terms count as 0, all of them if need be; `within(total, a + b, 1)` likewise.
- `filled(a)` is told of a blank too; membership and named functions of a blank are not evaluated.
- `a if c else b` is blank where `c` is not evaluated; only the branch taken is looked at.
- `a and b` fires if any part fires, else is not evaluated if any part is not, else holds.
- `a or b` holds if any part holds, else is not evaluated if any part is not, else fires.
- `not a` exchanges holds and fires.
- `implies(a, b)`: where `a` fires it holds; where `a` is not evaluated it is not; where `a` holds it is `b`,
  except that a `b` left unevaluated by a blank of this form fires: the condition is met and its answer is missing.

A ratio is rounded half up to 6 decimals. `forms.language_sql` says the same in SQL.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from forms.language_conditions import Record, comparison_sides, condition_of, holds_of
from forms.language_digits import check_digits
from forms.language_parsing import parse
from forms.language_tree import AllOf, Comparison, Condition, Constant, FiguresFit, Value, Within, keys_of, walk
from forms.language_types import Scope, check_types, scope_of_units, type_of
from forms.language_units import PURE, Unit
from forms.language_values import EXACT
from forms.language_words import RuleError

__all__ = ["Gap", "Outcome", "Record", "Rule", "RuleError", "compile_rule", "compile_tree", "referenced"]


class Outcome(StrEnum):
    """What a rule says of one record."""

    HOLDS = "holds"
    FIRES = "fires"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Gap:
    """The two sides of the comparison that failed, both the unit's own figures, in one unit of measure.

    A comparison with a threshold of the rule has none: nobody tells a unit what to report.
    """

    left: Decimal
    right: Decimal
    unit: str

    @property
    def difference(self) -> Decimal:
        return abs(EXACT.subtract(self.left, self.right))


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled rule; `gap` is the first failed comparison of a rule that consists of comparisons only.

    `items` are the addresses it names; `all_figures` says that it looks at every figure of its form or row.
    """

    expression: str
    items: tuple[str, ...]
    all_figures: bool
    outcome: Callable[[Record], Outcome]
    gap: Callable[[Record], Gap | None]


def referenced(expression: str, *, form: str = "") -> tuple[str, ...]:
    """The addresses a rule names, each once, in order of first mention. Raises RuleError."""
    return keys_of(parse(expression, form=form))


def compile_rule(expression: str, scope: Scope | Mapping[str, str], *, form: str = "") -> Rule:
    """The rule as closures; `scope` says what it can name, or gives the unit of measure of each item by key.

    Raises RuleError for what the language does not have, an unknown name, types or units of measure that
    disagree, and figures too large to be exact.
    """
    known = scope if isinstance(scope, Scope) else scope_of_units(scope)
    return compile_tree(parse(expression, form=form), expression, known)


def compile_tree(tree: Condition, expression: str, scope: Scope) -> Rule:
    """A parsed rule as closures. Raises RuleError as `compile_rule` does."""
    check_types(tree, scope)
    check_digits(tree, scope)
    truth = condition_of(tree, scope)

    def outcome(record: Record) -> Outcome:
        said = truth(record)
        if said is None:
            return Outcome.NOT_EVALUATED
        return Outcome.HOLDS if said else Outcome.FIRES

    all_figures = any(isinstance(node, FiguresFit) for node in walk(tree))
    return Rule(expression, keys_of(tree), all_figures, outcome, _gap(tree, scope))


def _gap(tree: Condition, scope: Scope) -> Callable[[Record], Gap | None]:
    compared = [
        (comparison_sides(node, scope), holds_of(node, scope), _unit_of(node, scope))
        for node in _plain_comparisons(tree)
        if _is_own(node.left) and _is_own(node.right) and type_of(node.left, scope).kind == "number"
    ]

    def gap(record: Record) -> Gap | None:
        for sides, holds, unit in compared:
            both = sides(record)
            if both is not None and holds(record, both) is False:
                return Gap(both[0], both[1], unit)
        return None

    return gap


def _is_own(side: Value) -> bool:
    """Whether a side is the unit's own figure: a threshold of the rule is never shown, nor one times a figure."""
    bare = any(isinstance(part, Constant) and not part.unit for part in walk(side))
    return bool(keys_of(side)) and not bare


def _unit_of(node: Comparison | Within, scope: Scope) -> str:
    unit: Unit | None = type_of(node.left, scope).unit or type_of(node.right, scope).unit
    return str(unit) if unit not in (None, PURE) else ""


def _plain_comparisons(tree: Condition) -> Sequence[Comparison | Within]:
    match tree:
        case Comparison() | Within():
            return [tree]
        case AllOf(parts=parts):
            return [found for part in parts for found in _plain_comparisons(part)]
        case _:
            return []
