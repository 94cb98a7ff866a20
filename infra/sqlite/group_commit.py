"""One writing connection for many threads: steps that wait at the same moment are committed together, with one sync.

Processes take turns by a file lock: the system wakes the next one at once, where SQLite's own waiting sleeps and looks.
A disk that takes 5 ms for a sync would otherwise hold all filers to 200 steps a second. Each step is undone alone
when it fails, and each caller is told only after the sync that makes his step last.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

LARGEST = 64
"""Steps of one group at most."""
PATIENCE = 1.0
"""Seconds after which a waiting step looks whether the one who was to commit still lives."""


@dataclass(slots=True, eq=False)
class _Group:
    """Steps between one BEGIN and its COMMIT."""

    size: int = 0
    settled: threading.Event = field(default_factory=threading.Event)
    error: sqlite3.Error | None = None


class GroupCommit:
    """The turns of one connection. Whoever ends his step while nobody waits for a turn commits for the group."""

    def __init__(self, connection: sqlite3.Connection, gate: IO[str]) -> None:
        """`gate` is an open file that every process of the home locks while it writes."""
        self._connection = connection
        self._gate = gate
        self._turn = threading.RLock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._inside = False
        self._group: _Group | None = None

    @contextmanager
    def step(self) -> Iterator[sqlite3.Connection]:
        """One all-or-nothing step; it lasts when this returns. Raises `sqlite3.Error` when it could not be kept.

        A step that fails waits too: what it ran into may be another step of its group, which no reader sees before
        the sync, so that a caller who reads again would only meet the old state again.
        """
        group = self._begin()
        try:
            with self._savepoint():
                yield self._connection
        finally:
            self._end(group)
            self._wait(group)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A moment in which nobody writes, in this process or another; what was open before is settled first."""
        with self._turn:
            if self._group is not None:
                self._settle(self._group)
            fcntl.flock(self._gate, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _begin(self) -> _Group:
        """Wait for the turn; join the group that is open, or open one."""
        with self._counting:
            self._waiting += 1
        self._turn.acquire()
        with self._counting:
            self._waiting -= 1
        try:
            if self._inside:
                raise RuntimeError("a transaction inside a transaction of the same thread")
            group = self._group or self._open_group()
        except BaseException:
            self._turn.release()
            raise
        self._inside = True
        return group

    def _open_group(self) -> _Group:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
            raise
        self._group = _Group()
        return self._group

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self._connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO step")
                self._connection.execute("RELEASE step")
            raise
        self._connection.execute("RELEASE step")

    def _end(self, group: _Group) -> None:
        """Commit unless somebody waits who will, and give the turn away."""
        try:
            self._inside = False
            group.size += 1
            with self._counting:
                is_last = self._waiting == 0 or group.size >= LARGEST
            if is_last or not self._connection.in_transaction:
                self._settle(group)
        finally:
            self._turn.release()

    def _settle(self, group: _Group) -> None:
        """Commit, or note for all of the group that it was lost (SQLite itself rolls back when the disk is full)."""
        try:
            if not self._connection.in_transaction:
                raise sqlite3.OperationalError("the transaction was rolled back by SQLite")
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            group.error = error
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
            self._group = None
            group.settled.set()

    def _wait(self, group: _Group) -> None:
        while not group.settled.wait(PATIENCE):
            with self._turn:
                if self._group is group:
                    self._settle(group)
        if group.error is not None:
            raise type(group.error)(*group.error.args) from group.error
