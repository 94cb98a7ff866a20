"""A submission's state as JSON text, for stores that keep documents."""

import json
from datetime import datetime
from typing import Any

from workflows.deadlines import from_text, to_text
from workflows.routes import Body, ReviewLevel
from workflows.states import Decision, Stage, State


def state_to_text(state: State) -> str:
    """Compact JSON; the inverse of `state_from_text`."""
    return json.dumps(
        {
            "stage": state.stage,
            "route": [[body.level, body.region] for body in state.route],
            "revision": state.revision,
            "revision_hash": state.revision_hash,
            "form_version": state.form_version,
            "rule_set": state.rule_set,
            "late": state.late,
            "filed_by": state.filed_by,
            "first_sent_at": _moment(state.first_sent_at),
            "sealed_at": _moment(state.sealed_at),
            "decisions": [_decision_to_data(decision) for decision in state.decisions],
            "since": _moment(state.since),
            "events": state.events,
        },
        separators=(",", ":"),
    )


def state_from_text(text: str) -> State:
    """The state that `state_to_text` wrote."""
    data = json.loads(text)
    return State(
        **{
            **data,
            "stage": Stage(data["stage"]),
            "route": tuple(Body(ReviewLevel(level), region) for level, region in data["route"]),
            "first_sent_at": _instant(data["first_sent_at"]),
            "sealed_at": _instant(data["sealed_at"]),
            "decisions": tuple(_decision_from_data(decision) for decision in data["decisions"]),
            "since": _instant(data["since"]),
        }
    )


def _decision_to_data(decision: Decision) -> dict[str, Any]:
    return {
        "accepted": decision.accepted,
        "person": decision.person,
        "level": decision.level,
        "region": decision.region,
        "revision": decision.revision,
        "revision_hash": decision.revision_hash,
        "at": to_text(decision.at),
        "reason": decision.reason,
        "items": list(decision.items),
        "event_number": decision.event_number,
    }


def _decision_from_data(data: dict[str, Any]) -> Decision:
    return Decision(
        **{**data, "level": ReviewLevel(data["level"]), "at": from_text(data["at"]), "items": tuple(data["items"])}
    )


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)
