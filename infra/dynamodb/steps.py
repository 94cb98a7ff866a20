"""What one step of a submission writes, put into words before it is sent as one transaction."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from indicators.ports import Objects
from infra.dynamodb import keys
from infra.dynamodb.design import EXPIRES, bucket_of, shard_of
from infra.dynamodb.promising import promised
from infra.dynamodb.rows import (
    draft_values,
    event_values,
    identity_values,
    outline_values,
    revision_values,
    state_values,
    tally_of,
)
from infra.dynamodb.writes import NEW, Kind, Part, Test, Value, Write, equal, put, update
from workflows.days import day_of
from workflows.deadlines import to_text
from workflows.submissions import SentUnder, Submission, Transition


def creation(transition: Transition) -> Write:
    """A submission that is not there yet, counted where it stands."""
    after = transition.after
    sets = {
        **identity_values(after.identity),
        **state_values(after, transition.next_at),
        **outline_values(after.id, transition.outline),
        **_moved(transition),
    }
    if transition.events:
        sets["moved_sk"] = sets["moved_since"]
    sets.pop("moved_since", None)
    return put(keys.state(after.id), sets, NEW, Part.STATE)


def new_state(transition: Transition) -> Write:
    """A submission's state with its places in the indexes, if the version is the one that was read."""
    after, before = transition.after, transition.before
    sets: dict[str, Value | None] = state_values(after, transition.next_at)
    if transition.outline is not None:
        sets |= outline_values(after.id, transition.outline)
    keeps: dict[str, Value] = {}
    if tally_of(after) != tally_of(before):
        sets["tally_pk"] = keys.untallied(shard_of(after.id))
        keeps["counted"] = tally_of(before)
    moved = _moved(transition)
    keeps["moved_sk"] = str(moved.pop("moved_since"))
    condition = equal(version=before.version)
    return Write(Kind.UPDATE, keys.state(after.id), {**sets, **moved}, keeps, condition=condition, part=Part.STATE)


def stands(before: Submission) -> Write:
    """The same condition alone, for a step without an event."""
    return Write(Kind.CHECK, keys.state(before.id), condition=equal(version=before.version), part=Part.STATE)


def _moved(transition: Transition) -> dict[str, Value | None]:
    """That the chain moved: on which day last, and since when no signed day covers it."""
    if not transition.events:
        return {}
    key, day = transition.after.id, day_of(transition.events[-1].at).isoformat()
    return {"moved_pk": keys.moved(bucket_of(key)), "moved_on": day, "moved_since": f"{day}|{key}"}


def note_reads(name: str, value: str | None) -> Write:
    """That a note of the store still says this."""
    return Write(Kind.CHECK, keys.note(f"mark:{name}"), condition=equal(value=value), part=Part.STATE)


def saved_draft(transition: Transition, objects: Objects, writer: str) -> Write | None:
    """The new draft, if the stored one is the one the filler began with (0: that there is none)."""
    if transition.draft is None:
        return None
    values = {**draft_values(transition.draft, objects), "writer": writer}
    condition = equal(version=transition.draft_before) if transition.draft_before else NEW
    return put(keys.draft(transition.before.id), values, condition, Part.DRAFT)


def additions(transition: Transition, objects: Objects, writer: str) -> Iterator[Write]:
    """Everything a step only ever adds: events, payloads, revision, trace, promises.

    `writer` marks what this very call wrote, so that it is known again after an answer that was lost.
    """
    key, revision, trace = transition.after.id, transition.revision, transition.trace
    for event in transition.events:
        values = {**event_values(event), "writer": writer}
        yield put(keys.numbered(key, keys.EVENT, event.number), values, NEW, Part.STATE)
    for number, payload in transition.payloads:
        words: dict[str, Value | None] = {"text": payload.text, "nonce": payload.nonce}
        yield put(keys.numbered(key, keys.PAYLOAD, number), words, NEW)
    if revision is not None:
        sealed = revision_values(revision, objects)
        yield put(keys.numbered(key, keys.REVISION, revision.number), sealed, NEW, Part.STATE)
    if transition.sent_under is not None:
        yield kept_key(key, transition.sent_under, transition.at)
    if trace is not None:
        at = to_text(transition.at)
        came: dict[str, Value | None] = {"at": at, "action": trace.action, "channel": trace.channel}
        came |= {"address": trace.address, "device": trace.device}
        yield put((keys.submission(key), f"{keys.TRACE}{at}|{time.time_ns():020d}|{writer}"), came, NEW)
    yield from (promised(item) for item in transition.outbox)


def kept_key(submission: str, under: SentUnder, at: datetime) -> Write:
    """The key of a program's sending; one that has expired makes room. Nothing but the key ever expires with it."""
    free = (*NEW, [Test("until", "<=", to_text(at))])
    return put(keys.sent_under(submission, under.key), kept_values(under), free)


def kept_values(under: SentUnder) -> dict[str, Value | None]:
    """The item of a key."""
    return {
        "body": under.body,
        "revision": under.revision,
        "until": to_text(under.expires_at),
        EXPIRES: int(under.expires_at.timestamp()),
    }


def counts(transitions: Sequence[Transition]) -> Iterator[Write]:
    """New submissions in the counts of progress."""
    found: dict[tuple[int, str], int] = {}
    for transition in transitions:
        place = transition.after.identity.year, tally_of(transition.after)
        found[place] = found.get(place, 0) + 1
    yield from counted(found)


def counted(changes: dict[tuple[int, str], int]) -> Iterator[Write]:
    """Counters of progress that go up or down, and one per year that tells a reader that they did."""
    for (year, tally), change in changes.items():
        yield Write(Kind.UPDATE, (progress(year), tally), adds={"count": change})
    for year in {year for year, _ in changes}:
        yield Write(Kind.UPDATE, (progress(year), TURNS), adds={"count": 1})


TURNS = "!"
"""How often the counters of a year changed."""


def progress(year: int) -> str:
    """The counters of a year."""
    return f"PROGRESS#{year}"


def rescheduled(submission: Submission, values: dict[str, Value | None]) -> Write:
    """Another next moment, if the submission has not moved."""
    return update(keys.state(submission.id), values, equal(version=submission.version))
