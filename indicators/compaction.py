"""Compaction: turns fact documents into Parquet parts, one row per fact, so that a table is one query.

In `compacted/<year>/<form>/`, `latest.json` lists the parts; each part is an immutable Parquet named by its SHA-256 and,
beside it, a text of its events (`event kind revision-hash` a line). A new part holds the documents no part holds yet,
so work grows with what is new. Two compactions at once: one swaps the pointer, the other begins again. Nothing is deleted.
"""

import csv
import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from forms.loading import FormCatalogue
from indicators.duck import duckdb_over
from indicators.facts import AcceptedReturn, FactKind, document_names, event_of, from_bytes
from indicators.ports import Objects
from register.industries import section_of

BATCH = 20_000
"""Documents in one part: bounds the memory and disk of one step (a million facts of 107-2)."""
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


@dataclass(frozen=True, slots=True)
class EventLine:
    """One acceptance event in a part: its id, whether it accepted or withdrew, and the revision's hash."""

    event: str
    kind: FactKind
    revision_hash: str

    @property
    def submission(self) -> str:
        """The submission is the event's id without its number."""
        return self.event.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of one form and year as they stand: Parquet parts, and which events count."""

    parts: tuple[str, ...]
    live: Mapping[str, str]
    """Event that counts → revision hash; of one submission's events the latest, unless it withdrew."""
    dead: frozenset[str]
    """Events that no longer count."""


def compact(objects: Objects, year: int, form: str, catalogue: FormCatalogue) -> Facts:
    """Bring the parts up to date with the documents, and say which events count."""
    pointer = f"compacted/{year}/{form}/latest.json"
    while True:
        present = objects.read_with_tag(pointer)
        parts: list[str] = json.loads(present[0])["parts"] if present else []
        lines = [line for part in parts for line in _read_events(objects, part)]
        known = {line.event for line in lines}
        new = [name for name in document_names(objects, year, form) if event_of(name) not in known]
        if not new:
            return _standing(parts, lines)
        for batch in _batches(new):
            part, its_lines = _write_part(objects, year, form, batch, catalogue)
            parts.append(part)
            lines += its_lines
        body = json.dumps({"parts": parts, "events": len(lines)}).encode()
        if objects.swap(pointer, body, present[1] if present else None):
            return _standing(parts, lines)


def fetch_parts(objects: Objects, facts: Facts, folder: Path) -> list[Path]:
    """Copies of the Parquet parts in a local folder, for DuckDB. Raises `LookupError` when one is missing."""
    paths = []
    for number, part in enumerate(facts.parts):
        data = objects.read(part)
        if data is None:
            raise LookupError(f"{part} is missing from the object store")
        path = folder / f"part-{number:04d}.parquet"
        path.write_bytes(data)
        paths.append(path)
    return paths


def _standing(parts: Sequence[str], lines: Iterable[EventLine]) -> Facts:
    """Event ids of one submission end in numbers of equal width, so the later one is the greater one."""
    latest: dict[str, EventLine] = {}
    dead = set()
    for line in sorted(lines, key=lambda one: one.event):
        earlier = latest.get(line.submission)
        if earlier is not None:
            dead.add(earlier.event)
        latest[line.submission] = line
    live = {line.event: line.revision_hash for line in latest.values() if line.kind is FactKind.ACCEPTED}
    withdrawn = {line.event for line in latest.values() if line.kind is FactKind.WITHDRAWN}
    return Facts(tuple(parts), live, frozenset(dead | withdrawn))


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), BATCH):
        yield names[start : start + BATCH]


def _write_part(
    objects: Objects, year: int, form: str, names: Sequence[str], catalogue: FormCatalogue
) -> tuple[str, list[EventLine]]:
    lines: list[EventLine] = []
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        with (folder / "facts.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            for document in names:
                accepted = _read_document(objects, document)
                lines.append(EventLine(accepted.event, accepted.kind, accepted.revision_hash))
                writer.writerows(_rows(accepted, catalogue))
        data = _to_parquet(folder)
    part = f"compacted/{year}/{form}/{hashlib.sha256(data).hexdigest()}.parquet"
    objects.create(part, data)
    text = "".join(f"{line.event} {line.kind} {line.revision_hash}\n" for line in lines)
    objects.create(f"{part}.events", text.encode())
    return part, lines


def _read_document(objects: Objects, name: str) -> AcceptedReturn:
    data = objects.read(name)
    if data is None:
        raise LookupError(f"{name} was listed but is not there")
    return from_bytes(data)


def _read_events(objects: Objects, part: str) -> Iterator[EventLine]:
    data = objects.read(f"{part}.events")
    if data is None:
        raise LookupError(f"{part}.events is missing from the object store")
    for line in data.decode().splitlines():
        event, kind, revision_hash = line.split(" ")
        yield EventLine(event, FactKind(kind), revision_hash)


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


def _to_parquet(folder: Path) -> bytes:
    """The rows as Parquet; one thread, so that the same rows give the same bytes."""
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    with duckdb_over(folder) as duck:
        duck.execute(
            f"COPY (SELECT * REPLACE (COALESCE(industry_section, '') AS industry_section,"
            " COALESCE(status, '') AS status, COALESCE(note, '') AS note)"
            f" FROM read_csv('{folder}/facts.csv', header = false, delim = ',', quote = '\"', escape = '\"',"
            f" auto_detect = false, parallel = false, columns = {{{types}}}))"
            f" TO '{folder}/facts.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    return (folder / "facts.parquet").read_bytes()


def read_cells(objects: Objects, facts: Facts) -> dict[tuple[str, str], tuple[Decimal | None, str, str]]:
    """(region code, item) → value, status, note of every live fact: for forms with one filer a region (region-st)."""
    if not facts.parts:
        return {}
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        fetch_parts(objects, facts, folder)
        with duckdb_over(folder) as duck:
            rows: list[tuple[Any, ...]] = duck.execute(
                f"SELECT event, region_code, item, value, status, note FROM read_parquet('{folder}/part-*.parquet')"
            ).fetchall()
    live = facts.live
    return {(row[1], row[2]): (row[3], row[4], row[5]) for row in rows if row[0] in live}
