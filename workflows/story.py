"""All that is stored under one submission, read with care: what this program did not write is named, not raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from workflows.chain import Payload, RecordedEvent
from workflows.days import DayHead, SignedDay
from workflows.erasing import Erasure
from workflows.signing import PublicKey
from workflows.submissions import SealedRevision, Submission

DAMAGED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading or replaying an altered row can raise."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A row that this program would have written otherwise: one row per stored row."""

    table: str
    number: int
    """Of the event or revision, as far as it can be read; 0 for a row that has none."""
    fields: str
    """Columns that differ, or that the row cannot be read at all."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is stored under one submission at one instant."""

    id: str
    submission: Submission | None
    """None when its row is missing or cannot be read."""
    next_at: datetime | None
    outline: tuple[object, object]
    """Amount and findings as they stand in the row (`workflows.outlines`); both None before anything was sealed."""
    events: Sequence[RecordedEvent | None]
    """By number; None where the row is not as this program writes it."""
    revisions: Mapping[int, SealedRevision]
    payloads: Mapping[int, Payload]
    heads: Sequence[DayHead]
    """Heads of signed days, in the order of the days."""
    moves: Sequence[DayHead]
    """Moves that no closed day covers yet."""
    misread: Sequence[Misread]
    erased: Mapping[int, Erasure] = field(default_factory=dict)
    """Event number → the mark that its words left when they were erased."""


@dataclass(frozen=True, slots=True)
class Loose:
    """Rows under a submission, or under an event, that is not there: one row per table × submission."""

    table: str
    submission: str


class AuditStore(Protocol):
    """What verification reads (`Store` has it). It reads everything, by id; no use case does."""

    def submission_ids(self, after: str, limit: int) -> Sequence[str]:
        """Ids in their order; bytes that are no text are given as lone surrogates."""

    def story(self, submission_id: str) -> Story: ...
    def loose_rows(self) -> Sequence[Loose]: ...
    def signed_days(self, after: str, limit: int) -> Sequence[tuple[str, SignedDay | None]]:
        """Days by date, as the row names it; None for a row that is not as this program writes it."""

    def signed_heads(self, day: str, after: int, limit: int) -> Sequence[DayHead | None]:
        """Heads of a day in the order of its tree; None for a row that is not as this program writes it."""

    def signing_keys(self) -> Mapping[str, tuple[PublicKey, str] | None]:
        """Key id → key and first day; None for a row that is not as this program writes it."""
