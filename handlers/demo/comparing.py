"""What documents print of an indicator beside what the tables compute, and why some cannot be computed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from handlers.demo.shipped import Cell, PrintedCheck

PLAN_LENGTH = 5
"""Five-year plans run from a year that ends in 1 or 6; the year before is the base of an average growth."""
RANKS = frozenset({"rank", "rank_change"})

Row = Mapping[str, str]


class Verdict(StrEnum):
    """How a printed value and the computed one stand to each other."""

    AGREES = "agrees"
    LAST_DIGIT = "last_digit"
    DIFFERS = "differs"
    NOT_COMPUTABLE = "not_computable"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an indicator is made of: its kind and the keys of its parts, each an item or another indicator."""

    kind: str
    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One printed value, the computed one (unrounded, None if there is none) and the parts that lack."""

    check: PrintedCheck
    computed: Decimal | None
    verdict: Verdict
    missing: tuple[Cell, ...] = ()
    known: int = 0
    siblings: int = 0


class Figures:
    """The published cells of `region_indicators`, over years, and what its indicators are made of."""

    def __init__(
        self,
        tables: Mapping[int, Sequence[Row]],
        meanings: Mapping[str, Meaning],
        partial: frozenset[Cell] = frozenset(),
    ) -> None:
        """`partial` are the sums in which expected regions are missing: shown, but no part of an indicator."""
        self._partial = partial
        self._rows = {(year, row["region_code"]): row for year, rows in tables.items() for row in rows}
        self._meanings = meanings

    def value(self, cell: Cell) -> Decimal | None:
        """One cell; None when it is blank or its year has no table."""
        text = self._rows.get((cell.year, cell.region_code), {}).get(cell.key, "")
        return Decimal(text) if text else None

    def is_partial(self, cell: Cell) -> bool:
        """Whether a cell is a sum in which expected regions are missing."""
        return cell in self._partial

    def rank_coverage(self, cell: Cell) -> tuple[int, int] | None:
        """For a rank: how many regions of the same parent and level have a figure, of how many; else None."""
        meaning = self._meanings.get(cell.key)
        if meaning is None or meaning.kind not in RANKS:
            return None
        ranked = meaning.numerator if meaning.kind == "rank" else self._meanings[meaning.numerator].numerator
        return self._coverage(cell, ranked)

    def name(self, region_code: str, year: int) -> str:
        """The region's name in that year's table."""
        row = self._rows.get((year, region_code))
        return row["region_name_zh"] if row else region_code

    def missing(self, cell: Cell) -> tuple[Cell, ...]:
        """The items without which a blank cell cannot be computed."""
        return tuple(dict.fromkeys(self._missing(cell)))

    def compare(self, check: PrintedCheck) -> Comparison:
        """One printed value beside the computed one."""
        cell = Cell(check.region_code, check.year, check.indicator)
        coverage = self.rank_coverage(cell)
        if coverage is not None and coverage[0] < coverage[1]:
            return Comparison(check, self.value(cell), Verdict.NOT_COMPARABLE, (), *coverage)
        computed = self.value(cell)
        if computed is None:
            return Comparison(check, None, Verdict.NOT_COMPUTABLE, self.missing(cell))
        return Comparison(check, computed, _verdict(computed, check))

    def _missing(self, cell: Cell) -> Iterator[Cell]:
        if self.value(cell) is not None and not self.is_partial(cell):
            return
        meaning = self._meanings.get(cell.key)
        if meaning is None:
            yield cell
            return
        for year, key in _parts(cell.year, meaning):
            yield from self._missing(Cell(cell.region_code, year, key))

    def _coverage(self, cell: Cell, ranked: str) -> tuple[int, int]:
        own = self._rows[cell.year, cell.region_code]
        siblings = [
            row
            for (year, _), row in self._rows.items()
            if year == cell.year and (row["parent_code"], row["level"]) == (own["parent_code"], own["level"])
        ]
        return sum(1 for row in siblings if row[ranked]), len(siblings)


def _parts(year: int, meaning: Meaning) -> Iterator[tuple[int, str]]:
    """Year and key of each part of an indicator."""
    yield year, meaning.numerator
    if meaning.denominator:
        yield year, meaning.denominator
    if meaning.kind in {"growth", "difference", "rank_change"}:
        yield year - 1, meaning.numerator
    elif meaning.kind == "average_growth":
        yield (year - 1) // PLAN_LENGTH * PLAN_LENGTH, meaning.numerator


def _verdict(computed: Decimal, check: PrintedCheck) -> Verdict:
    """Compare at the printed precision; one unit of the last digit is told apart from a real difference."""
    rounded = (computed / check.step).quantize(Decimal(1), ROUND_HALF_UP) * check.step
    gap = abs(rounded - check.value)
    if gap == 0:
        return Verdict.AGREES
    return Verdict.LAST_DIGIT if gap == check.step else Verdict.DIFFERS
