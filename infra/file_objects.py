"""Objects as local files: each appears whole and synced or not at all; pointers are swapped under a lock."""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")
_TEMPORARY = ".tmp-"


class FileObjects:
    """The `Objects` port over a folder. A kill leaves at most a hidden temporary file, which is never listed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def create(self, name: str, data: bytes) -> bool:
        """Exactly one of racing writers gets True: the link fails for the others."""
        path = self._path(name)
        if path.exists():
            return False
        temporary = self._write_temporary(path, data)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        _sync(path.parent)
        return True

    def read(self, name: str) -> bytes | None:
        """The whole content."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def read_with_tag(self, name: str) -> tuple[bytes, str] | None:
        """Content and its SHA-256."""
        data = self.read(name)
        return None if data is None else (data, hashlib.sha256(data).hexdigest())

    def swap(self, name: str, data: bytes, expected_tag: str | None) -> bool:
        """Compare and replace under a file lock that holds over all processes."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            present = self.read_with_tag(name)
            if (present[1] if present else None) != expected_tag:
                return False
            self._write_temporary(path, data).replace(path)
            _sync(path.parent)
        return True

    def names(self, prefix: str, after: str = "", limit: int = 1000) -> list[str]:
        """Sorted names; walks only the folder the prefix points into."""
        folder = self.root / prefix.rpartition("/")[0]
        found = (path for path in self._walk(folder) if path.startswith(prefix) and path > after)
        return sorted(found)[:limit]

    def _walk(self, folder: Path) -> Iterator[str]:
        if not folder.is_dir():
            return
        base = len(str(self.root)) + 1
        for directory, _folders, files in os.walk(folder):
            for file in files:
                if not file.startswith("."):
                    yield f"{directory}/{file}"[base:]

    def _path(self, name: str) -> Path:
        if len(name) > 300 or not _NAME.fullmatch(name):
            raise ValueError(f"not an object name: {name[:80]!r}")
        return self.root / name

    def _write_temporary(self, path: Path, data: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f"{_TEMPORARY}{secrets.token_hex(8)}"
        with temporary.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        return temporary

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.root / ".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
