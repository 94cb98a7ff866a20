"""Submissions, drafts, sealed revisions and chains in SQLite. One transition is one transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.codec import state_from_text, state_to_text
from infra.sqlite.database import Database
from infra.sqlite.outbox import PROMISE, promised
from register.units import UnitKind
from workflows.deadlines import from_text, to_text
from workflows.events import Payload, RecordedEvent
from workflows.ports import DraftConflict, Page, ProgressCount, StateConflict
from workflows.submissions import Draft, Identity, SealedRevision, Submission, Trace, Transition

_COLUMNS = (
    "id, year, form, unit_id, unit_kind, region_code, county_code, city_code, reviewing_body, head, state, sealed_at"
)
_DRAFT = "SELECT version, inputs, saved_at FROM drafts WHERE submission = ?"
_FILTERS = frozenset({"form", "stage", "county_code", "city_code", "reviewing_body", "unit_id"})


class SubmissionTables(Database):
    """The `SubmissionStore` port over SQLite."""

    def create(self, transitions: Sequence[Transition]) -> int:
        """Insert those that are not there yet, with their first events and effects."""
        created = 0
        with self.transaction() as db:
            for transition in transitions:
                values = (*_identity_values(transition.after.identity), *_state_values(transition.after))
                marks = ", ".join("?" * len(values))
                inserted = db.execute(f"INSERT OR IGNORE INTO submissions VALUES ({marks})", values)
                if inserted.rowcount:
                    created += 1
                    for write in _additions(transition):
                        write.changes(db)
        return created

    def commit(self, transition: Transition) -> None:
        """Write one step if submission and draft are still as they were read."""
        move, draft, additions = _move(transition), _saved_draft(transition), _additions(transition)
        with self.transaction() as db:  # all is in words before the turn is taken: others wait for it
            if not (move.changes(db) if transition.events else _stands(db, transition.before)):
                raise StateConflict(transition.before.id)
            if draft is not None and not draft.changes(db):
                raise DraftConflict(_read_draft(db, transition.before.id))
            for write in additions:
                write.changes(db)

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""
        row = self.read_one(f"SELECT {_COLUMNS} FROM submissions WHERE id = ?", (submission_id,))
        return _submission(row) if row else None

    def draft(self, submission_id: str) -> Draft | None:
        """What the filler last saved."""
        row = self.read_one(_DRAFT, (submission_id,))
        return _draft(row) if row else None

    def revision(self, submission_id: str, number: int) -> SealedRevision | None:
        """One sealed revision."""
        row = self.read_one(
            "SELECT submission, number, hash, CAST(content AS BLOB), sealed_at FROM revisions"
            " WHERE submission = ? AND number = ?",
            (submission_id, number),
        )
        return SealedRevision(row[0], row[1], row[2], row[3], from_text(row[4])) if row else None

    def events(self, submission_id: str) -> Sequence[RecordedEvent]:
        """The chain, first event first."""
        rows = self.read(
            "SELECT submission, number, at, type, data, previous, hash FROM events"
            " WHERE submission = ? ORDER BY number",
            (submission_id,),
        )
        return [RecordedEvent(row[0], row[1], from_text(row[2]), row[3], json.loads(row[4]), *row[5:]) for row in rows]

    def payload(self, submission_id: str, number: int) -> Payload | None:
        """The words that belong to one event, unless they were erased."""
        row = self.read_one(
            "SELECT text, nonce FROM payloads WHERE submission = ? AND number = ?", (submission_id, number)
        )
        return Payload(*row) if row else None

    def traces(self, submission_id: str) -> Sequence[tuple[datetime, Trace]]:
        """Where its saves and submits came from."""
        rows = self.read(
            "SELECT at, action, channel, address, device FROM traces WHERE submission = ? ORDER BY rowid",
            (submission_id,),
        )
        return [(from_text(row[0]), Trace(*row[1:])) for row in rows]

    def submissions(self, after: str, limit: int) -> Page[Submission]:
        """All submissions by id."""
        rows = self.read(f"SELECT {_COLUMNS} FROM submissions WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return Page([_submission(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

    def sealed(self, year: int, filters: Mapping[str, str], after: str, limit: int) -> Page[Submission]:
        """Sealed submissions of a year, newest seal first; the cursor is the last row's seal time and id."""
        unknown = filters.keys() - _FILTERS
        if unknown:
            raise ValueError(f"unknown filters: {sorted(unknown)}")
        clauses = "".join(f" AND {name} = ?" for name in filters)
        parameters: list[object] = [year, *filters.values()]
        if after:
            clauses += " AND (sealed_at, id) < (?, ?)"
            parameters += after.split("|", 1)
        rows = self.read(
            f"SELECT {_COLUMNS} FROM submissions WHERE year = ? AND sealed_at IS NOT NULL{clauses}"
            " ORDER BY sealed_at DESC, id DESC LIMIT ?",
            (*parameters, limit),
        )
        cursor = f"{rows[-1][11]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([_submission(row) for row in rows], cursor)

    def inbox(self, region_code: str, after: str, limit: int) -> Page[Submission]:
        """What waits for one seat, oldest first."""
        since, last = after.split("|", 1) if after else ("", "")
        rows = self.read(
            f"SELECT {_COLUMNS}, since FROM submissions WHERE waiting_at = ? AND (since, id) > (?, ?)"
            " ORDER BY since, id LIMIT ?",
            (region_code, since, last, limit),
        )
        cursor = f"{rows[-1][12]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([_submission(row) for row in rows], cursor)

    def progress(self, year: int) -> Sequence[ProgressCount]:
        """Counts by form, region, body and stage, from one covering index."""
        rows = self.read(
            "SELECT form, region_code, reviewing_body, stage, level, COALESCE(waiting_at, ''), late, sent, count(*)"
            " FROM submissions WHERE year = ?"
            " GROUP BY form, region_code, reviewing_body, stage, level, waiting_at, late, sent",
            (year,),
        )
        return [_count(row) for row in rows]


def _identity_values(identity: Identity) -> tuple[object, ...]:
    return (
        identity.id,
        identity.year,
        identity.form,
        identity.unit_id,
        identity.unit_kind,
        identity.region_code,
        identity.county_code,
        identity.city_code,
        identity.reviewing_body,
    )


def _state_values(submission: Submission) -> tuple[object, ...]:
    """version, head, state, then the copies for the access patterns, in the order of the table."""
    state = submission.state
    turn = state.turn
    return (
        state.events,
        submission.head,
        state_to_text(state),
        state.stage,
        turn.level if turn else "",
        turn.region if turn else None,
        to_text(state.since) if state.since else None,
        int(state.late),
        int(state.first_sent_at is not None),
        to_text(state.sealed_at) if state.sealed_at else None,
    )


def _submission(row: tuple[Any, ...]) -> Submission:
    identity = Identity(
        id=row[0],
        year=row[1],
        form=row[2],
        unit_id=row[3],
        unit_kind=UnitKind(row[4]),
        region_code=row[5],
        county_code=row[6],
        city_code=row[7],
        reviewing_body=row[8],
    )
    return Submission(identity, state_from_text(row[10]), row[9])


def _count(row: tuple[Any, ...]) -> ProgressCount:
    form, region, body, stage, level, waiting_at, late, sent, count = row
    return ProgressCount(form, region, body, stage, level, waiting_at, bool(late), bool(sent), count)


def _draft(row: tuple[Any, ...]) -> Draft:
    return Draft(row[0], json.loads(row[1]), from_text(row[2]))


def _read_draft(db: sqlite3.Connection, submission_id: str) -> Draft | None:
    row = db.execute(_DRAFT, (submission_id,)).fetchone()
    return _draft(row) if row else None


@dataclass(frozen=True, slots=True)
class _Write:
    """One statement with its values."""

    sql: str
    values: tuple[object, ...]

    def changes(self, db: sqlite3.Connection) -> bool:
        """Whether a row was there to be changed or added."""
        return db.execute(self.sql, self.values).rowcount > 0


def _move(transition: Transition) -> _Write:
    """The new state, on condition that the version is the one that was read."""
    before, after = transition.before, transition.after
    return _Write(
        "UPDATE submissions SET version = ?, head = ?, state = ?, stage = ?, level = ?, waiting_at = ?, since = ?,"
        " late = ?, sent = ?, sealed_at = ? WHERE id = ? AND version = ?",
        (*_state_values(after), before.id, before.version),
    )


def _stands(db: sqlite3.Connection, before: Submission) -> bool:
    """The same condition alone, for a step without an event."""
    found = db.execute("SELECT 1 FROM submissions WHERE id = ? AND version = ?", (before.id, before.version))
    return found.fetchone() is not None


def _saved_draft(transition: Transition) -> _Write | None:
    """The new draft, on condition that the stored one is the one the filler began with (0: that there is none)."""
    draft, key = transition.draft, transition.before.id
    if draft is None:
        return None
    values = (draft.version, _compact(dict(draft.inputs)), to_text(draft.saved_at))
    if not transition.draft_before:
        return _Write("INSERT INTO drafts VALUES (?, ?, ?, ?) ON CONFLICT (submission) DO NOTHING", (key, *values))
    return _Write(
        "UPDATE drafts SET version = ?, inputs = ?, saved_at = ? WHERE submission = ? AND version = ?",
        (*values, key, transition.draft_before),
    )


def _additions(transition: Transition) -> list[_Write]:
    """Everything a step only ever adds: events, payloads, revision, trace, effects."""
    key, revision, trace = transition.after.id, transition.revision, transition.trace
    writes = [
        _Write(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, event.number, to_text(event.at), event.type, _compact(event.data), event.previous, event.hash),
        )
        for event in transition.events
    ]
    writes += [
        _Write("INSERT INTO payloads VALUES (?, ?, ?, ?)", (key, number, payload.text, payload.nonce))
        for number, payload in transition.payloads
    ]
    if revision is not None:
        sealed = (key, revision.number, revision.hash, revision.content, to_text(revision.sealed_at))
        writes.append(_Write("INSERT INTO revisions VALUES (?, ?, ?, ?, ?)", sealed))
    if trace is not None:
        came = (key, to_text(transition.at), trace.action, trace.channel, trace.address, trace.device)
        writes.append(_Write("INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)", came))
    return writes + [_Write(PROMISE, promised(item)) for item in transition.outbox]


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
