"""Submissions, drafts, sealed revisions and chains in SQLite. One transition is one transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.codec import state_from_text, state_to_text
from infra.sqlite.database import Database
from infra.sqlite.outbox import insert_outbox
from register.units import UnitKind
from workflows.chain import Payload, RecordedEvent
from workflows.deadlines import from_text, to_text
from workflows.machine.states import Stage, State
from workflows.ports import DraftConflict, Page, ProgressCount, StateConflict
from workflows.submissions import Draft, Identity, SealedRevision, Submission, Trace, Transition

_COLUMNS = (
    "id, year, form, unit_id, unit_kind, region_code, county_code, city_code, reviewing_body, head, state, sealed_at"
)
_FILTERS = frozenset({"form", "stage", "county_code", "city_code", "reviewing_body", "unit_id"})


class SubmissionTables(Database):
    """The `SubmissionStore` port over SQLite."""

    def create(self, transitions: Sequence[Transition]) -> int:
        """Insert those that are not there yet, with their first events and effects."""
        created = 0
        with self.transaction() as db:
            for transition in transitions:
                values = (
                    *_identity_values(transition.after.identity),
                    *_state_values(transition.after, transition.next_at),
                )
                marks = ", ".join("?" * len(values))
                inserted = db.execute(f"INSERT OR IGNORE INTO submissions VALUES ({marks})", values)
                if inserted.rowcount:
                    created += 1
                    _write_additions(db, transition)
        return created

    def commit(self, transition: Transition) -> None:
        """Write one step if submission and draft are still as they were read."""
        with self.transaction() as db:
            _move(db, transition)
            _write_additions(db, transition)
            _write_draft(db, transition)

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""
        row = self.read_one(f"SELECT {_COLUMNS} FROM submissions WHERE id = ?", (submission_id,))
        return _submission(row) if row else None

    def identity(self, submission_id: str) -> Identity:
        """What a submission is of, without its state. Raises `LookupError`."""
        row = self.read_one(f"SELECT {_COLUMNS} FROM submissions WHERE id = ?", (submission_id,))
        if row is None:
            raise LookupError(submission_id)
        return _identity(row)

    def draft(self, submission_id: str) -> Draft | None:
        """What the filler last saved."""
        row = self.read_one("SELECT version, inputs, saved_at FROM drafts WHERE submission = ?", (submission_id,))
        return Draft(row[0], json.loads(row[1]), from_text(row[2])) if row else None

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

    def due(self, now: datetime, after: str, limit: int) -> Page[Submission]:
        """What the clock has something to do with, longest due first."""
        since, last = after.split("|", 1) if after else ("", "")
        rows = self.read(
            f"SELECT {_COLUMNS}, next_at FROM submissions WHERE next_at <= ? AND (next_at, id) > (?, ?)"
            " ORDER BY next_at, id LIMIT ?",
            (to_text(now), since, last, limit),
        )
        cursor = f"{rows[-1][12]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([_submission(row) for row in rows], cursor)

    def reschedule(self, submission: Submission, next_at: datetime | None) -> None:
        """Look at it again at another instant, if it has not moved since it was read."""
        moment = to_text(next_at) if next_at else None
        with self.transaction() as db:
            db.execute(
                "UPDATE submissions SET next_at = ? WHERE id = ? AND version = ?",
                (moment, submission.id, submission.version),
            )

    def proposals(self, year: int, after: str, limit: int) -> Page[Submission]:
        """What waits for a second person, by id."""
        rows = self.read(
            f"SELECT {_COLUMNS} FROM submissions WHERE year = ? AND proposal IS NOT NULL AND id > ?"
            " ORDER BY id LIMIT ?",
            (year, after, limit),
        )
        return Page([_submission(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

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


def _state_values(submission: Submission, next_at: datetime | None) -> tuple[object, ...]:
    """version, head, state, then the copies for the access patterns, in the order of the table."""
    state = submission.state
    turn = state.turn
    return (
        state.events,
        submission.head,
        state_to_text(state),
        state.stage,
        turn.level if turn else _disposed_as(state),
        turn.region if turn else None,
        to_text(state.since) if state.since else None,
        int(state.late),
        int(state.first_sent_at is not None),
        to_text(state.sealed_at) if state.sealed_at else None,
        to_text(next_at) if next_at else None,
        _proposal(state),
    )


def _disposed_as(state: State) -> str:
    """Why it is not to be had, once that is confirmed."""
    is_confirmed = state.stage is Stage.DISPOSED and state.disposition is not None
    return state.disposition.kind if is_confirmed and state.disposition else ""


def _proposal(state: State) -> str | None:
    """What waits for a second person."""
    if state.disposition is not None and not state.disposition.confirmed_by:
        return "disposition"
    is_asked = state.extension is not None and not state.extension.granted_by
    return "extension" if is_asked else None


def _submission(row: tuple[Any, ...]) -> Submission:
    return Submission(_identity(row), state_from_text(row[10]), row[9])


def _identity(row: tuple[Any, ...]) -> Identity:
    return Identity(
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


def _count(row: tuple[Any, ...]) -> ProgressCount:
    form, region, body, stage, level, waiting_at, late, sent, count = row
    return ProgressCount(form, region, body, stage, level, waiting_at, bool(late), bool(sent), count)


def _move(db: sqlite3.Connection, transition: Transition) -> None:
    before = transition.before
    if transition.unless_noted is not None and _note(db, transition.unless_noted[0]) != transition.unless_noted[1]:
        raise StateConflict(before.id)
    if not transition.events:
        moved = db.execute("SELECT 1 FROM submissions WHERE id = ? AND version = ?", (before.id, before.version))
        if moved.fetchone() is None:
            raise StateConflict(before.id)
        return
    if not put_state(db, transition.after, transition.next_at, was=before.version):
        raise StateConflict(before.id)


def put_state(db: sqlite3.Connection, submission: Submission, next_at: datetime | None, *, was: int) -> bool:
    """Write a submission's state with its copies, if it is still at the version it was at; whether it was."""
    updated = db.execute(
        "UPDATE submissions SET version = ?, head = ?, state = ?, stage = ?, level = ?, waiting_at = ?, since = ?,"
        " late = ?, sent = ?, sealed_at = ?, next_at = ?, proposal = ? WHERE id = ? AND version = ?",
        (*_state_values(submission, next_at), submission.id, was),
    )
    return updated.rowcount == 1


def _note(db: sqlite3.Connection, name: str) -> str | None:
    row = db.execute("SELECT value FROM meta WHERE name = ?", (f"mark:{name}",)).fetchone()
    return str(row[0]) if row else None


def _write_draft(db: sqlite3.Connection, transition: Transition) -> None:
    draft, key = transition.draft, transition.before.id
    if draft is None:
        return
    row = db.execute("SELECT version, inputs, saved_at FROM drafts WHERE submission = ?", (key,)).fetchone()
    if (row[0] if row else 0) != transition.draft_before:
        raise DraftConflict(Draft(row[0], json.loads(row[1]), from_text(row[2])) if row else None)
    inputs = json.dumps(dict(draft.inputs), ensure_ascii=False, separators=(",", ":"))
    if row is None:
        db.execute("INSERT INTO drafts VALUES (?, ?, ?, ?)", (key, draft.version, inputs, to_text(draft.saved_at)))
        return
    db.execute(
        "UPDATE drafts SET version = ?, inputs = ?, saved_at = ? WHERE submission = ?",
        (draft.version, inputs, to_text(draft.saved_at), key),
    )


def _write_additions(db: sqlite3.Connection, transition: Transition) -> None:
    """Everything a step only ever adds: events, payloads, revision, trace, effects."""
    key, revision, trace = transition.after.id, transition.revision, transition.trace
    for event in transition.events:
        data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
        db.execute(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, event.number, to_text(event.at), event.type, data, event.previous, event.hash),
        )
    for number, payload in transition.payloads:
        db.execute("INSERT INTO payloads VALUES (?, ?, ?, ?)", (key, number, payload.text, payload.nonce))
    if revision is not None:
        db.execute(
            "INSERT INTO revisions VALUES (?, ?, ?, ?, ?)",
            (key, revision.number, revision.hash, revision.content, to_text(revision.sealed_at)),
        )
    if trace is not None:
        db.execute(
            "INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)",
            (key, to_text(transition.at), trace.action, trace.channel, trace.address, trace.device),
        )
    insert_outbox(db, transition.outbox)
