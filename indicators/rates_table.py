"""Response rates (报送率): how many filers were expected, sent, are in review and were accepted, by region and form.

One row per region × form with expected filers at or below it. A zone's row holds the units it reviews; it overlaps the
counties and is never added to them. Rate = sent ÷ (expected − exceptions); `refused` stays expected.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from indicators.ports import CollectionFrame, ProgressRow
from indicators.table import Column, ColumnKind, Table, common_marks
from register.regions import Level

_COUNTS = (
    ("expected", "应报", "Expected"),
    ("exceptions", "例外", "Exceptions"),
    ("sent", "已报", "Sent"),
    ("late", "迟报", "Late"),
    ("in_review_county", "县级审核中", "In review, county"),
    ("in_review_city", "市级审核中", "In review, city"),
    ("in_review_province", "省级审核中", "In review, province"),
    ("returned", "已退回", "Returned"),
    ("accepted", "已验收", "Accepted"),
)
COLUMNS = (
    Column("year", ColumnKind.INTEGER, "年份", "Year"),
    Column("region_code", ColumnKind.TEXT, "行政区划代码", "Region code"),
    Column("region_name_zh", ColumnKind.TEXT, "地区", "Region"),
    Column("level", ColumnKind.TEXT, "级别", "Level"),
    Column("form", ColumnKind.TEXT, "报表", "Form"),
    *(Column(name, ColumnKind.INTEGER, zh, en, "个") for name, zh, en in _COUNTS),
)


def response_rates(frame: CollectionFrame) -> Table:
    """The table of one year, from the counts of the frame."""
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in frame.progress:
        its = Counter(_counted(row))
        for code in _regions_of(frame, row):
            counts[code, row.form] += its
    rows = []
    for (code, form), its in sorted(counts.items()):
        region = frame.regions[code]
        numbers = tuple(str(its[name]) for name, _, _ in _COUNTS)
        rows.append((str(frame.year), code, region.name_zh, region.level.value, form, *numbers))
    marks = common_marks(sample=bool(frame.samples), provisional=frame.provisional)
    return Table("response_rates", frame.year, COLUMNS, tuple(rows), marks)


def _regions_of(frame: CollectionFrame, row: ProgressRow) -> set[str]:
    """The address's region and all above it, and the zone that reviews."""
    codes = {region.code for region in frame.regions.lineage(row.region_code)}
    body = frame.regions.get(row.reviewing_body)
    if body is not None and body.level is Level.ZONE:
        codes.add(body.code)
    return codes


def _counted(row: ProgressRow) -> dict[str, int]:
    return dict.fromkeys(_names(row), row.count)


def _names(row: ProgressRow) -> Iterator[str]:
    """What is confirmed as an exception counts as nothing else, whatever it sent before: rates stay within 100 %."""
    yield "expected"
    if row.excepted:
        yield "exceptions"
        return
    if row.sent:
        yield "sent"
    if row.late:
        yield "late"
    if row.stage == "in_review":
        yield f"in_review_{row.level}"
    elif row.stage in {"returned", "reopened"}:
        yield "returned"
    elif row.stage == "accepted":
        yield "accepted"
