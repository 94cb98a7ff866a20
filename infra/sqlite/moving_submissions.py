"""Submissions with everything under them, in SQLite: read whole, and added whole in the order its guards ask for.

The guards let a draft begin at its first version only, and rest under review; so a draft is added before its events.
"""

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Any

from infra.sqlite.database import Database
from infra.sqlite.days import MOVE
from infra.sqlite.encrypting import ADD_DRAFT, ADD_REVISION, ADD_WORDS, INPUTS, WORDS
from infra.sqlite.inboxes import outline_from
from infra.sqlite.returning import sent_back_from
from infra.sqlite.rows import (
    COLUMNS,
    CREATED,
    EVENT,
    REVISION,
    compact,
    event_from,
    event_values,
    identity_values,
    outline_values,
    revision_from,
    revision_values,
    state_values,
    submission_of,
)
from infra.sqlite.submissions import draft_from
from workflows.chain import Payload
from workflows.days import DayHead
from workflows.deadlines import from_text, to_text
from workflows.moving import MovedRow, SentBackRow, TraceRow, WholeSubmission, WordsRow
from workflows.ports import Page
from workflows.submissions import Draft, SealedRevision, SentUnder, Trace

MOST_SAVES = 1_000_000
"""A draft saved more often than this is none that a person typed."""
_ADD = f"INSERT OR IGNORE INTO submissions ({CREATED}, amount, findings) VALUES ({', '.join('?' * 23)})"


def whole_submissions(file: Database, after: str, limit: int) -> Page[MovedRow]:
    """Submissions by id, each with everything under it."""
    rows = file.read(
        f"SELECT {COLUMNS}, next_at, amount, findings FROM submissions WHERE id > ? ORDER BY id LIMIT ?",
        (after, limit),
    )
    return Page([_whole(file, row) for row in rows], rows[-1][0] if len(rows) == limit else "")


def _whole(file: Database, row: Sequence[Any]) -> WholeSubmission:
    key, next_at = row[0], row[-3]
    drafts = file.read(f"SELECT version, {INPUTS}, saved_at FROM drafts WHERE submission = ?", (key,))
    words = _under(file, key, f"number, {WORDS}, nonce", "payloads", "number")
    traces = _under(file, key, "at, action, channel, address, device", "traces", "rowid")
    returns = _under(file, key, "number, form, region, answered, amount_before, amount_after", "sent_back", "number")
    under = _under(file, key, "key, body, expires_at, revision", "sent_keys", "key")
    moves = _under(file, key, "day, submission, number, head", "moves", "day")
    return WholeSubmission(
        submission=submission_of(row),
        next_at=from_text(next_at) if next_at else None,
        outline=outline_from(row[-2], row[-1]),
        draft=draft_from(drafts[0]) if drafts else None,
        events=tuple(map(event_from, _under(file, key, EVENT, "events", "number"))),
        words=tuple(WordsRow(one[0], Payload(*one[1:])) for one in words),
        revisions=tuple(map(revision_from, _under(file, key, REVISION, "revisions", "number"))),
        traces=tuple(TraceRow(from_text(one[0]), Trace(*one[1:])) for one in traces),
        sent_back=tuple(SentBackRow(one[0], sent_back_from(one[1:])) for one in returns),
        moves=tuple(DayHead(date.fromisoformat(one[0]), 0, *one[1:]) for one in moves),
        sent_under=tuple(SentUnder(one[0], one[1], from_text(one[2]), one[3]) for one in under),
    )


def _under(file: Database, key: str, columns: str, table: str, order: str) -> list[tuple[Any, ...]]:
    return file.read(f"SELECT {columns} FROM {table} WHERE submission = ? ORDER BY {order}", (key,))


def add_whole(db: sqlite3.Connection, whole: WholeSubmission) -> None:
    """Add one that is not there, inside the caller's transaction. Raises `ValueError` for what cannot be one."""
    submission = whole.submission
    outline = outline_values(whole.outline) if whole.outline else (None, None)
    values = (*identity_values(submission.identity), *state_values(submission, whole.next_at), *outline)
    if not db.execute(_ADD, values).rowcount:
        return
    if whole.draft is not None:
        _add_draft(db, submission.id, whole.draft)
    _add_chain(db, whole)
    _add_rest(db, submission.id, submission.identity.year, whole)


def _add_draft(db: sqlite3.Connection, key: str, draft: Draft) -> None:
    """Begun at its first version and counted up, as the guards want it."""
    if not 1 <= draft.version <= MOST_SAVES:
        raise ValueError(f"a draft of version {draft.version}")
    inputs, saved = compact(dict(draft.inputs)), to_text(draft.saved_at)
    db.execute(ADD_DRAFT, (key, 1, inputs, saved))
    counted = ((key,) for _ in range(draft.version - 1))
    db.executemany("UPDATE drafts SET version = version + 1 WHERE submission = ?", counted)


def _add_chain(db: sqlite3.Connection, whole: WholeSubmission) -> None:
    """Each revision right after the event that sealed it. Raises `ValueError` for a revision that none did."""
    revisions: dict[int, SealedRevision] = {one.number: one for one in whole.revisions}
    for event in whole.events:
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", event_values(event))
        sealed = revisions.pop(event.data["revision"], None) if event.type == "Submitted" else None
        if sealed is not None:
            db.execute(ADD_REVISION, revision_values(sealed))
    if revisions:
        raise ValueError(f"{whole.submission.id}: revision {min(revisions)} was sealed by no event")


def _add_rest(db: sqlite3.Connection, key: str, year: int, whole: WholeSubmission) -> None:
    words = [(key, one.number, one.payload.text, one.payload.nonce) for one in whole.words]
    db.executemany(ADD_WORDS, words)
    came = [(one.trace.action, one.trace.channel, one.trace.address, one.trace.device) for one in whole.traces]
    traces = [(key, to_text(one.at), *where) for one, where in zip(whole.traces, came, strict=True)]
    db.executemany("INSERT INTO traces VALUES (?, ?, ?, ?, ?, ?)", traces)
    returns = [(key, one.number, year, *_sent_back_values(one)) for one in whole.sent_back]
    db.executemany("INSERT INTO sent_back VALUES (?, ?, ?, ?, ?, ?, ?, ?)", returns)
    moves = [(one.submission, one.day.isoformat(), one.number, one.head) for one in whole.moves]
    db.executemany(MOVE, moves)
    under = [(key, one.key, one.body, one.revision, to_text(one.expires_at)) for one in whole.sent_under]
    db.executemany("INSERT INTO sent_keys VALUES (?, ?, ?, ?, ?)", under)


def _sent_back_values(row: SentBackRow) -> tuple[object, ...]:
    one = row.sent_back
    before, after = (None if amount is None else f"{amount:f}" for amount in (one.before, one.after))
    return (one.form, one.region, int(one.answered), before, after)
