"""The file a home travels in: a plain tar (POSIX ustar) of parts, the last of which lists the SHA-256 of all others.

`tar xf FILE && sha256sum -c SHA256SUMS` checks it without us. It is written and read front to back in constant memory:
a part is at most `MOST_PART` long, and the list is kept on disk until it is its turn. Nothing of it is ever unpacked
by its own name: a name says what a part is, never where it goes.
"""

import hashlib
import re
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

SUMS = "SHA256SUMS"
BLOCK = tarfile.BLOCKSIZE
MOST_PART = 512 << 20
"""Bytes of the largest part: a published file of a table."""
_CHUNK = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._:,=+-]*(/[A-Za-z0-9_-][A-Za-z0-9._:,=+-]*)*")


class ArchiveRefused(ValueError):
    """The file is not a whole, untouched home of this program; the text names the part, and nothing was loaded."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part, read whole."""

    name: str
    data: bytes


@contextmanager
def writing(handle: IO[bytes]) -> "Iterator[ArchiveWriter]":
    """A writer, with a place on disk for its list."""
    with tempfile.TemporaryFile() as sums:
        yield ArchiveWriter(handle, sums)


@contextmanager
def checked(handle: IO[bytes]) -> "Iterator[CheckedArchive]":
    """An archive, read through once. Raises `ArchiveRefused`."""
    with tempfile.TemporaryFile() as sums:
        yield CheckedArchive(handle, sums)


class ArchiveWriter:
    """Writes parts one after the other; `close` adds the list of their hashes."""

    def __init__(self, handle: IO[bytes], sums: IO[bytes]) -> None:
        self._handle = handle
        self._sums = sums
        self._fingerprint = hashlib.sha256()

    def add(self, name: str, data: bytes) -> None:
        """One part. Raises `ValueError` for a part that no reader would take."""
        if len(data) > MOST_PART or not _NAME.fullmatch(name) or name == SUMS:
            raise ValueError(f"{name[:100]}: {len(data)} bytes")
        line = _line(name, hashlib.sha256(data).hexdigest())
        self._sums.write(line)
        self._fingerprint.update(line)
        self._begin(name, len(data))
        self._handle.write(data)
        self._pad(len(data))

    def close(self) -> str:
        """The list, and the end. The archive's fingerprint: the SHA-256 of the list."""
        size = self._sums.tell()
        self._sums.seek(0)
        self._begin(SUMS, size)
        while chunk := self._sums.read(_CHUNK):
            self._handle.write(chunk)
        self._pad(size)
        self._handle.write(bytes(2 * BLOCK))
        return self._fingerprint.hexdigest()

    def _begin(self, name: str, size: int) -> None:
        header = tarfile.TarInfo(name)
        header.size, header.mode = size, 0o600
        self._handle.write(header.tobuf(tarfile.USTAR_FORMAT))

    def _pad(self, size: int) -> None:
        self._handle.write(bytes(-size % BLOCK))


class CheckedArchive:
    """An archive whose every byte was found to be what was written; it is read again only as it was checked."""

    def __init__(self, handle: IO[bytes], sums: IO[bytes]) -> None:
        """Reads all of it once. Raises `ArchiveRefused`."""
        self._handle = handle
        self._sums = sums
        self._last = ""
        self._handle.seek(0)
        self.fingerprint = self._check()

    def parts(self) -> Iterator[Part]:
        """Every part but the list. Raises `ArchiveRefused` when the file has changed since it was checked."""
        self._handle.seek(0)
        self._sums.seek(0)
        while (header := self._header()).name != SUMS:
            data = self._exactly(header.name, header.size)
            self._exactly(header.name, -header.size % BLOCK)
            if self._sums.readline() != _line(header.name, hashlib.sha256(data).hexdigest()):
                raise ArchiveRefused(f"{header.name}: 读取期间被改动 (changed while it was being read)")
            yield Part(header.name, data)

    def _check(self) -> str:
        """Hash each part, then compare with the list at the end. The fingerprint."""
        while (header := self._header()).name != SUMS:
            if header.size > MOST_PART:
                raise ArchiveRefused(f"{header.name}: {header.size} 字节，太大 (too large)")
            digest = hashlib.sha256()
            for chunk in self._chunks(header.name, header.size):
                digest.update(chunk)
            self._sums.write(_line(header.name, digest.hexdigest()))
        self._sums.seek(0)
        fingerprint = self._compare(header.size)
        if any(self._handle.read(_CHUNK).strip(b"\0") for _ in range(2)):
            raise ArchiveRefused(f"{SUMS}: 后面还有内容 (something follows the list)")
        return fingerprint

    def _compare(self, size: int) -> str:
        """The list against what was found, line by line. Raises `ArchiveRefused` that names the first difference."""
        fingerprint, listed = hashlib.sha256(), 0
        for found in self._sums:
            line = self._handle.readline(len(found) + 100)
            listed += len(line)
            if line != found:
                name = found[66:].decode(errors="replace").strip()
                raise ArchiveRefused(f"{name}: 与清单不符 (altered, or not in its place in the list)")
            fingerprint.update(line)
        if listed != size:
            raise ArchiveRefused(f"{SUMS}: 清单里还有别的部分 (the list names parts that are missing)")
        self._exactly(SUMS, -size % BLOCK)
        return fingerprint.hexdigest()

    def _header(self) -> tarfile.TarInfo:
        """The next header: a plain file with a name of ours. Raises `ArchiveRefused`."""
        block, place = self._handle.read(BLOCK), f"{self._last or '开头 (beginning)'} 之后 (after it)"
        if len(block) < BLOCK or not block.strip(b"\0"):
            raise ArchiveRefused(f"{place}: 没有 {SUMS}：不完整，或不是导出的文件 (cut short, or not an exported home)")
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise ArchiveRefused(f"{place}: 已损坏，或不是导出的文件 (damaged, or not an exported home)") from error
        self._last = header.name[:100]
        if header.type != tarfile.REGTYPE or not _NAME.fullmatch(header.name) or header.size < 0:
            raise ArchiveRefused(f"{header.name[:100]!r}: 不该在里面 (must not be in it)")
        return header

    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        for start in range(0, size, _CHUNK):
            yield self._exactly(name, min(_CHUNK, size - start))
        self._exactly(name, -size % BLOCK)

    def _exactly(self, name: str, size: int) -> bytes:
        data = self._handle.read(size)
        if len(data) < size:
            raise ArchiveRefused(f"{name}: 被截断 (cut short)")
        return data


def _line(name: str, digest: str) -> bytes:
    """A line as `sha256sum` writes it."""
    return f"{digest}  {name}\n".encode()
