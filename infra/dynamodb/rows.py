"""Items of a submission: how each is written and read. Verification relies on the two being inverses of each other."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from indicators.ports import Objects
from infra.dynamodb import keys
from infra.dynamodb.design import bucket_of, shard_of
from infra.dynamodb.large import pack, unpack
from infra.dynamodb.states import pack_state, unpack_state
from infra.dynamodb.writes import Item, Value
from register.units import UnitKind
from workflows.chain import Payload, RecordedEvent
from workflows.deadlines import from_text, to_text
from workflows.machine.states import Stage, State
from workflows.outlines import Outline
from workflows.submissions import Draft, Identity, SealedRevision, Submission, Trace

Values = dict[str, Value | None]
_MICRO, _AMOUNT_DIGITS, _AMOUNT_ZERO = 6, 26, 10**25


def identity_values(identity: Identity) -> Values:
    """A submission's places in the lists that hold every submission; they never change."""
    key = identity.id
    listed_pk, listed_sk = keys.listed_in(identity.year, identity.form, key)
    return {
        "all_pk": keys.every(bucket_of(key)),
        "listed_pk": listed_pk,
        "listed_sk": listed_sk,
    }


def state_values(submission: Submission, next_at: datetime | None) -> Values:
    """Version, head and state, then the places in the indexes that follow from them; None where it has none."""
    state, key = submission.state, submission.id
    turn = state.turn
    return {
        "version": state.events,
        "head": bytes.fromhex(submission.head),
        "state": pack_state(state),
        "of": _identity_text(submission.identity),
        "waiting_pk": turn.region if turn else None,
        "waiting_sk": f"{to_text(state.since)}|{key}" if turn and state.since else None,
        "unsent_pk": unsent_in(submission) if state.first_sent_at is None else None,
        "proposed_pk": str(submission.identity.year) if _is_proposed(state) else None,
        **due_values(key, next_at),
        **_sealed_values(submission),
    }


def _identity_text(of: Identity) -> str:
    """What a submission is of, but for its id, in one attribute: names of attributes are paid for too."""
    places = of.region_code, of.county_code, of.city_code, of.reviewing_body
    return compact([of.year, of.form, of.unit_id, of.unit_kind.value, *places])


def unsent_in(submission: Submission) -> str:
    """`unsent`: what is expected of units in one region and was never sent."""
    of = submission.identity
    return f"{of.year}#{of.form}#{of.region_code}"


def due_values(key: str, next_at: datetime | None) -> Values:
    """When the clock has something to do with a submission."""
    if next_at is None:
        return {"due_pk": None, "due_sk": None}
    due_pk, due_sk = keys.due_at(to_text(next_at), key)
    return {"due_pk": due_pk, "due_sk": due_sk}


def next_at_of(item: Item) -> datetime | None:
    """When the clock has something to do with a submission; None for never."""
    return from_text(item["due_sk"].partition("|")[0]) if "due_sk" in item else None


def _sealed_values(submission: Submission) -> Values:
    of, sealed_at = submission.identity, submission.state.sealed_at
    if sealed_at is None:
        return {}
    places = {"county": of.county_code, "city": of.city_code, "body": of.reviewing_body, "unit": of.unit_id}
    return {
        "sealed_sk": f"{to_text(sealed_at)}|{of.id}",
        "sealed_year": keys.sealed_in(of.year, shard_of(of.id)),
        **{f"sealed_{name}": f"{of.year}#{code}" for name, code in places.items()},
    }


def _is_proposed(state: State) -> bool:
    """Whether something waits for a second person."""
    is_asked = state.extension is not None and not state.extension.granted_by
    waives = any(not waiver.confirmed_by for waiver in state.waivers)
    return is_asked or waives or (state.disposition is not None and not state.disposition.confirmed_by)


def outline_values(key: str, outline: Outline | None) -> Values:
    """The outline exactly, and its places in the orders of an inbox; what has none is sorted as 0."""
    amount, findings = (outline.amount, outline.findings) if outline else (None, 0)
    shown: Values = {}
    if outline is not None:
        shown = {"amount": "" if amount is None else f"{amount:f}", "findings": findings}
    return {
        **shown,
        "amount_sk": f"{_sortable(amount or Decimal(0))}|{key}",
        "findings_sk": f"{findings:08d}|{key}",
    }


def _sortable(amount: Decimal) -> str:
    """Digits that sort as the amount does, to a millionth of a yuan."""
    whole = int(amount.scaleb(_MICRO)) + _AMOUNT_ZERO
    return f"{min(max(whole, 0), 10**_AMOUNT_DIGITS - 1):0{_AMOUNT_DIGITS}d}"


def tally_of(submission: Submission) -> str:
    """Under what a submission is counted: form, region, body, stage, level, seat, late, sent."""
    state, of = submission.state, submission.identity
    turn = state.turn
    level = turn.level if turn else _disposed_as(state)
    seat = turn.region if turn else ""
    flags = f"{int(state.late)}|{int(state.first_sent_at is not None)}"
    return "|".join((of.form, of.region_code, of.reviewing_body, state.stage, level, seat, flags))


def _disposed_as(state: State) -> str:
    """Why it is not to be had, once that is confirmed."""
    is_confirmed = state.stage is Stage.DISPOSED and state.disposition is not None
    return state.disposition.kind if is_confirmed and state.disposition else ""


def submission_of(item: Item) -> Submission:
    """A submission from its state's item."""
    year, form, unit_id, unit_kind, *places = json.loads(item["of"])
    identity = Identity(keys.submission_id(item["pk"]), year, form, unit_id, UnitKind(unit_kind), *places)
    return Submission(identity, unpack_state(item["state"]), item["head"].hex())


def outline_of(item: Item) -> Outline | None:
    """The outline beside a state; None before outlines were kept."""
    if "findings" not in item:
        return None
    return Outline(Decimal(item["amount"]) if item["amount"] else None, item["findings"])


def event_values(event: RecordedEvent) -> Values:
    """The item of an event. The first one also says, in the list of all, that there is such a submission."""
    first = {"all_pk": keys.every(bucket_of(event.submission))} if event.number == 1 else {}
    return {
        "at": to_text(event.at),
        "type": event.type,
        "data": compact(dict(event.data)),
        "previous": event.previous,
        "hash": event.hash,
        **first,
    }


def event_from(item: Item) -> RecordedEvent:
    """The inverse of `event_values`. Raises `ValueError` and its like for an item that this program did not write."""
    at, data = from_text(item["at"]), json.loads(item["data"])
    return RecordedEvent(*_of(item), at, item["type"], data, item["previous"], item["hash"])


def revision_values(revision: SealedRevision, objects: Objects) -> Values:
    """The item of a sealed revision."""
    content = pack(revision.content, objects)
    return {"hash": revision.hash, "content": content, "sealed_at": to_text(revision.sealed_at)}


def revision_from(item: Item, objects: Objects) -> SealedRevision:
    """The inverse of `revision_values`. Raises `ValueError` and its like for an item this program did not write."""
    content = unpack(item["content"], objects)
    return SealedRevision(*_of(item), item["hash"], content, from_text(item["sealed_at"]))


def payload_from(item: Item) -> Payload | None:
    """The words of an event; None once they were erased."""
    return Payload(item["text"], item["nonce"]) if "text" in item else None


def draft_values(draft: Draft, objects: Objects) -> Values:
    """The item of a draft, without the mark of its writer."""
    inputs = pack(compact(dict(draft.inputs)).encode(), objects)
    return {"version": draft.version, "inputs": inputs, "saved_at": to_text(draft.saved_at)}


def draft_from(item: Item, objects: Objects) -> Draft:
    """The inverse of `draft_values`."""
    return Draft(item["version"], json.loads(unpack(item["inputs"], objects)), from_text(item["saved_at"]))


def trace_from(item: Item) -> tuple[datetime, Trace]:
    """Where a save or submit came from."""
    return from_text(item["at"]), Trace(item["action"], item["channel"], item["address"], item["device"])


def compact(data: Any) -> str:
    """JSON without spaces, Chinese as it is."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def without_none(values: Mapping[str, Value | None]) -> dict[str, Value]:
    """An item as it is stored."""
    return {name: value for name, value in values.items() if value is not None}


def _of(item: Item) -> tuple[str, int]:
    """Submission and number, from the key."""
    return keys.submission_id(item["pk"]), int(item["sk"].rpartition("#")[2])
