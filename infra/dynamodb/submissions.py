"""Submissions, drafts, sealed revisions and chains in DynamoDB. One transition is one transaction."""

import heapq
import itertools
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from infra.dynamodb import keys
from infra.dynamodb.design import LAST, bucket_of
from infra.dynamodb.returning import ReturnItems
from infra.dynamodb.rows import (
    draft_from,
    due_values,
    event_from,
    payload_from,
    revision_from,
    submission_of,
    trace_from,
)
from infra.dynamodb.steps import additions, counts, creation, new_state, note_reads, rescheduled, saved_draft, stands
from infra.dynamodb.table import MOST_WRITES, Found, Mark, Refused
from infra.dynamodb.writes import Part, Write
from workflows.chain import Payload, RecordedEvent
from workflows.deadlines import from_text, to_text
from workflows.ports import DraftConflict, Page, StateConflict
from workflows.submissions import Draft, SealedRevision, SentUnder, Submission, Trace, Transition

_FILTERS = frozenset({"form", "stage", "county_code", "city_code", "reviewing_body", "unit_id"})
_PLACES = {"unit_id": "unit", "county_code": "county", "city_code": "city", "reviewing_body": "body"}
"""Filters that have an index of their own, the narrowest first."""


class SubmissionItems(ReturnItems):
    """The `SubmissionStore` port over DynamoDB, without its counts (`tallies`)."""

    def create(self, transitions: Sequence[Transition]) -> int:
        """Insert those that are not there yet, each whole; several share a transaction."""
        created, waiting = 0, list(transitions)
        while waiting:
            batch = list(itertools.takewhile(_Room(), waiting))
            waiting = waiting[len(batch) :]
            created += self._create_batch(batch)
        return created

    def _create_batch(self, batch: Sequence[Transition]) -> int:
        """One transaction; again without those that turn out to be there."""
        while batch:
            writer = secrets.token_hex(16)
            writes = [creation(one) for one in batch]
            writes += [write for one in batch for write in additions(one, self.objects, writer)]
            try:
                self.transact([*writes, *counts(batch)], _mark(batch[0], writer))
            except Refused as error:
                there = {write.key[0] for write in error.writes if write.part is Part.STATE}
                if not there:
                    raise
                batch = [one for one in batch if keys.submission(one.after.id) not in there]
            else:
                return len(batch)
        return 0

    def commit(self, transition: Transition) -> None:
        """Write one step if submission and draft are still as they were read."""
        writer = secrets.token_hex(16)
        state = new_state(transition) if transition.events else stands(transition.before)
        noted = [note_reads(*transition.unless_noted)] if transition.unless_noted is not None else []
        draft = saved_draft(transition, self.objects, writer)
        writes = [state, *noted, *([draft] if draft else []), *additions(transition, self.objects, writer)]
        writes += self.returning(transition)
        try:
            self._commit(writes, _mark(transition, writer))
        except Refused as error:
            if {write.part for write in error.writes} == {Part.DRAFT}:
                raise DraftConflict(self.draft(transition.before.id)) from error
            raise StateConflict(transition.before.id) from error

    def _commit(self, writes: list[Write], mark: Mark) -> None:
        """The transaction; again without promises that were made before, which are left alone."""
        try:
            self.transact(writes, mark)
        except Refused as error:
            if {write.part for write in error.writes} != {Part.PROMISE}:
                raise
            made = {write.key for write in error.writes}
            self._commit([write for write in writes if write.key not in made], mark)

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""
        item = self.get(keys.state(submission_id))
        return submission_of(item) if item else None

    def draft(self, submission_id: str) -> Draft | None:
        """What the filler last saved."""
        item = self.get(keys.draft(submission_id))
        return draft_from(item, self.objects) if item and "inputs" in item else None  # it may have been erased

    def revision(self, submission_id: str, number: int) -> SealedRevision | None:
        """One sealed revision."""
        item = self.get(keys.numbered(submission_id, keys.REVISION, number))
        return revision_from(item, self.objects) if item else None

    def events(self, submission_id: str) -> Sequence[RecordedEvent]:
        """The chain, first event first."""
        return [event_from(item) for item in self.query(keys.submission(submission_id), keys.EVENT)]

    def sent_under(self, submission_id: str, key: str, now: datetime) -> SentUnder | None:
        """What a program sent under this key, while that is remembered; DynamoDB forgets it a while later."""
        item = self.get(keys.sent_under(submission_id, key))
        if item is None or item["until"] <= to_text(now):
            return None
        return SentUnder(key, item["body"], from_text(item["until"]), item["revision"])

    def payload(self, submission_id: str, number: int) -> Payload | None:
        """The words that belong to one event, unless they were erased."""
        item = self.get(keys.numbered(submission_id, keys.PAYLOAD, number))
        return payload_from(item) if item else None

    def traces(self, submission_id: str) -> Sequence[tuple[datetime, Trace]]:
        """Where its saves and submits came from."""
        return [trace_from(item) for item in self.query(keys.submission(submission_id), keys.TRACE)]

    def submissions(self, after: str, limit: int) -> Page[Submission]:
        """All submissions by id."""
        entries = itertools.chain.from_iterable(
            self.walk("all", keys.every(bucket), keys.submission(after) + "\x00" if after else "", page=limit)
            for bucket in range(bucket_of(after), keys.ALL_BUCKETS.stop)
        )
        return self._page((entry for entry in entries if entry.key[1] == keys.STATE), {}, limit)

    def submissions_of(self, year: int, form: str, after: str, limit: int) -> Page[Submission]:
        """The submissions of one collection by id."""
        entries = itertools.chain.from_iterable(
            self.walk("listed", keys.of_collection(year, form, bucket), f"{after}\x00" if after else "", page=limit)
            for bucket in range(bucket_of(after), keys.ALL_BUCKETS.stop)
        )
        return self._page(entries, {}, limit)

    def sealed(self, year: int, filters: Mapping[str, str], after: str, limit: int) -> Page[Submission]:
        """Sealed submissions of a year, newest seal first, from the narrowest index there is for the filters."""
        unknown = filters.keys() - _FILTERS
        if unknown:
            raise ValueError(f"unknown filters: {sorted(unknown)}")
        place = next((name for name in _PLACES if name in filters), None)
        if place is not None:
            index, partitions = f"sealed_{_PLACES[place]}", [f"{year}#{filters[place]}"]
        else:
            index, partitions = "sealed_year", [keys.sealed_in(year, shard) for shard in keys.ALL_SHARDS]
        walks = [self.walk(index, one, "", after[:200], newest_first=True, page=limit) for one in partitions]
        entries = heapq.merge(*walks, key=lambda entry: entry.sort, reverse=True)
        return self._page((one for one in entries if not after or one.sort < after), filters, limit)

    def inbox(self, region_code: str, after: str, limit: int) -> Page[Submission]:
        """What waits for one seat, oldest first."""
        low = f"{after[:200]}\x00" if after else ""
        return self._page(self.walk("waiting", region_code, low, page=limit), {}, limit)

    def due(self, now: datetime, after: str, limit: int) -> Page[Submission]:
        """What the clock has something to do with, longest due first."""
        low, high = f"{after}\x00" if after else "", to_text(now) + LAST
        walks = [self.walk("due", keys.due_submissions(shard), low, high, page=limit) for shard in keys.ALL_SHARDS]
        return self._page(heapq.merge(*walks, key=lambda entry: entry.sort), {}, limit)

    def reschedule(self, submission: Submission, next_at: datetime | None) -> None:
        """Look at it again at another instant, if it has not moved since it was read."""
        self.offer(rescheduled(submission, due_values(submission.id, next_at)))

    def unsent(self, year: int, form: str, region_code: str, after: str, limit: int) -> Page[Submission]:
        """Expected of units in one region and never sent, by id."""
        low = keys.submission(after) + "\x00" if after else ""
        return self._page(self.walk("unsent", f"{year}#{form}#{region_code}", low, page=limit), {}, limit)

    def proposals(self, year: int, after: str, limit: int) -> Page[Submission]:
        """What waits for a second person, by id."""
        low = keys.submission(after) + "\x00" if after else ""
        return self._page(self.walk("proposed", str(year), low, page=limit), {}, limit)

    def _page(self, entries: Iterable[Found], filters: Mapping[str, str], limit: int) -> Page[Submission]:
        """The first submissions that still stand at their entries and are what is asked for."""
        rows: list[tuple[Found, Submission]] = []
        for entry, item in self.standing(entries, limit):
            submission = submission_of(item)
            if all(_attribute(submission, name) == value for name, value in filters.items()):
                rows.append((entry, submission))
                if len(rows) == limit:
                    break
        return Page([row for _, row in rows], _cursor(rows[-1][0]) if len(rows) == limit else "")


def _mark(transition: Transition, writer: str) -> Mark:
    """What shows that this very call's step stands: its last event, or the draft of a step without one."""
    key = transition.after.id
    if transition.events:
        return Mark(keys.numbered(key, keys.EVENT, transition.after.version), writer)
    return Mark(keys.draft(key), writer)


def _cursor(entry: Found) -> str:
    """What continues after an entry: its sort key, as far as it is not the table's own."""
    return keys.submission_id(entry.sort)


def _attribute(submission: Submission, name: str) -> str:
    if name == "stage":
        return submission.state.stage
    return str(getattr(submission.identity, name))


class _Room:
    """Tells how many new submissions one transaction takes."""

    def __init__(self) -> None:
        self._writes = 0

    def __call__(self, transition: Transition) -> bool:
        size = 2 + len(transition.events) + len(transition.payloads) + len(transition.outbox)
        self._writes += size + 1  # one counter each, at most
        return self._writes <= MOST_WRITES - 2
