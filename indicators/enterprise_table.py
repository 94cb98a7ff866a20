"""Totals of enterprise returns: region × industry section × item, exact sums and numbers of contributors.

A row for every region that has an accepted filing below it (zones as overlays), for the region's total (blank section)
and each section present there, one row per item of the form. Units addressed at a city, or at a zone directly under
one, belong to no county; a row of level `unallocated` closes the gap between the city and its counties.
One query over the sums of the parts; the roll-up over regions is a join with the lineage and GROUPING SETS.
"""

import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from forms.catalogue import FormCatalogue
from forms.definition import FormDefinition
from indicators.compaction import Facts, fetch
from indicators.duck import duckdb_over
from indicators.part_sums import read_sums, write_corrections
from indicators.ports import CollectionFrame, Objects
from indicators.table import Column, ColumnKind, Table, common_marks
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
WITHOUT_COUNTY = "-00"
"""Stands behind a city's code in its unallocated row."""

Sums = Mapping[tuple[str, str], dict[str, tuple[str, str]]]
"""(row's region, section) → item → value and contributors."""
_NOTHING = ("", "0")

_QUERY = """
WITH cells AS (
    SELECT region_code, reviewing_body, industry_section, item,
        sum(value) AS value, sum(contributors) AS contributors
    FROM read_parquet('{folder}/sums-*.parquet')
    GROUP BY ALL HAVING sum(facts) > 0
)
SELECT place.target, CASE WHEN grouping(industry_section) = 1 THEN '' ELSE industry_section END, item,
    CASE WHEN sum(contributors) > 0 THEN rtrim(rtrim(sum(value)::VARCHAR, '0'), '.') ELSE '' END,
    sum(contributors)::VARCHAR
FROM cells JOIN read_csv('{folder}/places.csv', header = true, all_varchar = true) AS place
    USING (region_code, reviewing_body)
GROUP BY GROUPING SETS ((place.target, industry_section, item), (place.target, item))
HAVING grouping(industry_section) = 1 OR industry_section <> ''
"""


def enterprise_totals(
    objects: Objects, frame: CollectionFrame, facts: Mapping[str, Facts], catalogue: FormCatalogue
) -> Table:
    """The table of one year, over every enterprise form of the year."""
    rows: list[tuple[str, ...]] = []
    for form, its_facts in sorted(facts.items()):
        definition = catalogue.by_version(frame.versions[form])
        sums = _sums(objects, frame.regions, its_facts) if its_facts.live else {}
        rows += _rows(frame, definition, sums)
    revisions = sorted(digest for its in facts.values() for digest in its.live.values())
    marks = common_marks(sample=bool(frame.samples & facts.keys()), provisional=frame.provisional)
    return Table("enterprise_totals", frame.year, COLUMNS, tuple(rows), marks, tuple(revisions))


def _sums(objects: Objects, regions: Regions, facts: Facts) -> Sums:
    """Value and contributors, as text, of every item in every group present; the section is blank for the total."""
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        for number, part in enumerate(facts.parts):
            (folder / f"sums-{number:04d}.parquet").write_bytes(read_sums(objects, part))
        fetch(objects, sorted(set(facts.dead.values())), folder, "dead")
        with duckdb_over(folder) as duck:
            if facts.dead:
                write_corrections(duck, folder, facts.dead, folder / "sums-dead.parquet")
            _write_places(folder / "places.csv", regions, _addresses(duck, folder))
            found = duck.execute(_QUERY.format(folder=folder)).fetchall()
    sums: Sums = defaultdict(dict)
    for target, section, item, value, contributors in found:
        sums[target, section][item] = value, contributors
    return sums


def _addresses(duck: Any, folder: Path) -> list[tuple[str, str]]:
    query = f"SELECT DISTINCT region_code, reviewing_body FROM read_parquet('{folder}/sums-*.parquet')"
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
    lineage, reviewer = regions.lineage(region_code), regions.get(body)
    for region in lineage:
        yield region.code
    if reviewer is not None and reviewer.level is Level.ZONE and reviewer not in lineage:
        yield reviewer.code
    lowest = next(region for region in lineage if region.level is not Level.ZONE)
    if lowest.level is not Level.COUNTY:
        yield f"{lowest.code}{WITHOUT_COUNTY}"


def _rows(frame: CollectionFrame, definition: FormDefinition, sums: Sums) -> list[tuple[str, ...]]:
    """Every item of the form for each region and section present, in the order of the form."""
    year, form = str(frame.year), definition.form
    items = [(key, item.unit) for key, item in definition.items.items()]
    rows: list[tuple[str, ...]] = []
    for (target, section), its in sorted(sums.items()):
        place = (year, target, *_place(frame.regions, target), section, form)
        rows += [(*place, key, unit, *its.get(key, _NOTHING)) for key, unit in items]
    return rows


def _place(regions: Regions, target: str) -> tuple[str, str]:
    if target.endswith(WITHOUT_COUNTY):
        return f"{regions[target.removesuffix(WITHOUT_COUNTY)].name_zh}（未分县）", UNALLOCATED
    region = regions[target]
    return region.name_zh, region.level.value
