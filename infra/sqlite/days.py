"""Signed days in SQLite: which chains moved since the last one, and what each closed day covers."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from infra.sqlite.database import Database
from workflows.chain import RecordedEvent
from workflows.days import DayHead, SignedDay, day_of
from workflows.signing import PublicKey

DAY_COLUMNS = "day, count, previous, root, key, signature, blocks"
HEAD_COLUMNS = "day, place, submission, number, head"


MOVE = (
    "INSERT INTO moves VALUES (?, ?, ?, ?) ON CONFLICT (submission, day) DO UPDATE SET"
    " number = excluded.number, head = excluded.head"
)
"""That a chain moved, in the transaction that moved it."""


def moved(last: RecordedEvent) -> tuple[object, ...]:
    """The row of `moves` that a step's last event makes."""
    return (last.submission, day_of(last.at).isoformat(), last.number, last.hash)


class DayTables(Database):
    """The `DayStore` port over SQLite."""

    def first_move(self) -> date | None:
        """The oldest day with a move no closed day covers."""
        row = self.read_one("SELECT min(day) FROM moves")
        return date.fromisoformat(row[0]) if row and row[0] else None

    def moves(self, until: date, after: str, limit: int) -> Sequence[DayHead]:
        """What a day that is closed now has to cover: moves of that day, and any that came too late for an earlier."""
        rows = self.read(
            "SELECT submission, max(number), head FROM moves WHERE submission > ? AND day <= ?"
            " GROUP BY submission ORDER BY submission LIMIT ?",
            (after, until.isoformat(), limit),
        )
        return [DayHead(until, 0, *row) for row in rows]

    def put_heads(self, heads: Sequence[DayHead]) -> None:
        """Write down heads at their places."""
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO day_heads VALUES (?, ?, ?, ?, ?)", map(head_values, heads))

    def close_day(self, day: SignedDay, key: PublicKey) -> SignedDay:
        """The day, its key, and the end of the moves it covers, in one transaction."""
        name = day.day.isoformat()
        with self.transaction() as db:
            there = db.execute(f"SELECT {DAY_COLUMNS} FROM days WHERE day = ?", (name,)).fetchone()
            if there is not None:
                return day_from(there)
            db.execute("DELETE FROM day_heads WHERE day = ? AND place > ?", (name, day.count))
            db.execute("INSERT OR IGNORE INTO audit_keys VALUES (?, ?, ?)", (key.id, key.hex, name))
            db.execute("INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?)", day_values(day))
            db.execute(
                "DELETE FROM moves WHERE day <= ? AND EXISTS (SELECT 1 FROM day_heads AS h"
                " WHERE h.submission = moves.submission AND h.number >= moves.number AND h.day = ?)",
                (name, name),
            )
        return day

    def last_day(self) -> SignedDay | None:
        """The newest closed day."""
        row = self.read_one(f"SELECT {DAY_COLUMNS} FROM days ORDER BY day DESC LIMIT 1")
        return day_from(row) if row else None

    def day(self, day: date) -> SignedDay | None:
        """One closed day."""
        row = self.read_one(f"SELECT {DAY_COLUMNS} FROM days WHERE day = ?", (day.isoformat(),))
        return day_from(row) if row else None

    def day_heads(self, day: date, first: int, limit: int) -> Sequence[DayHead]:
        """Leaves of a closed day, in the order of its tree."""
        rows = self.read(
            f"SELECT {HEAD_COLUMNS} FROM day_heads WHERE day = ? AND place >= ? ORDER BY place LIMIT ?",
            (day.isoformat(), first, limit),
        )
        return [head_from(row) for row in rows]

    def covering(self, submission_id: str, number: int) -> DayHead | None:
        """The first closed day that covers an event."""
        row = self.read_one(
            f"SELECT {HEAD_COLUMNS} FROM day_heads WHERE submission = ? AND number >= ?"
            " AND EXISTS (SELECT 1 FROM days WHERE days.day = day_heads.day) ORDER BY number, day LIMIT 1",
            (submission_id, number),
        )
        return head_from(row) if row else None

    def audit_key(self, key_id: str) -> PublicKey | None:
        """The public key under this id."""
        row = self.read_one("SELECT public FROM audit_keys WHERE id = ?", (key_id,))
        return PublicKey(row[0]) if row else None

    def audit_keys(self) -> Sequence[tuple[PublicKey, date]]:
        """Every key, oldest first."""
        rows = self.read("SELECT public, first_day FROM audit_keys ORDER BY first_day, id")
        return [(PublicKey(row[0]), date.fromisoformat(row[1])) for row in rows]


def day_values(day: SignedDay) -> tuple[object, ...]:
    """A row of `days`."""
    return (day.day.isoformat(), day.count, day.previous, day.root, day.key, day.signature, " ".join(day.blocks))


def day_from(row: Sequence[Any]) -> SignedDay:
    """The inverse of `day_values`. Raises `ValueError` and its like for a row that this program did not write."""
    day, count, previous, root, key, signature, blocks = row
    return SignedDay(date.fromisoformat(day), count, previous, root, key, signature, tuple(blocks.split(" ")))


def head_values(head: DayHead) -> tuple[object, ...]:
    """A row of `day_heads`."""
    return (head.day.isoformat(), head.place, head.submission, head.number, head.head)


def head_from(row: Sequence[Any]) -> DayHead:
    """The inverse of `head_values`. Raises `ValueError` and its like for a row that this program did not write."""
    return DayHead(date.fromisoformat(row[0]), *row[1:])
