"""Facts: what was accepted, kept for ever. One document per acceptance event, one fact per answered item in it.

`facts/<year>/<form>/<event id>.json` is create-only and idempotent under the event's id. A reopening adds a document of
kind `withdrawn`; nothing is deleted. Of one submission's events the latest counts. `compaction` turns documents into
Parquet; until then a fact is no less a fact.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from indicators.ports import Objects, pages_of_names

PAGE = 500_000
"""Names of one page: a folder is walked anew for each."""


class FactKind(StrEnum):
    """Whether an event put figures into the tables or took them out."""

    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class FactConflict(RuntimeError):
    """An event's document is there already with other content: something upstream is not idempotent."""


@dataclass(frozen=True, slots=True)
class AcceptedReturn:
    """One acceptance (or its withdrawal): the unit's attributes from the collection's snapshot, and its cells.

    `cells` maps item key to `value` (plain decimal in the item's unit of measure), `status` and `note`, each only where
    there is one. `accepted_at` is ISO 8601, UTC.
    """

    event: str
    kind: FactKind
    submission: str
    year: int
    form: str
    form_version: str
    unit: str
    unit_kind: str
    region_code: str
    reviewing_body: str
    industry_code: str
    size: str
    group_id: str
    starred: bool
    revision: int
    revision_hash: str
    accepted_at: str
    cells: Mapping[str, Mapping[str, str]]


def record(objects: Objects, accepted: AcceptedReturn) -> bool:
    """Write one document; False when it was there. Raises `FactConflict` when it was there and says otherwise."""
    name, data = document_name(accepted.year, accepted.form, accepted.event), to_bytes(accepted)
    if objects.create(name, data):
        return True
    if objects.read(name) != data:
        raise FactConflict(f"{name} is there already with other content")
    return False


def document_name(year: int, form: str, event: str) -> str:
    """Where the document of an event lies."""
    return f"facts/{year}/{form}/{event}.json"


def to_bytes(accepted: AcceptedReturn) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(asdict(accepted), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> AcceptedReturn:
    """The inverse of `to_bytes`."""
    fields = json.loads(data)
    return AcceptedReturn(**{**fields, "kind": FactKind(fields["kind"])})


def recorded_events(objects: Objects, year: int, form: str) -> list[str]:
    """The ids of all events of one form and year that have a document, sorted."""
    events: list[str] = []
    prefix = document_name(year, form, "").removesuffix(".json")
    start, end = len(prefix), -len(".json")
    for page in pages_of_names(objects, prefix, PAGE):
        events += [name[start:end] for name in page]
    return events
