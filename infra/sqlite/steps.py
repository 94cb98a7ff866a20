"""What one step of a submission writes, put into words before the writer's turn is taken: others wait for it."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.codec import state_to_text
from infra.sqlite.outbox import PROMISE, promised
from workflows.deadlines import to_text
from workflows.machine.states import Stage, State
from workflows.outlines import Outline
from workflows.submissions import Identity, Submission, Transition

_CREATED = (
    "id, year, form, unit_id, unit_kind, region_code, county_code, city_code, reviewing_body, version, head, state,"
    " stage, level, waiting_at, since, late, sent, sealed_at, next_at, proposal"
)


@dataclass(frozen=True, slots=True)
class Write:
    """One statement with its values."""

    sql: str
    values: tuple[object, ...]

    def changes(self, db: sqlite3.Connection) -> bool:
        """Whether a row was there to be changed or added."""
        return db.execute(self.sql, self.values).rowcount > 0


def creation(transition: Transition) -> Write:
    """A submission that is not there yet."""
    values = (*_identity_values(transition.after.identity), *_state_values(transition.after, transition.next_at))
    marks = ", ".join("?" * len(values))
    return Write(f"INSERT OR IGNORE INTO submissions ({_CREATED}) VALUES ({marks})", values)


def new_state(submission: Submission, next_at: datetime | None, *, was: int) -> Write:
    """A submission's state with its copies, on condition that the version is the one that was read."""
    return Write(
        "UPDATE submissions SET version = ?, head = ?, state = ?, stage = ?, level = ?, waiting_at = ?, since = ?,"
        " late = ?, sent = ?, sealed_at = ?, next_at = ?, proposal = ? WHERE id = ? AND version = ?",
        (*_state_values(submission, next_at), submission.id, was),
    )


def stands(db: sqlite3.Connection, before: Submission) -> bool:
    """The same condition alone, for a step without an event."""
    found = db.execute("SELECT 1 FROM submissions WHERE id = ? AND version = ?", (before.id, before.version))
    return found.fetchone() is not None


def note_reads(db: sqlite3.Connection, name: str, value: str | None) -> bool:
    """Whether a note of the store still says this."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", (f"mark:{name}",)).fetchone()
    return (str(row[0]) if row else None) == value


def saved_draft(transition: Transition) -> Write | None:
    """The new draft, on condition that the stored one is the one the filler began with (0: that there is none)."""
    draft, key = transition.draft, transition.before.id
    if draft is None:
        return None
    values = (draft.version, _compact(dict(draft.inputs)), to_text(draft.saved_at))
    if not transition.draft_before:
        return Write("INSERT INTO drafts VALUES (?, ?, ?, ?) ON CONFLICT (submission) DO NOTHING", (key, *values))
    return Write(
        "UPDATE drafts SET version = ?, inputs = ?, saved_at = ? WHERE submission = ? AND version = ?",
        (*values, key, transition.draft_before),
    )


def additions(transition: Transition) -> list[Write]:
    """Everything a step only ever adds: events, payloads, revision, trace, effects."""
    key, revision, trace = transition.after.id, transition.revision, transition.trace
    writes = [
        Write(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, event.number, to_text(event.at), event.type, _compact(event.data), event.previous, event.hash),
        )
        for event in transition.events
    ]
    writes += [
        Write("INSERT INTO payloads VALUES (?, ?, ?, ?)", (key, number, payload.text, payload.nonce))
        for number, payload in transition.payloads
    ]
    if revision is not None:
        sealed = (key, revision.number, revision.hash, revision.content, to_text(revision.sealed_at))
        writes.append(Write("INSERT INTO revisions VALUES (?, ?, ?, ?, ?)", sealed))
    if transition.outline is not None:
        writes.append(_outlined(key, transition.outline))
    if trace is not None:
        came = (key, to_text(transition.at), trace.action, trace.channel, trace.address, trace.device)
        writes.append(Write("INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)", came))
    return writes + [Write(PROMISE, promised(item)) for item in transition.outbox]


def _outlined(key: str, outline: Outline) -> Write:
    """The outline of what is sealed, beside the state: exact, though an index sorts it as a float."""
    amount = "" if outline.amount is None else f"{outline.amount:f}"
    return Write("UPDATE submissions SET amount = ?, findings = ? WHERE id = ?", (amount, outline.findings, key))


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


def _compact(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
