"""What programs send and are given when they file: JSON read without loss, findings and forms as data."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import request
from marshmallow import ValidationError

from forms.definition import EditRule, FormDefinition, Item, Severity
from forms.edits import Finding
from forms.explanations import RefusedExplanation
from forms.fields import SIGN_OFF
from forms.schemas import ShapeFault, filing_schema, inputs_of
from handlers.problems import Fault, Problem, ProblemFound
from workflows.filing import NotReadyToSend

MOST_BYTES: Final = 4_000_000
"""2,000 projects of 107-1 are about 1.2 MB; a Lambda request may hold at most 6 MB."""
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Filed:
    """One return as a program sent it: the inputs of a page, and the SHA-256 of the body it came in."""

    inputs: Mapping[str, str]
    digest: str


def read_filing(definition: FormDefinition, *, starred: bool, today: str) -> Filed:
    """The return in the body of this request. Raises `ProblemFound` for what does not fit the form's schema.

    A program that names no date of report means today.
    """
    data, digest = _read_json()
    try:
        loaded = filing_schema(definition, starred=starred)().load(data)
    except ValidationError as error:
        found = error.messages if isinstance(error.messages, dict) else {"_schema": error.messages}
        raise ProblemFound(Problem.UNFIT, faults=_faults(found)) from error
    return Filed({"report_date": today, **inputs_of(loaded)}, digest)


def _read_json() -> tuple[Any, str]:
    """Numbers come as `Decimal`, so that no figure passes through a float; a name that stands twice is refused."""
    if request.mimetype != _JSON:
        zh, en = "请用 Content-Type: application/json。", "Send Content-Type: application/json."
        raise ProblemFound(Problem.NOT_JSON, zh, en)
    request.max_content_length = MOST_BYTES
    body = request.get_data(cache=False)
    try:
        text = body.decode("utf-8")
        data = json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number, object_pairs_hook=_once
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ProblemFound(Problem.MALFORMED, "请求体不是规范的 JSON。", "The body is not proper JSON.") from error
    return data, hashlib.sha256(body).hexdigest()


def _no_number(name: str) -> Any:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name stands twice")
    return named


def _faults(messages: Any, pointer: str = "") -> Iterator[Fault]:
    """Marshmallow's nested messages, each with its place in the body."""
    if isinstance(messages, list):
        for code in messages:
            fault = ShapeFault[code]
            yield Fault(pointer, fault.name.lower(), fault.zh, fault.en)
        return
    for name, inner in messages.items():
        yield from _faults(inner, pointer if name == "_schema" else f"{pointer}/{_token(str(name))}")


def _token(name: str) -> str:
    """A name as a reference token of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def pointer_of(key: str) -> str:
    """Where a cell, a table or a line of the sign-off block stands in a return in JSON."""
    table, _, rest = key.partition(".")
    number, _, column = rest.partition(".")
    if number.isdigit():
        return f"/rows/{table}/{int(number) - 1}/{column}"
    return f"/signoff/{key}" if key in SIGN_OFF else f"/cells/{key}"


def finding_data(definition: FormDefinition, finding: Finding) -> dict[str, Any]:
    """One finding; `pointers` are the cells it speaks of."""
    pointers = [f"/rows/{key}" if key in definition.tables else pointer_of(key) for key in finding.items]
    return {
        "rule": finding.rule_id,
        "severity": finding.severity.value,
        "pointers": pointers,
        "message": finding.zh,
        "message_en": finding.en,
        "row": finding.row,
    }


def finding_faults(definition: FormDefinition, findings: Iterable[Finding]) -> Iterator[Fault]:
    """Findings as what keeps a return from being sent: one for each cell."""
    for finding in findings:
        data = finding_data(definition, finding)
        for pointer in data["pointers"] or [""]:
            yield Fault(pointer, finding.rule_id, finding.zh, finding.en)


def not_ready_faults(definition: FormDefinition, refused: NotReadyToSend) -> Iterator[Fault]:
    """What keeps a return from being sent: its cells, and for each reason that is not taken what it is asked about."""
    yield from finding_faults(definition, [found for found in refused.findings if found.severity is Severity.FATAL])
    yield from reason_faults(refused.findings, refused.unexplained)


def reason_faults(findings: Sequence[Finding], unexplained: Iterable[RefusedExplanation]) -> Iterator[Fault]:
    """Each rule whose reason is not taken: what it is asked about, and why not."""
    for one in unexplained:
        asked = [found for found in findings if found.rule_id == one.rule_id]
        zh, en = "".join(found.zh for found in asked), " ".join(found.en for found in asked)
        yield Fault(f"/explanations/{one.rule_id}", one.rule_id, f"{zh}{one.why.zh}", f"{en} {one.why.en}")


def form_data(definition: FormDefinition, *, starred: bool) -> dict[str, Any]:
    """A form definition as data: header, items by section, tables, option lists, rules."""
    header = definition.header
    return {
        "form": definition.form,
        "version": definition.version,
        "rule_set": definition.rule_set,
        "severities": definition.severities,
        "title": definition.title_zh,
        "title_en": definition.title_en,
        "header": {
            "form_number": header.form_number,
            "issuer": header.issuer_zh,
            "issuer_en": header.issuer_en,
            "document_number": header.document_number,
            "valid_until": header.valid_until.isoformat(),
            "approval": header.approval.value,
        },
        "sections": [
            {
                "title": section.title_zh,
                "title_en": section.title_en,
                "table": section.table.key if section.table else None,
                "max_rows": section.table.max_rows if section.table else None,
                "items": [
                    _item(definition, item, starred=starred)
                    for item in (section.table.columns if section.table else section.items)
                    if definition.is_asked(item, starred=starred)
                ],
            }
            for section in definition.sections
        ],
        "signoff": {key: {"label": zh, "label_en": en} for key, (zh, en) in SIGN_OFF.items()},
        "rules": [_rule(rule) for rule in definition.rules],
    }


def _item(definition: FormDefinition, item: Item, *, starred: bool) -> dict[str, Any]:
    options = item.options.options if item.options else ()
    return {
        "key": item.key,
        "code": item.code,
        "name": item.name_zh,
        "name_en": item.name_en,
        "type": item.type.value,
        "unit": item.unit,
        "decimals": item.decimals,
        "parent": item.parent,
        "required": definition.is_required(item, starred=starred),
        "required_when": item.required_when,
        "shown_when": item.shown_when,
        "scope": item.scope_zh,
        "note": item.note_zh,
        "options": [{"code": one.code, "name": one.name_zh, "name_en": one.name_en} for one in options],
    }


def _rule(rule: EditRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "part": rule.part,
        "severity": rule.severity.value,
        "expression": rule.expression,
        "for_each": rule.for_each,
        "items": list(rule.items),
        "message": rule.message_zh,
        "message_en": rule.message_en,
        "source": rule.source,
    }
