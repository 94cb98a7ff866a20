"""The ports of submissions and of promises in plain dictionaries: what a store must do, said shortly."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from workflows.chain import Payload, RecordedEvent
from workflows.collections import Collection
from workflows.deadlines import to_text
from workflows.machine.states import Stage, State
from workflows.ports import DraftConflict, LetterRecord, Page, ProgressCount, StateConflict
from workflows.submissions import Draft, OutboxItem, SealedRevision, Submission, Trace, Transition


@dataclass
class Promise:
    """A promised effect, with its tries."""

    item: OutboxItem
    next_at: datetime
    attempts: int = 0
    done: bool = False


@dataclass
class MemoryStore:
    """One home, as long as the test lives."""

    calendar: dict[tuple[int, str], Collection] = field(default_factory=dict)
    found: dict[str, Submission] = field(default_factory=dict)
    moments: dict[str, datetime | None] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    revisions: dict[tuple[str, int], SealedRevision] = field(default_factory=dict)
    chains: dict[str, list[RecordedEvent]] = field(default_factory=dict)
    payloads: dict[tuple[str, int], Payload] = field(default_factory=dict)
    handled: dict[str, list[tuple[datetime, Trace]]] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def put_collection(self, collection: Collection) -> None:
        self.calendar[collection.year, collection.form] = collection

    def collection(self, year: int, form: str) -> Collection | None:
        return self.calendar.get((year, form))

    def create(self, transitions: Sequence[Transition]) -> int:
        new = [one for one in transitions if one.before.id not in self.found]
        for transition in new:
            self._write(transition)
        return len(new)

    def commit(self, transition: Transition) -> None:
        before, noted = transition.before, transition.unless_noted
        stands = self.found.get(before.id)
        if stands is None or stands.version != before.version or (noted and self.mark(noted[0]) != noted[1]):
            raise StateConflict(before.id)
        saved = self.drafts.get(before.id)
        if transition.draft is not None and (saved.version if saved else 0) != transition.draft_before:
            raise DraftConflict(saved)
        self._write(transition)

    def _write(self, transition: Transition) -> None:
        key = transition.before.id
        if transition.events:
            self.found[key], self.moments[key] = transition.after, transition.next_at
        self.chains.setdefault(key, []).extend(transition.events)
        self.payloads |= {(key, number): payload for number, payload in transition.payloads}
        if transition.draft is not None:
            self.drafts[key] = transition.draft
        if transition.revision is not None:
            self.revisions[key, transition.revision.number] = transition.revision
        if transition.trace is not None:
            self.handled.setdefault(key, []).append((transition.at, transition.trace))
        self.enqueue(transition.outbox)

    def submission(self, submission_id: str) -> Submission | None:
        return self.found.get(submission_id)

    def draft(self, submission_id: str) -> Draft | None:
        return self.drafts.get(submission_id)

    def revision(self, submission_id: str, number: int) -> SealedRevision | None:
        return self.revisions.get((submission_id, number))

    def events(self, submission_id: str) -> Sequence[RecordedEvent]:
        return list(self.chains.get(submission_id, ()))

    def payload(self, submission_id: str, number: int) -> Payload | None:
        return self.payloads.get((submission_id, number))

    def traces(self, submission_id: str) -> Sequence[tuple[datetime, Trace]]:
        return list(self.handled.get(submission_id, ()))

    def submissions(self, after: str, limit: int) -> Page[Submission]:
        return self._page(self.found.values(), lambda one: one.id, after, limit)

    def sealed(self, year: int, filters: Mapping[str, str], after: str, limit: int) -> Page[Submission]:
        def fits(one: Submission) -> bool:
            copies = {"stage": one.state.stage.value}
            return all(copies.get(name, getattr(one.identity, name, None)) == value for name, value in filters.items())

        rows = [one for one in self.found.values() if one.identity.year == year and one.state.sealed_at and fits(one)]
        rows.sort(key=lambda one: (_when(one.state.sealed_at), one.id), reverse=True)
        return Page(rows[:limit])

    def inbox(self, region_code: str, after: str, limit: int) -> Page[Submission]:
        waiting = [one for one in self.found.values() if one.state.turn and one.state.turn.region == region_code]
        return self._page(waiting, lambda one: f"{_when(one.state.since)}|{one.id}", after, limit)

    def due(self, now: datetime, after: str, limit: int) -> Page[Submission]:
        moments = {key: moment for key, moment in self.moments.items() if moment is not None and moment <= now}
        rows = [self.found[key] for key in moments]
        return self._page(rows, lambda one: f"{_when(moments[one.id])}|{one.id}", after, limit)

    def reschedule(self, submission: Submission, next_at: datetime | None) -> None:
        stands = self.found.get(submission.id)
        if stands is not None and stands.version == submission.version:
            self.moments[submission.id] = next_at

    def proposals(self, year: int, after: str, limit: int) -> Page[Submission]:
        rows = [one for one in self.found.values() if one.identity.year == year and _waits_for_a_second(one.state)]
        return self._page(rows, lambda one: one.id, after, limit)

    def progress(self, year: int) -> Sequence[ProgressCount]:
        counts = Counter(_attributes(one) for one in self.found.values() if one.identity.year == year)
        return [ProgressCount(*attributes, count) for attributes, count in counts.items()]

    def enqueue(self, items: Sequence[OutboxItem]) -> None:
        for item in items:
            self.promises.setdefault(item.id, Promise(replace(item, due_at=None), item.due_at or item.created_at))

    def pending(self, now: datetime, limit: int) -> Sequence[OutboxItem]:
        come = [one for one in self.promises.values() if not one.done and one.next_at <= now]
        return [one.item for one in sorted(come, key=lambda one: one.next_at)][:limit]

    def pending_count(self) -> int:
        return sum(not one.done for one in self.promises.values())

    def letter_outcomes(self, letter_ids: Sequence[str]) -> Mapping[str, str]:
        return {key: self.letters[key] for key in letter_ids if key in self.letters}

    def record_letters(self, records: Sequence[LetterRecord]) -> None:
        for record in records:
            self.letters.setdefault(record.letter, record.outcome)

    def finish(self, ids: Sequence[str], records: Sequence[LetterRecord], at: datetime) -> None:
        self.record_letters(records)
        for key in ids:
            self.promises[key].done = True

    def postpone(self, outbox_id: str, until: datetime, error: str) -> None:
        promise = self.promises[outbox_id]
        self.promises[outbox_id] = replace(promise, next_at=until, attempts=promise.attempts + 1)

    def defer(self, untils: Mapping[str, datetime]) -> None:
        for key, until in untils.items():
            if not self.promises[key].done:
                self.promises[key].next_at = until

    def attempts(self, outbox_id: str) -> int:
        return self.promises[outbox_id].attempts if outbox_id in self.promises else 0

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        yield

    def mark(self, name: str) -> str | None:
        return self.notes.get(name)

    def set_mark(self, name: str, value: str) -> None:
        self.notes[name] = value

    @staticmethod
    def _page(rows: Iterable[Submission], key: Callable[[Submission], str], after: str, limit: int) -> Page[Submission]:
        ordered = [one for one in sorted(rows, key=key) if not after or key(one) > after][:limit]
        return Page(ordered, key(ordered[-1]) if len(ordered) == limit else "")


def _when(moment: datetime | None) -> str:
    return to_text(moment) if moment else ""


def _waits_for_a_second(state: State) -> bool:
    found, leave = state.disposition, state.extension
    waives = any(not waiver.confirmed_by for waiver in state.waivers)
    return bool((found and not found.confirmed_by) or (leave and not leave.granted_by) or waives)


def _attributes(one: Submission) -> tuple[Any, ...]:
    state, identity, turn = one.state, one.identity, one.state.turn
    put_away = state.disposition.kind.value if state.stage is Stage.DISPOSED and state.disposition else ""
    level, waiting_at = (turn.level.value, turn.region) if turn else (put_away, "")
    return (
        identity.form,
        identity.region_code,
        identity.reviewing_body,
        state.stage.value,
        level,
        waiting_at,
        state.late,
        state.first_sent_at is not None,
    )
