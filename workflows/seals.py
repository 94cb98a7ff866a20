"""What a sealed revision holds, and how it is sealed: the canonical form of all that the unit answers for."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from forms.content import Content, from_json, to_json
from forms.definition import FormDefinition
from forms.edits import Finding
from workflows.canonical import canonical
from workflows.outlines import to_look_at
from workflows.places import changed_places
from workflows.services import Services
from workflows.submissions import SealedRevision, Submission


def seal(
    submission: Submission,
    definition: FormDefinition,
    content: Content,
    findings: tuple[Finding, ...],
    beside: Mapping[str, Mapping[str, Any]] | None,
) -> bytes:
    """The canonical form (RFC 8785) of the next revision, under a 128-bit nonce.

    `beside` names the revisions of the unit that the rules were asked beside: last year's, those on other forms; None
    where no reasons were asked for (an archive taken over).
    """
    identity = submission.identity
    return canonical(
        {
            "submission": identity.id,
            "unit": identity.unit_id,
            "year": identity.year,
            "form": identity.form,
            "form_version": definition.version,
            "rule_set": definition.rule_set,
            "revision": submission.state.revision + 1,
            "content": to_json(content, definition),
            "findings": [finding.rule_id for finding in to_look_at(findings)],
            **({} if beside is None else {"beside": {name: dict(stamp) for name, stamp in beside.items()}}),
            "nonce": secrets.token_hex(16),
        }
    )


def open_seal(revision: SealedRevision) -> dict[str, Any]:
    """What a sealed revision holds, as plain data. Raises `ValueError` when the bytes are not what the hash says."""
    if hashlib.sha256(revision.content).hexdigest() != revision.hash:
        raise ValueError(f"revision {revision.number} of {revision.submission} does not match its hash")
    data: dict[str, Any] = json.loads(revision.content)
    return data


def sealed_content(services: Services, submission: Submission, number: int) -> Content | None:
    """The figures of one revision."""
    revision = services.store.revision(submission.id, number) if number else None
    return opened_content(services, revision)[1] if revision else None


def opened_content(services: Services, revision: SealedRevision) -> tuple[FormDefinition, Content]:
    """What a seal holds, and the layout it was filled under. Raises `ValueError` when the seal is broken."""
    data = open_seal(revision)
    definition = services.forms.by_version(data["form_version"])
    return definition, from_json(data["content"], definition)


def changed_items(definition: FormDefinition, before: Content, after: Content) -> tuple[str, ...]:
    """The items and rows that differ between two revisions, in the order of the form."""
    return changed_places(definition, before, after)
