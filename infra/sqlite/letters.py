"""The record of letters in SQLite: who was written to, when, by which channel, and what came of it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.sqlite.database import Database
from workflows.deadlines import from_text, to_text
from workflows.ports import LetterRecord

LETTER = "letter, outbox, person, at, outcome, channel, kind"


def insert_letters(db: sqlite3.Connection, records: Sequence[LetterRecord]) -> None:
    """Record letters inside the caller's transaction; the first record of a letter stands."""
    db.executemany(
        f"INSERT OR IGNORE INTO letters ({LETTER}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [letter_values(one) for one in records],
    )


class LetterTables(Database):
    """The `LetterStore` port over SQLite."""

    def letter_outcomes(self, letter_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of these letters were handed over already."""
        wanted = json.dumps(list(letter_ids))
        sql = "SELECT letter, outcome FROM letters WHERE letter IN (SELECT value FROM json_each(?))"
        return dict(self.read(sql, (wanted,)))

    def letter(self, letter_id: str) -> LetterRecord | None:
        """One letter by id."""
        row = self.read_one(f"SELECT {LETTER} FROM letters WHERE letter = ?", (letter_id,))
        return letter_from(row) if row else None

    def record_letters(self, records: Sequence[LetterRecord]) -> None:
        """Mark letters as handed over, at once."""
        with self.transaction() as db:
            insert_letters(db, records)

    def letters_of(self, outbox_id: str) -> Sequence[LetterRecord]:
        """The letters of one promise, by id."""
        rows = self.read(f"SELECT {LETTER} FROM letters WHERE outbox = ? ORDER BY letter", (outbox_id,))
        return [letter_from(row) for row in rows]

    def letters_since(self, person: str, since: datetime, kinds: frozenset[str]) -> int:
        """Letters of these kinds to one person, from one index."""
        row = self.read_one(
            "SELECT count(*) FROM letters WHERE person = ? AND at >= ? AND kind IN (SELECT value FROM json_each(?))",
            (person, to_text(since), json.dumps(sorted(kinds))),
        )
        return int(row[0]) if row else 0

    def change_outcome(self, letter: str, was: str, outcome: str) -> bool:
        """What came of a letter after all."""
        with self.transaction() as db:
            changed = db.execute(
                "UPDATE letters SET outcome = ? WHERE letter = ? AND outcome = ?", (outcome, letter, was)
            )
        return changed.rowcount == 1


def letter_values(one: LetterRecord) -> tuple[object, ...]:
    """A row of `letters`."""
    return (one.letter, one.outbox, one.person, to_text(one.at), one.outcome, one.channel, one.kind)


def letter_from(row: tuple[Any, ...]) -> LetterRecord:
    """The inverse of `letter_values`."""
    letter, outbox, person, at, outcome, channel, kind = row
    return LetterRecord(letter, outbox, person, from_text(at), outcome, channel, kind)
