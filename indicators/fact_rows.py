"""One row per fact: an accepted return's answered items, with the unit's attributes, as Parquet."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from forms.catalogue import FormCatalogue
from forms.definition import FormDefinition
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
_SPECIAL = re.compile('[",\r\n]')
_COPY = """
COPY (
    SELECT * REPLACE ({texts})
    FROM read_csv('{folder}/facts.csv', header = false, delim = ',', quote = '"', escape = '"',
        auto_detect = false, parallel = false, new_line = '\\r\\n', columns = {{{types}}})
) TO '{folder}/facts.parquet' (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{events: '{events}'}})
"""


def write_facts(folder: Path, returns: Iterable[AcceptedReturn], catalogue: FormCatalogue) -> Path:
    """The facts of these returns as one Parquet file in a local folder.

    Its metadata hold the SHA-256 of its events, so that two parts without a fact (withdrawals) are two files.
    """
    items: dict[str, Items] = {}
    events = hashlib.sha256()
    with (folder / "facts.csv").open("w", encoding="utf-8", newline="") as handle:
        for accepted in returns:
            events.update(f"{accepted.event} {accepted.kind.value} {accepted.revision_hash}\n".encode())
            version = accepted.form_version
            if version not in items:
                items[version] = _items(catalogue.by_version(version))
            handle.writelines(_lines(accepted, items[version]))
    return _to_parquet(folder, events.hexdigest())


Items = list[tuple[str, str]]
"""Key, and unit and scope as CSV, in the order of the form."""


def _items(definition: FormDefinition) -> Items:
    return [(key, _csv(item.unit, item.scope_zh)) for key, item in definition.items.items()]


def _lines(accepted: AcceptedReturn, items: Items) -> list[str]:
    """One line of CSV per answered item, in the order of the form; what all share is written out once."""
    before = _csv(
        accepted.event,
        accepted.submission,
        str(accepted.year),
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
    after = _csv(accepted.revision_hash, accepted.accepted_at)
    cells = [(key, unit, accepted.cells[key]) for key, unit in items if key in accepted.cells]
    return [
        f"{before},{key},{_quoted(cell.get('value', ''))},{unit},"
        f"{_quoted(cell.get('status', ''))},{_quoted(cell.get('note', ''))},{after}\r\n"
        for key, unit, cell in cells
    ]


def _csv(*texts: str) -> str:
    return ",".join(map(_quoted, texts))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _to_parquet(folder: Path, events: str) -> Path:
    """The rows as Parquet; only a value may be absent, a blank text stays a text."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    texts = ", ".join(f"COALESCE({name}, '') AS {name}" for name, kind in COLUMNS.items() if kind == "VARCHAR")
    with duckdb_over(folder) as duck:
        duck.execute(_COPY.format(folder=folder, types=types, texts=texts, events=events))
    return folder / "facts.parquet"
