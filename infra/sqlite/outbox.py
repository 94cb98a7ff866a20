"""Promised effects in SQLite, the sweep's lease, and its notes."""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from infra.sqlite.database import Database
from infra.sqlite.letters import insert_letters
from infra.sqlite.rows import compact
from workflows.deadlines import from_text, to_text
from workflows.ports import LetterRecord
from workflows.submissions import OutboxItem

PROMISE = "INSERT OR IGNORE INTO outbox (id, kind, data, created_at, next_at) VALUES (?, ?, ?, ?, ?)"
"""Promises one effect inside the caller's transaction; an id that is there already is left alone."""


def promised(item: OutboxItem) -> tuple[str, ...]:
    """The values of `PROMISE`."""
    due = to_text(item.due_at or item.created_at)
    return item.id, item.kind, compact(dict(item.data)), to_text(item.created_at), due


class OutboxTables(Database):
    """The `OutboxStore` port over SQLite."""

    def enqueue(self, items: Sequence[OutboxItem]) -> None:
        """Promise effects that belong to no transition."""
        with self.transaction() as db:
            db.executemany(PROMISE, [promised(item) for item in items])

    def pending(self, now: datetime, limit: int) -> Sequence[OutboxItem]:
        """Effects whose time has come, by that time; it is one range of an index that holds the undone only."""
        rows = self.read(
            "SELECT id, kind, data, created_at FROM outbox WHERE done_at IS NULL AND next_at <= ?"
            " ORDER BY next_at, seq LIMIT ?",
            (to_text(now), limit),
        )
        return [OutboxItem(row[0], row[1], json.loads(row[2]), from_text(row[3])) for row in rows]

    def pending_count(self) -> int:
        """How many effects are not done, due or not."""
        row = self.read_one("SELECT count(*) FROM outbox WHERE done_at IS NULL")
        return int(row[0]) if row else 0

    def finish(self, ids: Sequence[str], records: Sequence[LetterRecord], at: datetime) -> None:
        """Mark effects as done, with their letters, in one transaction."""
        with self.transaction() as db:
            insert_letters(db, records)
            db.executemany("UPDATE outbox SET done_at = ? WHERE id = ?", [(to_text(at), key) for key in ids])

    def postpone(self, outbox_id: str, until: datetime, error: str) -> None:
        """Try again later; the error is kept for the operator."""
        with self.transaction() as db:
            db.execute(
                "UPDATE outbox SET next_at = ?, attempts = attempts + 1, error = ? WHERE id = ?",
                (to_text(until), error[:500], outbox_id),
            )

    def defer(self, untils: Mapping[str, datetime]) -> None:
        """Look at effects again at other instants; nothing went wrong with them."""
        if not untils:
            return
        with self.transaction() as db:
            db.executemany(
                "UPDATE outbox SET next_at = ? WHERE id = ? AND done_at IS NULL",
                [(to_text(until), key) for key, until in untils.items()],
            )

    def attempts(self, outbox_id: str) -> int:
        """How often an effect was tried and failed."""
        row = self.read_one("SELECT attempts FROM outbox WHERE id = ?", (outbox_id,))
        return int(row[0]) if row else 0

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """A file lock beside the database: the system frees it when a process is killed."""
        with self.path.with_suffix(".sweep").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def mark(self, name: str) -> str | None:
        """A small note the sweep keeps for itself."""
        row = self.read_one("SELECT value FROM meta WHERE name = ?", (f"mark:{name}",))
        return str(row[0]) if row else None

    def count_up(self, name: str) -> int:
        """One more of something that is limited."""
        with self.transaction() as db:
            row = db.execute(
                "INSERT INTO meta VALUES (?, '1') ON CONFLICT (name) DO UPDATE SET"
                " value = CAST(value AS INTEGER) + 1 RETURNING value",
                (f"count:{name}",),
            ).fetchone()
        return int(row[0])

    def set_mark(self, name: str, value: str) -> None:
        """Keep a note."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"mark:{name}", value))
