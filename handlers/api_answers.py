"""JSON Schemas of what programs are answered when they file, for the description of the interface."""

from collections.abc import Mapping
from typing import Any, Final

from forms.definition import Severity
from forms.values import Status
from workflows.machine.states import Stage
from workflows.receipts import Standing

Json = dict[str, Any]
_TEXT: Final[Json] = {"type": "string"}
_WHOLE: Final[Json] = {"type": "integer"}
_TRUTH: Final[Json] = {"type": "boolean"}
_INSTANT: Final[Json] = {"type": "string", "format": "date-time"}
_HASH: Final[Json] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def _maybe(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _map(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


def _object(names: Mapping[str, Json]) -> Json:
    """All of these names, and no other."""
    return {"type": "object", "properties": dict(names), "required": list(names), "additionalProperties": False}


FAULT: Final = _object(dict.fromkeys(("pointer", "code", "detail", "detail_en"), _TEXT))
"""One thing that is wrong, and where."""
_CELL: Final[Json] = {
    "type": "object",
    "properties": {"value": _TEXT, "status": {"enum": [str(status) for status in Status]}, "note": _TEXT},
    "additionalProperties": False,
}
_FINDING: Final = _object(
    {
        "rule": _TEXT,
        "severity": {"enum": [severity.value for severity in Severity]},
        "pointers": _list(_TEXT),
        "message": _TEXT,
        "message_en": _TEXT,
        "row": _WHOLE,
    }
)
_LISTED: Final[Mapping[str, Json]] = {
    "id": _TEXT,
    "year": _WHOLE,
    "form": _TEXT,
    "unit_id": _TEXT,
    "stage": {"enum": [stage.value for stage in Stage]},
    "revision": _WHOLE,
}
_SEALED: Final[Mapping[str, Json]] = {"submission": _TEXT, "revision": _WHOLE, "hash": _HASH, "sealed_at": _INSTANT}
_RETURNED: Final = _object(
    {
        "level": _TEXT,
        "at": _INSTANT,
        "reason": _TEXT,
        "reason_text": _TEXT,
        "reason_text_en": _TEXT,
        "items": _list(_TEXT),
        "comment": _TEXT,
    }
)
_STATE: Final = _object(
    {
        **_LISTED,
        "form_version": _TEXT,
        "rule_set": _TEXT,
        "starred": _TRUTH,
        "draft_version": _WHOLE,
        "editable": _TRUTH,
        "refusal": _maybe(_TEXT),
        "due": _INSTANT,
        "overdue": _TRUTH,
        "close": _maybe(_INSTANT),
        "returned": _maybe(_RETURNED),
        "queries": _list(_object({"number": _WHOLE, "item": _TEXT, "question": _TEXT})),
        "links": _object(dict.fromkeys(("form", "schema", "draft", "submit"), _TEXT)),
    }
)
_OPTION: Final = _object({"code": _TEXT, "name": _TEXT, "name_en": _TEXT})
_ITEM: Final = _object(
    {
        **dict.fromkeys(("key", "code", "name", "name_en", "type", "unit"), _TEXT),
        "decimals": _WHOLE,
        "parent": _maybe(_TEXT),
        "required": _TRUTH,
        **dict.fromkeys(("required_when", "shown_when", "scope", "note"), _TEXT),
        "options": _list(_OPTION),
    }
)
_SECTION: Final = _object(
    {"title": _TEXT, "title_en": _TEXT, "table": _maybe(_TEXT), "max_rows": _maybe(_WHOLE), "items": _list(_ITEM)}
)
_RULE: Final = _object(
    {
        "id": _TEXT,
        "part": _WHOLE,
        "severity": {"enum": [severity.value for severity in Severity]},
        "expression": _TEXT,
        "for_each": _TEXT,
        "items": _list(_TEXT),
        **dict.fromkeys(("message", "message_en", "source"), _TEXT),
    }
)
_HEADER: Final = _object(
    dict.fromkeys(("form_number", "issuer", "issuer_en", "document_number", "valid_until", "approval"), _TEXT)
)
_FORM: Final = _object(
    {
        **dict.fromkeys(("form", "version", "rule_set", "severities", "title", "title_en"), _TEXT),
        "header": _HEADER,
        "sections": _list(_SECTION),
        "signoff": _map(_object({"label": _TEXT, "label_en": _TEXT})),
        "rules": _list(_RULE),
    }
)
_DRAFT: Final = _object(
    {
        "version": _WHOLE,
        "saved_at": _maybe(_INSTANT),
        "cells": _map(_CELL),
        "rows": _map(_list(_map(_TEXT))),
        "explanations": _map(_TEXT),
        "signoff": _map(_TEXT),
        "findings": _list(_FINDING),
        "unexplained": _list(FAULT),
        "waiting": _list(_TEXT),
    }
)
_RECEIPT: Final = _object(
    {
        **_SEALED,
        "form_version": _TEXT,
        "intact": _TRUTH,
        "superseded": _TRUTH,
        "event_hash": _TEXT,
        "standing": {"enum": [standing.value for standing in Standing]},
        "proof": {"type": "object"},
    }
)

ANSWERS: Final[Mapping[str, Json]] = {
    "Submission": _object(_LISTED),
    "State": _STATE,
    "Form": _FORM,
    "JsonSchema": {"type": "object"},
    "Draft": _DRAFT,
    "Sealed": _object(_SEALED),
    "Revision": _object({**_SEALED, "sealed": _TEXT, "content": {"type": "object"}}),
    "Receipt": _RECEIPT,
}
"""By the name under which the description refers to each."""
