"""Closing a day: one signed Merkle root over the heads of all chains that moved on it.

The first leaf is the root of the day before; the others are the head hashes of the chains that moved that day (China
time), in the order of their submissions' ids. A chain that did not move is covered by the root of the day it last moved
on, and so by every later root: each root covers all chain heads there ever were, for the price of those that moved.
Trees and their leaf and node hashes are those of RFC 6962 (`workflows.merkle`).

A day is closed ten minutes after its midnight, when no step of that day can still be on its way to the disk. Should one
come later all the same, it is covered by the next day that is closed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from workflows.canonical import canonical
from workflows.chain import GENESIS
from workflows.deadlines import CHINA
from workflows.merkle import blocks_of, leaf_hash, root_of
from workflows.signing import PublicKey, SigningKey

BATCH = 1000
ONE_DAY = timedelta(days=1)
MARGIN = timedelta(minutes=10)
"""How long after midnight a day is closed; a step may wait a minute for the disk."""


@dataclass(frozen=True, slots=True)
class DayHead:
    """The head of one chain at the end of a day it moved on: one row per day × submission."""

    day: date
    place: int
    """Its leaf in the day's tree, from 1; leaf 0 is the root of the day before. 0 while the day is open."""
    submission: str
    number: int
    """Number of the event that is the head."""
    head: str


@dataclass(frozen=True, slots=True)
class SignedDay:
    """One closed day: one row per calendar day (China time) since the first event."""

    day: date
    count: int
    """Chains that moved: leaves but the first."""
    previous: str
    """Root of the day before; zeros for the first day."""
    root: str
    key: str
    """Id of the key that signed."""
    signature: str
    blocks: tuple[str, ...]
    """Inner nodes over each `merkle.BLOCK` leaves, for proofs; they follow from the leaves and are not signed."""

    def statement(self) -> bytes:
        """The bytes that are signed: RFC 8785 JSON of all but the blocks."""
        return canonical(
            {
                "type": "zhibao.day.v1",
                "date": self.day.isoformat(),
                "count": self.count,
                "previous": self.previous,
                "root": self.root,
                "key": self.key,
            }
        )


def day_of(moment: datetime) -> date:
    """The day in China an instant belongs to."""
    return moment.astimezone(CHINA).date()


def closes_at(day: date) -> datetime:
    """When the root of a day is made."""
    return datetime.combine(day + ONE_DAY, time(), CHINA).astimezone(UTC) + MARGIN


def leaves_of(previous: str, heads: Iterator[DayHead]) -> list[str]:
    """The hashes of a day's leaves, first the root of the day before. Raises `ValueError` for what is no hash."""
    return [leaf_hash(previous), *(leaf_hash(head.head) for head in heads)]


class DayStore(Protocol):
    """The days that were closed, and the chains that moved since (`Store` has it)."""

    def first_move(self) -> date | None:
        """The first day with a move that no closed day covers."""

    def moves(self, until: date, after: str, limit: int) -> Sequence[DayHead]:
        """The newest head of each chain that moved by the end of a day and is in no closed day, by submission."""

    def put_heads(self, heads: Sequence[DayHead]) -> None:
        """Write down heads at their places; what an unfinished closing left there gives way."""

    def close_day(self, day: SignedDay, key: PublicKey) -> SignedDay:
        """Write down the day unless it is there, and forget the moves it covers; gives the day that is there."""

    def last_day(self) -> SignedDay | None: ...
    def day(self, day: date) -> SignedDay | None: ...
    def day_heads(self, day: date, first: int, limit: int) -> Sequence[DayHead]:
        """Heads of a closed day from this place on, by place."""

    def covering(self, submission_id: str, number: int) -> DayHead | None:
        """The first head of a closed day at or after this event of the chain."""

    def audit_key(self, key_id: str) -> PublicKey | None: ...
    def audit_keys(self) -> Sequence[tuple[PublicKey, date]]:
        """Every key that signed a day, with the first one it signed."""


class Closing:
    """Closes days, in order, each once; a pass that dies half-way is simply followed by another."""

    def __init__(self, store: DayStore, key: Callable[[], SigningKey]) -> None:
        """`key` is asked for only when there is a day to close."""
        self._store = store
        self._key = key

    def run(self, now: datetime, go_on: Callable[[], bool]) -> int:
        """Close every past day that is not closed yet; how many were. `go_on` is asked before each."""
        closed, last = 0, self._store.last_day()
        day = last.day + ONE_DAY if last else self._store.first_move()
        while day is not None and closes_at(day) <= now and go_on():
            last = self._close(day, last.root if last else GENESIS)
            closed, day = closed + 1, day + ONE_DAY
        return closed

    def _close(self, day: date, previous: str) -> SignedDay:
        key = self._key()
        leaves = leaves_of(previous, self._placed(day))
        blocks = blocks_of(leaves)
        unsigned = SignedDay(day, len(leaves) - 1, previous, root_of(blocks), key.public.id, "", blocks)
        signed = replace(unsigned, signature=key.sign(unsigned.statement()))
        return self._store.close_day(signed, key.public)

    def _placed(self, day: date) -> Iterator[DayHead]:
        """The day's heads, each stored at its place before it is counted."""
        after, place = "", 0
        while True:
            moved = self._store.moves(day, after, BATCH)
            heads = [
                DayHead(day, place + number, one.submission, one.number, one.head)
                for number, one in enumerate(moved, start=1)
            ]
            self._store.put_heads(heads)
            yield from heads
            if len(moved) < BATCH:
                return
            after, place = moved[-1].submission, place + len(moved)
