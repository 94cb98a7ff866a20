"""The tables of the example years: built for every year, and read back as published."""

from collections.abc import Mapping, Sequence

from forms.definition import FormDefinition
from handlers.bootstrap import Zhibao
from handlers.demo.comparing import Figures, Meaning, Row
from handlers.demo.shipped import Cell
from handlers.demo.stage import Stage
from handlers.demo.telling import Wording
from indicators.definition import TableDefinition, shipped_tables
from indicators.ports import REGION_FORM
from indicators.publishing import Manifest, latest, read_table

REGION_TABLE = "region_indicators"


def build_tables(stage: Stage, years: Sequence[int]) -> Mapping[int, list[tuple[str, int]]]:
    """Build every table of every year; name and number of rows of each."""
    from tqdm import tqdm

    now = stage.clock.now()
    return {
        year: [(manifest.name, int(manifest.body["rows"])) for manifest in stage.zhibao.workshop.build(None, year, now)]
        for year in tqdm(years, desc="tables", disable=not stage.progress, leave=False)
    }


def figures_of_tables(installation: Zhibao, years: Sequence[int]) -> Figures:
    """The published `region_indicators` of these years."""
    meanings = {one.key: Meaning(one.kind.value, one.numerator, one.denominator) for one in _definition().indicators}
    rows: dict[int, Sequence[Row]] = {}
    partial: set[Cell] = set()
    for year in years:
        manifest = latest(installation.objects, REGION_TABLE, year)
        if manifest is not None:
            rows[year] = read_table(installation.objects, manifest, _definition()).records()
            partial |= _partial(manifest)
    return Figures(rows, meanings, frozenset(partial))


def wording(installation: Zhibao, year: int) -> Wording:
    """How items and indicators are called, and their units of measure."""
    form: FormDefinition = installation.forms.in_force(REGION_FORM, year)
    return Wording(
        {item.key: (item.name_zh, item.name_en, item.unit) for item in form.items.values()}
        | {one.key: (one.name_zh, one.name_en, one.unit) for one in _definition().indicators}
    )


def _definition() -> TableDefinition:
    return shipped_tables()[REGION_TABLE]


def _partial(manifest: Manifest) -> set[Cell]:
    """The cells that the table's marks call partial."""
    return {
        Cell(mark["region_code"], manifest.year, mark["item"]) for mark in manifest.marks if mark["mark"] == "partial"
    }
