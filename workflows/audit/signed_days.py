"""Building every signed day again: leaves, root, signature, and the link to the day before."""

from collections.abc import Iterator, Mapping
from datetime import date

from workflows.audit.findings import Fault, printable
from workflows.chain import GENESIS
from workflows.days import BATCH, ONE_DAY, DayHead, SignedDay
from workflows.merkle import blocks_of, leaf_hash, root_of
from workflows.signing import PublicKey
from workflows.story import DAMAGED, AuditStore

PAGE = 100
Keys = Mapping[str, tuple[PublicKey, str] | None]


class SignedDays:
    """All signed days of a home, verified in their order."""

    def __init__(self, store: AuditStore) -> None:
        self._store = store
        self._keys: Keys = store.signing_keys()
        self.count = 0
        self.last: date | None = None

    def faults(self) -> Iterator[Fault]:
        """The first thing wrong with each day; a missing day is named at the next one."""
        seen: set[str] = set()
        previous: str | None = GENESIS
        expected: date | None = None
        for name, day in self._days():
            self.count += 1
            if day is None:
                yield Fault(printable(name), 0, "the day is not what was written")
                expected = previous = None
                continue
            what = _link_fault(day, previous, expected) or self._fault(day, is_first=day.key not in seen)
            if what is not None:
                yield Fault(day.day.isoformat(), *what)
            seen.add(day.key)
            self.last, previous, expected = day.day, day.root, day.day + ONE_DAY
        for key in self._keys.keys() - seen:
            yield Fault(f"key {printable(key)}", 0, "the key signed no day, or is not what was written")

    def _days(self) -> Iterator[tuple[str, SignedDay | None]]:
        after = ""
        while page := self._store.signed_days(after, PAGE):
            yield from page
            after = page[-1][0]

    def _fault(self, day: SignedDay, *, is_first: bool) -> tuple[int, str] | None:
        leaves = [leaf_hash(day.previous)]
        for place, head in enumerate(self._heads(day), start=1):
            if head is None or head.place != place:
                return place, "a head of the day is missing or is not what was written"
            try:
                leaves.append(leaf_hash(head.head))
            except DAMAGED:
                return place, "a head of the day is no hash"
        blocks = blocks_of(leaves)
        if (len(leaves) - 1, root_of(blocks), blocks) != (day.count, day.root, day.blocks):
            return 0, "the root is not that of the day's heads"
        return self._signature_fault(day, is_first=is_first)

    def _signature_fault(self, day: SignedDay, *, is_first: bool) -> tuple[int, str] | None:
        known = self._keys.get(day.key)
        if known is None or (is_first and known[1] != day.day.isoformat()):
            return 0, "the key that signed the day is missing or is not what was written"
        return None if known[0].signed(day.signature, day.statement()) else (0, "the signature does not hold")

    def _heads(self, day: SignedDay) -> Iterator[DayHead | None]:
        after = -(2**62)
        while page := self._store.signed_heads(day.day.isoformat(), after, BATCH):
            yield from page
            last = page[-1]
            if last is None or len(page) < BATCH:
                return
            after = last.place


def _link_fault(day: SignedDay, previous: str | None, expected: date | None) -> tuple[int, str] | None:
    if expected is not None and day.day != expected:
        return 0, f"the day before is missing: {expected}"
    if previous is not None and day.previous != previous:
        return 0, "the day does not name the root of the day before"
    return None
