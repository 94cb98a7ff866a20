"""Objects as local files: each appears whole and synced or not at all; pointers are swapped under a lock."""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,199}(/[a-z0-9_-][a-z0-9._-]{0,199})*")
_PREFIX = re.compile(r"([a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*/?)?")
LONGEST_NAME = 300
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
            _sync(path.parent)  # whoever is told that it is there may rely on it, even if its writer dies now
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
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def read_with_tag(self, name: str) -> tuple[bytes, str] | None:
        """Content and its SHA-256."""
        data = self.read(name)
        return None if data is None else (data, hashlib.sha256(data).hexdigest())

    def swap(self, name: str, data: bytes, expected_tag: str | None) -> bool:
        """Compare and replace under a file lock that holds over all processes."""
        path = self._path(name)
        with self._locked():
            present = self.read_with_tag(name)
            if (present[1] if present else None) != expected_tag:
                return False
            self._write_temporary(path, data).replace(path)
            _sync(path.parent)
        return True

    def names(self, prefix: str, after: str = "", limit: int = 1000) -> list[str]:
        """Sorted names; walks only the folder the prefix points into."""
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"not the beginning of an object name: {prefix[:80]!r}")
        folder, _, stem = prefix.rpartition("/")
        names = self._under(folder)
        if stem:
            names = [name for name in names if name.startswith(prefix)]
        if after:
            names = [name for name in names if name > after]
        return sorted(names)[:limit]

    def _under(self, folder: str) -> list[str]:
        """Names in a folder and below it, in no order; what is hidden is no object."""
        before = f"{folder}/" if folder else ""
        names: list[str] = []
        try:
            entries = os.scandir(self.root / folder)
        except (FileNotFoundError, NotADirectoryError):
            return names
        with entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    continue
                if entry.is_dir():
                    names += self._under(before + name)
                else:
                    names.append(before + name)
        return names

    def _path(self, name: str) -> Path:
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            raise ValueError(f"not an object name: {name[:80]!r}")
        return self.root / name

    def _write_temporary(self, path: Path, data: bytes) -> Path:
        self._make_folder(path.parent)
        temporary = path.parent / f"{_TEMPORARY}{secrets.token_hex(8)}"
        with temporary.open("xb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        return temporary

    def _make_folder(self, folder: Path) -> None:
        """A new folder is synced into the one above it, or the files in it could be lost with it."""
        if not folder.is_dir():
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync(folder.parent)

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
