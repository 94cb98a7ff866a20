"""One row per fact: an accepted return's answered items, with the unit's attributes, as Parquet."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from forms.loading import FormCatalogue
from indicators.duck import duckdb_over
from indicators.facts import AcceptedReturn
from register.industries import section_of

COLUMNS: Mapping[str, str] = {
    "event": "VARCHAR",
    "submission": "VARCHAR",
    "collection": "INTEGER",
    "form": "VARCHAR",
    "item_version": "VARCHAR",
    "unit": "VARCHAR",
    "region_code": "VARCHAR",
    "reviewing_body": "VARCHAR",
    "industry_code": "VARCHAR",
    "industry_section": "VARCHAR",
    "size": "VARCHAR",
    "group_id": "VARCHAR",
    "item": "VARCHAR",
    "value": "DECIMAL(24,6)",
    "unit_of_measure": "VARCHAR",
    "scope": "VARCHAR",
    "status": "VARCHAR",
    "note": "VARCHAR",
    "revision_hash": "VARCHAR",
    "accepted_at": "VARCHAR",
}

_COPY = """
COPY (
    SELECT * REPLACE ({texts})
    FROM read_csv('{folder}/facts.csv', header = false, delim = ',', quote = '"', escape = '"',
        auto_detect = false, parallel = false, new_line = '\\r\\n', columns = {{{types}}})
) TO '{folder}/facts.parquet' (FORMAT parquet, COMPRESSION zstd)
"""


def write_facts(folder: Path, returns: Iterable[AcceptedReturn], catalogue: FormCatalogue) -> Path:
    """The facts of these returns as one Parquet file in a local folder."""
    with (folder / "facts.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)  # ends lines with \\r\\n, so it quotes a note that has either in it
        for accepted in returns:
            writer.writerows(_rows(accepted, catalogue))
    return _to_parquet(folder)


def _rows(accepted: AcceptedReturn, catalogue: FormCatalogue) -> Iterator[tuple[object, ...]]:
    """One row per answered item, in the order of the form."""
    items = catalogue.by_version(accepted.form_version).items
    before = (
        accepted.event,
        accepted.submission,
        accepted.year,
        accepted.form,
        accepted.form_version,
        accepted.unit,
        accepted.region_code,
        accepted.reviewing_body,
        accepted.industry_code,
        section_of(accepted.industry_code),
        accepted.size,
        accepted.group_id,
    )
    for key, item in items.items():
        cell = accepted.cells.get(key)
        if cell is not None:
            value, status, note = cell.get("value", ""), cell.get("status", ""), cell.get("note", "")
            after = (item.unit, item.scope_zh, status, note, accepted.revision_hash, accepted.accepted_at)
            yield (*before, key, value, *after)


def _to_parquet(folder: Path) -> Path:
    """The rows as Parquet; only a value may be absent, a blank text stays a text."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    texts = ", ".join(f"COALESCE({name}, '') AS {name}" for name, kind in COLUMNS.items() if kind == "VARCHAR")
    with duckdb_over(folder) as duck:
        duck.execute(_COPY.format(folder=folder, types=types, texts=texts))
    return folder / "facts.parquet"
