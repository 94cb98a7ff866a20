"""Reference series: published figures (GDP, population, R&D of the bulletins) with unit, vintage and source.

They are imported, not filed. An import is a new snapshot, all or nothing: an immutable object and one pointer. Of
several vintages of one figure the newest published one counts (条例 26: published figures may be revised, with
reasons).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from forms.catalogue import FormNotFound
from forms.definition import Item
from forms.shipped import shipped_forms
from indicators.ports import REGION_FORM, Objects
from indicators.units import UnitMismatch, convert
from register.csv_rows import Columns, Row, read_rows
from register.problems import ProblemLog

POINTER = "reference/latest.json"
_COLUMNS = Columns(
    required=("series", "region_code", "year", "value", "unit", "vintage", "source", "published_on"),
    optional=(),
    filled=frozenset({"series", "region_code", "year", "value", "unit", "source", "published_on"}),
)
_SERIES = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """One published figure: one row per series × region × year × vintage."""

    series: str
    region_code: str
    year: int
    value: Decimal
    unit: str
    vintage: str
    source: str
    published_on: date


@dataclass(frozen=True, slots=True)
class ReferenceSeries:
    """One snapshot of all reference figures; `snapshot` is its SHA-256 ("" when nothing was imported)."""

    snapshot: str
    newest: Mapping[tuple[str, str, int], ReferenceValue]

    def get(self, series: str, region_code: str, year: int) -> ReferenceValue | None:
        """The newest vintage of one figure."""
        return self.newest.get((series, region_code, year))


def read_reference(data: bytes, file: str) -> list[ReferenceValue]:
    """The rows of a reference file. Raises `ImportProblems` that name line, column and what was expected."""
    problems = ProblemLog(file)
    values: list[ReferenceValue] = []
    seen: set[tuple[str, str, int, str, date]] = set()
    for row in read_rows(data, _COLUMNS, problems):
        value = _value(row, problems)
        if value is None:
            continue
        key = (value.series, value.region_code, value.year, value.vintage, value.published_on)
        if key in seen:
            problems.add(row.line, "series", value.series, "同一期次只写一次 (duplicate figure of one vintage)")
        seen.add(key)
        values.append(value)
    problems.raise_if_any()
    return values


def import_reference(objects: Objects, data: bytes, file: str, at: datetime) -> int:
    """Put a new snapshot in force; how many figures. Raises `ImportProblems`, and then the old one stays."""
    values = read_reference(data, file)
    digest = hashlib.sha256(data).hexdigest()
    objects.create(f"reference/{digest}.csv", data)
    pointer = json.dumps({"snapshot": digest, "file": file, "figures": len(values), "imported_at": at.isoformat()})
    while True:
        present = objects.read_with_tag(POINTER)
        if objects.swap(POINTER, pointer.encode(), present[1] if present else None):
            return len(values)


def load_reference(objects: Objects) -> ReferenceSeries:
    """The snapshot in force; empty when nothing was imported. Raises `LookupError` when its object is lost."""
    pointer = objects.read(POINTER)
    if pointer is None:
        return ReferenceSeries("", {})
    snapshot = json.loads(pointer)["snapshot"]
    data = objects.read(f"reference/{snapshot}.csv")
    if data is None:
        raise LookupError(f"reference snapshot {snapshot} is missing from the object store")
    newest: dict[tuple[str, str, int], ReferenceValue] = {}
    for value in read_reference(data, snapshot):
        key = (value.series, value.region_code, value.year)
        if key not in newest or newest[key].published_on <= value.published_on:
            newest[key] = value
    return ReferenceSeries(snapshot, newest)


def _value(row: Row, problems: ProblemLog) -> ReferenceValue | None:
    before = problems.total
    if not _SERIES.fullmatch(row.cell("series")):
        problems.add(row.line, "series", row.cell("series"), "小写英文键名 (a key such as rd_expenditure)")
    if not re.fullmatch("[0-9]{6}", row.cell("region_code")):
        problems.add(row.line, "region_code", row.cell("region_code"), "六位行政区划代码 (six digits)")
    if not re.fullmatch("(19|20|21)[0-9]{2}", row.cell("year")):
        problems.add(row.line, "year", row.cell("year"), "四位年份 (a year)")
    value = _number(row, problems)
    published = _date(row, problems)
    if problems.total == before:
        _check_unit(row, problems)
    if problems.total > before or value is None or published is None:
        return None
    return ReferenceValue(
        series=row.cell("series"),
        region_code=row.cell("region_code"),
        year=int(row.cell("year")),
        value=value,
        unit=row.cell("unit"),
        vintage=row.cell("vintage"),
        source=row.cell("source"),
        published_on=published,
    )


def _check_unit(row: Row, problems: ProblemLog) -> None:
    """A figure that stands for an item must be in a unit that converts to the item's; other series are free."""
    item = _items(int(row.cell("year"))).get(row.cell("series"))
    try:
        convert(Decimal(0), row.cell("unit"), item.unit if item else row.cell("unit"))
    except UnitMismatch as mismatch:
        problems.add(row.line, "unit", row.cell("unit"), str(mismatch))


@cache
def _items(year: int) -> Mapping[str, Item]:
    try:
        return shipped_forms().in_force(REGION_FORM, year).items
    except FormNotFound:
        return {}


def _number(row: Row, problems: ProblemLog) -> Decimal | None:
    text = row.cell("value")
    if re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", text, re.ASCII):
        return Decimal(text)
    problems.add(row.line, "value", text, "数字，不带千位分隔和单位 (a plain decimal)")
    return None


def _date(row: Row, problems: ProblemLog) -> date | None:
    try:
        return date.fromisoformat(row.cell("published_on"))
    except ValueError:
        problems.add(row.line, "published_on", row.cell("published_on"), "日期 YYYY-MM-DD (an ISO date)")
        return None
