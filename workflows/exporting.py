"""One submission's whole story as one JSON document, for an inspector (统计法 监督检查).

`docs/verify_export.py` verifies it without us. Each export is recorded as a restricted read.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from workflows.audit import verify_one
from workflows.chain import RecordedEvent
from workflows.deadlines import to_text
from workflows.filing import SubmissionUnknown
from workflows.proofs import day_data, link_data, path_to
from workflows.services import Services
from workflows.story import DAMAGED, Story
from workflows.submissions import Submission
from workflows.words import name_of

FORMAT = "zhibao.export.v1"


def export_story(services: Services, submission_id: str, *, reader: str) -> bytes:
    """The document, indented JSON in UTF-8; the read is recorded first. Raises `SubmissionUnknown`.

    What was altered is left out where it cannot be read, so that the rest still reaches the inspector.
    """
    story = services.store.story(submission_id)
    if story.submission is None and not story.events:
        raise SubmissionUnknown(submission_id)
    services.store.record_read(reader, f"audit export {submission_id}", services.clock.now())
    return (json.dumps(_document(services, story), ensure_ascii=False, indent=1) + "\n").encode()


def _document(services: Services, story: Story) -> dict[str, Any]:
    fault = verify_one(services, story.id)
    events = [event for event in story.events if event is not None]
    days = list(_days(services, story))
    keys = {day["key"]: services.store.audit_key(day["key"]) for day in days}
    return {
        "format": FORMAT,
        "exported_at": to_text(services.clock.now()),
        "found": "" if fault is None else f"{fault.number}: {fault.what}",
        "identity": _identity(services, story.submission) if story.submission else {},
        "events": [_event(story, event) for event in events],
        "revisions": [
            {
                "number": revision.number,
                "hash": revision.hash,
                "sealed_at": to_text(revision.sealed_at),
                "content": revision.content.decode(errors="backslashreplace"),
            }
            for revision in story.revisions.values()
        ],
        "days": days,
        "keys": [{"id": name, "public": key.hex} for name, key in sorted(keys.items()) if key],
        "people": {person: name_of(services, person) for person in sorted(set(_people(events)))},
    }


def _identity(services: Services, submission: Submission) -> dict[str, Any]:
    identity, unit = submission.identity, services.unit_of(submission)
    return {
        "submission": submission.id,
        "unit": identity.unit_id,
        "unit_name": unit.name,
        "unit_kind": identity.unit_kind.value,
        "year": identity.year,
        "form": identity.form,
        "region_code": identity.region_code,
        "county_code": identity.county_code,
        "city_code": identity.city_code,
        "reviewing_body": identity.reviewing_body,
        "head": submission.head,
        "stage": submission.state.stage.value,
    }


def _days(services: Services, story: Story) -> Iterator[dict[str, Any]]:
    for head in story.heads:
        try:
            day, path = path_to(services.store, head)
        except DAMAGED:
            continue
        yield day_data(head, path, day)


def _event(story: Story, event: RecordedEvent) -> dict[str, Any]:
    """One link with its words, or with who erased them when and why."""
    erasure = story.erased.get(event.number)
    mark = {"erased": {"at": to_text(erasure.at), "by": erasure.by, "why": erasure.why}} if erasure else {}
    return {**link_data(event), "words": _words(story, event), **mark}


def _words(story: Story, event: RecordedEvent) -> dict[str, str] | None:
    """What was written with an event; None when there was nothing, or when it was erased after its term."""
    payload = story.payloads.get(event.number)
    return {"text": payload.text, "nonce": payload.nonce} if payload else None


def _people(events: Sequence[RecordedEvent]) -> Iterator[str]:
    """Everybody the events name by his opaque id."""
    for event in events:
        if event.data.get("person"):
            yield event.data["person"]
        yield from event.data.get("people", ())
