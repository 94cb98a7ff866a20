"""Promised effects in DynamoDB, the sweep's lease, and its notes."""

import heapq
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from infra.dynamodb import keys
from infra.dynamodb.design import EXPIRES, LAST
from infra.dynamodb.lease import Lease
from infra.dynamodb.letters import LetterItems
from infra.dynamodb.promising import due_values, promise_from, promised
from infra.dynamodb.tallies import TallyItems
from infra.dynamodb.writes import Condition, Kind, Test, Write, put, update
from workflows.deadlines import to_text
from workflows.ports import LetterRecord
from workflows.submissions import OutboxItem

COUNTER_SECONDS = 30 * 24 * 3600
"""How long a counter is kept after its first count: what is limited is limited by the hour or the day."""
_OPEN: Condition = ((Test("due_pk", "present"),),)


class OutboxItems(TallyItems, Lease, LetterItems):
    """The `OutboxStore` port over DynamoDB."""

    def enqueue(self, items: Sequence[OutboxItem]) -> None:
        """Promise effects that belong to no transition, each for itself."""
        for item in items:
            self.offer(promised(item))

    def pending(self, now: datetime, limit: int) -> Sequence[OutboxItem]:
        """Effects whose time has come, by that time: one range of each shard of an index that holds the undone only."""
        high = to_text(now) + LAST
        walks = [self.walk("due", keys.due_promises(shard), "", high, page=limit) for shard in keys.ALL_SHARDS]
        found: list[OutboxItem] = []
        for _, item in self.standing(heapq.merge(*walks, key=lambda entry: entry.sort), limit):
            found.append(promise_from(item))
            if len(found) == limit:
                break
        return found

    def pending_count(self) -> int:
        """How many effects are not done, due or not."""
        return sum(self.count("due", keys.due_promises(shard)) for shard in keys.ALL_SHARDS)

    def finish(self, ids: Sequence[str], records: Sequence[LetterRecord], at: datetime) -> None:
        """The letters first: a pass that dies in between finds them when it tries their promises again."""
        self.record_letters(records)
        done = {"done_at": to_text(at), "due_pk": None, "due_sk": None}
        for key in ids:
            self.offer(update(keys.promise(key), done, _OPEN))

    def postpone(self, outbox_id: str, until: datetime, error: str) -> None:
        """Try again later; the error is kept for the operator."""
        self._put_off(outbox_id, until, {"error": error[:500]}, {"attempts": 1})

    def defer(self, untils: Mapping[str, datetime]) -> None:
        """Look at effects again at other instants; nothing went wrong with them."""
        for key, until in untils.items():
            self._put_off(key, until, {}, {})

    def _put_off(self, outbox_id: str, until: datetime, sets: Mapping[str, str], adds: Mapping[str, int]) -> None:
        item = self.get(keys.promise(outbox_id))
        if item is not None:
            values = {**due_values(outbox_id, to_text(until), item["turn"]), **sets}
            self.offer(Write(Kind.UPDATE, keys.promise(outbox_id), values, adds=adds, condition=_OPEN))

    def attempts(self, outbox_id: str) -> int:
        """How often an effect was tried and failed."""
        item = self.get(keys.promise(outbox_id))
        return int(item.get("attempts", 0)) if item else 0

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """One pass at a time; the counts of progress are brought up to date before the lease is given back."""
        with self.leased():
            yield
            self.settle()

    def mark(self, name: str) -> str | None:
        """A small note the sweep keeps for itself."""
        item = self.get(keys.note(f"mark:{name}"))
        return str(item["value"]) if item else None

    def set_mark(self, name: str, value: str) -> None:
        """Keep a note."""
        self.write(put(keys.note(f"mark:{name}"), {"value": value}))

    def count_up(self, name: str) -> int:
        """One more of something that is limited."""
        expires = {EXPIRES: int(time.time()) + COUNTER_SECONDS}
        item = self.write(Write(Kind.UPDATE, (f"COUNT#{name}", keys.ONLY), keeps=expires, adds={"count": 1}))
        return int(item["count"])
