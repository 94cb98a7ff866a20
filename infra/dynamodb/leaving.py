"""Giving a whole home out of DynamoDB: the reading half of the `MovingStore` port.

This is the one place that scans: an export reads everything, and no page waits for it. The scan is laid aside in a
temporary file on disk in the order of the rows' keys, which is the order in which SQLite gives them. Submissions are
read by key instead, each with everything under it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from infra.dynamodb import keys
from infra.dynamodb.access import token_from
from infra.dynamodb.days import day_from, head_from
from infra.dynamodb.design import EXPIRES
from infra.dynamodb.erasing import erasure_from
from infra.dynamodb.letters import letter_from
from infra.dynamodb.outbox import OutboxItems
from infra.dynamodb.promising import promise_from
from infra.dynamodb.register import collection_from, member_from, region_from, unit_from
from infra.dynamodb.rows import compact
from infra.dynamodb.seats import seat_from
from infra.dynamodb.whole import WholeItems
from infra.dynamodb.writes import Item, from_item
from workflows.days import DayHead
from workflows.deadlines import from_text
from workflows.moving import (
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
)
from workflows.ports import Page, Person

_MARK, _BY_REGION = "mark:", "REGION#"
_LAID_ASIDE = "CREATE TABLE aside (kind TEXT, key TEXT, item TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID"


Laid = tuple[Kind, str, Any]
"""Kind, sort key and what is needed to read the row again."""


class LeavingItems(WholeItems, OutboxItems):
    """`leaving` and `rows` of the `MovingStore` port over DynamoDB."""

    _aside: sqlite3.Connection | None = None

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Lay everything aside. DynamoDB has no one instant: stop pages and sweep meanwhile."""
        with closing(sqlite3.connect("")) as aside:  # a temporary file, gone when it is closed
            aside.execute(_LAID_ASIDE)
            for item in self._everything():
                rows = ((kind, key, compact(data)) for kind, key, data in _laid_aside(item))
                aside.executemany("INSERT INTO aside VALUES (?, ?, ?)", rows)
            aside.commit()
            self._aside = aside
            try:
                yield
            finally:
                self._aside = None

    def _everything(self) -> Iterator[Item]:
        """All items but those of submissions."""
        request: dict[str, Any] = {
            "ConsistentRead": True,
            "FilterExpression": "NOT begins_with(pk, :s)",
            "ExpressionAttributeValues": {":s": {"S": keys.submission("")}},
        }
        while True:
            answer = self._call("scan", **request)
            yield from map(from_item, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def rows(self, kind: Kind, after: str, limit: int) -> Page[MovedRow]:
        """Rows of a kind by key, of what was laid aside. Raises `RuntimeError` unless the home is leaving."""
        if kind is Kind.SUBMISSIONS:
            return self.whole_submissions(after, limit)
        if self._aside is None:
            raise RuntimeError("rows are given while the home is leaving")
        found = self._aside.execute(
            "SELECT key, item FROM aside WHERE kind = ? AND key > ? ORDER BY key LIMIT ?", (kind, after, limit)
        ).fetchall()
        rows = [_READERS[kind](json.loads(text)) for _, text in found]
        signed = [row for row in rows if not isinstance(row, DayHead) or self._is_signed(row)]
        return Page(signed, found[-1][0] if len(found) == limit else "")

    def _is_signed(self, head: DayHead) -> bool:
        """Whether the head's day is closed; a closing that was cut short leaves heads of a day that is not."""
        if self._aside is None:
            return False
        day = self._aside.execute(
            "SELECT item ->> 'count' FROM aside WHERE kind = ? AND key = ?", (Kind.DAYS, head.day.isoformat())
        ).fetchone()
        return day is not None and head.place <= int(day[0])


def _laid_aside(item: Item) -> Iterator[Laid]:
    """The rows that an item stands for; none for what only leads to another item, counts, or was given up."""
    room, _, rest = item["pk"].partition("#")
    if room == "REGIONS":
        for row in json.loads(item["rows"]):
            yield Kind.REGIONS, f"{rest}|{row[0]}", [rest, row]
    elif room in _KEYS and _is_row(room, item):
        kind, key = _KEYS[room]
        yield kind, key(rest, item), item


def _is_row(room: str, item: Item) -> bool:
    if room == "UNITS":
        return EXPIRES not in item
    wanted = {"STAFF": item["sk"].startswith(_BY_REGION), "P": "email" in item, "NOTES": item["sk"].startswith(_MARK)}
    return bool(wanted.get(room, True))


_KEYS: Mapping[str, tuple[Kind, Callable[[str, Item], str]]] = {
    "SNAPSHOT": (Kind.SNAPSHOTS, lambda rest, _: rest),
    "UNITS": (Kind.UNITS, lambda rest, item: f"{rest}|{item['sk']}"),
    "STAFF": (Kind.STAFF, lambda rest, item: f"{rest}|{item['number']:08d}"),
    "P": (Kind.PEOPLE, lambda rest, _: rest),
    "E": (Kind.ERASURES, lambda rest, item: f"{rest}|{item['sk']}"),
    keys.AUDIT_KEYS: (Kind.KEYS, lambda _, item: f"{item['first_day']}|{item['sk']}"),
    "LEAVES": (Kind.HEADS, lambda rest, item: f"{rest.partition('#')[0]}|{item['sk']}"),
    keys.DAYS: (Kind.DAYS, lambda _, item: str(item["sk"])),
    "L": (Kind.LETTERS, lambda rest, _: rest),
    "SEAT": (Kind.SEATS, lambda rest, item: f"{rest}|{item['sk']}"),
    keys.TOKENS: (Kind.TOKENS, lambda _, item: str(item["sk"])),
    keys.READS: (Kind.READS, lambda _, item: str(item["sk"])),
    keys.NOTES: (Kind.NOTES, lambda _, item: str(item["sk"])),
    "COUNT": (Kind.NOTES, lambda rest, _: f"count:{rest}"),
    keys.COLLECTIONS: (Kind.COLLECTIONS, lambda _, item: str(item["sk"])),
    "O": (Kind.OUTBOX, lambda rest, item: f"{item['turn']}|{rest}"),
    keys.POINTERS: (Kind.POINTERS, lambda _, item: str(item["sk"])),
}
"""First word of a partition → kind of its rows, and the key they are given by."""


def _after_mark(item: Item) -> str:
    """What follows the first word of a partition."""
    return str(item["pk"]).partition("#")[2]


def _note(item: Item) -> NoteRow:
    if "count" in item:
        return NoteRow(f"count:{_after_mark(item)}", str(item["count"]))
    return NoteRow(item["sk"], str(item["value"]))


def _promise(item: Item) -> PromiseRow:
    done = from_text(item["done_at"]) if "done_at" in item else None
    attempts, error = item.get("attempts", 0), item.get("error", "")
    return PromiseRow(promise_from(item), from_text(item["next_at"]), attempts, error, done)


_READERS: Mapping[Kind, Callable[[Any], MovedRow]] = {
    Kind.SNAPSHOTS: lambda item: SnapshotRow(
        _after_mark(item), item["kind"], from_text(item["created_at"]), item["size"]
    ),
    Kind.REGIONS: lambda row: RegionRow(row[0], region_from(row[1])),
    Kind.UNITS: lambda item: UnitRow(_after_mark(item), unit_from(item)),
    Kind.STAFF: lambda item: StaffRow(_after_mark(item), item["number"], member_from(item)),
    Kind.PEOPLE: lambda item: Person(_after_mark(item), item["email"]),
    Kind.ERASURES: erasure_from,
    Kind.KEYS: lambda item: KeyRow(item["public"], date.fromisoformat(item["first_day"])),
    Kind.HEADS: head_from,
    Kind.DAYS: day_from,
    Kind.LETTERS: letter_from,
    Kind.SEATS: seat_from,
    Kind.TOKENS: token_from,
    Kind.READS: lambda item: ReadRow(item["who"], item["what"], from_text(item["at"])),
    Kind.NOTES: _note,
    Kind.COLLECTIONS: collection_from,
    Kind.OUTBOX: _promise,
    Kind.POINTERS: lambda item: PointerRow(item["sk"], item["snapshot"]),
}
