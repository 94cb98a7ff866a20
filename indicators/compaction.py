"""Compaction: turns fact documents into Parquet parts, one row per fact, so that a table is one query.

In `compacted/<year>/<form>/`, `latest.json` lists the parts; each part is an immutable Parquet named by its SHA-256
and, beside it, a text of its events (`event kind revision-hash` a line). A new part holds the documents no part holds
yet, so work grows with what is new. Two compactions at once: one swaps the pointer, the other begins again; what a
stopped one left behind is in no pointer and counts for nothing. Nothing is deleted.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from forms.catalogue import FormCatalogue
from indicators.duck import duckdb_over
from indicators.fact_rows import write_facts
from indicators.facts import AcceptedReturn, FactKind, document_name, from_bytes, recorded_events
from indicators.part_sums import store_sums
from indicators.ports import Objects

BATCH = 20_000
"""Documents in one part: bounds the memory and disk of one step (a million facts of 107-2)."""

_ACCEPTED = FactKind.ACCEPTED.value

EventLine = tuple[str, str, str]
"""One acceptance event in a part: its id, whether it accepted or withdrew, and the revision's hash."""
Cell = tuple[Decimal | None, str, str]
"""Value, status and note of one item, as accepted."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of one form and year as they stand: Parquet parts, and which events count."""

    parts: tuple[str, ...]
    live: Mapping[str, str]
    """Event that counts → revision hash; of one submission's events the latest, unless it withdrew."""
    dead: Mapping[str, str]
    """Acceptance that no longer counts → the part that holds its facts."""


def compact(objects: Objects, year: int, form: str, catalogue: FormCatalogue, *, batch: int = BATCH) -> Facts:
    """Bring the parts up to date with the documents, and say which events count."""
    pointer = f"{folder_of(year, form)}/latest.json"
    while True:
        present = objects.read_with_tag(pointer)
        parts: list[str] = json.loads(present[0])["parts"] if present else []
        held = {part: _read_events(objects, part) for part in parts}
        known = {line[0] for lines in held.values() for line in lines}
        new = [event for event in recorded_events(objects, year, form) if event not in known]
        if not new:
            return _standing(held)
        for start in range(0, len(new), batch):
            documents = [document_name(year, form, event) for event in new[start : start + batch]]
            part, lines = _write_part(objects, folder_of(year, form), documents, catalogue)
            held[part] = lines
        body = json.dumps({"parts": list(held), "events": sum(map(len, held.values()))}).encode()
        if objects.swap(pointer, body, present[1] if present else None):
            return _standing(held)


def folder_of(year: int, form: str) -> str:
    """Where the compacted facts of one form and year lie."""
    return f"compacted/{year}/{form}"


def fetch(objects: Objects, names: Sequence[str], folder: Path, stem: str) -> list[Path]:
    """Copies of objects as `<stem>-<n>.parquet` in a local folder. Raises `LookupError` when one is missing."""
    paths = []
    for number, name in enumerate(names):
        path = folder / f"{stem}-{number:04d}.parquet"
        path.write_bytes(_required(objects, name))
        paths.append(path)
    return paths


def _standing(held: Mapping[str, Sequence[EventLine]]) -> Facts:
    """Event ids of one submission end in numbers of equal width, so the later one is the greater one."""
    lines = {line[0]: line for its in held.values() for line in its}
    latest = {event.rpartition("-")[0]: event for event in sorted(lines)}
    live = {event: lines[event][2] for event in latest.values() if lines[event][1] == _ACCEPTED}
    if len(live) == len(lines):
        return Facts(tuple(held), live, {})
    overtaken = {event for event in lines.keys() - live.keys() if lines[event][1] == _ACCEPTED}
    dead = {event: part for part, its in held.items() for event, _, _ in its if event in overtaken} if overtaken else {}
    return Facts(tuple(held), live, dead)


def _write_part(
    objects: Objects, where: str, documents: Sequence[str], catalogue: FormCatalogue
) -> tuple[str, list[EventLine]]:
    lines: list[EventLine] = []

    def returns() -> Iterator[AcceptedReturn]:
        for document in documents:
            accepted = from_bytes(_required(objects, document))
            lines.append((accepted.event, accepted.kind.value, accepted.revision_hash))
            yield accepted

    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        path = write_facts(Path(name), returns(), catalogue)
        data = path.read_bytes()
        part = f"{where}/{hashlib.sha256(data).hexdigest()}.parquet"
        objects.create(part, data)
        store_sums(objects, part, path)
    objects.create(f"{part}.events", "".join(f"{' '.join(line)}\n" for line in lines).encode())
    return part, lines


def _read_events(objects: Objects, part: str) -> list[EventLine]:
    words = _required(objects, f"{part}.events").decode().split()
    return list(zip(words[::3], words[1::3], words[2::3], strict=True))


def _required(objects: Objects, name: str) -> bytes:
    data = objects.read(name)
    if data is None:
        raise LookupError(f"{name} is missing from the object store")
    return data


def read_cells(objects: Objects, facts: Facts) -> dict[tuple[str, str], Cell]:
    """(region code, item) → value, status, note of every live fact: for forms with one filer a region (region-st)."""
    if not facts.parts:
        return {}
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        folder = Path(name)
        fetch(objects, facts.parts, folder, "part")
        with duckdb_over(folder) as duck:
            rows: list[tuple[Any, ...]] = duck.execute(
                f"SELECT event, region_code, item, value, status, note FROM read_parquet('{folder}/part-*.parquet')"
            ).fetchall()
    live = facts.live
    return {(row[1], row[2]): (row[3], row[4], row[5]) for row in rows if row[0] in live}
