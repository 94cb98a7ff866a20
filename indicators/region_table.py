"""Science and technology indicators by region: filed items, reference figures, and what is computed from them.

One row per region of the year's register. Per cell: the reference figure where one exists, else the region's own
accepted value, else the sum of its direct children (zones are overlays and never added). The row says which (`basis`),
with how many regions were expected and are in. Ratios are recomputed from the row's own figures, never averaged.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from enum import StrEnum
from functools import cached_property
from typing import Any

from forms.definition import FormDefinition
from indicators.definition import Indicator, IndicatorKind, TableDefinition
from indicators.ports import CollectionFrame
from indicators.reference import ReferenceSeries
from indicators.table import Column, ColumnKind, Table, common_marks, plain
from indicators.units import convert
from register.history import code_in, present_code
from register.regions import Level, Region

PRECISION = Context(prec=50)
LEAST = Decimal("1e-10")
"""Ratios are kept to ten decimals; how many to show is metadata."""
PLAN_YEARS = 5


class Source(StrEnum):
    """Where a cell's figure comes from."""

    REFERENCE = "reference"
    OWN = "own"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell: value in the item's unit of measure, its source, and whether everything expected is in it."""

    value: Decimal
    source: Source
    complete: bool
    status: str = ""
    note: str = ""


Cells = Mapping[tuple[str, str], tuple[Decimal | None, str, str]]
"""(region code, item) → value, status, note, as accepted."""


class RegionYear:
    """All cells of one year, computed when first asked for."""

    def __init__(
        self,
        frame: CollectionFrame,
        form: FormDefinition,
        cells: Cells,
        reference: ReferenceSeries,
        earlier: Callable[[int], "RegionYear | None"],
    ) -> None:
        self.frame = frame
        self.form = form
        self.cells = cells
        self.reference = reference
        self.earlier = earlier
        self._figures: dict[tuple[str, str], Figure | None] = {}
        self._computed: dict[tuple[str, str], Decimal | None] = {}

    @cached_property
    def filed(self) -> frozenset[str]:
        """Regions whose own return is accepted."""
        return frozenset(code for code, _ in self.cells)

    def expects(self, region: Region) -> bool:
        """Whether somebody in this region, or below it, was expected to file."""
        return region.code in self._expecting

    @cached_property
    def _expecting(self) -> frozenset[str]:
        """The regions of the offices that were to file, and all above them."""
        regions = self.frame.regions
        found = (region.code for code in self.frame.offices if code in regions for region in regions.lineage(code))
        return frozenset(found)

    def figure(self, region: Region, item: str) -> Figure | None:
        """One item of one region."""
        key = (region.code, item)
        if key not in self._figures:
            self._figures[key] = self._reference(region, item) or self._own(region, item) or self._sum(region, item)
        return self._figures[key]

    def _reference(self, region: Region, item: str) -> Figure | None:
        year = self.frame.year
        codes = dict.fromkeys((region.code, code_in(region.code, year), present_code(region.code)))
        found = next(filter(None, (self.reference.get(item, code, year) for code in codes)), None)
        if found is None:
            return None
        value = convert(found.value, found.unit, self.form.items[item].unit)
        return Figure(value, Source.REFERENCE, complete=True, note=f"{found.source} {found.vintage}".strip())

    def _own(self, region: Region, item: str) -> Figure | None:
        value, status, note = self.cells.get((region.code, item), (None, "", ""))
        if value is None:
            return None
        return Figure(value, Source.OWN, complete=True, status=status, note=note)

    def _sum(self, region: Region, item: str) -> Figure | None:
        """Complete when every child that somebody was to file for is in; where nobody was, when all children are."""
        children = self.frame.regions.children(region.code)
        found = [(child, self.figure(child, item)) for child in children]
        parts = [figure for _, figure in found if figure is not None]
        if not parts:
            return None
        expected = [figure for child, figure in found if self.expects(child)] or [figure for _, figure in found]
        complete = all(figure is not None and figure.complete for figure in expected)
        return Figure(sum((part.value for part in parts), Decimal(0)), Source.SUM, complete)

    def coverage(self, region: Region) -> tuple[int, int]:
        """How many regions were expected to make up this row, and how many are in."""
        if region.code in self.filed:
            return 1, 1
        children = [child for child in self.frame.regions.children(region.code) if self.expects(child)]
        if not children:
            return int(region.code in self.frame.offices), 0
        return len(children), sum(self._is_in(child) for child in children)

    def _is_in(self, region: Region) -> bool:
        expected, present = self.coverage(region)
        return expected == present > 0

    def basis(self, region: Region) -> str:
        """What the row stands on: own, sum, mixed, reference, or nothing."""
        sources = {figure.source for item in self.form.items if (figure := self.figure(region, item)) is not None}
        own = region.code in self.filed or Source.OWN in sources
        if own:
            return "mixed" if Source.SUM in sources else "own"
        if Source.SUM in sources:
            return "sum"
        return "reference" if sources else ""

    def indicator(self, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
        """One indicator of one region; None where a part is missing or not complete."""
        key = (region.code, indicator.key)
        if key not in self._computed:
            with localcontext(PRECISION):
                self._computed[key] = _rounded(_ARITHMETIC[indicator.kind](self, region, indicator, table))
        return self._computed[key]

    def complete(self, region: Region, name: str, table: TableDefinition) -> Decimal | None:
        """A part of an indicator: an item with complete coverage, or another indicator."""
        if name in self.form.items:
            figure = self.figure(region, name)
            return figure.value if figure is not None and figure.complete else None
        other = next(one for one in table.indicators if one.key == name)
        return self.indicator(region, other, table)

    def before(self, region: Region, name: str, table: TableDefinition, years: int = 1) -> Decimal | None:
        """The same part some years earlier, under the code the region had then."""
        year = self.earlier(self.frame.year - years)
        if year is None:
            return None
        regions = year.frame.regions
        then = regions.get(code_in(region.code, year.frame.year)) or regions.get(region.code)
        return None if then is None else year.complete(then, name, table)


def region_indicators(year: RegionYear, table: TableDefinition, revisions: tuple[str, ...]) -> Table:
    """The table of one year."""
    rows: list[tuple[str, ...]] = []
    notes: list[Mapping[str, Any]] = []
    for region in year.frame.regions:
        rows.append(_row(year, table, region))
        notes += _cell_notes(year, region)
    sample = year.form.form in year.frame.samples
    marks = (*common_marks(sample=sample, provisional=year.frame.provisional), *notes)
    return Table(table.name, year.frame.year, columns(year.form, table), tuple(rows), marks, revisions)


def columns(form: FormDefinition, table: TableDefinition) -> tuple[Column, ...]:
    """Who and where, the items of the form, the indicators."""
    items = (
        Column(item.key, ColumnKind.NUMBER, item.name_zh, item.name_en, item.unit, item.decimals)
        for item in form.items.values()
    )
    computed = (
        Column(one.key, ColumnKind.NUMBER, one.name_zh, one.name_en, one.unit, one.decimals) for one in table.indicators
    )
    return (*_PLACE, *items, *computed)


_PLACE = (
    Column("year", ColumnKind.INTEGER, "年份", "Year"),
    Column("region_code", ColumnKind.TEXT, "行政区划代码", "Region code"),
    Column("region_name_zh", ColumnKind.TEXT, "地区", "Region (Chinese)"),
    Column("region_name_en", ColumnKind.TEXT, "地区（英文）", "Region"),
    Column("level", ColumnKind.TEXT, "级别", "Level"),
    Column("parent_code", ColumnKind.TEXT, "上级代码", "Parent code"),
    Column("basis", ColumnKind.TEXT, "数据来源", "Basis"),
    Column("regions_expected", ColumnKind.INTEGER, "应有地区数", "Regions expected"),
    Column("regions_in", ColumnKind.INTEGER, "已有地区数", "Regions in"),
)


def _row(year: RegionYear, table: TableDefinition, region: Region) -> tuple[str, ...]:
    expected, present = year.coverage(region)
    figures = (year.figure(region, item) for item in year.form.items)
    return (
        str(year.frame.year),
        region.code,
        region.name_zh,
        region.name_en,
        region.level.value,
        region.parent_code or "",
        year.basis(region),
        str(expected),
        str(present),
        *(plain(figure.value if figure else None) for figure in figures),
        *(plain(year.indicator(region, indicator, table)) for indicator in table.indicators),
    )


def _cell_notes(year: RegionYear, region: Region) -> Iterator[Mapping[str, Any]]:
    """Footnotes of single cells: reference figures with their source, statuses, incomplete sums."""
    for item in year.form.items:
        figure = year.figure(region, item)
        place = {"region_code": region.code, "item": item}
        if figure is None:
            _, status, note = year.cells.get((region.code, item), (None, "", ""))
            if status:
                yield {"mark": status, **place, "note": note}
        elif figure.source is Source.REFERENCE or figure.status or figure.note:
            yield {"mark": figure.status or figure.source.value, **place, "note": figure.note}
        elif not figure.complete:
            yield {"mark": "partial", **place}


def _ratio(year: RegionYear, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
    above = year.complete(region, indicator.numerator, table)
    below = year.complete(region, indicator.denominator, table)
    return None if above is None or not below else indicator.factor * above / below


def _growth(year: RegionYear, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
    now, before = year.complete(region, indicator.numerator, table), year.before(region, indicator.numerator, table)
    return None if now is None or before is None or before <= 0 else (now / before - 1) * 100


def _average_growth(year: RegionYear, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
    """Geometric mean from the base year of the plan period: 2015 for 2016 to 2020."""
    years = (year.frame.year - 1) % PLAN_YEARS + 1
    now = year.complete(region, indicator.numerator, table)
    base = year.before(region, indicator.numerator, table, years)
    if now is None or not base or now <= 0 or base <= 0:
        return None
    return ((now / base) ** (Decimal(1) / years) - 1) * 100


def _difference(year: RegionYear, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
    now, before = year.complete(region, indicator.numerator, table), year.before(region, indicator.numerator, table)
    return None if now is None or before is None else now - before


def _rank(year: RegionYear, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
    """Place among the regions of the same parent and level whose cell is complete; ties share a place."""
    own = year.complete(region, indicator.numerator, table)
    if own is None or region.parent_code is None or region.level is Level.ZONE:
        return None
    siblings = (s for s in year.frame.regions.children(region.parent_code) if s.level is region.level)
    values = (year.complete(sibling, indicator.numerator, table) for sibling in siblings)
    return Decimal(1 + sum(1 for value in values if value is not None and value > own))


def _rank_change(year: RegionYear, region: Region, indicator: Indicator, table: TableDefinition) -> Decimal | None:
    now, before = year.complete(region, indicator.numerator, table), year.before(region, indicator.numerator, table)
    return None if now is None or before is None else before - now


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(LEAST, ROUND_HALF_EVEN)


_ARITHMETIC: Mapping[IndicatorKind, Callable[[RegionYear, Region, Indicator, TableDefinition], Decimal | None]] = {
    IndicatorKind.RATIO: _ratio,
    IndicatorKind.GROWTH: _growth,
    IndicatorKind.AVERAGE_GROWTH: _average_growth,
    IndicatorKind.DIFFERENCE: _difference,
    IndicatorKind.RANK: _rank,
    IndicatorKind.RANK_CHANGE: _rank_change,
}
