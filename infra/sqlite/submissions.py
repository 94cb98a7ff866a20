"""Submissions, drafts, sealed revisions and chains in SQLite. One transition is one transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.sqlite.database import Database
from infra.sqlite.encrypting import INPUTS, WORDS
from infra.sqlite.rows import COLUMNS, EVENT, REVISION, event_from, identity_from, revision_from, submission_of
from infra.sqlite.steps import additions, creation, new_state, note_reads, saved_draft, stands
from workflows.chain import Payload, RecordedEvent
from workflows.deadlines import from_text, to_text
from workflows.ports import DraftConflict, Page, ProgressCount, StateConflict
from workflows.submissions import Draft, Identity, SealedRevision, SentUnder, Submission, Trace, Transition

_DRAFT = f"SELECT version, {INPUTS}, saved_at FROM drafts WHERE submission = ?"
_FILTERS = frozenset({"form", "stage", "county_code", "city_code", "reviewing_body", "unit_id"})


class SubmissionTables(Database):
    """The `SubmissionStore` port over SQLite."""

    def create(self, transitions: Sequence[Transition]) -> int:
        """Insert those that are not there yet, with their first events and effects."""
        created = 0
        with self.transaction() as db:
            for transition in transitions:
                if creation(transition).changes(db):
                    created += 1
                    for write in additions(transition):
                        write.changes(db)
        return created

    def commit(self, transition: Transition) -> None:
        """Write one step if submission and draft are still as they were read."""
        before, noted = transition.before, transition.unless_noted
        state, draft = new_state(transition.after, transition.next_at, was=before.version), saved_draft(transition)
        added = additions(transition)
        with self.transaction() as db:
            if noted is not None and not note_reads(db, *noted):
                raise StateConflict(before.id)
            if not (state.changes(db) if transition.events else stands(db, before)):
                raise StateConflict(before.id)
            for write in added:
                write.changes(db)
            if draft is not None and not draft.changes(db):
                raise DraftConflict(_read_draft(db, before.id))

    def submission(self, submission_id: str) -> Submission | None:
        """One submission by id."""
        row = self.read_one(f"SELECT {COLUMNS} FROM submissions WHERE id = ?", (submission_id,))
        return submission_of(row) if row else None

    def identity(self, submission_id: str) -> Identity:
        """What a submission is of, without its state. Raises `LookupError`."""
        row = self.read_one(f"SELECT {COLUMNS} FROM submissions WHERE id = ?", (submission_id,))
        if row is None:
            raise LookupError(submission_id)
        return identity_from(row)

    def draft(self, submission_id: str) -> Draft | None:
        """What the filler last saved."""
        row = self.read_one(_DRAFT, (submission_id,))
        return draft_from(row) if row else None

    def revision(self, submission_id: str, number: int) -> SealedRevision | None:
        """One sealed revision."""
        row = self.read_one(
            f"SELECT {REVISION} FROM revisions WHERE submission = ? AND number = ?", (submission_id, number)
        )
        return revision_from(row) if row else None

    def sent_under(self, submission_id: str, key: str, now: datetime) -> SentUnder | None:
        """What a program sent under this key, while that is remembered."""
        row = self.read_one(
            "SELECT key, body, expires_at, revision FROM sent_keys WHERE submission = ? AND key = ? AND expires_at > ?",
            (submission_id, key, to_text(now)),
        )
        return SentUnder(row[0], row[1], from_text(row[2]), row[3]) if row else None

    def events(self, submission_id: str) -> Sequence[RecordedEvent]:
        """The chain, first event first."""
        rows = self.read(f"SELECT {EVENT} FROM events WHERE submission = ? ORDER BY number", (submission_id,))
        return [event_from(row) for row in rows]

    def payload(self, submission_id: str, number: int) -> Payload | None:
        """The words that belong to one event, unless they were erased."""
        row = self.read_one(
            f"SELECT {WORDS}, nonce FROM payloads WHERE submission = ? AND number = ?", (submission_id, number)
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
        rows = self.read(f"SELECT {COLUMNS} FROM submissions WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
        return Page([submission_of(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

    def submissions_of(self, year: int, form: str, after: str, limit: int) -> Page[Submission]:
        """The submissions of one collection by id, from one index."""
        rows = self.read(
            f"SELECT {COLUMNS} FROM submissions WHERE year = ? AND form = ? AND id > ? ORDER BY id LIMIT ?",
            (year, form, after, limit),
        )
        return Page([submission_of(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

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
            f"SELECT {COLUMNS} FROM submissions WHERE year = ? AND sealed_at IS NOT NULL{clauses}"
            " ORDER BY sealed_at DESC, id DESC LIMIT ?",
            (*parameters, limit),
        )
        cursor = f"{rows[-1][11]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([submission_of(row) for row in rows], cursor)

    def inbox(self, region_code: str, after: str, limit: int) -> Page[Submission]:
        """What waits for one seat, oldest first."""
        since, last = after.split("|", 1) if after else ("", "")
        rows = self.read(
            f"SELECT {COLUMNS}, since FROM submissions WHERE waiting_at = ? AND (since, id) > (?, ?)"
            " ORDER BY since, id LIMIT ?",
            (region_code, since, last, limit),
        )
        cursor = f"{rows[-1][12]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([submission_of(row) for row in rows], cursor)

    def due(self, now: datetime, after: str, limit: int) -> Page[Submission]:
        """What the clock has something to do with, longest due first."""
        since, last = after.split("|", 1) if after else ("", "")
        rows = self.read(
            f"SELECT {COLUMNS}, next_at FROM submissions WHERE next_at <= ? AND (next_at, id) > (?, ?)"
            " ORDER BY next_at, id LIMIT ?",
            (to_text(now), since, last, limit),
        )
        cursor = f"{rows[-1][12]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([submission_of(row) for row in rows], cursor)

    def reschedule(self, submission: Submission, next_at: datetime | None) -> None:
        """Look at it again at another instant, if it has not moved since it was read."""
        moment = to_text(next_at) if next_at else None
        with self.transaction() as db:
            db.execute(
                "UPDATE submissions SET next_at = ? WHERE id = ? AND version = ?",
                (moment, submission.id, submission.version),
            )

    def unsent(self, year: int, form: str, region_code: str, after: str, limit: int) -> Page[Submission]:
        """Expected of units in one region and never sent, by id."""
        rows = self.read(
            f"SELECT {COLUMNS} FROM submissions WHERE year = ? AND form = ? AND region_code = ? AND sent = 0"
            " AND id > ? ORDER BY id LIMIT ?",
            (year, form, region_code, after, limit),
        )
        return Page([submission_of(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

    def proposals(self, year: int, after: str, limit: int) -> Page[Submission]:
        """What waits for a second person, by id."""
        rows = self.read(
            f"SELECT {COLUMNS} FROM submissions WHERE year = ? AND proposal IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
            (year, after, limit),
        )
        return Page([submission_of(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

    def progress(self, year: int) -> Sequence[ProgressCount]:
        """Counts by form, region, body and stage, from one covering index."""
        rows = self.read(
            "SELECT form, region_code, reviewing_body, stage, level, COALESCE(waiting_at, ''), late, sent, count(*)"
            " FROM submissions WHERE year = ?"
            " GROUP BY form, region_code, reviewing_body, stage, level, waiting_at, late, sent",
            (year,),
        )
        return [_count(row) for row in rows]


def _count(row: tuple[Any, ...]) -> ProgressCount:
    form, region, body, stage, level, waiting_at, late, sent, count = row
    return ProgressCount(form, region, body, stage, level, waiting_at, bool(late), bool(sent), count)


def draft_from(row: tuple[Any, ...]) -> Draft:
    """A draft from its version, inputs and time."""
    return Draft(row[0], json.loads(row[1]), from_text(row[2]))


def _read_draft(db: sqlite3.Connection, submission_id: str) -> Draft | None:
    row = db.execute(_DRAFT, (submission_id,)).fetchone()
    return draft_from(row) if row else None
