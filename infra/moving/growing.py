"""A home on one machine that grows in a hidden folder inside itself, and is there at once or not at all.

The moment it is there is the one in which the database file takes its place: without that file a folder is no home
(`handlers.bootstrap.wire`). Whatever an earlier loading that was killed left behind is removed first.
"""

import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.backup import DATABASE
from infra.settings import AUDIT_KEY, DEMO_MARK, LOADING, PAYLOAD_KEYS
from workflows.moving import HomeNotEmpty

_LOCK = ".loading-lock"
_FRESH = {"objects", "mail", "secret_keys", "audit_key", "payload_keys", "zhibao.write", "zhibao.sweep", LOADING, _LOCK}
"""What an empty home may hold besides its database."""
_KEYS = ("secret_keys", AUDIT_KEY, PAYLOAD_KEYS)


@contextmanager
def alone_in(home: Path) -> Iterator[None]:
    """Nobody else loads into this folder meanwhile. Raises `HomeNotEmpty` when somebody does."""
    home.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    lock = home / _LOCK
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeNotEmpty(f"{home}: 另一个 zhibao load 正在进行 (another load is running)") from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


def begin(home: Path) -> bool:
    """Make the hidden folder anew; whether there was one that was cut short. Raises `HomeNotEmpty`.

    The caller has looked into the database, if there is one.
    """
    growing = home / LOADING
    was_cut_short = growing.exists()
    if was_cut_short and not (home / DATABASE).exists():
        for name in ("objects", "mail"):
            shutil.rmtree(home / name, ignore_errors=True)
        (home / DEMO_MARK).unlink(missing_ok=True)
    strange = {path.name for path in home.iterdir()} - _FRESH - _database_files(home)
    filled = [path for name in ("objects", "mail") for path in (home / name).rglob("*") if path.is_file()]
    if strange or any(not path.name.startswith(".") for path in filled):
        raise HomeNotEmpty(f"{home} 不是空的，什么都没有动 (not empty; nothing was touched)")
    shutil.rmtree(growing, ignore_errors=True)
    growing.mkdir(mode=stat.S_IRWXU)
    for name in _KEYS:
        if (home / name).exists():
            shutil.copy2(home / name, growing / name)
    return was_cut_short


def settle(home: Path) -> None:
    """Put what has grown in its place, the database last. Its store must be closed."""
    growing = home / LOADING
    for name in _database_files(home):
        (home / name).unlink(missing_ok=True)
    for path in sorted(growing.iterdir(), key=lambda one: one.name == DATABASE):
        target = home / path.name
        if target.is_dir():
            shutil.rmtree(target)
        _sync(growing)
        path.replace(target)
    _sync(home)
    growing.rmdir()


def give_up(home: Path) -> None:
    """Take the hidden folder away again."""
    shutil.rmtree(home / LOADING, ignore_errors=True)


def write_private(path: Path, data: bytes) -> None:
    """A file for its owner alone, synced."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as writer:
        writer.write(data)
        writer.flush()
        os.fsync(writer.fileno())


def _database_files(home: Path) -> set[str]:
    return {path.name for path in home.glob(f"{DATABASE}*")}


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
