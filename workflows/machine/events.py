"""What has happened to a submission: events in the past tense. They carry ids and hashes only, never words or figures.

Fields are texts, whole numbers, truth values and tuples of them: what RFC 8785 writes in one way. A field added later
has a default, so that older chains still read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args


@dataclass(frozen=True, slots=True)
class FilingExpected:
    """The collection was opened with this unit on its list of expected filers."""

    route: tuple[tuple[str, str], ...]
    """(level, region code) of each reviewing body, lowest first."""


@dataclass(frozen=True, slots=True)
class DraftStarted:
    """The unit saved for the first time, or for the first time since its return came back."""

    person: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """The unit sealed a revision; from this instant it is visible upward (统计法 32)."""

    person: str
    revision: int
    revision_hash: str
    form_version: str
    rule_set: str
    late: bool
    changed: tuple[str, ...] = ()
    """Items whose value differs from the revision before."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The unit took its latest revision back before anybody acted on it; the revision stays sealed and visible."""

    person: str
    revision: int
    revision_hash: str


@dataclass(frozen=True, slots=True)
class LevelAccepted:
    """One level of the route accepted the revision whose hash it names."""

    person: str
    level: str
    region: str
    revision: int
    revision_hash: str


@dataclass(frozen=True, slots=True)
class Returned:
    """A level sent the revision back to the filler, with a coded reason and the items or rules concerned."""

    person: str
    level: str
    region: str
    revision: int
    revision_hash: str
    reason: str
    items: tuple[str, ...]
    comment_hash: str


@dataclass(frozen=True, slots=True)
class Reopened:
    """The province gave an accepted revision back to the filler; it stays in the tables until the next acceptance."""

    person: str
    level: str
    region: str
    revision: int
    revision_hash: str
    reason: str
    items: tuple[str, ...]
    comment_hash: str


@dataclass(frozen=True, slots=True)
class DecisionUndone:
    """Somebody took his own decision back before anybody acted on it; `undone` is the number of that event."""

    person: str
    level: str
    region: str
    revision: int
    undone: int
    acceptance: bool
    """Whether it was an acceptance; else a return or a reopening."""


@dataclass(frozen=True, slots=True)
class QueryAsked:
    """A level asked the filler about one item."""

    person: str
    level: str
    region: str
    revision: int
    item: str
    question_hash: str


@dataclass(frozen=True, slots=True)
class QueryAnswered:
    """The filler answered the query that event `query` asked, on the revision whose hash it names."""

    person: str
    query: int
    revision: int
    revision_hash: str
    answer_hash: str


@dataclass(frozen=True, slots=True)
class QueryClosed:
    """The level that asked is content, or took its question back."""

    person: str
    level: str
    region: str
    query: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A member of the seat marked that he is on it, until the instant named (UTC)."""

    person: str
    level: str
    region: str
    until: str


@dataclass(frozen=True, slots=True)
class DispositionProposed:
    """A level or the office found that the return is not to be had; the reason is the event's payload."""

    person: str
    level: str
    region: str
    kind: str
    reason_hash: str


@dataclass(frozen=True, slots=True)
class DispositionConfirmed:
    """Another person, at the province, confirmed it."""

    person: str
    region: str
    kind: str


@dataclass(frozen=True, slots=True)
class DispositionDeclined:
    """The proposal was not followed, or taken back."""

    person: str
    region: str
    kind: str


@dataclass(frozen=True, slots=True)
class Reinstated:
    """The province found that a disposition was wrong; the submission goes on where it stood."""

    person: str
    region: str
    reason_hash: str


@dataclass(frozen=True, slots=True)
class WaiverProposed:
    """A level proposed to let a firm rule of the revision pass, until the instant named (UTC)."""

    person: str
    level: str
    region: str
    revision: int
    revision_hash: str
    rule: str
    expires: str
    reason_hash: str


@dataclass(frozen=True, slots=True)
class WaiverConfirmed:
    """Another person confirmed the waiver that event `waiver` proposed."""

    person: str
    level: str
    region: str
    rule: str
    waiver: int


@dataclass(frozen=True, slots=True)
class ExtensionProposed:
    """The province proposed an exception after the close, for a scope and until the instant named (UTC)."""

    person: str
    region: str
    scope: str
    expires: str
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ExtensionGranted:
    """Another person granted the exception that event `extension` proposed."""

    person: str
    region: str
    extension: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The unit is reviewed on another route of the same province from now on."""

    person: str
    route: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reminded:
    """Whoever has the submission was reminded at a step of the calendar; the text is the event's payload (催报)."""

    step: str
    people: tuple[str, ...]
    """Opaque ids of the addressees; the outcome of each letter stands in the record of letters."""
    text_hash: str


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The time of whoever has the submission passed: the filler's (level blank), or that level's."""

    level: str


Event = (
    FilingExpected
    | DraftStarted
    | Submitted
    | Withdrawn
    | LevelAccepted
    | Returned
    | Reopened
    | DecisionUndone
    | QueryAsked
    | QueryAnswered
    | QueryClosed
    | Claimed
    | DispositionProposed
    | DispositionConfirmed
    | DispositionDeclined
    | Reinstated
    | WaiverProposed
    | WaiverConfirmed
    | ExtensionProposed
    | ExtensionGranted
    | Moved
    | Reminded
    | DeadlinePassed
)

TYPES: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
