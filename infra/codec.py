"""A submission's state and a collection's calendar as JSON text, for stores that keep documents.

Only what differs from the empty state is written, so that a state grows with what happened and not with what could.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from workflows.calendars import Calendar, calendar_from_data, calendar_to_data
from workflows.deadlines import from_text, to_text
from workflows.machine.states import (
    Acceptance,
    Claim,
    Decision,
    Disposition,
    DispositionKind,
    Extension,
    ExtensionScope,
    Query,
    QueryStatus,
    Stage,
    State,
    Waiver,
)
from workflows.routes import Body, ReviewLevel

_EMPTY = State()
_NAMES: Mapping[type[Any], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (State, Decision, Query, Claim, Acceptance, Disposition, Extension, Waiver)
}


def state_to_text(state: State) -> str:
    """Compact JSON; the inverse of `state_from_text`."""
    values = ((name, getattr(state, name)) for name in _NAMES[State])
    data = {name: _plain(value) for name, value in values if value != getattr(_EMPTY, name)}
    return json.dumps(data, separators=(",", ":"))


def state_from_text(text: str) -> State:
    """The state that `state_to_text` wrote."""
    data = json.loads(text)
    return State(**{name: _READERS[name](value) if name in _READERS else value for name, value in data.items()})


def calendar_to_text(calendar: Calendar) -> str:
    """Compact JSON; the inverse of `calendar_from_text`."""
    return json.dumps(calendar_to_data(calendar), separators=(",", ":"))


def calendar_from_text(text: str) -> Calendar:
    """The calendar that `calendar_to_text` wrote."""
    return calendar_from_data(json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, Body):
        return [value.level, value.region]
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    names = _NAMES.get(type(value))
    return value if names is None else {name: _plain(getattr(value, name)) for name in names}


def _tuple_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: tuple(read(value) for value in values)


def _body(value: Any) -> Body:
    return Body(ReviewLevel(value[0]), value[1])


def _decision(data: Any) -> Decision:
    return Decision(
        **{**data, "level": ReviewLevel(data["level"]), "at": from_text(data["at"]), "items": tuple(data["items"])}
    )


def _query(data: Any) -> Query:
    read = {"level": ReviewLevel(data["level"]), "asked_at": from_text(data["asked_at"])}
    return Query(**{**data, **read, "status": QueryStatus(data["status"])})


def _claim(data: Any) -> Claim:
    return Claim(**{**data, "until": from_text(data["until"])})


def _acceptance(data: Any) -> Acceptance:
    return Acceptance(**{**data, "before": _acceptance(data["before"]) if data["before"] else None})


def _disposition(data: Any) -> Disposition:
    stage = Stage(data["stage_before"]) if data["stage_before"] else None
    return Disposition(**{**data, "kind": DispositionKind(data["kind"]), "stage_before": stage})


def _extension(data: Any) -> Extension:
    read = {"scope": ExtensionScope(data["scope"]), "expires": from_text(data["expires"])}
    before = data.get("before")
    return Extension(**{**data, **read, "before": _extension(before) if before else None})


def _waiver(data: Any) -> Waiver:
    return Waiver(**{**data, "expires": from_text(data["expires"])})


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "stage": Stage,
    "route": _tuple_of(_body),
    "filers": tuple,
    "first_sent_at": from_text,
    "sealed_at": from_text,
    "decisions": _tuple_of(_decision),
    "last_return": _decision,
    "queries": _tuple_of(_query),
    "claim": _claim,
    "waivers": _tuple_of(_waiver),
    "accepted": _acceptance,
    "disposition": _disposition,
    "extension": _extension,
    "since": from_text,
    "reminders": tuple,
}
