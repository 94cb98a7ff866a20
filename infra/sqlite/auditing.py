"""Reading SQLite with care, for verification: a row counts as sound when writing what was read gives the same row.

That one comparison finds what no longer parses, what parses to something else, and every copied column that does not
follow from the state it was copied from.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from types import UnionType
from typing import Any, Generic, TypeVar

from infra.codec import state_from_text
from infra.sqlite.database import Database
from infra.sqlite.days import DAY_COLUMNS, HEAD_COLUMNS, day_from, day_values, head_from, head_values
from infra.sqlite.encrypting import WORDS
from infra.sqlite.erasing import ERASURE, erasure_from, erasure_values
from infra.sqlite.rows import (
    EVENT,
    REVISION,
    event_from,
    event_values,
    identity_from,
    identity_values,
    revision_from,
    revision_values,
    state_values,
)
from workflows.chain import Payload
from workflows.days import DayHead, SignedDay
from workflows.deadlines import from_text
from workflows.signing import PublicKey
from workflows.story import DAMAGED, Loose, Misread, Story
from workflows.submissions import Submission

Value = TypeVar("Value")
Row = tuple[Any, ...]
_SUBMISSION = (
    "id, year, form, unit_id, unit_kind, region_code, county_code, city_code, reviewing_body, version, head, state,"
    " stage, level, waiting_at, since, late, sent, sealed_at, next_at, proposal"
)
_NUMBERS = {"number", "place", "count", "version", "year", "late", "sent"}
_SIGNED = "EXISTS (SELECT 1 FROM days WHERE days.day = day_heads.day)"


class _Reading(Generic[Value]):
    """One kind of row: its columns, how it is read and how it is written."""

    def __init__(
        self, table: str, columns: str, read: Callable[[Row], Value], write: Callable[[Value], tuple[object, ...]]
    ) -> None:
        self.table = table
        self.columns = columns
        self._names = [column.rpartition(" AS ")[2] for column in columns.split(", ")]
        self._read = read
        self._write = write

    def __call__(self, row: Row) -> tuple[Value | None, str]:
        """What the row says, if it can be read; and the columns that this program would have written otherwise."""
        mistyped = [name for name, there in zip(self._names, row, strict=True) if not isinstance(there, _type_of(name))]
        try:
            value = self._read(row)
            written = self._write(value)
        except DAMAGED:
            return None, "cannot be read"
        pairs = zip(self._names, row, written, strict=True)
        differing = [name for name, there, own in pairs if there != own or not isinstance(own, type(there))]
        return None if mistyped else value, ", ".join(mistyped or differing)


def _type_of(column: str) -> type | UnionType:
    """What SQLite keeps in a column that this program wrote."""
    if column in _NUMBERS:
        return int
    return bytes if column == "content" else str | None


def _submission(row: Row) -> tuple[Submission, datetime | None]:
    return Submission(identity_from(row), state_from_text(row[11]), row[10]), from_text(row[19]) if row[19] else None


def _submission_values(read: tuple[Submission, datetime | None]) -> tuple[object, ...]:
    return (*identity_values(read[0].identity), *state_values(*read))


def _key_values(key: tuple[PublicKey, str]) -> tuple[object, ...]:
    public, first_day = bytes.fromhex(key[0].hex).hex(), date.fromisoformat(key[1]).isoformat()
    return (key[0].id, public, first_day)


_SUBMISSIONS = _Reading("submissions", _SUBMISSION, _submission, _submission_values)
_EVENTS = _Reading("events", EVENT, event_from, event_values)
_REVISIONS = _Reading("revisions", REVISION, revision_from, revision_values)
_PAYLOADS = _Reading(
    "payloads",
    f"submission, number, {WORDS}, nonce",
    lambda row: (row[0], row[1], Payload(row[2], row[3])),
    lambda read: (read[0], read[1], read[2].text, read[2].nonce),
)
_DAYS = _Reading("days", DAY_COLUMNS, day_from, day_values)
_HEADS = _Reading("day_heads", HEAD_COLUMNS, head_from, head_values)
_MOVES = _Reading(
    "moves",
    "submission, day, number, head",
    lambda row: DayHead(date.fromisoformat(row[1]), 0, row[0], row[2], row[3]),
    lambda move: (move.submission, move.day.isoformat(), move.number, move.head),
)
_KEYS = _Reading("audit_keys", "id, public, first_day", lambda row: (PublicKey(row[1]), row[2]), _key_values)
_ERASURES = _Reading("erasures", ERASURE, erasure_from, erasure_values)
_LOOSE = {
    "events": "submissions WHERE submissions.id = t.submission",
    "revisions": "submissions WHERE submissions.id = t.submission",
    "payloads": "events WHERE events.submission = t.submission AND events.number = t.number",
    "drafts": "submissions WHERE submissions.id = t.submission",
    "traces": "submissions WHERE submissions.id = t.submission",
    "moves": "submissions WHERE submissions.id = t.submission",
    "day_heads": "submissions WHERE submissions.id = t.submission",
}
"""Table → where the row it belongs to should be."""


class AuditTables(Database):
    """The `AuditStore` port over SQLite."""

    def submission_ids(self, after: str, limit: int) -> Sequence[str]:
        """Ids of all rows of submissions."""
        rows = self.read(
            "SELECT CAST(id AS BLOB) FROM submissions WHERE id > CAST(? AS TEXT) ORDER BY id LIMIT ?",
            (_bytes(after), limit),
        )
        return [row[0].decode(errors="surrogateescape") for row in rows]

    def story(self, submission_id: str) -> Story:
        """Everything under one submission, as of one instant."""
        key = _bytes(submission_id)
        with self._careful() as db:
            own = _all(db, _SUBMISSIONS, "id = CAST(? AS TEXT)", key)
            outline = db.execute(
                "SELECT amount, findings FROM submissions WHERE id = CAST(? AS TEXT)", (key,)
            ).fetchone()
            events = _all(db, _EVENTS, "submission = CAST(? AS TEXT) ORDER BY number", key)
            revisions = _all(db, _REVISIONS, "submission = CAST(? AS TEXT) ORDER BY number", key)
            payloads = _all(db, _PAYLOADS, "submission = CAST(? AS TEXT) ORDER BY number", key)
            heads = _all(db, _HEADS, f"submission = CAST(? AS TEXT) AND {_SIGNED} ORDER BY day", key)
            moves = _all(db, _MOVES, "submission = CAST(? AS TEXT) ORDER BY day", key)
            erased = _all(db, _ERASURES, "owner = CAST(? AS TEXT) AND kind = 'words'", key)
        found = [one for _, one, _ in own if one]
        return Story(
            id=submission_id,
            submission=found[0][0] if found else None,
            next_at=found[0][1] if found else None,
            outline=outline or (None, None),
            events=[None if damage else event for _, event, damage in events],
            revisions={one.number: one for _, one, _ in revisions if one},
            payloads={one[1]: one[2] for _, one, _ in payloads if one},
            heads=[one for _, one, damage in heads if one and not damage],
            moves=[one for _, one, damage in moves if one and not damage],
            misread=[
                *_damaged("submissions", own, None),
                *_damaged("revisions", revisions, 1),
                *_damaged("payloads", payloads, 1),
                *_damaged("day_heads", heads, 3),
                *_damaged("moves", moves, 2),
                *_damaged("erasures", erased, 2),
            ],
            erased={mark.number: mark for _, mark, _ in erased if mark},
        )

    def loose_rows(self) -> Sequence[Loose]:
        """Rows that belong to nothing, grouped by table and submission."""
        found: list[Loose] = []
        with self._careful() as db:
            for table, owner in _LOOSE.items():
                sql = f"SELECT DISTINCT t.submission FROM {table} AS t WHERE NOT EXISTS (SELECT 1 FROM {owner})"
                found += [Loose(table, _text(row[0])) for row in db.execute(sql)]
        return found

    def signed_days(self, after: str, limit: int) -> Sequence[tuple[str, SignedDay | None]]:
        """Days by date."""
        with self._careful() as db:
            rows = _all(db, _DAYS, "day > CAST(? AS TEXT) ORDER BY day LIMIT ?", _bytes(after), limit)
        return [(_text(row[0]), None if damage else day) for row, day, damage in rows]

    def signed_heads(self, day: str, after: int, limit: int) -> Sequence[DayHead | None]:
        """Leaves of a day by place; rows whose place is no number come last."""
        with self._careful() as db:
            rows = _all(db, _HEADS, "day = ? AND place > ? ORDER BY place LIMIT ?", day, after, limit)
        return [None if damage else head for _, head, damage in rows]

    def signing_keys(self) -> Mapping[str, tuple[PublicKey, str] | None]:
        """Every key that signed."""
        with self._careful() as db:
            rows = _all(db, _KEYS, "1 ORDER BY first_day")
        return {_text(row[0]): None if damage else key for row, key, damage in rows}

    @contextmanager
    def _careful(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, seeing one instant, giving text that is no UTF-8 as bytes."""
        self.read("SELECT 1")
        connection: sqlite3.Connection = self._local.connection
        connection.text_factory = _lenient
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            connection.text_factory = str


def _all(
    db: sqlite3.Connection, reading: _Reading[Value], where: str, *parameters: object
) -> list[tuple[Row, Value | None, str]]:
    """Each row with what it says and what is wrong with it."""
    rows = db.execute(f"SELECT {reading.columns} FROM {reading.table} WHERE {where}", parameters)
    return [(row, *reading(row)) for row in rows]


def _damaged(table: str, rows: Sequence[tuple[Row, object, str]], number_at: int | None) -> Iterator[Misread]:
    for row, _, damage in rows:
        if damage:
            number = row[number_at] if number_at is not None else 0
            yield Misread(table, number if isinstance(number, int) else 0, damage)


def _lenient(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _bytes(key: str) -> bytes:
    return key.encode(errors="surrogateescape")


def _text(value: object) -> str:
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value)
