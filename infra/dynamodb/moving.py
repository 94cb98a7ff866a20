"""Taking a whole home into DynamoDB: the writing half of the `MovingStore` port.

Rows are put by key, so that repeating a page changes nothing. A note says that a home is arriving, until all of it has:
only then is a table that holds something taken for the same home, and begun with again.
"""

import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby

from infra.dynamodb import keys
from infra.dynamodb.access import AccessItems
from infra.dynamodb.days import day_values, head_values
from infra.dynamodb.design import EXPIRES
from infra.dynamodb.erasing import ErasingItems, erasure_key, erasure_values
from infra.dynamodb.leaving import LeavingItems
from infra.dynamodb.letters import letter_values
from infra.dynamodb.outbox import COUNTER_SECONDS
from infra.dynamodb.promising import due_values, turns
from infra.dynamodb.register import REGIONS_IN_AN_ITEM, RegisterItems, region_row, staff_items, unit_values
from infra.dynamodb.rows import compact
from infra.dynamodb.seats import SeatItems
from infra.dynamodb.writes import NEW, THERE, Value, Write, put, update
from workflows.collections import Collection
from workflows.days import DayHead, SignedDay
from workflows.deadlines import to_text
from workflows.erasing import Erasure
from workflows.moving import (
    HomeNotEmpty,
    KeyRow,
    Kind,
    MovedRow,
    NoteRow,
    PointerRow,
    PromiseRow,
    ReadRow,
    RegionRow,
    SnapshotRow,
    StaffRow,
    UnitRow,
    WholeSubmission,
)
from workflows.ports import ApiToken, LetterRecord, Person, StateConflict
from workflows.seat_settings import SeatSettings
from workflows.signing import PublicKey

ARRIVING = keys.note("arriving")
_OWN = {"home_key", "mark:fold", "lease:sweep", "arriving"}
_FEW = 10
"""More than a table holds that was only opened."""


class MovingItems(LeavingItems, RegisterItems, SeatItems, AccessItems, ErasingItems):
    """The `MovingStore` port over DynamoDB."""

    def is_fresh(self) -> bool:
        """Whether nothing but the store's own notes is in the table."""
        found = self._call("scan", ConsistentRead=True, Limit=_FEW)
        own = [item["pk"]["S"] == keys.NOTES and item["sk"]["S"] in _OWN for item in found["Items"]]
        return all(own) and "LastEvaluatedKey" not in found

    def take_over(self, home_key: bytes) -> None:
        """Be another home, or go on being the one that is arriving."""
        if (self.get(ARRIVING) or {}).get("value") == "1" and self.home_key() == home_key:
            return
        if not self.is_fresh():
            raise HomeNotEmpty(f"{self.name}: 表不是空的，什么都没有动 (the table is not empty; nothing was touched)")
        self.write(put(ARRIVING, {"value": "1"}))
        self.write(put(keys.note("home_key"), {"value": home_key.hex()}))
        self._home_key = home_key

    def arrived(self) -> None:
        """The home is in use from now on."""
        self.offer(update(ARRIVING, {"value": "0"}, THERE))

    def arrive(self, kind: Kind, rows: Sequence[MovedRow]) -> None:
        """Add rows."""
        getattr(self, f"_take_{kind}")(rows)

    def _take_snapshots(self, rows: Sequence[SnapshotRow]) -> None:
        for row in rows:
            made: dict[str, Value | None] = {"kind": row.kind, "created_at": to_text(row.created_at), "size": row.size}
            self.offer(put((f"SNAPSHOT#{row.id}", keys.ONLY), {**made, "kinds": ""}, NEW))

    def _take_regions(self, rows: Sequence[RegionRow]) -> None:
        """Many in one item; a snapshot that goes on in the next page goes on in another item."""
        for snapshot, each in groupby(rows, lambda row: row.snapshot):
            regions = [region_row(row.region) for row in each]
            parts = [
                regions[first : first + REGIONS_IN_AN_ITEM] for first in range(0, len(regions), REGIONS_IN_AN_ITEM)
            ]
            self.batch_put(((f"REGIONS#{snapshot}", f"from {part[0][0]}"), {"rows": compact(part)}) for part in parts)

    def _take_units(self, rows: Sequence[UnitRow]) -> None:
        self.batch_put(((f"UNITS#{row.snapshot}", row.unit.unit_id), unit_values(row.unit)) for row in rows)
        for snapshot, each in groupby(rows, lambda row: row.snapshot):
            key, kinds = (f"SNAPSHOT#{snapshot}", keys.ONLY), {row.unit.kind.value for row in each}
            known = str((self.get(key) or {}).get("kinds", ""))
            together = "|".join(sorted(kinds.union(known.split("|")) - {""}))
            if together != known:
                self.offer(update(key, {"kinds": together}, THERE))

    def _take_staff(self, rows: Sequence[StaffRow]) -> None:
        for snapshot, each in groupby(rows, lambda row: row.snapshot):
            self.batch_put(staff_items(snapshot, ((row.number, row.member) for row in each)))

    def _take_people(self, rows: Sequence[Person]) -> None:
        self.batch_put(((f"P#{one.id}", keys.PERSON), {"email": one.email}) for one in rows)
        self.batch_put((self.way(one.email), {"person": one.id}) for one in rows)

    def _take_submissions(self, rows: Sequence[WholeSubmission]) -> None:
        self.add_wholes(rows)

    def _take_erasures(self, rows: Sequence[Erasure]) -> None:
        self.batch_put((erasure_key(mark), erasure_values(mark)) for mark in rows)

    def _take_keys(self, rows: Sequence[KeyRow]) -> None:
        for row in rows:
            values: dict[str, Value | None] = {"public": row.hex, "first_day": row.first_day.isoformat()}
            self.offer(put((keys.AUDIT_KEYS, PublicKey(row.hex).id), values, NEW))

    def _take_heads(self, rows: Sequence[DayHead]) -> None:
        self.batch_put((keys.leaf(head.day.isoformat(), head.place), head_values(head)) for head in rows)

    def _take_days(self, rows: Sequence[SignedDay]) -> None:
        self.batch_put(((keys.DAYS, day.day.isoformat()), day_values(day)) for day in rows)

    def _take_letters(self, rows: Sequence[LetterRecord]) -> None:
        self.batch_put((keys.letter(one.letter), letter_values(one)) for one in rows)

    def _take_seats(self, rows: Sequence[SeatSettings]) -> None:
        for row in rows:
            with suppress(StateConflict):  # it is there already
                self.choose(row, ())

    def _take_tokens(self, rows: Sequence[ApiToken]) -> None:
        for row in rows:
            self.put_token(row)

    def _take_reads(self, rows: Sequence[ReadRow]) -> None:
        """Under their time and a hash of their own, so that none is doubled."""
        for row in rows:
            nanoseconds, digest = (
                int(row.at.timestamp() * 1_000_000) * 1000,
                hashlib.sha256(repr(row).encode()).hexdigest(),
            )
            values = {"who": row.who, "what": row.what, "at": to_text(row.at)}
            self.offer(put((keys.READS, f"{nanoseconds:020d}{digest[:4]}"), values, NEW))

    def _take_notes(self, rows: Sequence[NoteRow]) -> None:
        for row in rows:
            room, _, name = row.name.partition(":")
            if room == "count":
                values: dict[str, Value | None] = {"count": int(row.value), EXPIRES: int(time.time()) + COUNTER_SECONDS}
                self.offer(put((f"COUNT#{name}", keys.ONLY), values, NEW))
            else:
                self.offer(put(keys.note(row.name), {"value": row.value}, NEW))

    def _take_collections(self, rows: Sequence[Collection]) -> None:
        for row in rows:
            self.put_collection(row)

    def _take_outbox(self, rows: Sequence[PromiseRow]) -> None:
        for row in rows:
            self.offer(_promise(row))

    def _take_pointers(self, rows: Sequence[PointerRow]) -> None:
        for row in rows:
            self.offer(put((keys.POINTERS, row.kind), {"snapshot": row.snapshot}, NEW))


def _promise(row: PromiseRow) -> Write:
    """A promise as it stands: a kept one is in no list of what is due."""
    item, turn, moment = row.item, turns.next(), to_text(row.next_at)
    due = due_values(item.id, moment, turn)
    if row.done_at is not None:
        due = {"next_at": moment, "done_at": to_text(row.done_at)}
    values: dict[str, Value | None] = {
        "kind": item.kind,
        "data": compact(dict(item.data)),
        "created_at": to_text(item.created_at),
        "turn": turn,
        "attempts": row.attempts or None,
        "error": row.error or None,
        **due,
    }
    return put(keys.promise(item.id), values, NEW)
