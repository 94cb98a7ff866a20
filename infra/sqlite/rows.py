"""Rows of a submission: how each is written and read. Verification relies on the two being inverses of each other."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infra.codec import state_from_text, state_to_text
from infra.sqlite.encrypting import CONTENT
from register.units import UnitKind
from workflows.chain import RecordedEvent
from workflows.deadlines import from_text, to_text
from workflows.machine.states import Stage, State
from workflows.outlines import Outline
from workflows.submissions import Identity, SealedRevision, Submission

COLUMNS = (
    "id, year, form, unit_id, unit_kind, region_code, county_code, city_code, reviewing_body, head, state, sealed_at"
)
CREATED = (
    "id, year, form, unit_id, unit_kind, region_code, county_code, city_code, reviewing_body, version, head, state,"
    " stage, level, waiting_at, since, late, sent, sealed_at, next_at, proposal"
)
EVENT = "submission, number, at, type, data, previous, hash"
REVISION = f"submission, number, hash, {CONTENT}, sealed_at"


def identity_values(identity: Identity) -> tuple[object, ...]:
    """The first columns of a submission's row."""
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


def state_values(submission: Submission, next_at: datetime | None) -> tuple[object, ...]:
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
    if state.extension is not None and not state.extension.granted_by:
        return "extension"
    return "waiver" if any(not waiver.confirmed_by for waiver in state.waivers) else None


def outline_values(outline: Outline) -> tuple[str, int]:
    """Exact, though an index sorts it as a float; blank where there is no amount."""
    return ("" if outline.amount is None else f"{outline.amount:f}", outline.findings)


def submission_of(row: Sequence[Any]) -> Submission:
    """A submission from the columns of `COLUMNS`."""
    return Submission(identity_from(row), state_from_text(row[10]), row[9])


def identity_from(row: Sequence[Any]) -> Identity:
    """The inverse of `identity_values`."""
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


def event_values(event: RecordedEvent) -> tuple[object, ...]:
    """A row of `events`."""
    data = compact(event.data)
    return (event.submission, event.number, to_text(event.at), event.type, data, event.previous, event.hash)


def event_from(row: Sequence[Any]) -> RecordedEvent:
    """The inverse of `event_values`. Raises `ValueError` and its like for a row that this program did not write."""
    return RecordedEvent(row[0], row[1], from_text(row[2]), row[3], json.loads(row[4]), *row[5:])


def revision_values(revision: SealedRevision) -> tuple[object, ...]:
    """A row of `revisions`."""
    return (revision.submission, revision.number, revision.hash, revision.content, to_text(revision.sealed_at))


def revision_from(row: Sequence[Any]) -> SealedRevision:
    """The inverse of `revision_values`. Raises `ValueError` and its like for a row that this program did not write."""
    return SealedRevision(row[0], row[1], row[2], row[3], from_text(row[4]))


def compact(data: Any) -> str:
    """JSON without spaces, Chinese as it is."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
