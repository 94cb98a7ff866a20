"""A home in which the program dies at the n-th moment of writing: around each statement of a transaction, each commit,
each letter and object handed over, and each file made to last or put in its place. Only wrappers around the ports and
the system; the program knows nothing of it.
"""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from handlers.facts_bridge import facts_recorder
from infra.file_objects import FileObjects
from infra.maildir import Maildir
from infra.sqlite.store import SqliteStore
from tests.workflows.conftest import KEY, SetClock, _catalogue
from workflows.links import Links
from workflows.ports import Letter, Mailer
from workflows.services import Services
from workflows.sweep import Sweep

FILE_CALLS = ("fsync", "rename", "replace", "link", "unlink")


class Moments:
    """Counts the moments of writing, and ends the process at one of them."""

    def __init__(self, last: int = 0) -> None:
        self.last, self.count = last, 0
        self.names: list[str] = []
        self._counting = threading.Lock()

    def pass_by(self, name: str) -> None:
        with self._counting:
            self.count += 1
            self.names.append(name)
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """The same, with a moment before it and one after."""

        def acting(*arguments: Any, **named: Any) -> Any:
            self.pass_by(f"before {name}")
            result = act(*arguments, **named)
            self.pass_by(f"after {name}")
            return result

        return acting


class MortalConnection:
    """The writing connection, with moments around each statement."""

    def __init__(self, connection: sqlite3.Connection, moments: Moments) -> None:
        self._connection = connection
        self.execute = moments.around("a statement", connection.execute)
        self.executemany = moments.around("statements", connection.executemany)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class MortalStore(SqliteStore):
    """The store, with moments around each transaction and inside it."""

    moments = Moments()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        self.moments.pass_by("before a transaction")
        with super().transaction() as connection:
            yield MortalConnection(connection, self.moments)
            self.moments.pass_by("before the commit")
        self.moments.pass_by("after the commit")


class Relay:
    """A mail server that notes the id of each letter it took, and is asked nothing back (SMTP)."""

    def __init__(self, root: Path) -> None:
        self.taken = root / "relay"

    def send(self, letter: Letter, _: datetime) -> None:
        with self.taken.open("a") as notes:
            notes.write(f"{letter.id}\n")

    @contextmanager
    def batch(self) -> Iterator[None]:
        yield


class MortalMailer:
    """A mailer, with moments around each letter."""

    def __init__(self, mailer: Mailer, moments: Moments) -> None:
        self.send = moments.around("a letter", mailer.send)
        self.batch = mailer.batch


class MortalObjects(FileObjects):
    """The objects, with moments around each that is made."""

    def __init__(self, root: Path, moments: Moments) -> None:
        super().__init__(root)
        self._creating = moments.around("a fact", super().create)

    def create(self, name: str, data: bytes) -> bool:
        made: bool = self._creating(name, data)
        return made


def open_home(root: Path, moments: Moments, at: datetime, *, smtp: bool) -> tuple[Services, Sweep]:
    """The home in this folder, as a program opens it that may die."""
    clock = SetClock(at)
    MortalStore.moments = moments
    store = MortalStore(root / "home.sqlite3")
    services = Services(store, clock, Links([KEY], clock), _catalogue(), "http://zhibao.example")
    mailer: Mailer = Relay(root) if smtp else Maildir(root / "mail", "zhibao@example.org")
    mailer, objects = MortalMailer(mailer, moments), MortalObjects(root / "objects", moments)
    return services, Sweep(services, mailer, facts_recorder(services, objects), once_by_id=not smtp)


@contextmanager
def mortal_files(moments: Moments) -> Iterator[None]:
    """Moments around each call that makes a file last or puts it in its place."""
    with pytest.MonkeyPatch.context() as patch:
        for name in FILE_CALLS:
            patch.setattr(os, name, moments.around(name, getattr(os, name)))
        yield


def in_a_life(act: Callable[[Moments], None], last: int) -> tuple[int, list[str]]:
    """Do it in a process of its own that dies at the moment `last` (0: never). How it ended, and the moments passed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            moments = Moments(last)
            with mortal_files(moments):
                act(moments)
            os.write(writing, "\n".join(moments.names).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as told:
        names = told.read().split("\n")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), names
