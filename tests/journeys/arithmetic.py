"""The driver's own arithmetic of the three tables, from what it typed and what its reviewers decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Figures = Mapping[str, Decimal | None]
"""What stands in a return's cells; None is a cell answered without a figure, or blank."""
ZERO = Decimal(0)


@dataclass(slots=True)
class Filing:
    """One expected return and where it came to stand: one per unit of the register."""

    unit_id: str
    form: str
    region: str
    body: str
    section: str = ""
    figures: Figures = field(default_factory=dict)
    sent: bool = False
    late: bool = False
    stage: str = "not_started"
    """not_started, in_review_county, in_review_city, in_review_province, returned or accepted."""


@dataclass(frozen=True, slots=True)
class Map:
    """The invented province: parents of regions, and the zones laid over it."""

    parents: Mapping[str, str]
    zones: frozenset[str]

    def above(self, code: str) -> list[str]:
        """The region and all above it."""
        line = [code]
        while self.parents[line[-1]]:
            line.append(self.parents[line[-1]])
        return line

    def places(self, filing: Filing) -> set[str]:
        """Where a filing is counted: its address upward, and the zone that reviews it."""
        return {*self.above(filing.region), *({filing.body} & self.zones)}

    def children(self, code: str) -> list[str]:
        """The regions directly below, zones left out."""
        return [child for child, parent in self.parents.items() if parent == code and child not in self.zones]


def enterprise_totals(places: Map, filings: Iterable[Filing]) -> dict[tuple[str, str, str], tuple[Decimal, int]]:
    """(region, section or "", item) → sum and number of contributors, over accepted returns."""
    totals: dict[tuple[str, str, str], tuple[Decimal, int]] = defaultdict(lambda: (ZERO, 0))
    for filing in filings:
        if filing.form != "107-2" or filing.stage != "accepted":
            continue
        cells = [(key, value) for key, value in filing.figures.items() if value is not None]
        for code in places.places(filing):
            for key, value in cells:
                for section in ("", filing.section):
                    total, count = totals[code, section, key]
                    totals[code, section, key] = (total + value, count + 1)
    return dict(totals)


def response_rates(places: Map, filings: Iterable[Filing]) -> dict[tuple[str, str], dict[str, int]]:
    """(region, form) → the counts of the table."""
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for filing in filings:
        for code in places.places(filing):
            row = rows[code, filing.form]
            row["expected"] += 1
            row["sent"] += filing.sent
            row["late"] += filing.late
            if filing.stage != "not_started":
                row[filing.stage] += 1
    return rows


@dataclass(slots=True)
class Regions:
    """`region_indicators` by hand: the own accepted value, else the sum of the regions below."""

    places: Map
    own: Mapping[str, Figures]
    """Accepted returns of offices, by region."""
    expected: frozenset[str]
    """Regions whose own office is expected to file."""

    def cell(self, code: str, key: str) -> Decimal | None:
        """One cell."""
        own = self.own.get(code, {}).get(key)
        if own is not None:
            return own
        parts = [self.cell(child, key) for child in self.places.children(code)]
        filled = [part for part in parts if part is not None]
        return sum(filled, ZERO) if filled else None

    def is_complete(self, code: str) -> bool:
        """Whether all that is expected for this region is in."""
        if code in self.own:
            return True
        children = [child for child in self.places.children(code) if self._is_expected(child)]
        return bool(children) and all(self.is_complete(child) for child in children)

    def counts(self, code: str) -> tuple[int, int]:
        """Expected and present: itself for an own return, the children for a sum."""
        if code in self.own:
            return 1, 1
        children = [child for child in self.places.children(code) if self._is_expected(child)]
        if children:
            return len(children), sum(self.is_complete(child) for child in children)
        return (1, 0) if code in self.expected else (0, 0)

    def ratio(self, code: str, numerator: str, denominator: str, factor: int) -> Decimal | None:
        """A ratio recomputed from sums; blank unless everything is in."""
        above, below = self.cell(code, numerator), self.cell(code, denominator)
        if above is None or not below or not self.is_complete(code):
            return None
        return above * factor / below

    def rank(self, code: str, key: str) -> Decimal | None:
        """Place among its siblings, the largest first, among complete ones."""
        mine, parent = self.cell(code, key), self.places.parents[code]
        if mine is None or not parent or not self.is_complete(code):
            return None
        siblings = [one for one in self.places.children(parent) if self.is_complete(one)]
        larger = [one for one in siblings if (self.cell(one, key) or ZERO) > mine]
        return Decimal(len(larger) + 1)

    def _is_expected(self, code: str) -> bool:
        return code in self.expected or any(self._is_expected(child) for child in self.places.children(code))
