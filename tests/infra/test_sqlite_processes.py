"""The SQLite home under several processes: races, the sweep's lease, killed writers, and bringing a file up to date."""

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from infra.sqlite.database import SchemaTooNew
from infra.sqlite.migrations import MIGRATIONS
from infra.sqlite.store import SqliteStore

PREAMBLE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from infra.sqlite.store import SqliteStore
from register.units import UnitKind
from workflows.machine.events import FilingExpected, LevelAccepted, Submitted
from workflows.machine.states import State
from workflows.ports import StateConflict
from workflows.submissions import Identity, Submission, Transition, advance

AT = datetime(2026, 1, 5, tzinfo=UTC)
store = SqliteStore(Path(sys.argv[1]))

def opening(key):
    identity = Identity(key, 2025, "f", key, UnitKind.ENTERPRISE, "1", "", "1", "1")
    before = Submission(identity, State())
    after, links = advance(before, (FilingExpected((("county", "1"),)),), AT)
    return Transition(before=before, after=after, at=AT, events=links)

def say(word):
    print(word, flush=True)
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a process of ours over the test's home; each is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def run(script: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-c", PREAMBLE + script, str(tmp_path / "home.sqlite3"), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output


RACE = """
for number in range(50):
    key = f"s{number:02d}"
    store.create([opening(key)])
    before = store.submission(key)
    if before.version == 1:
        after, links = advance(before, (Submitted("f", 1, "h", "v", "r", False),), AT)
        try:
            store.commit(Transition(before=before, after=after, at=AT, events=links))
        except StateConflict:
            pass
won = []
say("ready")
sys.stdin.readline()
for number in range(50):
    before = store.submission(f"s{number:02d}")
    if before.version != 2:
        continue
    after, links = advance(before, (LevelAccepted(sys.argv[2], "county", "1", 1, "h"),), AT)
    try:
        store.commit(Transition(before=before, after=after, at=AT, events=links))
        won.append(before.id)
    except StateConflict:
        pass
say(" ".join(won))
"""


def test_of_four_processes_that_decide_on_one_return_exactly_one_wins(start: Start, tmp_path: Path) -> None:
    processes = [start(RACE, f"p{number}") for number in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    won = [answer(process).split() for process in processes]
    assert sorted(key for keys in won for key in keys) == [f"s{number:02d}" for number in range(50)]
    store = SqliteStore(tmp_path / "home.sqlite3")
    for number, keys in enumerate(won):
        for key in keys:
            (event,) = list(store.events(key))[2:]
            assert event.data["person"] == f"p{number}"
    store.close()


def test_four_processes_that_open_a_new_home_at_once_share_its_key(start: Start) -> None:
    processes = [start("say(store.home_key().hex())") for _ in range(4)]
    keys = {answer(process).strip() for process in processes}
    assert len(keys) == 1
    assert len(bytes.fromhex(keys.pop())) == 32


OPEN_TOGETHER = """
for number in range(20):
    say("ready")
    sys.stdin.readline()
    SqliteStore(Path(sys.argv[1]).with_name(f"new{number}.sqlite3")).close()
"""


def test_a_new_home_opened_by_four_processes_at_the_same_moment_refuses_none_of_them(start: Start) -> None:
    processes = [start(OPEN_TOGETHER) for _ in range(4)]
    for _ in range(20):
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0, 0]


HOLD = """
with store.sweeping():
    say("inside")
    sys.stdin.readline()
say("outside")
"""


def test_a_sweep_waits_for_the_pass_of_another_process(start: Start, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "home.sqlite3")
    with store.sweeping():
        other = start("say('up')" + HOLD)
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        assert select.select([other.stdout], [], [], 0.2)[0] == []
    assert other.communicate("go\n", timeout=60)[0].split() == ["inside", "outside"]
    store.close()


def test_a_pass_that_was_killed_holds_up_nobody(start: Start, tmp_path: Path) -> None:
    process = start(HOLD)
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert answer(start("with store.sweeping(): say('inside')")) == "inside\n"


def test_a_step_whose_process_is_killed_before_its_end_leaves_nothing(start: Start, tmp_path: Path) -> None:
    script = """
store.create([opening("kept")])
with store.transaction() as db:
    db.execute("DELETE FROM submissions")
    say("inside")
    sys.stdin.readline()
"""
    process = start(script)
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    store = SqliteStore(tmp_path / "home.sqlite3")
    assert store.submission("kept") is not None
    assert store.create([]) == 0
    store.close()


def test_an_empty_file_is_brought_up_to_the_newest_schema(tmp_path: Path) -> None:
    path = tmp_path / "home.sqlite3"
    path.touch()
    store = SqliteStore(path)
    assert store.read_one("PRAGMA user_version") == (len(MIGRATIONS),)
    key = store.home_key()
    store.close()
    again = SqliteStore(path)
    assert again.home_key() == key
    again.close()


def test_a_file_is_brought_up_by_each_later_migration_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "home.sqlite3"
    first = SqliteStore(path)
    key = first.home_key()
    first.set_mark("kept", "yes")
    first.close()
    later = (
        "CREATE TABLE extra (a TEXT);\n-- a comment; with a semicolon\nINSERT INTO extra VALUES ('one; two');",
        "ALTER TABLE extra ADD COLUMN b TEXT NOT NULL DEFAULT 'x';",
    )
    monkeypatch.setattr("infra.sqlite.database.MIGRATIONS", (*MIGRATIONS, *later))
    store = SqliteStore(path)
    assert store.read("SELECT a, b FROM extra") == [("one; two", "x")]
    assert (store.mark("kept"), store.home_key()) == ("yes", key)
    store.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "home.sqlite3"
    SqliteStore(path).close()
    broken = "CREATE TABLE extra (a TEXT);\nINSERT INTO nowhere VALUES (1);"
    with monkeypatch.context() as patch:
        patch.setattr("infra.sqlite.database.MIGRATIONS", (*MIGRATIONS, broken))
        with pytest.raises(sqlite3.OperationalError):
            SqliteStore(path)
    store = SqliteStore(path)
    assert store.read("SELECT name FROM sqlite_master WHERE name = 'extra'") == []
    store.close()


def test_a_file_written_by_a_newer_zhibao_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "home.sqlite3"
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(SchemaTooNew, match="newer version"):
        SqliteStore(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)


def test_a_step_has_the_file_to_itself_before_it_reads(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "home.sqlite3")
    with closing(sqlite3.connect(store.path, timeout=0, isolation_level=None)) as other:
        with store.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
    store.close()


def test_every_commit_is_on_disk_before_it_returns(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "home.sqlite3")
    with store.transaction() as database:
        settings = [database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]
    store.close()


def test_the_waiting_list_the_newest_returns_and_the_counts_come_from_an_index(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "home.sqlite3")
    queries = {
        "submissions_waiting": "SELECT id FROM submissions WHERE waiting_at = '1' ORDER BY since, id",
        "submissions_sealed": "SELECT id FROM submissions"
        " WHERE year = 1 AND sealed_at IS NOT NULL ORDER BY sealed_at DESC",
        "submissions_due": "SELECT id FROM submissions WHERE next_at <= '2' ORDER BY next_at, id",
        "submissions_by_collection": "SELECT id FROM submissions WHERE year = 1 AND form = 'f' ORDER BY id",
        "letters_by_person": "SELECT count(*) FROM letters WHERE person = 'p' AND at >= '1'",
        "outbox_due": "SELECT id FROM outbox WHERE done_at IS NULL AND next_at <= '2' ORDER BY next_at, seq",
    }
    for index, query in queries.items():
        plan = json.dumps(store.read(f"EXPLAIN QUERY PLAN {query}"))
        assert index in plan
        assert "TEMP B-TREE" not in plan
    store.close()
