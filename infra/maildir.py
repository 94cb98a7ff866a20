"""Mail into a local Maildir, and out of it again for the demo's mailbox page. Each letter id is delivered once."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from infra.mime import compose
from workflows.ports import Letter

SYNCS_AT_ONCE = 16


class Maildir:
    """A standard Maildir (tmp, new, cur). The file's name is the letter's id, so a second delivery finds the first.

    A file is complete and synced before it appears in `new`; a crash leaves at most an orphan in `tmp`. In a batch the
    files are synced side by side at its end, which a disk does much faster than one after the other.
    """

    once_by_id = True

    def __init__(self, root: Path, sender: str) -> None:
        self.root = root
        self.sender = sender
        self._batch: list[Path] | None = None
        for name in ("tmp", "new", "cur"):
            (root / name).mkdir(parents=True, exist_ok=True)

    def send(self, letter: Letter, at: datetime) -> None:
        """Write the letter unless it is there. Raises `OSError` when the disk does not take it."""
        if self._delivered(letter.id):
            return
        temporary = self.root / "tmp" / letter.id
        temporary.write_bytes(compose(letter, at, self.sender).as_bytes())
        if self._batch is None:
            self._deliver([temporary])
        else:
            self._batch.append(temporary)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """What is sent inside appears at the end, all of it synced; nothing of it after an exception."""
        self._batch = []
        try:
            yield
            self._deliver(list(dict.fromkeys(self._batch)))
        finally:
            self._batch = None

    def _deliver(self, files: list[Path]) -> None:
        if not files:
            return
        with ThreadPoolExecutor(max_workers=SYNCS_AT_ONCE) as pool:
            list(pool.map(_sync, files))
        for file in files:
            file.rename(self.root / "new" / file.name)
        _sync(self.root / "new")

    def _delivered(self, letter_id: str) -> bool:
        """In `new`, or moved to `cur` with flags by somebody's mail program."""
        if (self.root / "new" / letter_id).exists():
            return True
        with os.scandir(self.root / "cur") as letters:
            return any(letter.name.startswith(letter_id) for letter in letters)


@dataclass(frozen=True, slots=True)
class Received:
    """One mail in the local mailbox."""

    id: str
    date: str
    to: str
    subject: str
    text: str
    link: str


def read_mailbox(root: Path, limit: int = 500, to: str = "") -> Iterator[Received]:
    """The newest letters first, optionally only those to one address."""
    files = [path for name in ("new", "cur") for path in (root / name).glob("*")]
    shown = 0
    for path in sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True):
        data = path.read_bytes()
        if to.lower().encode() not in data.partition(b"\n\n")[0].lower():  # reading every letter takes ms each
            continue
        received = _read(path, data)
        if to and to.lower() not in received.to.lower():
            continue
        yield received
        shown += 1
        if shown == limit:
            return


def _read(path: Path, data: bytes) -> Received:
    message: EmailMessage = message_from_bytes(data, EmailMessage, policy=default)
    part = message.get_body(("plain",))
    text = str(part.get_content()) if part else ""
    link = next((line for line in text.splitlines() if line.startswith(("http://", "https://"))), "")
    return Received(path.name.split(":")[0], message["Date"], message["To"], message["Subject"], text, link)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
