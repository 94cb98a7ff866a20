"""The counts of progress in DynamoDB: counters that follow the submissions, never inside a decision's transaction.

A step that moves a submission to another count only marks it. Whoever holds the sweep's lease moves the marked ones
from counter to counter, each once: its own item says where it is counted, and changes in the same transaction. A reader
adds what is still marked to what the counters say, so that he sees where every submission stands now.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from infra.dynamodb import keys
from infra.dynamodb.rows import submission_of, tally_of
from infra.dynamodb.steps import TURNS, counted, progress
from infra.dynamodb.table import Refused, Table
from infra.dynamodb.writes import Item, Part, Write, equal, update
from workflows.ports import ProgressCount

BATCH = 30
"""Submissions of one transaction; with two counters each it stays below 100 writes."""
MOST_BATCHES = 200
"""Of one pass of the sweep."""
_LOOKS = 5


class TallyItems(Table):
    """`progress` of the `SubmissionStore` port over DynamoDB."""

    def progress(self, year: int) -> Sequence[ProgressCount]:
        """The counters, corrected by what is marked; read again when they moved meanwhile."""
        for _ in range(_LOOKS):
            found = {item["sk"]: int(item["count"]) for item in self.query(progress(year))}
            counts = Counter({tally: count for tally, count in found.items() if tally != TURNS})
            for item in self._marked():
                now_in, tally = _place(item)
                if now_in == year:
                    counts[tally] += 1
                    counts[item["counted"]] -= 1
            now = self.get((progress(year), TURNS)) or {"count": 0}
            if now["count"] == found.get(TURNS, 0):
                break
        return [_count(tally, count) for tally, count in sorted(counts.items()) if count]

    def settle(self) -> int:
        """Move marked submissions to the counters where they stand; how many were. For the holder of the lease."""
        settled, batch = 0, list[Item]()
        for item in self._marked(MOST_BATCHES * BATCH):
            batch.append(item)
            if len(batch) == BATCH:
                settled, batch = settled + self._settle(batch), []
        return settled + (self._settle(batch) if batch else 0)

    def _marked(self, most: int = 0) -> Iterator[Item]:
        """Submissions that are counted elsewhere than they stand, as they are now."""
        seen = 0
        for shard in keys.ALL_SHARDS:
            for _, item in self.standing(self.walk("tally", keys.untallied(shard))):
                if most and seen >= most:
                    return
                seen += 1
                yield item

    def _settle(self, batch: Sequence[Item]) -> int:
        """One transaction; without those that moved on meanwhile, which are for the next pass."""
        while batch:
            changes: Counter[tuple[int, str]] = Counter()
            for item in batch:
                year, tally = _place(item)
                changes[year, tally] += 1
                changes[year, item["counted"]] -= 1
            moved = {place: change for place, change in changes.items() if change}
            writes = [_settled(item) for item in batch]
            try:
                self.transact([*writes, *counted(moved)])
            except Refused as error:
                gone = {write.key[0] for write in error.writes}
                batch = [item for item in batch if item["pk"] not in gone]
            else:
                return len(batch)
        return 0


def _place(item: Item) -> tuple[int, str]:
    """The year, and under what the submission is to be counted."""
    submission = submission_of(item)
    return submission.identity.year, tally_of(submission)


def _settled(item: Item) -> Write:
    """Counted where it stands: nothing is said any more of where it was counted before."""
    sets = {"counted": None, "tally_pk": None}
    condition = equal(version=item["version"], counted=item["counted"])
    return update((item["pk"], item["sk"]), sets, condition, Part.STATE)


def _count(tally: str, count: int) -> ProgressCount:
    form, region, body, stage, level, seat, late, sent = tally.split("|")
    return ProgressCount(form, region, body, stage, level, seat, late == "1", sent == "1", count)
