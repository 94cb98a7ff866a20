"""Totals of enterprise returns: region × industry section × item, exact sums and numbers of contributors.

A row for every region that has an accepted filing below it (zones as overlays), for the region's total (blank section)
and each section present there, one row per item of the form. Units addressed at a city belong to no county; a row of
level `unallocated` closes the gap between the city and its counties.
One GROUP BY in DuckDB; the roll-up over regions is a join with the lineage and GROUPING SETS.
"""

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from forms.definition import FormDefinition
from forms.loading import FormCatalogue
from indicators.compaction import Facts, fetch_parts
from indicators.duck import duckdb_over
from indicators.ports import CollectionFrame, Objects
from indicators.table import Column, ColumnKind, Table, common_marks, plain
from register.regions import Level, Regions

COLUMNS = (
    Column("year", ColumnKind.INTEGER, "年份", "Year"),
    Column("region_code", ColumnKind.TEXT, "行政区划代码", "Region code"),
    Column("region_name_zh", ColumnKind.TEXT, "地区", "Region"),
    Column("level", ColumnKind.TEXT, "级别", "Level"),
    Column("industry_section", ColumnKind.TEXT, "行业门类", "Industry section (GB/T 4754-2017)"),
    Column("form", ColumnKind.TEXT, "报表", "Form"),
    Column("item", ColumnKind.TEXT, "指标", "Item"),
    Column("unit", ColumnKind.TEXT, "计量单位", "Unit of measure"),
    Column("value", ColumnKind.NUMBER, "数值", "Value"),
    Column("contributors", ColumnKind.INTEGER, "填报单位数", "Contributors"),
)
UNALLOCATED = "unallocated"

_QUERY = """
WITH cells AS (
    SELECT region_code, reviewing_body, industry_section, item, sum(value) AS value, count(value) AS contributors
    FROM read_parquet('{folder}/part-*.parquet') {live}
    GROUP BY ALL
)
SELECT place.target, CASE WHEN grouping(cells.industry_section) = 1 THEN '' ELSE cells.industry_section END AS section,
    item, sum(value), sum(contributors)::BIGINT
FROM cells JOIN read_csv('{folder}/places.csv', header = true, all_varchar = true) AS place
    ON place.region_code = cells.region_code AND place.reviewing_body = cells.reviewing_body
GROUP BY GROUPING SETS ((place.target, cells.industry_section, item), (place.target, item))
HAVING grouping(cells.industry_section) = 1 OR cells.industry_section <> ''
"""


def enterprise_totals(
    objects: Objects, frame: CollectionFrame, facts: Mapping[str, Facts], catalogue: FormCatalogue
) -> Table:
    """The table of one year, over every enterprise form of the year."""
    rows: list[tuple[str, ...]] = []
    for form, its_facts in sorted(facts.items()):
        definition = catalogue.by_version(frame.versions[form])
        sums = _sums(objects, frame.regions, its_facts) if its_facts.live else []
        rows += _rows(frame, definition, sums)
    revisions = sorted(digest for its in facts.values() for digest in its.live.values())
    marks = common_marks(sample=bool(frame.samples & facts.keys()), provisional=frame.provisional)
    return Table("enterprise_totals", frame.year, COLUMNS, tuple(rows), marks, tuple(revisions))


def _sums(objects: Objects, regions: Regions, facts: Facts) -> list[tuple[Any, ...]]:
    """(target region, section, item, sum, contributors), the section blank for the region's total."""
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        fetch_parts(objects, facts, folder)
        (folder / "dead.csv").write_text("event\n" + "".join(f"{event}\n" for event in sorted(facts.dead)))
        with duckdb_over(folder) as duck:
            _write_places(folder / "places.csv", regions, _addresses(duck, folder))
            dead = f"ANTI JOIN read_csv('{folder}/dead.csv', header = true, all_varchar = true) USING (event)"
            live = dead if facts.dead else ""
            found: list[tuple[Any, ...]] = duck.execute(_QUERY.format(folder=folder, live=live)).fetchall()
    return found


def _addresses(duck: Any, folder: Path) -> list[tuple[str, str]]:
    query = f"SELECT DISTINCT region_code, reviewing_body FROM read_parquet('{folder}/part-*.parquet')"
    found: list[tuple[str, str]] = duck.execute(query).fetchall()
    return found


def _write_places(path: Path, regions: Regions, addresses: Sequence[tuple[str, str]]) -> None:
    """Which rows an address counts in: its lineage, the zone that reviews it, and the city's unallocated row."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("region_code", "reviewing_body", "target"))
        for region_code, body in sorted(addresses):
            for target in _targets(regions, region_code, body):
                writer.writerow((region_code, body, target))


def _targets(regions: Regions, region_code: str, body: str) -> Iterator[str]:
    address, reviewer = regions[region_code], regions.get(body)
    for region in regions.lineage(region_code):
        yield region.code
    if reviewer is not None and reviewer.level is Level.ZONE and reviewer not in regions.lineage(region_code):
        yield reviewer.code
    if address.level in {Level.CITY, Level.PROVINCE}:
        yield f"{region_code}-00"


def _rows(frame: CollectionFrame, definition: FormDefinition, sums: list[tuple[Any, ...]]) -> Iterator[tuple[str, ...]]:
    """Every item of the form for each region and section present, in the order of the form."""
    values = {(target, section, item): (value, number) for target, section, item, value, number in sums}
    groups = sorted({(target, section) for target, section, _ in values})
    year, items = str(frame.year), definition.items
    nothing: tuple[Decimal | None, int] = (None, 0)
    for target, section in groups:
        name, level = _place(frame.regions, target)
        for key, item in items.items():
            value, contributors = values.get((target, section, key), nothing)
            number = plain(value)
            yield (year, target, name, level, section, definition.form, key, item.unit, number, str(contributors))


def _place(regions: Regions, target: str) -> tuple[str, str]:
    if target.endswith("-00"):
        return f"{regions[target.removesuffix('-00')].name_zh}（未分县）", UNALLOCATED
    region = regions[target]
    return region.name_zh, region.level.value
