"""A home from before there were signed days: what moved in it is signed like everything else."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from infra.sqlite import database
from infra.sqlite.migrations import MIGRATIONS
from infra.sqlite.store import SqliteStore
from workflows.days import Closing
from workflows.signing import SigningKey, new_key

BEFORE = next(number for number, script in enumerate(MIGRATIONS) if "CREATE TABLE moves" in script)
EVENTS = (
    ("s", 1, "2026-01-05T15:59:59.999999Z"),
    ("s", 2, "2026-01-05T16:00:00.000000Z"),
    ("t", 1, "2026-01-06T01:00:00.000000Z"),
)


def test_chains_that_moved_before_are_covered_from_their_first_day_on(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        for script in MIGRATIONS[:BEFORE]:
            for statement in database._statements(script):
                db.execute(statement)
        for submission, number, at in EVENTS:
            row = (submission, number, at, "DraftStarted", "{}", "0" * 64, f"{number:064x}")
            db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        db.execute(f"PRAGMA user_version = {BEFORE}")
        db.execute("INSERT INTO meta VALUES ('home_key', ?)", ("0" * 64,))
        db.commit()
    store = SqliteStore(path)
    now = datetime(2026, 1, 7, tzinfo=UTC)
    assert Closing(store, lambda: SigningKey(new_key())).run(now, lambda: True) == 2
    for day, heads in ((date(2026, 1, 5), [("s", 1)]), (date(2026, 1, 6), [("s", 2), ("t", 1)])):
        assert [(head.submission, head.number) for head in store.day_heads(day, 0, 9)] == heads
    assert store.moves(now.date() + timedelta(days=1), "", 9) == []
    store.close()
