"""Submissions with everything under them, in DynamoDB: read whole from one partition, and added whole.

What lies under a submission is put first and its state last, in one transaction with the counts of progress: an arrival
that died in between is simply repeated, and a submission is counted once.
"""

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from infra.dynamodb import keys
from infra.dynamodb.auditing import AuditItems
from infra.dynamodb.design import bucket_of
from infra.dynamodb.rows import (
    draft_from,
    draft_values,
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
    tally_of,
    trace_from,
)
from infra.dynamodb.steps import counted, kept_values
from infra.dynamodb.submissions import SubmissionItems
from infra.dynamodb.table import Refused
from infra.dynamodb.writes import NEW, Item, Key, Part, Value, Write, put
from workflows.chain import RecordedEvent
from workflows.days import DayHead, day_of
from workflows.deadlines import from_text, to_text
from workflows.moving import MovedRow, SentBackRow, TraceRow, WholeSubmission, WordsRow
from workflows.ports import Page
from workflows.sent_back import SentBack
from workflows.submissions import SentUnder

STATES_AT_ONCE = 30
"""Submissions of one transaction; with two counters each it stays below 100 writes."""


class WholeItems(SubmissionItems, AuditItems):
    """What the `MovingStore` port needs of submissions."""

    def whole_submissions(self, after: str, limit: int) -> Page[MovedRow]:
        """Submissions by id, each with everything under it. Raises `ValueError` for one without its state."""
        ids = self.submission_ids(after, limit)
        return Page([self._whole(key) for key in ids], ids[-1] if len(ids) == limit else "")

    def _whole(self, key: str) -> WholeSubmission:
        rooms: dict[str, list[Item]] = {}
        for item in self.query(keys.submission(key)):
            rooms.setdefault(item["sk"].partition("#")[0], []).append(item)
        if keys.STATE not in rooms:
            raise ValueError(f"submission {key} has no state")
        state, drafts = rooms[keys.STATE][0], rooms.get(keys.DRAFT, [])
        events = tuple(map(event_from, rooms.get("EVENT", ())))
        words = [(_number(item), payload_from(item)) for item in rooms.get("PAYLOAD", ())]
        traces = map(trace_from, rooms.get("TRACE", ()))
        under = [item for item in rooms.get("SENT", ()) if "until" in item]
        returns = [item for item in rooms.get("BACK", ()) if "listed_pk" in item]
        return WholeSubmission(
            submission=submission_of(state),
            next_at=next_at_of(state),
            outline=outline_of(state),
            draft=draft_from(drafts[0], self.objects) if drafts and "inputs" in drafts[0] else None,
            events=events,
            words=tuple(WordsRow(number, payload) for number, payload in words if payload),
            revisions=tuple(revision_from(item, self.objects) for item in rooms.get("REVISION", ())),
            traces=tuple(TraceRow(*trace) for trace in traces),
            sent_back=tuple(SentBackRow(_number(item), _sent_back(item)) for item in returns),
            moves=tuple(self._uncovered(state, events)),
            sent_under=tuple(map(_sent_under, under)),
        )

    def _uncovered(self, state: Item, events: Sequence[RecordedEvent]) -> Iterator[DayHead]:
        """The head of each day since which no signed day covers the chain."""
        if "moved_pk" not in state:
            return
        since = date.fromisoformat(state["moved_sk"].partition("|")[0])
        for day, moved in itertools.groupby(events, lambda event: day_of(event.at)):
            last = list(moved)[-1]
            if day >= since and self.covering(last.submission, last.number) is None:
                yield DayHead(day, 0, last.submission, last.number, last.hash)

    def add_wholes(self, wholes: Sequence[WholeSubmission]) -> None:
        """Add those that are not there."""
        known = self.batch_get([keys.state(one.submission.id) for one in wholes])
        new = [one for one in wholes if keys.state(one.submission.id) not in known]
        self.batch_put(item for one in new for item in self._under(one))
        for first in range(0, len(new), STATES_AT_ONCE):
            self._add_states(new[first : first + STATES_AT_ONCE])

    def _add_states(self, wholes: Sequence[WholeSubmission]) -> None:
        counts: dict[tuple[int, str], int] = {}
        for one in wholes:
            place = one.submission.identity.year, tally_of(one.submission)
            counts[place] = counts.get(place, 0) + 1
        try:
            self.transact([*(_state(one) for one in wholes), *counted(counts)])
        except Refused as error:  # another try of this very transaction was applied, and its answer lost
            if len(error.writes) != len(wholes):
                raise

    def _under(self, whole: WholeSubmission) -> Iterator[tuple[Key, dict[str, Any]]]:
        key = whole.submission.id
        for event in whole.events:
            yield keys.numbered(key, keys.EVENT, event.number), event_values(event)
        for words in whole.words:
            values = {"text": words.payload.text, "nonce": words.payload.nonce}
            yield keys.numbered(key, keys.PAYLOAD, words.number), values
        for revision in whole.revisions:
            yield keys.numbered(key, keys.REVISION, revision.number), revision_values(revision, self.objects)
        if whole.draft is not None:
            yield keys.draft(key), draft_values(whole.draft, self.objects)
        for place, came in enumerate(whole.traces):
            at, trace = to_text(came.at), came.trace
            values = {"at": at, "action": trace.action, "channel": trace.channel}
            yield (
                (keys.submission(key), f"{keys.TRACE}{at}|{place:020d}|"),
                {**values, "address": trace.address, "device": trace.device},
            )
        for under in whole.sent_under:
            yield keys.sent_under(key, under.key), kept_values(under)
        for row in whole.sent_back:
            yield keys.numbered(key, keys.BACK, row.number), _back_values(whole, row)


def _state(whole: WholeSubmission) -> Write:
    """The state with its places in the indexes, as the step that brought it there would have left it."""
    submission, key = whole.submission, whole.submission.id
    sets: dict[str, Value | None] = {
        **identity_values(submission.identity),
        **state_values(submission, whole.next_at),
        **outline_values(key, whole.outline),
    }
    if whole.events:
        sets["moved_on"] = day_of(whole.events[-1].at).isoformat()
    if whole.moves:
        first = min(move.day for move in whole.moves)
        sets |= {"moved_pk": keys.moved(bucket_of(key)), "moved_sk": f"{first.isoformat()}|{key}"}
    return put(keys.state(key), sets, NEW, Part.STATE)


def _back_values(whole: WholeSubmission, row: SentBackRow) -> dict[str, Value | None]:
    of, one = whole.submission.identity, row.sent_back
    before, after = (None if amount is None else f"{amount:f}" for amount in (one.before, one.after))
    return {
        "form": one.form,
        "region": one.region,
        "answered": int(one.answered),
        "amount_before": before,
        "amount_after": after,
        "listed_pk": keys.returns_of(of.year),
        "listed_sk": f"{of.id}|{row.number:06d}",
    }


def _sent_back(item: Item) -> SentBack:
    before, after = (Decimal(item[name]) if item.get(name) else None for name in ("amount_before", "amount_after"))
    return SentBack(item["form"], item["region"], bool(item["answered"]), before, after)


def _sent_under(item: Item) -> SentUnder:
    key = str(item["sk"]).removeprefix(keys.SENT)
    return SentUnder(key, item["body"], from_text(item["until"]), item["revision"])


def _number(item: Item) -> int:
    return int(item["sk"].rpartition("#")[2])
