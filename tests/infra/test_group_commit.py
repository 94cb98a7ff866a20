"""Steps of many threads on one connection: kept together, undone alone, told only once they last."""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

from infra.sqlite.group_commit import GroupCommit


class Watched(sqlite3.Connection):
    """Counts commits, and can fail the next one."""

    commits = 0
    fail_commit = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if sql == "COMMIT":
            if self.fail_commit:
                self.fail_commit = False
                raise sqlite3.OperationalError("disk I/O error")
            self.commits += 1
        return super().execute(sql, parameters)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Watched]:
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None, check_same_thread=False, factory=Watched)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE rows (name TEXT PRIMARY KEY)")
    yield connection
    connection.close()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[IO[str]]:
    with (tmp_path / "gate").open("w") as handle:
        yield handle


@pytest.fixture
def stored(tmp_path: Path, writer: Watched) -> Iterator[Callable[[], set[str]]]:
    """What another connection sees: only what is committed."""
    reader = sqlite3.connect(tmp_path / "db")
    yield lambda: {row[0] for row in reader.execute("SELECT name FROM rows")}
    reader.close()


def add(turns: GroupCommit, name: str) -> None:
    with turns.step() as db:
        db.execute("INSERT INTO rows VALUES (?)", (name,))


class Rush:
    """Holds one step open until others wait behind it, so that they make one group."""

    def __init__(self, turns: GroupCommit) -> None:
        self.turns = turns
        self.entered = threading.Event()
        self.leave = threading.Event()

    def first(self) -> None:
        with self.turns.step() as db:
            db.execute("INSERT INTO rows VALUES ('first')")
            self.entered.set()
            assert self.leave.wait(10)

    def run(self, pool: ThreadPoolExecutor, *steps: Callable[[], None]) -> list[Future[None]]:
        """The held step and the others, all ended."""
        futures = [pool.submit(self.first)]
        assert self.entered.wait(10)
        futures += [pool.submit(step) for step in steps]
        while self.turns._waiting < len(steps):
            threading.Event().wait(0.001)
        self.leave.set()
        for future in futures:
            future.exception(10)
        return futures


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as threads:
        yield threads


def test_steps_that_wait_together_are_committed_with_one_sync(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]], pool: ThreadPoolExecutor
) -> None:
    turns = GroupCommit(writer, gate)
    Rush(turns).run(pool, *(lambda name=f"n{i}": add(turns, name) for i in range(6)))
    assert stored() == {"first", *(f"n{i}" for i in range(6))}
    assert writer.commits == 1


def test_a_step_that_fails_is_undone_alone(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]], pool: ThreadPoolExecutor
) -> None:
    turns = GroupCommit(writer, gate)

    def half() -> None:
        with turns.step() as db:
            db.execute("INSERT INTO rows VALUES ('half')")
            raise ValueError("no")

    futures = Rush(turns).run(pool, half, lambda: add(turns, "other"), lambda: add(turns, "first"))
    assert stored() == {"first", "other"}
    failures = sorted(type(future.exception()).__name__ for future in futures if future.exception())
    assert failures == ["IntegrityError", "ValueError"]


def test_nobody_is_told_before_the_sync(writer: Watched, gate: IO[str], pool: ThreadPoolExecutor) -> None:
    turns, told = GroupCommit(writer, gate), []

    def step(name: str) -> None:
        add(turns, name)
        told.append(writer.commits)

    Rush(turns).run(pool, lambda: step("a"), lambda: step("b"))
    assert told == [1, 1]


def test_a_commit_that_fails_is_told_to_every_step_of_the_group(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]], pool: ThreadPoolExecutor
) -> None:
    turns = GroupCommit(writer, gate)
    writer.fail_commit = True
    futures = Rush(turns).run(pool, lambda: add(turns, "a"), lambda: add(turns, "b"))
    assert [str(future.exception()) for future in futures] == ["disk I/O error"] * 3
    assert stored() == set()
    add(turns, "later")
    assert stored() == {"later"}


def test_a_group_that_sqlite_itself_rolled_back_is_told_to_every_step(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]], pool: ThreadPoolExecutor
) -> None:
    turns = GroupCommit(writer, gate)

    def full() -> None:
        with turns.step() as db:
            db.execute("INSERT OR ROLLBACK INTO rows VALUES ('first')")

    futures = Rush(turns).run(pool, full)
    assert all(isinstance(future.exception(), sqlite3.Error) for future in futures)
    assert stored() == set()
    add(turns, "later")
    assert stored() == {"later"}


def test_a_step_inside_a_step_is_refused_and_harms_nothing(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]]
) -> None:
    turns = GroupCommit(writer, gate)
    with turns.step() as db:
        with pytest.raises(RuntimeError, match="inside"):
            add(turns, "inner")
        db.execute("INSERT INTO rows VALUES ('outer')")
    assert stored() == {"outer"}


def test_a_step_commits_for_one_who_never_came(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.sqlite.group_commit.PATIENCE", 0.01)
    turns = GroupCommit(writer, gate)
    turns._waiting = 1
    add(turns, "alone")
    assert stored() == {"alone"}


def test_many_threads_lose_nothing(
    writer: Watched, gate: IO[str], stored: Callable[[], set[str]], pool: ThreadPoolExecutor
) -> None:
    turns = GroupCommit(writer, gate)
    names = [f"n{i}" for i in range(400)]
    list(pool.map(lambda name: add(turns, name), names))
    assert stored() == set(names)
    assert not writer.in_transaction


def test_while_one_process_writes_the_others_wait_at_the_gate(writer: Watched, gate: IO[str]) -> None:
    turns = GroupCommit(writer, gate)
    with Path(gate.name).open("w") as other:
        with turns.step() as db:
            db.execute("INSERT INTO rows VALUES ('a')")
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_process_that_cannot_begin_leaves_the_gate_open(writer: Watched, gate: IO[str]) -> None:
    turns = GroupCommit(writer, gate)
    writer.execute("BEGIN")
    with pytest.raises(sqlite3.OperationalError):
        add(turns, "a")
    writer.execute("ROLLBACK")
    add(turns, "b")
    with Path(gate.name).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
