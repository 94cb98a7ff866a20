"""Whether linear inequalities over figures can hold together: exact, by the first phase of the simplex method.

G. B. Dantzig, Linear Programming and Extensions (1963), ch. 5; Bland's rule (Math. Oper. Res. 2, 1977) ends it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

ZERO: Final = Fraction(0)
_TINY: Final = Fraction(1, 10**12)
"""How far below 0 a strict inequality must be; finer than any figure or ratio."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Σ coefficient · variable + constant, of figures by name."""

    coefficients: Mapping[str, Fraction]
    constant: Fraction = ZERO

    def plus(self, other: "Linear", times: Fraction = Fraction(1)) -> "Linear":
        names = {**self.coefficients, **other.coefficients}
        summed = {
            name: self.coefficients.get(name, ZERO) + times * other.coefficients.get(name, ZERO) for name in names
        }
        return Linear({name: value for name, value in summed.items() if value}, self.constant + times * other.constant)

    def scaled(self, times: Fraction) -> "Linear":
        return Linear({}).plus(self, times)


@dataclass(frozen=True, slots=True)
class AtMostZero:
    """An inequality `linear <= 0`, or `< 0` where strict."""

    linear: Linear
    strict: bool = False


def feasible(inequalities: Iterable[AtMostZero], signed: frozenset[str], whole: frozenset[str]) -> bool:
    """Whether figures exist that satisfy all: at least 0, except `signed` ones.

    Where only `whole` figures meet with whole coefficients, a strict inequality is one whole unit away.
    """
    rows: list[tuple[dict[str, Fraction], Fraction]] = []
    for inequality in inequalities:
        linear = inequality.linear
        away = _step(linear, whole) if inequality.strict else ZERO
        rows.append((_split(linear.coefficients, signed), -linear.constant - away))
    return _phase_one(rows)


def _step(linear: Linear, whole: frozenset[str]) -> Fraction:
    counted = all(name in whole and value.denominator == 1 for name, value in linear.coefficients.items())
    return Fraction(1) if counted and linear.constant.denominator == 1 else _TINY


def _split(coefficients: Mapping[str, Fraction], signed: frozenset[str]) -> dict[str, Fraction]:
    """A variable of either sign as the difference of two that are at least 0."""
    split: dict[str, Fraction] = {}
    for name, value in coefficients.items():
        split[name] = value
        if name in signed:
            split[f"-{name}"] = -value
    return split


def _phase_one(rows: list[tuple[dict[str, Fraction], Fraction]]) -> bool:
    """Rows mean Σ a·x <= b with x >= 0. An auxiliary variable is driven to 0 if that can be done."""
    names = sorted({name for coefficients, _ in rows for name in coefficients})
    if all(bound >= 0 for _, bound in rows):
        return True
    width = len(names) + len(rows) + 1
    tableau = []
    for index, (coefficients, bound) in enumerate(rows):
        row = [coefficients.get(name, ZERO) for name in names] + [ZERO] * len(rows) + [Fraction(-1), bound]
        row[len(names) + index] = Fraction(1)
        tableau.append(row)
    basis = [len(names) + index for index in range(len(rows))]
    lowest = min(range(len(rows)), key=lambda index: rows[index][1])
    _pivot(tableau, basis, lowest, width - 1)
    return _drive_out(tableau, basis, width)


def _drive_out(tableau: list[list[Fraction]], basis: list[int], width: int) -> bool:
    """Pivots by Bland's rule until the auxiliary variable, the last column, is 0 or cannot shrink."""
    auxiliary = width - 1
    while auxiliary in basis:
        held = basis.index(auxiliary)
        if not tableau[held][-1]:
            return True
        # the row of the auxiliary variable says what makes it shrink: a column with a positive entry
        entering = next((column for column in range(width - 1) if tableau[held][column] > 0), None)
        if entering is None:
            return False
        ratios = [
            (row[-1] / row[entering], basis[index] != auxiliary, basis[index], index)
            for index, row in enumerate(tableau)
            if row[entering] > 0
        ]
        _pivot(tableau, basis, min(ratios)[-1], entering)
    return True


def _pivot(tableau: list[list[Fraction]], basis: list[int], leaving: int, entering: int) -> None:
    scale = tableau[leaving][entering]
    tableau[leaving] = [value / scale for value in tableau[leaving]]
    for index, row in enumerate(tableau):
        times = row[entering]
        if index != leaving and times:
            pivot = tableau[leaving]
            tableau[index] = [value - times * above for value, above in zip(row, pivot, strict=True)]
    basis[leaving] = entering
