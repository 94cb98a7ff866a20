"""What is asked of the review machine, and how it says no."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.routes import Body
from workflows.states import Decision


@dataclass(frozen=True, slots=True)
class Save:
    """The filler saves his draft."""

    person: str


@dataclass(frozen=True, slots=True)
class Submit:
    """The filler seals what his page holds. The fatal rules were checked by the caller on exactly this content."""

    person: str
    revision_hash: str
    form_version: str
    rule_set: str
    late: bool


@dataclass(frozen=True, slots=True)
class Accept:
    """A level accepts the revision it was shown."""

    person: str
    body: Body
    revision: int


@dataclass(frozen=True, slots=True)
class Return:
    """A level sends the revision it was shown back to the filler."""

    person: str
    body: Body
    revision: int
    reason: str
    items: tuple[str, ...]
    comment_hash: str


Command = Save | Submit | Accept | Return


class RefusalCode(StrEnum):
    """Why a command leads to nothing."""

    COLLECTION_CLOSED = "collection_closed"
    NOT_EDITABLE = "not_editable"
    NOT_IN_REVIEW = "not_in_review"
    ALREADY_DECIDED = "already_decided"
    OVERTAKEN = "overtaken"
    NOT_YET = "not_yet"
    OWN_FILING = "own_filing"
    TWO_LEVELS = "two_levels"
    NOT_ON_SEAT = "not_on_seat"
    INCOMPLETE_RETURN = "incomplete_return"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that led to nothing, with the decision that stands in its way where there is one."""

    code: RefusalCode
    decision: Decision | None = None
