"""One SQLite file: its connections, its transactions and its schema version.

Readers have a connection per thread; writers take turns on one connection, because many threads that wait for
SQLite's own lock starve some of them for a second or two. Other processes are kept apart by BEGIN IMMEDIATE.
"""

import fcntl
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.payload_keys import HomeKeys
from infra.sqlite.checkpoints import MOST_PAGES, Checkpoints
from infra.sqlite.encrypting import DATA_KEY, Encrypting, prepare, rotate
from infra.sqlite.group_commit import GroupCommit
from infra.sqlite.migrations import MIGRATIONS

BUSY_SECONDS = 60.0


class SchemaTooNew(RuntimeError):
    """The file was written by a newer Zhibao than this one."""


class Database:
    """A connection pool of one writer and a reader per thread over one file."""

    def __init__(self, path: Path, keys: HomeKeys | None = None) -> None:
        """`keys` encrypt figures and words at rest (`infra.payload_keys`)."""
        self.path = path
        self.encrypting = Encrypting(path, keys)
        self._local = threading.local()
        self._home_key = b""
        self._opened: list[sqlite3.Connection] = []
        self._opened_lock = threading.Lock()
        self._gate = path.with_suffix(".write").open("w")
        self._writer = self._connect_first()
        self._turns = GroupCommit(self._writer, self._gate)
        self._checkpoints = Checkpoints(self._turns.alone)
        try:
            self._migrate()
            if prepare(self._writer, keys) and keys is not None:
                self.rotate_keys(keys)
        except BaseException:
            self.close()
            raise

    def _connect_first(self) -> sqlite3.Connection:
        """The writer. Turning a file to its write-ahead log waits for nobody: two processes that open a new home at the
        same moment would refuse each other, so they take turns by the gate."""
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            connection = self._connect()
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self.encrypting.teach(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = FAST")
        connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES:d}")
        with self._opened_lock:
            self._opened.append(connection)
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: committed with a full sync when this ends, rolled back on any exception."""
        with self._turns.step() as connection:
            yield connection
        self._checkpoints.after_step(self._reader)

    def _reader(self) -> sqlite3.Connection:
        """This thread's own connection for reading."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    @contextmanager
    def one_instant(self) -> Iterator[None]:
        """Inside, all that this thread reads is of one instant: one read transaction. The write-ahead log cannot begin
        anew until it ends, so the file grows by what is written meanwhile."""
        reader = self._reader()
        reader.execute("BEGIN")
        try:
            yield
        finally:
            reader.execute("ROLLBACK")

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, from this thread's own connection."""
        rows: list[tuple[Any, ...]] = self._reader().execute(sql, parameters).fetchall()
        return rows

    def read_one(self, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    def home_key(self) -> bytes:
        """The home's own 256-bit key, made with the file; it never changes."""
        if not self._home_key:
            row = self.read_one("SELECT value FROM meta WHERE name = 'home_key'")
            self._home_key = bytes.fromhex(row[0]) if row else b""
        return self._home_key

    def rotate_keys(self, keys: HomeKeys) -> int:
        """Wrap the data keys by the newest home's key and add one; how many there are now."""
        with self.transaction() as db:
            return rotate(db, keys)

    def wrapping(self, keys: HomeKeys | None) -> tuple[int, int]:
        """How many data keys the newest home's key wraps, and how many others there are."""
        rows = self.read("SELECT value FROM meta WHERE name GLOB ?", (f"{DATA_KEY}*",))
        own = sum(keys is not None and keys.wraps(row[0]) for row in rows)
        return own, len(rows) - own

    def forget_home_key(self) -> None:
        """Read it anew: the file has become another home's."""
        self._home_key = b""

    def close(self) -> None:
        """Close every connection of every thread."""
        with self._opened_lock:
            while self._opened:
                self._opened.pop().close()
        self._gate.close()

    def _migrate(self) -> None:
        """Bring the file to the newest schema; each migration is one transaction."""
        version = self._version()
        if version > len(MIGRATIONS):
            raise SchemaTooNew(
                f"{self.path.name}: 数据文件的版本 {version} 比程序认识的 {len(MIGRATIONS)} 新，"
                "请升级 Zhibao (written by a newer version)"
            )
        while self._version() < len(MIGRATIONS):
            self._apply_next()
        # Another process may have changed the tables since this connection read them: a look at one makes it read anew.
        self._writer.execute("SELECT 1 FROM meta LIMIT 1").fetchall()

    def _apply_next(self) -> None:
        """Apply one migration unless another process has just done so."""
        with self.transaction() as connection:
            version = self._version()
            if version >= len(MIGRATIONS):
                return
            for statement in _statements(MIGRATIONS[version]):
                connection.execute(statement)
            if version == 0:
                key = secrets.token_hex(32)
                connection.execute("INSERT INTO meta VALUES ('home_key', ?)", (key,))
            connection.execute(f"PRAGMA user_version = {version + 1:d}")

    def _version(self) -> int:
        version: int = self._writer.execute("PRAGMA user_version").fetchone()[0]
        return version


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: executescript() would end the transaction it runs in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
