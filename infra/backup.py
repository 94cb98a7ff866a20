"""A copy of a home on one machine, taken while it runs, sealed by a list of hashes, and put back only when whole.

The database first, by SQLite's own online copy: one consistent instant. Objects and mail after it: an object is
written before anything in the database says that it is done, so whatever the copied database names has been copied.
"""

import hashlib
import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

DATABASE = "zhibao.sqlite3"
FILES = ("secret_keys", "audit_key", "payload_keys", "demo-home")
FOLDERS = ("objects", "mail/new", "mail/cur")
MANIFEST = "backup.json"
_CHUNK = 1 << 20


class BackupRefused(ValueError):
    """The copy cannot be made or put back; the text says why, and nothing that was there was touched."""


def copy_home(home: Path, target: Path) -> None:
    """Copy everything that lasts into a folder that is new or empty. Raises `BackupRefused`, `OSError`."""
    if not (home / DATABASE).exists():
        raise BackupRefused(f"{home} 里没有数据 (no home there)")
    _require_empty(target)
    target.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    _copy_database(home / DATABASE, target / DATABASE)
    for name in FILES:
        if (home / name).exists():
            _copy(home / name, target / name)
    for folder in FOLDERS:
        for path in _files(home / folder):
            try:
                _copy(path, target / path.relative_to(home))
            except FileNotFoundError:
                continue  # a mail program moved the letter while we looked: it is found under its new name
    for name in FOLDERS:
        (target / name).mkdir(parents=True, exist_ok=True)


def seal(target: Path, at: datetime) -> dict[str, Any]:
    """List every file of a copy with its hash, last of all: a copy without this list is not one. The list."""
    hashes = {path.relative_to(target).as_posix(): _sha256(path) for path in _files(target)}
    manifest: dict[str, Any] = {"format": 1, "made_at": at.isoformat(), "files": dict(sorted(hashes.items()))}
    temporary = target / f".{MANIFEST}"
    with temporary.open("w", encoding="utf-8") as handle:
        json.dump(manifest, handle, ensure_ascii=False, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.rename(target / MANIFEST)
    return manifest


def problems_of(copy: Path) -> list[str]:
    """What is wrong with a copy: a file that is missing, altered, or not listed. Raises `BackupRefused`."""
    try:
        listed = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError as error:
        raise BackupRefused(f"{copy} 不是备份：没有 {MANIFEST} (not a backup, or one that was cut short)") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{copy / MANIFEST} 不能读 (unreadable list)") from error
    present = {path.relative_to(copy).as_posix() for path in _files(copy)} - {MANIFEST}
    missing = [f"{name}: 缺少 (missing)" for name in sorted(set(listed) - present)]
    strange = [f"{name}: 不在清单里 (not listed)" for name in sorted(present - set(listed))]
    both = sorted(present & set(listed))
    altered = [f"{name}: 与清单不符 (altered)" for name in both if _sha256(copy / name) != listed[name]]
    return missing + strange + altered


def put_back(copy: Path, home: Path) -> None:
    """Make a home from a copy, whole or not at all. Raises `BackupRefused` with every problem of the copy."""
    _require_empty(home)
    problems = problems_of(copy)
    if problems:
        raise BackupRefused("\n".join(problems[:20]))
    growing = home.with_name(f".{home.name}.restoring")
    _require_empty(growing)
    growing.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    for path in _files(copy):
        if path.name != MANIFEST:
            _copy(path, growing / path.relative_to(copy))
    for name in (*FOLDERS, "mail/tmp"):
        (growing / name).mkdir(parents=True, exist_ok=True)
    if home.exists():
        home.rmdir()
    growing.rename(home)


def _require_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupRefused(f"{folder} 不是空的，什么都没有动 (not empty; nothing was touched)")


def _copy_database(source: Path, target: Path) -> None:
    """One step: readers of a write-ahead log hold up no writer."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reader,
        closing(sqlite3.connect(target)) as copy,
    ):
        reader.backup(copy, pages=-1)
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise BackupRefused(f"{source.name}: {found}")
    _sync(target)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=stat.S_IRWXU)
    with source.open("rb") as reader, target.open("xb") as writer:
        target.chmod(stat.S_IMODE(source.stat().st_mode))
        while chunk := reader.read(_CHUNK):
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())


def _files(folder: Path) -> Iterator[Path]:
    """Every file below a folder; what is hidden is a lock, or half of something."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.name.startswith("."):
            yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
