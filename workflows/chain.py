"""The chain: each event of a submission recorded as a link whose hash covers it and the link before.

Words people wrote (the comment of a return, a question) are a *payload*, stored apart under the event and bound to it
by a salted hash, so that they can be erased after their term (条例 22, 23) while the chain still verifies.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from workflows.canonical import canonical
from workflows.deadlines import to_text
from workflows.machine.events import TYPES, Event

GENESIS = "0" * 64
PAYLOAD_HASHES = ("comment_hash", "question_hash", "answer_hash", "reason_hash", "text_hash")
"""Fields of events that bind the words kept beside them."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One link of one submission's chain. `hash` covers everything else in it, `previous` included."""

    submission: str
    number: int
    at: datetime
    type: str
    data: Mapping[str, Any]
    previous: str
    hash: str

    @property
    def id(self) -> str:
        """Unique over all submissions; effects are idempotent under it."""
        return f"{self.submission}-{self.number:04d}"

    def event(self) -> Event:
        """The typed event. Raises `KeyError` for a type this program does not know."""
        fields = {name: _frozen(value) for name, value in self.data.items()}
        return TYPES[self.type](**fields)


@dataclass(frozen=True, slots=True)
class Payload:
    """Words that belong to an event but not into its chain: one row per event that has any."""

    text: str
    nonce: str

    @property
    def hash(self) -> str:
        """What the event holds of it; salted, because a short comment could be guessed from a bare hash."""
        return hashlib.sha256(f"{self.nonce}\n{self.text}".encode()).hexdigest()

    @classmethod
    def of(cls, text: str) -> "Payload":
        """A payload under a fresh 128-bit nonce."""
        return cls(text, secrets.token_hex(16))


def payload_hash(data: Mapping[str, Any]) -> str:
    """What an event holds of its payload; blank for an event that has none."""
    return next((data[name] for name in PAYLOAD_HASHES if name in data), "")


def record(event: Event, *, submission: str, number: int, at: datetime, previous: str) -> RecordedEvent:
    """The event as the next link of the chain."""
    kind, data = type(event).__name__, _plain(asdict(event))
    digest = link_hash(submission, number, at, kind, data, previous)
    return RecordedEvent(submission, number, at, kind, data, previous, digest)


def link_hash(submission: str, number: int, at: datetime, kind: str, data: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over the RFC 8785 form of one link."""
    body: dict[str, Any] = {
        "submission": submission,
        "number": number,
        "at": to_text(at),
        "type": kind,
        "data": dict(data),
        "previous": previous,
    }
    return hashlib.sha256(canonical(body)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(inner) for inner in value) if isinstance(value, (list, tuple)) else value
