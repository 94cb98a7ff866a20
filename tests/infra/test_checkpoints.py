"""The write-ahead log is moved beside the writers, and what it does is nobody's error."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from infra.sqlite import checkpoints
from infra.sqlite.checkpoints import Checkpoints
from infra.sqlite.database import Database

PAGE = 4096


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A file whose log is looked at after every fourth step, and is long from 40 pages on."""
    monkeypatch.setattr(checkpoints, "STEPS", 4)
    monkeypatch.setattr(checkpoints, "LONG_PAGES", 40)
    with closing(Database(tmp_path / "home.sqlite3")) as opened:
        yield opened


def note(database: Database, name: str) -> None:
    with database.transaction() as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, "x" * 3 * PAGE))


def log_pages(database: Database) -> int:
    return database.path.with_name("home.sqlite3-wal").stat().st_size // PAGE


def test_the_log_begins_anew_and_stays_short_however_much_is_written(database: Database) -> None:
    for number in range(100):
        note(database, f"note {number}")
    assert 0 < log_pages(database) < 100  # 100 steps wrote more than 400 pages


def test_what_was_moved_is_in_the_file_itself(database: Database) -> None:
    for number in range(8):
        note(database, f"note {number}")
    with closing(sqlite3.connect(f"file:{database.path}?immutable=1", uri=True)) as without_log:
        names = {row[0] for row in without_log.execute("SELECT name FROM meta WHERE name LIKE 'note %'")}
    assert names >= {f"note {number}" for number in range(4)}


def test_a_reader_that_holds_an_old_state_keeps_it_and_is_not_waited_for(database: Database) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM meta").fetchone()
        for number in range(40):
            note(database, f"note {number}")
        assert reader.execute("SELECT count(*) FROM meta").fetchone() == before
    assert database.read_one("SELECT count(*) FROM meta WHERE name LIKE 'note %'") == (40,)


def test_a_log_that_cannot_be_moved_is_no_error_of_the_step_that_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(checkpoints, "STEPS", 1)

    @contextmanager
    def alone() -> Iterator[None]:
        yield

    def closed() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "db")
        connection.close()
        return connection

    Checkpoints(alone).after_step(closed)
    assert "was not moved" in caplog.text


def test_nobody_writes_while_the_end_of_a_long_log_is_moved(database: Database) -> None:
    gate = database.path.with_suffix(".write")
    with gate.open("w") as other, database._turns.alone(), pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    note(database, "afterwards")
