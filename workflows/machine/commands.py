"""What is asked of the review machine: one class per command. `person` is an opaque id, `body` the seat he acts for.

What the machine cannot know by itself (findings of the rules on exactly this content, whether a table already used an
acceptance) the caller finds out and states in the command; the machine refuses on it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.routes import Body


class Actor(StrEnum):
    """Who may give a command."""

    FILLER = "filler"
    SEAT = "seat"
    """A holder of a reviewing seat on the route."""
    OFFICE = "office"
    """Provincial staff."""
    SWEEP = "sweep"
    """The program itself, by the clock."""


@dataclass(frozen=True, slots=True)
class Save:
    """The filler saves his draft."""

    person: str


@dataclass(frozen=True, slots=True)
class Submit:
    """The filler seals what his page holds."""

    person: str
    revision_hash: str
    form_version: str
    rule_set: str
    late: bool
    changed: tuple[str, ...] = ()
    """Items whose value differs from the revision before."""
    fatal: tuple[str, ...] = ()
    """Fatal rules that fire on exactly this content."""
    unexplained: tuple[str, ...] = ()
    """Firm and query rules that fire and have no live explanation."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The filler takes back what he sent, while nobody has looked at it with consequences."""

    person: str
    revision: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The filler answers a query."""

    person: str
    query: int
    answer_hash: str


@dataclass(frozen=True, slots=True)
class Accept:
    """A level accepts the revision it was shown."""

    person: str
    body: Body
    revision: int
    revision_hash: str
    fatal: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()
    firm: tuple[str, ...] = ()
    """Firm rules that fire and were neither cleared nor waived."""
    missing_children: int = 0
    """Returns below that this level waits for and that are not in yet."""


@dataclass(frozen=True, slots=True)
class Return:
    """A level sends the revision it was shown back to the filler."""

    person: str
    body: Body
    revision: int
    revision_hash: str
    reason: str
    items: tuple[str, ...]
    comment_hash: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A level asks the filler about one item (查询); the return stays where it is."""

    person: str
    body: Body
    revision: int
    item: str
    question_hash: str


@dataclass(frozen=True, slots=True)
class CloseQuery:
    """The level that asked is content, or takes its question back."""

    person: str
    body: Body
    query: int


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """A member of the seat marks that he is on it, until the claim lapses."""

    person: str
    body: Body
    revision: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Undo:
    """Somebody takes his own decision back, before anybody acted on it."""

    person: str
    body: Body
    revision: int
    decision: int
    """Number of the event that decided; a second click takes back nothing else."""
    in_a_table: bool = False
    """Whether a table was built on the acceptance."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """The province gives an accepted return back to the filler, with a reason."""

    person: str
    body: Body
    revision: int
    revision_hash: str
    reason: str
    items: tuple[str, ...]
    comment_hash: str


@dataclass(frozen=True, slots=True)
class ProposeDisposition:
    """A level or the office finds that the return is not to be had."""

    person: str
    body: Body
    kind: DispositionKind
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ConfirmDisposition:
    """Another person, at the province, confirms it."""

    person: str
    body: Body
    proposal: int
    """Number of the event that proposed what he was shown."""


@dataclass(frozen=True, slots=True)
class DeclineDisposition:
    """The proposal is not followed, or taken back."""

    person: str
    body: Body
    proposal: int
    """Number of the event that proposed it."""


@dataclass(frozen=True, slots=True)
class Reinstate:
    """The province finds that a disposition was wrong; the submission goes on where it stood."""

    person: str
    body: Body
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ProposeWaiver:
    """A level of the route proposes to let a firm rule of this revision pass, for a time."""

    person: str
    body: Body
    revision: int
    revision_hash: str
    rule: str
    expires: datetime
    reason_hash: str


@dataclass(frozen=True, slots=True)
class ConfirmWaiver:
    """Another person confirms it."""

    person: str
    body: Body
    waiver: int
    """Number of the event that proposed what he was shown."""


@dataclass(frozen=True, slots=True)
class ProposeExtension:
    """The province proposes an exception after the close."""

    person: str
    body: Body
    scope: ExtensionScope
    expires: datetime
    reason_hash: str


@dataclass(frozen=True, slots=True)
class GrantExtension:
    """Another person grants it."""

    person: str
    body: Body
    extension: int
    """Number of the event that proposed what he was shown."""


@dataclass(frozen=True, slots=True)
class Move:
    """The unit is reviewed by another county from now on; totals stay with the register snapshot's address."""

    person: str
    body: Body
    route: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Remind:
    """The calendar's step has come for whoever has the submission (催报)."""

    step: str
    people: tuple[str, ...]
    text_hash: str


@dataclass(frozen=True, slots=True)
class PassDeadline:
    """The present owner's time has passed."""


DecisionCommand = Accept | Return
Command = (
    Save
    | Submit
    | Withdraw
    | Answer
    | Accept
    | Return
    | Ask
    | CloseQuery
    | ClaimCase
    | Undo
    | Reopen
    | ProposeDisposition
    | ConfirmDisposition
    | DeclineDisposition
    | Reinstate
    | ProposeWaiver
    | ConfirmWaiver
    | ProposeExtension
    | GrantExtension
    | Move
    | Remind
    | PassDeadline
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is so at the moment of a command, whatever the submission's own state."""

    at: datetime
    closed: bool = False
    """Whether the collection has ended, by its calendar or by the province."""
