"""One byte flipped in any stored field of a small year is found: every row, every field; every byte behind `long`."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from tests.workflows.small_year import live_through
from workflows.audit import verify, verify_days, verify_one
from workflows.services import Services

KEYS = {
    "events": ("submission", "number"),
    "revisions": ("submission", "number"),
    "payloads": ("submission", "number"),
    "submissions": ("id",),
    "days": ("day",),
    "day_heads": ("day", "place"),
    "moves": ("submission", "day"),
    "audit_keys": ("id",),
}
CAPITAL = 5
SAMPLE = 150
"""Every so many flips the whole verification is run, beside the one of the submission that was touched."""


@dataclass(frozen=True, slots=True)
class Place:
    """One field of one stored row."""

    table: str
    row: tuple[Any, ...]
    column: str
    value: Any
    submission: str

    @property
    def size(self) -> int:
        """Bytes of the value as SQLite shows it."""
        return len(_bytes(self.value))

    def flipped(self, position: int, bit: int) -> bytes:
        """The value with one bit of one byte the other way."""
        data = bytearray(_bytes(self.value))
        data[position] ^= 1 << bit
        return bytes(data)


class Copy:
    """A copy of the year that can be written into, as whoever holds the disk can."""

    def __init__(self, world: Any, path: Path) -> None:
        self._raw = sqlite3.connect(path, isolation_level=None)
        self._raw.execute("PRAGMA synchronous = OFF")
        with closing(sqlite3.connect(world.store.path)) as source:
            source.backup(self._raw)
        for (trigger,) in self._raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self._raw.execute(f"DROP TRIGGER {trigger}")
        self.store = SqliteStore(path)
        self.services: Services = replace(world.services, store=self.store)

    def places(self, table: str) -> Iterator[Place]:
        """Every field that holds something."""
        cursor = self._raw.execute(worded("SELECT * FROM {table}", table=table))
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            named = dict(zip(names, row, strict=True))
            key = tuple(named[name] for name in KEYS[table])
            for name, value in named.items():
                if value is not None and value != "":
                    yield Place(table, key, name, value, named.get("submission", named.get("id", "")))

    def write(self, place: Place, value: object, key: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Put a value there; the key of the row afterwards, None when another row stands in its way."""
        is_text = isinstance(value, bytes) and place.column != "content"
        names = KEYS[place.table]
        matches = ["{} = CAST(? AS TEXT)" if isinstance(part, bytes) else "{} = ?" for part in key]
        update = worded(
            "UPDATE {table} SET {column} = {new} WHERE {where}",
            table=place.table,
            column=place.column,
            new="CAST(? AS TEXT)" if is_text else "?",
            where=" AND ".join(match.format(name) for match, name in zip(matches, names, strict=True)),
        )
        try:
            changed = self._raw.execute(update, (value, *key))
        except sqlite3.IntegrityError:
            return None
        assert changed.rowcount == 1
        parts = zip(names, key, strict=True)
        return tuple(self._stored(value) if name == place.column else part for name, part in parts)

    def _stored(self, value: object) -> Any:
        """A key as SQLite compares it: digits in a column of numbers are a number."""
        if isinstance(value, bytes):
            text = value.decode(errors="replace")
            return int(text) if text.lstrip("-").isdigit() and text.isascii() else value
        return value

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()
        self.store.close()


@pytest.fixture
def copy(world: Any, tmp_path: Path) -> Iterator[Copy]:
    """The small year, its first four days signed, without its triggers."""
    live_through(world)
    made = Copy(world, tmp_path / "copy.sqlite3")
    yield made
    made.close()


def is_found(services: Services, place: Place) -> bool:
    """Whether the touched submission, the days, or what belongs to nothing tells it."""
    if place.submission and verify_one(services, place.submission) is not None:
        return True
    return bool(verify_days(services) or services.store.loose_rows())


def flip_all(copy: Copy, table: str, positions: Callable[[int], Sequence[int]]) -> int:
    """Flip two bits at each of these positions of each field, one at a time; how many flips were tried.

    One is another at each try; the other makes a capital of a letter, which reads as the same hexadecimal digit.
    """
    tried = 0
    for place in list(copy.places(table)):
        for position, bit in itertools.product(positions(place.size), (0, CAPITAL)):
            flipped = place.flipped(position, bit or (position + tried) % 8)
            moved = copy.write(place, flipped, place.row)
            if moved is None:
                continue
            tried += 1
            assert is_found(copy.services, place), (table, place.row, place.column, position, flipped)
            if tried % SAMPLE == 0:
                assert verify(copy.services).faults, (table, place.row, place.column, position)
            assert copy.write(place, place.value, moved) == place.row
    assert verify(copy.services).faults == ()
    return tried


def worded(sql: str, **names: str) -> str:
    """SQL over the table and the column a test is about."""
    return sql.format(**names)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.parametrize("table", KEYS)
def test_a_flipped_byte_in_any_field_of_any_row_is_found(copy: Copy, table: str) -> None:
    assert verify(copy.services).faults == ()
    assert flip_all(copy, table, lambda size: sorted({0, size // 2, size - 1}))


@pytest.mark.long
@pytest.mark.parametrize("table", KEYS)
def test_a_flipped_byte_at_any_place_of_any_field_is_found(copy: Copy, table: str) -> None:
    assert flip_all(copy, table, range)
