"""What one step of a submission writes, put into words before the writer's turn is taken: others wait for it."""

import sqlite3
from datetime import datetime

from infra.sqlite.days import MOVE, moved
from infra.sqlite.encrypting import ADD_DRAFT, ADD_REVISION, ADD_WORDS, SAVE_DRAFT
from infra.sqlite.outbox import PROMISE, promised
from infra.sqlite.returning import returning
from infra.sqlite.rows import (
    CREATED,
    compact,
    event_values,
    identity_values,
    outline_values,
    revision_values,
    state_values,
)
from infra.sqlite.writes import Write
from workflows.deadlines import to_text
from workflows.submissions import SentUnder, Submission, Transition

_OUTLINED = "UPDATE submissions SET amount = ?, findings = ? WHERE id = ?"
"""The outline of what is sealed, beside the state."""


def creation(transition: Transition) -> Write:
    """A submission that is not there yet."""
    values = (*identity_values(transition.after.identity), *state_values(transition.after, transition.next_at))
    marks = ", ".join("?" * len(values))
    return Write(f"INSERT OR IGNORE INTO submissions ({CREATED}) VALUES ({marks})", values)


def new_state(submission: Submission, next_at: datetime | None, *, was: int) -> Write:
    """A submission's state with its copies, on condition that the version is the one that was read."""
    return Write(
        "UPDATE submissions SET version = ?, head = ?, state = ?, stage = ?, level = ?, waiting_at = ?, since = ?,"
        " late = ?, sent = ?, sealed_at = ?, next_at = ?, proposal = ? WHERE id = ? AND version = ?",
        (*state_values(submission, next_at), submission.id, was),
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
    values = (draft.version, compact(dict(draft.inputs)), to_text(draft.saved_at))
    if not transition.draft_before:
        return Write(f"{ADD_DRAFT} ON CONFLICT (submission) DO NOTHING", (key, *values))
    return Write(SAVE_DRAFT, (*values, key, transition.draft_before))


def kept_key(submission: str, under: SentUnder, at: datetime) -> list[Write]:
    """The key of a program's sending; those that have expired make room."""
    values = (submission, under.key, under.body, under.revision, to_text(under.expires_at))
    return [
        Write("DELETE FROM sent_keys WHERE expires_at <= ?", (to_text(at),)),
        Write("INSERT INTO sent_keys VALUES (?, ?, ?, ?, ?)", values),
    ]


def additions(transition: Transition) -> list[Write]:
    """Everything a step only ever adds: events, payloads, revision, trace, effects."""
    key, revision, trace = transition.after.id, transition.revision, transition.trace
    writes = [
        Write("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", event_values(event)) for event in transition.events
    ]
    writes += [Write(ADD_WORDS, (key, number, payload.text, payload.nonce)) for number, payload in transition.payloads]
    if revision is not None:
        writes.append(Write(ADD_REVISION, revision_values(revision)))
    if transition.outline is not None:
        writes.append(Write(_OUTLINED, (*outline_values(transition.outline), key)))
    if trace is not None:
        came = (key, to_text(transition.at), trace.action, trace.channel, trace.address, trace.device)
        writes.append(Write("INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)", came))
    if transition.sent_under is not None:
        writes += kept_key(transition.after.id, transition.sent_under, transition.at)
    writes += returning(transition)
    if transition.events:
        writes.append(Write(MOVE, moved(transition.events[-1])))
    return writes + [Write(PROMISE, promised(item)) for item in transition.outbox]
