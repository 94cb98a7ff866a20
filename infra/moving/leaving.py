"""Writing a whole home into one file, while it runs: rows by kind through the store's port, then objects, then mail.

The rows first and of one instant. Of the objects the pointers are read first: what a pointer names was there before it,
so that the file holds every object its rows and pointers speak of, whoever works meanwhile.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from indicators.ports import Objects, pages_of_names
from infra.moving.archive import ArchiveWriter
from infra.moving.plain import to_plain
from workflows.machine.evolving import VERSION
from workflows.moving import Kind, MovedRow, MovingStore, WholeSubmission

FORMAT = "zhibao.home.v1"
HOME, KEYS, COUNTS = "home.json", "keys.json", "counts.json"
POINTER = "/latest.json"
"""How the names of swapped objects end."""
OF_THE_STORE = "large/"
"""Where a store lays what is too large for its rows; it is part of the rows here."""
PAGE, PAGE_OF_SUBMISSIONS, PAGE_OF_NAMES = 2_000, 200, 100_000
PART = 8 << 20
"""Bytes after which the rows of a page go on in another part."""


@dataclass(slots=True)
class Counts:
    """What a file holds: it must agree when it is loaded."""

    rows: dict[str, int] = field(default_factory=dict)
    objects: int = 0
    letters: int = 0
    heads: str = ""
    """Of all chains together (`HeadsDigest`)."""


class HeadsDigest:
    """One value for the heads of all chains, in whatever order they come: the sum of their hashes."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, submission: str, head: str) -> None:
        """One chain."""
        self._sum += int.from_bytes(hashlib.sha256(f"{submission} {head}\n".encode()).digest())

    @property
    def value(self) -> str:
        """64 hexadecimal digits."""
        return f"{self._sum % (1 << 256):064x}"


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a home has beside store and objects."""

    made_at: datetime
    keys: Mapping[str, Any]
    """The keys that sign links and days; empty when they are to stay behind."""
    demo: bool
    mail: Iterable[tuple[str, bytes]]
    """Of a local mailbox: `new/<name>` or `cur/<name>`, and the letter."""


def leave(store: MovingStore, objects: Objects, belongings: Belongings, archive: ArchiveWriter) -> Counts:
    """Write all parts. Raises `ValueError` for a stored row that cannot be read: see `zhibao audit verify`."""
    counts = Counts()
    with store.leaving():
        home = {
            "format": FORMAT,
            "made_at": belongings.made_at.isoformat(),
            "fold": VERSION,
            "home_key": store.home_key().hex(),
            "demo": belongings.demo,
        }
        archive.add(HOME, _json(home))
        if belongings.keys:
            archive.add(KEYS, _json(dict(belongings.keys)))
        _rows(store, archive, counts)
    _objects(objects, archive, counts)
    for name, data in belongings.mail:
        archive.add(f"mail/{name}", data)
        counts.letters += 1
    archive.add(COUNTS, _json(to_plain(counts)))
    return counts


def _rows(store: MovingStore, archive: ArchiveWriter, counts: Counts) -> None:
    heads = HeadsDigest()
    for kind in Kind:
        number = 0
        for rows in _pages(store, kind):
            for row in rows:
                if isinstance(row, WholeSubmission):
                    heads.add(row.submission.id, row.submission.head)
            for data in _parts(rows):
                number += 1
                archive.add(f"rows/{kind}/{number:06}.jsonl", data)
            counts.rows[kind.value] = counts.rows.get(kind.value, 0) + len(rows)
    counts.heads = heads.value


def _pages(store: MovingStore, kind: Kind) -> Iterator[list[MovedRow]]:
    size = PAGE_OF_SUBMISSIONS if kind is Kind.SUBMISSIONS else PAGE
    cursor: str | None = ""
    while cursor is not None:
        page = store.rows(kind, cursor, size)
        if page.rows:
            yield list(page.rows)
        cursor = page.cursor or None


def _parts(rows: Iterable[MovedRow]) -> Iterator[bytes]:
    lines, size = list[bytes](), 0
    for row in rows:
        line = _json(to_plain(row))
        if lines and size + len(line) > PART:
            yield b"".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    yield b"".join(lines)


def _objects(objects: Objects, archive: ArchiveWriter, counts: Counts) -> None:
    for pointers in (True, False):
        for page in pages_of_names(objects, "", PAGE_OF_NAMES):
            for name in page:
                is_wanted = name.endswith(POINTER) is pointers and not name.startswith(OF_THE_STORE)
                data = objects.read(name) if is_wanted else None
                if data is not None:
                    archive.add(f"objects/{name}", data)
                    counts.objects += 1


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
