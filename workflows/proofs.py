"""The proof that an event stands under a signed day: links from the event to the day's head, and the path to its root.

Whoever holds it and the public key can check it without our database: the sealed revision existed, as it is, on that
day. It holds hashes and opaque ids, no name and no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workflows.chain import RecordedEvent, link_hash
from workflows.days import DayHead, DayStore, SignedDay
from workflows.deadlines import to_text
from workflows.merkle import BLOCK, Step, climb, leaf_hash, path_of
from workflows.signing import PublicKey
from workflows.story import DAMAGED


@dataclass(frozen=True, slots=True)
class Proof:
    """One event under one signed day: one row per event that is asked about."""

    links: tuple[RecordedEvent, ...]
    """From the event itself to the head of the day, each naming the hash of the one before."""
    head: DayHead
    path: tuple[Step, ...]
    """From the head's leaf up to the root."""
    day: SignedDay
    key: PublicKey

    def holds(self) -> bool:
        """Recomputed from the proof alone: links, leaf, path, root, key id and signature."""
        try:
            is_rooted = self._head() == self.head.head and climb(leaf_hash(self.head.head), self.path) == self.day.root
            is_own_key = self.key.id == self.day.key
            return is_rooted and is_own_key and self.key.signed(self.day.signature, self.day.statement())
        except DAMAGED:
            return False

    def _head(self) -> str:
        """The hash the links lead to; blank when one of them does not hold."""
        before = self.links[0].previous
        for link in self.links:
            digest = link_hash(link.submission, link.number, link.at, link.type, link.data, before)
            if (link.previous, link.hash) != (before, digest):
                return ""
            before = link.hash
        return before

    def as_data(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {"links": [link_data(link) for link in self.links], "day": day_data(self.head, self.path, self.day)}


def prove(store: DayStore, events: Sequence[RecordedEvent], number: int) -> Proof | None:
    """The proof of the event with this number; None until the day it belongs to is signed.

    Raises `LookupError` when the store lost a part of a signed day.
    """
    head = store.covering(events[0].submission, number) if events else None
    if head is None:
        return None
    day, path = path_to(store, head)
    key = store.audit_key(day.key)
    if key is None:
        raise LookupError(f"the key that signed {day.day} is missing")
    return Proof(tuple(events[number - 1 : head.number]), head, path, day, key)


def path_to(store: DayStore, head: DayHead) -> tuple[SignedDay, tuple[Step, ...]]:
    """The day of a head, and the path from the head's leaf to its root. Reads the leaves of one block only."""
    day = store.day(head.day)
    if day is None:
        raise LookupError(f"the day {head.day} is missing")
    block, place = divmod(head.place, BLOCK)
    first = block * BLOCK
    heads = store.day_heads(head.day, first, BLOCK - (1 if block == 0 else 0))
    leaves = [leaf_hash(day.previous)] if block == 0 else []
    leaves += [leaf_hash(one.head) for one in heads]
    return day, path_of(leaves, place) + path_of(day.blocks, block)


def link_data(link: RecordedEvent) -> dict[str, Any]:
    """One link as plain JSON data; its hash covers everything else in it."""
    return {
        "submission": link.submission,
        "number": link.number,
        "at": to_text(link.at),
        "type": link.type,
        "data": dict(link.data),
        "previous": link.previous,
        "hash": link.hash,
    }


def day_data(head: DayHead, path: Sequence[Step], day: SignedDay) -> dict[str, Any]:
    """A day's statement and signature, and the place of one head in its tree, as plain JSON data."""
    return {
        "date": day.day.isoformat(),
        "count": day.count,
        "previous": day.previous,
        "root": day.root,
        "key": day.key,
        "signature": day.signature,
        "head": {"number": head.number, "hash": head.head, "place": head.place},
        "path": [{"side": "left" if step.left else "right", "hash": step.hash} for step in path],
    }
