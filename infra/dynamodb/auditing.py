"""Reading DynamoDB with care, for verification: an item counts as sound when writing what was read gives the same item.

That one comparison finds what no longer parses, what parses to something else, and every place in an index that does
not follow from the state it was derived from. There is no scan: a submission is found by its state or by its first
event, so that taking one of them away does not hide the other.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar

from infra.codec import state_to_text
from infra.dynamodb import keys
from infra.dynamodb.days import DayItems, day_from, day_values, head_from, head_values
from infra.dynamodb.design import bucket_of
from infra.dynamodb.erasing import erasure_from
from infra.dynamodb.rows import (
    Values,
    event_from,
    event_values,
    identity_values,
    next_at_of,
    outline_of,
    outline_values,
    payload_from,
    revision_from,
    revision_values,
    state_values,
    submission_of,
    without_none,
)
from infra.dynamodb.states import state_text
from infra.dynamodb.writes import Item
from workflows.chain import Payload
from workflows.days import DayHead, SignedDay
from workflows.erasing import Erasure, Kept
from workflows.signing import PublicKey
from workflows.story import DAMAGED, Loose, Misread, Story
from workflows.submissions import SealedRevision, Submission

Value = TypeVar("Value")
_BESIDE = {"pk", "sk", "writer", "counted", "tally_pk", "moved_pk", "moved_sk", "moved_on", "content"}
"""Attributes that follow from something else than what is read, or from nothing. Sealed content is compared by its own
hash, because equal content may be compressed to different bytes."""
_LOOKS = 5


@dataclass(slots=True)
class _Rows:
    """What a submission's partition holds, by kind."""

    state: Item | None = None
    events: list[Item] = field(default_factory=list)
    revisions: list[Item] = field(default_factory=list)
    payloads: list[Item] = field(default_factory=list)

    def is_one_instant(self) -> bool:
        """Whether state and chain were read as one step left them."""
        return self.state is None or self.state.get("version") == len(self.events)


class _Reading(Generic[Value]):
    """One kind of item: how it is read and how it is written."""

    def __init__(self, read: Callable[[Item], Value], write: Callable[[Value], Values]) -> None:
        self._read = read
        self._write = write

    def __call__(self, item: Item) -> tuple[Value | None, str]:
        """What an item says, if it can be read; and the attributes that this program would have written otherwise."""
        try:
            value = self._read(item)
            written = without_none(self._write(value))
        except DAMAGED:
            return None, "cannot be read"
        names = (item.keys() | written.keys()) - _BESIDE
        return value, ", ".join(sorted(name for name in names if item.get(name) != written.get(name)))


class AuditItems(DayItems):
    """The `AuditStore` port over DynamoDB."""

    def submission_ids(self, after: str, limit: int) -> Sequence[str]:
        """Ids of all submissions that have a state or a first event."""
        low = keys.submission(after) + "\x00" if after else ""
        buckets = range(bucket_of(after), keys.ALL_BUCKETS.stop)
        entries = itertools.chain.from_iterable(self.walk("all", keys.every(bucket), low) for bucket in buckets)
        ids = (key for key, _ in itertools.groupby(entries, lambda entry: keys.submission_id(entry.key[0])))
        return list(itertools.islice(ids, limit))

    def story(self, submission_id: str) -> Story:
        """Everything under one submission; read again when a step was written meanwhile."""
        rows = self._rows(submission_id)
        for _ in range(_LOOKS):
            if rows.is_one_instant():
                break
            rows = self._rows(submission_id)
        own = _own(rows.state)
        sealed = _Reading(self._revision, self._revision_values)
        revisions = [(item, *sealed(item)) for item in rows.revisions]
        payloads = [(item, *_PAYLOAD(item)) for item in rows.payloads]
        events = [_EVENT(item) for item in rows.events]
        heads = self._heads(submission_id)
        return Story(
            id=submission_id,
            submission=own[0][0] if own[0] else None,
            next_at=own[0][1] if own[0] else None,
            outline=(rows.state.get("amount"), rows.state.get("findings")) if rows.state else (None, None),
            events=[None if damage else event for event, damage in events],
            revisions={one.number: one for _, one, _ in revisions if one},
            payloads={_number(item): one for item, one, _ in payloads if one},
            heads=[head for _, head, damage in heads if head and not damage],
            moves=_moves(submission_id, rows.state),
            misread=[
                *([Misread("submissions", 0, own[1])] if own[1] else ()),
                *_damaged("revisions", revisions),
                *_damaged("payloads", payloads),
                *_wordless(rows),
                *_damaged("day_heads", heads),
            ],
            erased=self._words_erased(submission_id),
        )

    def _words_erased(self, submission_id: str) -> dict[int, Erasure]:
        marks = map(erasure_from, self.query(f"E#{submission_id}"))
        return {mark.number: mark for mark in marks if mark.kind is Kept.WORDS}

    def _rows(self, submission_id: str) -> _Rows:
        found = _Rows()
        kinds = {keys.EVENT: found.events, keys.REVISION: found.revisions, keys.PAYLOAD: found.payloads}
        for item in self.query(keys.submission(submission_id)):
            if item["sk"] == keys.STATE:
                found.state = item
            else:
                kinds.get(item["sk"].partition("#")[0] + "#", []).append(item)
        return found

    def _revision(self, item: Item) -> SealedRevision:
        return revision_from(item, self.objects)

    def _revision_values(self, revision: SealedRevision) -> Values:
        return revision_values(revision, self.objects)

    def _heads(self, submission_id: str) -> list[tuple[Item, DayHead | None, str]]:
        """Heads of signed days, in the order of the days; the index that lists them follows from the leaf itself."""
        found = []
        for _, item in self.standing(self.walk("listed", keys.heads_of(submission_id))):
            head, damage = _HEAD(item)
            closed = self.day(head.day) if head else None
            if head is not None and closed is not None and head.place <= closed.count:
                found.append((item, head, damage))
        return sorted(found, key=lambda one: str(one[0]["pk"]))

    def loose_rows(self) -> Sequence[Loose]:
        """Heads of signed days whose submission has neither state nor chain (others are named by their own story)."""
        known = set(self._all_ids())
        found = {
            head.submission
            for name, _ in self.signed_days("", 0)
            for head in map(_head_or_none, self.leaves(name, 1))
            if head is not None and head.submission not in known
        }
        return [Loose("day_heads", submission) for submission in sorted(found)]

    def _all_ids(self) -> Iterator[str]:
        after = ""
        while page := self.submission_ids(after, 1000):
            yield from page
            after = page[-1]

    def signed_days(self, after: str, limit: int) -> Sequence[tuple[str, SignedDay | None]]:
        """Days by date; all of them when there is no limit."""
        items = self.query(keys.DAYS, after=after)
        rows = [(item, *_DAY(item)) for item in itertools.islice(items, limit or None)]
        return [(item["sk"], None if damage else day) for item, day, damage in rows]

    def signed_heads(self, day: str, after: int, limit: int) -> Sequence[DayHead | None]:
        """Leaves of a day by place, as many as the day counts."""
        closed = self.get((keys.DAYS, day)) or {}
        items = itertools.islice(self.leaves(day, max(after + 1, 1)), limit)
        counted = (item for item in items if int(item["sk"]) <= int(closed.get("count", 0)))
        return [None if damage else head for head, damage in (_HEAD(item) for item in counted)]

    def signing_keys(self) -> Mapping[str, tuple[PublicKey, str] | None]:
        """Every key that signed."""
        found: dict[str, tuple[PublicKey, str] | None] = {}
        for item in self.query(keys.AUDIT_KEYS):
            key, damage = _KEY(item)
            found[item["sk"]] = key if key and not damage and key[0].id == item["sk"] else None
        return found


def _own(item: Item | None) -> tuple[tuple[Submission, datetime | None] | None, str]:
    """A submission's own row; in which count it stands just now is not part of it."""
    if item is None:
        return None, ""
    return _Reading(_state_from, lambda read: _state_values(read, item))(item)


def _state_from(item: Item) -> tuple[Submission, datetime | None]:
    return submission_of(item), next_at_of(item)


def _state_values(read: tuple[Submission, datetime | None], item: Item) -> Values:
    """All but the outline, which `workflows.audit` compares with the revision itself."""
    submission = read[0]
    outline = {name: item.get(name) for name in ("amount", "findings")}
    orders = outline_values(submission.id, outline_of(item))
    own = {**identity_values(submission.identity), **state_values(*read), **orders, **outline}
    if state_text(item["state"]) == state_to_text(submission.state):
        own["state"] = item["state"]
    return own


def _moves(submission_id: str, item: Item | None) -> list[DayHead]:
    """That the chain waits for a signed day: what the next one would cover."""
    if item is None or "moved_pk" not in item:
        return []
    try:
        return [DayHead(date.fromisoformat(item["moved_on"]), 0, submission_id, item["version"], item["head"].hex())]
    except DAMAGED:
        return []


def _payload_values(payload: Payload | None) -> Values:
    return {"text": payload.text, "nonce": payload.nonce} if payload else {}


def _wordless(rows: _Rows) -> Iterator[Misread]:
    """Words whose event is not there."""
    numbers = {_number(item) for item in rows.events}
    for item in rows.payloads:
        if _number(item) not in numbers:
            yield Misread("payloads", _number(item), "belongs to no event")


def _damaged(table: str, rows: Iterable[tuple[Item, object, str]]) -> Iterator[Misread]:
    for item, _, damage in rows:
        if damage:
            yield Misread(table, _number(item), damage)


def _number(item: Item) -> int:
    text = str(item["sk"]).rpartition("#")[2]
    return int(text) if text.isdecimal() else 0


def _head_or_none(item: Item) -> DayHead | None:
    try:
        return head_from(item)
    except DAMAGED:
        return None


def _key_from(item: Item) -> tuple[PublicKey, str]:
    return PublicKey(item["public"]), item["first_day"]


def _key_values(key: tuple[PublicKey, str]) -> Values:
    return {"public": bytes.fromhex(key[0].hex).hex(), "first_day": date.fromisoformat(key[1]).isoformat()}


_EVENT = _Reading(event_from, event_values)
_PAYLOAD = _Reading(payload_from, _payload_values)
_HEAD = _Reading(head_from, head_values)
_DAY = _Reading(day_from, day_values)
_KEY = _Reading(_key_from, _key_values)
