"""Signed days in DynamoDB: which chains moved since the last one, and what each closed day covers.

A submission's state says since which day no signed day covers its chain. Closing a day writes the day first, then takes
the chains it covers off that list; a closing that died in between leaves chains on it that are covered already, and
those are passed over.
"""

import heapq
import itertools
import secrets
from collections.abc import Iterator, Sequence
from datetime import date

from infra.dynamodb import keys
from infra.dynamodb.design import LAST, bucket_of
from infra.dynamodb.rows import event_from
from infra.dynamodb.table import Found, Mark, Refused, Table
from infra.dynamodb.writes import NEW, Item, Kind, Value, Write, equal, put, update
from workflows.days import DayHead, SignedDay, day_of
from workflows.signing import PublicKey

_BATCH = 100


class DayItems(Table):
    """The `DayStore` port over DynamoDB."""

    def first_move(self) -> date | None:
        """The oldest day with a move no closed day covers."""
        firsts = [next(self.walk("moved", keys.moved(bucket), page=1), None) for bucket in keys.ALL_BUCKETS]
        days = [entry.sort.partition("|")[0] for entry in firsts if entry is not None]
        return date.fromisoformat(min(days)) if days else None

    def moves(self, until: date, after: str, limit: int) -> Sequence[DayHead]:
        """What a day that is closed now has to cover: moves of that day, and any that came too late for an earlier."""
        buckets = range(bucket_of(after), keys.ALL_BUCKETS.stop)
        entries = itertools.chain.from_iterable(self._moved(bucket, until.isoformat(), after) for bucket in buckets)
        heads: list[DayHead] = []
        for entry, item in self.standing(entries):
            head = self._head(item, until)
            is_late = entry.sort.partition("|")[0] < until.isoformat()
            if is_late and self.covering(head.submission, head.number) is not None:
                continue
            heads.append(head)
            if len(heads) == limit:
                break
        return heads

    def _moved(self, bucket: int, until: str, after: str) -> Iterator[Found]:
        """Entries of one bucket up to a day, in the order of their submissions, whatever their day."""
        walks, day = [], ""
        while first := next(self.walk("moved", keys.moved(bucket), day, until + LAST, page=1), None):
            day = first.sort.partition("|")[0]
            walks.append(self.walk("moved", keys.moved(bucket), f"{day}|{after}\x00", f"{day}|{LAST}"))
            day = f"{day}|{LAST}"
        return heapq.merge(*walks, key=lambda entry: entry.sort.partition("|")[2])

    def _head(self, item: Item, until: date) -> DayHead:
        """The newest head of a chain by the end of a day; it may have moved again since."""
        key = keys.submission_id(item["pk"])
        if item["moved_on"] <= until.isoformat():
            return DayHead(until, 0, key, item["version"], item["head"].hex())
        backwards = map(event_from, self.query(item["pk"], keys.EVENT, newest_first=True, page=10))
        last = next(event for event in backwards if day_of(event.at) <= until)
        return DayHead(until, 0, key, last.number, last.hash)

    def put_heads(self, heads: Sequence[DayHead]) -> None:
        """Write down heads at their places. Raises `ValueError` for a day that is signed: it gets no further head."""
        for day in {head.day for head in heads}:
            if self.day(day) is not None:
                raise ValueError(f"{day} is signed")
        self.batch_put((keys.leaf(head.day.isoformat(), head.place), head_values(head)) for head in heads)

    def close_day(self, day: SignedDay, key: PublicKey) -> SignedDay:
        """The day and its key in one transaction; then the end of the moves it covers."""
        writer, name = secrets.token_hex(16), day.day.isoformat()
        known = Write(Kind.UPDATE, (keys.AUDIT_KEYS, key.id), keeps={"public": key.hex, "first_day": name})
        values = {**day_values(day), "writer": writer}
        writes = [put((keys.DAYS, name), values, NEW), known]
        try:
            self.transact(writes, Mark((keys.DAYS, name), writer))
        except Refused:
            there = self.day(day.day)
            if there is None:
                raise
            return there
        self._cover(day)
        return day

    def _cover(self, day: SignedDay) -> None:
        """Take what a day covers off the list of what moved."""
        for first in range(1, day.count + 1, _BATCH):
            heads = self.day_heads(day.day, first, _BATCH)
            states = self.batch_get([keys.state(head.submission) for head in heads])
            for head in heads:
                item = states.get(keys.state(head.submission))
                if item is not None:
                    self.offer(self._covered(item, head))

    def _covered(self, item: Item, head: DayHead) -> Write:
        """A chain that moved on after the day stays on the list, since its next event."""
        moved: dict[str, Value | None] = {"moved_pk": None, "moved_sk": None}
        if item["version"] > head.number:
            following = self.get(keys.numbered(head.submission, keys.EVENT, head.number + 1))
            day = day_of(event_from(following).at) if following else head.day
            moved = {"moved_sk": f"{day.isoformat()}|{head.submission}"}
        return update((item["pk"], item["sk"]), moved, equal(version=item["version"]))

    def last_day(self) -> SignedDay | None:
        """The newest closed day."""
        item = next(self.query(keys.DAYS, newest_first=True, page=1), None)
        return day_from(item) if item else None

    def day(self, day: date) -> SignedDay | None:
        """One closed day."""
        item = self.get((keys.DAYS, day.isoformat()))
        return day_from(item) if item else None

    def day_heads(self, day: date, first: int, limit: int) -> Sequence[DayHead]:
        """Leaves of a day in the order of its tree; of a closed one as many as it counts."""
        closed = self.day(day)
        items = itertools.islice(self.leaves(day.isoformat(), first), limit)
        return [head for head in map(head_from, items) if closed is None or head.place <= closed.count]

    def leaves(self, day: str, first: int) -> Iterator[Item]:
        """Leaves of a day from a place on, partition by partition."""
        place = max(first, 0)
        while True:
            partition, sort = keys.leaf(day, place)
            items = list(self.query(partition, after=f"{int(sort) - 1:08d}" if place else ""))
            yield from items
            place = (place // keys.LEAVES_IN_A_PARTITION + 1) * keys.LEAVES_IN_A_PARTITION
            if not items:
                return

    def covering(self, submission_id: str, number: int) -> DayHead | None:
        """The first closed day that covers an event."""
        for entry, item in self.standing(self.walk("listed", keys.heads_of(submission_id), f"{number:08d}")):
            head = head_from(item)
            closed = self.day(head.day)
            if closed is not None and head.place <= closed.count and entry.key == (item["pk"], item["sk"]):
                return head
        return None

    def audit_key(self, key_id: str) -> PublicKey | None:
        """The public key under this id."""
        item = self.get((keys.AUDIT_KEYS, key_id))
        return PublicKey(item["public"]) if item else None

    def audit_keys(self) -> Sequence[tuple[PublicKey, date]]:
        """Every key, oldest first."""
        items = sorted(self.query(keys.AUDIT_KEYS), key=lambda item: (item["first_day"], item["sk"]))
        return [(PublicKey(item["public"]), date.fromisoformat(item["first_day"])) for item in items]


def day_values(day: SignedDay) -> dict[str, Value | None]:
    """The item of a day."""
    return {
        "count": day.count,
        "previous": day.previous,
        "root": day.root,
        "key": day.key,
        "signature": day.signature,
        "blocks": " ".join(day.blocks),
    }


def day_from(item: Item) -> SignedDay:
    """The inverse of `day_values`. Raises `ValueError` and its like for an item that this program did not write."""
    day, blocks = date.fromisoformat(item["sk"]), tuple(item["blocks"].split(" "))
    return SignedDay(day, item["count"], item["previous"], item["root"], item["key"], item["signature"], blocks)


def head_values(head: DayHead) -> dict[str, Value | None]:
    """The item of a leaf, listed under its submission."""
    return {
        "submission": head.submission,
        "number": head.number,
        "head": head.head,
        "listed_pk": keys.heads_of(head.submission),
        "listed_sk": f"{head.number:08d}|{head.day.isoformat()}",
    }


def head_from(item: Item) -> DayHead:
    """The inverse of `head_values`. Raises `ValueError` and its like for an item that this program did not write."""
    day = date.fromisoformat(item["pk"].split("#")[1])
    return DayHead(day, int(item["sk"]), item["submission"], item["number"], item["head"])
