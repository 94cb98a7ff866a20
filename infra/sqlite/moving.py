"""Giving and taking a whole home in SQLite: the `MovingStore` port.

Rows are read by key, a page at a time, in one read transaction; they arrive in the order that the file's own guards
(`infra.sqlite.migrations`) ask for: a revision beside the event that sealed it, the heads of a day before the day.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from infra.sqlite.access import GRANT, token_from, token_values
from infra.sqlite.days import DAY_COLUMNS, HEAD_COLUMNS, day_from, day_values, head_from, head_values
from infra.sqlite.erasing import ERASURE, erasure_from, erasure_values
from infra.sqlite.letters import LETTER, letter_from, letter_values
from infra.sqlite.moving_submissions import add_whole, whole_submissions
from infra.sqlite.register_rows import (
    COLLECTION,
    REGION,
    STAFF,
    UNIT,
    collection_from,
    collection_values,
    region_from,
    region_values,
    staff_from,
    staff_values,
    unit_from,
    unit_values,
)
from infra.sqlite.rows import compact
from infra.sqlite.seats import SEAT, seat_from, seat_values
from infra.sqlite.store import SqliteStore
from workflows.deadlines import from_text, to_text
from workflows.moving import (
    HomeNotEmpty,
    KeyRow,
    Kind,
    MovedRow,
    NoteRow,
    PointerRow,
    PromiseRow,
    ReadRow,
    RegionRow,
    SnapshotRow,
    StaffRow,
    UnitRow,
    WholeSubmission,
)
from workflows.ports import Page, Person
from workflows.signing import PublicKey
from workflows.submissions import OutboxItem

Row = tuple[Any, ...]
OWN_NOTES = ("home_key", "mark:fold")
"""Notes that a store makes for itself when it is made."""
_PROMISED = "id, kind, data, created_at, next_at, attempts, error, done_at"
_FRESH_WITHOUT = ("snapshots", "people", "collections", "submissions", "tokens", "outbox", "letters")


@dataclass(frozen=True, slots=True)
class _Table:
    """One kind of row: where it stands, by which key it is read on, how it is read and written."""

    name: str
    columns: str
    key: str
    read: Callable[[Row], Any]
    write: Callable[[Any], tuple[object, ...]]
    where: str = "1"

    def page(self, after: str, limit: int) -> tuple[str, tuple[object, ...]]:
        """The query for the rows after a cursor."""
        further, values = "", ()
        if after:
            values = tuple(json.loads(after))
            further = f" AND ({self.key}) > ({', '.join('?' * len(values))})"
        columns = f"{self.key}, {self.columns}"
        sql = f"SELECT {columns} FROM {self.name} WHERE {self.where}{further} ORDER BY {self.key} LIMIT ?"
        return sql, (*values, limit)

    def insert(self) -> str:
        """Adds a row unless one is there."""
        marks = ", ".join("?" * (self.columns.count(",") + 1))
        return f"INSERT OR IGNORE INTO {self.name} ({self.columns}) VALUES ({marks})"


def _snapshot(row: Row) -> SnapshotRow:
    return SnapshotRow(row[0], row[1], from_text(row[2]), row[3])


def _promise_values(row: PromiseRow) -> tuple[object, ...]:
    item, done = row.item, row.done_at
    values = (item.id, item.kind, compact(dict(item.data)), to_text(item.created_at), to_text(row.next_at))
    return (*values, row.attempts, row.error or None, to_text(done) if done else None)


def _promise(row: Row) -> PromiseRow:
    item = OutboxItem(row[0], row[1], json.loads(row[2]), from_text(row[3]))
    return PromiseRow(item, from_text(row[4]), row[5], row[6] or "", from_text(row[7]) if row[7] else None)


_TABLES = {
    Kind.SNAPSHOTS: _Table(
        "snapshots",
        "id, kind, created_at, size, complete",
        "id",
        _snapshot,
        lambda one: (one.id, one.kind, to_text(one.created_at), one.size, 1),
        "complete = 1",
    ),
    Kind.REGIONS: _Table(
        "regions",
        f"snapshot, {REGION}",
        "snapshot, code",
        lambda row: RegionRow(row[0], region_from(row[1:])),
        lambda one: (one.snapshot, *region_values(one.region)),
    ),
    Kind.UNITS: _Table(
        "units",
        f"snapshot, {UNIT}",
        "snapshot, unit_id",
        lambda row: UnitRow(row[0], unit_from(row[1:])),
        lambda one: (one.snapshot, *unit_values(one.unit)),
        "snapshot IN (SELECT id FROM snapshots WHERE complete = 1)",
    ),
    Kind.STAFF: _Table(
        "staff",
        f"snapshot, number, {STAFF}",
        "snapshot, number",
        lambda row: StaffRow(row[0], row[1], staff_from(row[2:])),
        lambda one: (one.snapshot, one.number, *staff_values(one.member)),
    ),
    Kind.PEOPLE: _Table(
        "people", "id, email", "id", lambda row: Person(row[0], row[1]), lambda one: (one.id, one.email)
    ),
    Kind.ERASURES: _Table("erasures", ERASURE, "owner, kind, number", erasure_from, erasure_values),
    Kind.KEYS: _Table(
        "audit_keys",
        "id, public, first_day",
        "first_day, id",
        lambda row: KeyRow(row[1], date.fromisoformat(row[2])),
        lambda one: (PublicKey(one.hex).id, one.hex, one.first_day.isoformat()),
    ),
    Kind.HEADS: _Table(
        "day_heads",
        HEAD_COLUMNS,
        "day, place",
        head_from,
        head_values,
        "EXISTS (SELECT 1 FROM days WHERE days.day = day_heads.day)",
    ),
    Kind.DAYS: _Table("days", DAY_COLUMNS, "day", day_from, day_values),
    Kind.LETTERS: _Table("letters", LETTER, "letter", letter_from, letter_values),
    Kind.SEATS: _Table("seat_settings", SEAT, "region, version", seat_from, seat_values),
    Kind.TOKENS: _Table("tokens", GRANT, "id", token_from, token_values),
    Kind.READS: _Table(
        "reads",
        "who, what, at",
        "id",
        lambda row: ReadRow(row[0], row[1], from_text(row[2])),
        lambda one: (one.who, one.what, to_text(one.at)),
    ),
    Kind.NOTES: _Table(
        "meta",
        "name, value",
        "name",
        lambda row: NoteRow(row[0], row[1]),
        lambda one: (one.name, one.value),
        "name <> 'home_key' AND name NOT GLOB 'payload_*'",
    ),
    Kind.COLLECTIONS: _Table("collections", COLLECTION, "year, form", collection_from, collection_values),
    Kind.OUTBOX: _Table("outbox", _PROMISED, "seq", _promise, _promise_values),
    Kind.POINTERS: _Table(
        "pointers",
        "kind, snapshot",
        "kind",
        lambda row: PointerRow(row[0], row[1]),
        lambda one: (one.kind, one.snapshot),
    ),
}


class SqliteMoving:
    """The `MovingStore` port over an open SQLite store; no page loads it."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def leaving(self) -> AbstractContextManager[None]:
        """One read transaction of this thread."""
        return self._store.one_instant()

    def rows(self, kind: Kind, after: str, limit: int) -> Page[MovedRow]:
        """Rows of a kind by key; the cursor is the last row's key."""
        if kind is Kind.SUBMISSIONS:
            return whole_submissions(self._store, after, limit)
        table = _TABLES[kind]
        keys = table.key.count(",") + 1
        rows = self._store.read(*table.page(after, limit))
        cursor = json.dumps(rows[-1][:keys]) if len(rows) == limit else ""
        return Page([table.read(row[keys:]) for row in rows], cursor)

    def home_key(self) -> bytes:
        """The home's own key."""
        return self._store.home_key()

    def is_fresh(self) -> bool:
        """Whether nothing but the store's own notes is in the file."""
        found = [self._store.read_one(f"SELECT 1 FROM {table} LIMIT 1") for table in _FRESH_WITHOUT]
        marks = ", ".join("?" * len(OWN_NOTES))
        notes = self._store.read_one(
            f"SELECT 1 FROM meta WHERE name NOT IN ({marks}) AND name NOT GLOB 'payload_*' LIMIT 1", OWN_NOTES
        )
        return not any(found) and notes is None

    def take_over(self, home_key: bytes) -> None:
        """Be another home; its states are folded anew at the next opening unless it brings its own note of the fold."""
        if not self.is_fresh():
            raise HomeNotEmpty(str(self._store.path.name))
        with self._store.transaction() as db:
            db.execute("UPDATE meta SET value = ? WHERE name = 'home_key'", (home_key.hex(),))
            db.execute("DELETE FROM meta WHERE name = 'mark:fold'")
        self._store.forget_home_key()

    def arrive(self, kind: Kind, rows: Sequence[MovedRow]) -> None:
        """Add rows, in one transaction."""
        with self._store.transaction() as db:
            if kind is Kind.SUBMISSIONS:
                for row in rows:
                    add_whole(db, cast("WholeSubmission", row))
            else:
                table = _TABLES[kind]
                db.executemany(table.insert(), [table.write(row) for row in rows])

    def arrived(self) -> None:
        """Nothing to be noted: a home on one machine is put in its place only now (`infra.moving.growing`)."""
