"""What is true of a submission: its stage, its decisions and queries, and the state that its events lead to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from workflows.routes import Body, ReviewLevel


class Stage(StrEnum):
    """Where a submission stands."""

    NOT_STARTED = "not_started"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REOPENED = "reopened"
    """Accepted once, given back to the filler; what was accepted stays in the tables until the next acceptance."""
    DISPOSED = "disposed"
    """Confirmed as not to be had (停业, 范围外, …); see `Disposition`."""


class DispositionKind(StrEnum):
    """Why a submission is not to be had. All but `refused` leave the count of expected filers."""

    CLOSED = "closed"
    OUT_OF_SCOPE = "out_of_scope"
    LEFT_PROVINCE = "left_province"
    DUPLICATE = "duplicate"
    REFUSED = "refused"

    @property
    def takes_out(self) -> bool:
        """Whether figures already accepted must leave the tables: they should never have been counted."""
        return self in {DispositionKind.OUT_OF_SCOPE, DispositionKind.LEFT_PROVINCE, DispositionKind.DUPLICATE}


class QueryStatus(StrEnum):
    """Where a query stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class ExtensionScope(StrEnum):
    """What an exception after the close lets move."""

    FILING = "filing"
    """The unit files or corrects, and the route reviews it."""
    REVIEW = "review"
    """The route decides on what was sent; the unit sends nothing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One body's decision on one revision: an acceptance, a return, or the reopening of what was accepted."""

    accepted: bool
    person: str
    level: ReviewLevel
    region: str
    revision: int
    revision_hash: str
    at: datetime
    reason: str = ""
    items: tuple[str, ...] = ()
    event_number: int = 0

    @property
    def body(self) -> Body:
        """Who decided."""
        return Body(self.level, self.region)


@dataclass(frozen=True, slots=True)
class Query:
    """A reviewer's question about one item (查询): one row per question, known by the number of the event that asked.

    Its words and its answer are payloads of their events. The answer is bound to the value it explains: a new revision
    that changes the item closes the query.
    """

    number: int
    person: str
    level: ReviewLevel
    region: str
    revision: int
    item: str
    asked_at: datetime
    status: QueryStatus = QueryStatus.OPEN
    answer: int = 0
    """Number of the event that answered."""

    @property
    def body(self) -> Body:
        """Who asked."""
        return Body(self.level, self.region)


@dataclass(frozen=True, slots=True)
class Claim:
    """A member of the seat marks that he is on it, until it lapses; others see it and may still decide."""

    person: str
    region: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The revision that stands in the tables, and the event that put it there."""

    revision: int
    revision_hash: str
    event_number: int
    before: "Acceptance | None" = None
    """What stood there until then; it comes back if this acceptance is undone."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """A finding that the return is not to be had: proposed by one, confirmed by another at the province."""

    kind: DispositionKind
    proposed_by: str
    event_number: int
    """The event that proposed it; its reason is that event's payload."""
    confirmed_by: str = ""
    stage_before: Stage | None = None
    """Where it stood when confirmed, for reinstating."""


@dataclass(frozen=True, slots=True)
class Extension:
    """An exception after the close (例外): proposed by one, granted by another, for a scope and a time."""

    scope: ExtensionScope
    expires: datetime
    proposed_by: str
    event_number: int
    granted_by: str = ""
    before: "Extension | None" = None
    """What was granted before and holds while this one waits for its second person."""

    def in_force(self, at: datetime) -> "Extension | None":
        """What lets anything move at this instant: this one, or the one granted before it."""
        if not self.granted_by:
            return self.before.in_force(at) if self.before else None
        return self if at < self.expires else None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A firm rule of one revision let pass (豁免): proposed by one, confirmed by another, for a time.

    One row per rule of the latest revision: a new revision voids it.
    """

    rule: str
    expires: datetime
    proposed_by: str
    event_number: int
    """The event that proposed it; its reason is that event's payload."""
    confirmed_by: str = ""

    def is_live(self, at: datetime) -> bool:
        """Whether the rule is waived at this instant."""
        return bool(self.confirmed_by) and at < self.expires


@dataclass(frozen=True, slots=True)
class State:
    """What is true of one submission now: the fold of its events, one per unit × form × collection."""

    stage: Stage = Stage.NOT_STARTED
    route: tuple[Body, ...] = ()
    revision: int = 0
    revision_hash: str = ""
    form_version: str = ""
    rule_set: str = ""
    late: bool = False
    filers: tuple[str, ...] = ()
    """Everybody who sealed a revision; none of them decides on it at any level."""
    first_sent_at: datetime | None = None
    sealed_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    """Acceptances of the latest revision, in the order of the route: a new revision voids all earlier ones."""
    last_return: Decision | None = None
    """The latest return or reopening, until the route is complete."""
    correcting: bool = False
    """Whether the filler has begun to answer the return: from then on it cannot be undone."""
    queries: tuple[Query, ...] = ()
    claim: Claim | None = None
    waivers: tuple[Waiver, ...] = ()
    """Of the latest revision."""
    accepted: Acceptance | None = None
    disposition: Disposition | None = None
    extension: Extension | None = None
    since: datetime | None = None
    """When the present owner (filler or level) got it."""
    reminders: tuple[str, ...] = ()
    """Steps of the calendar that the present owner was already reminded at."""
    overdue: bool = False
    """Whether the present owner's time has passed."""
    events: int = 0

    @property
    def turn(self) -> Body | None:
        """The body whose decision is awaited, or None when nobody's is."""
        return self.route[len(self.decisions)] if self.stage is Stage.IN_REVIEW else None

    @property
    def editable(self) -> bool:
        """Whether the filler may save and send. A unit recorded as refusing may still file (统计法 7)."""
        return self.stage in EDITABLE or self.refuses

    @property
    def refuses(self) -> bool:
        """Whether the unit is recorded as refusing (拒报)."""
        disposition = self.disposition
        return self.stage is Stage.DISPOSED and disposition is not None and disposition.kind is DispositionKind.REFUSED

    @property
    def returned(self) -> Decision | None:
        """The return or reopening the filler has to answer, if there is one."""
        return self.last_return if self.editable else None

    @property
    def in_tables(self) -> Acceptance | None:
        """The revision that tables built now use."""
        disposition = self.disposition
        if self.stage is Stage.DISPOSED and disposition is not None and disposition.kind.takes_out:
            return None
        return self.accepted

    @property
    def standing(self) -> tuple[Decision, ...]:
        """The decisions on the latest revision, the return included while it waits for its answer."""
        sent_back = self.last_return
        if (
            sent_back is None
            or sent_back.revision != self.revision
            or self.stage
            not in {
                Stage.RETURNED,
                Stage.REOPENED,
            }
        ):
            return self.decisions
        return (*self.decisions, sent_back)

    def decision_of(self, level: ReviewLevel) -> Decision | None:
        """That level's decision on the latest revision."""
        return next((decision for decision in reversed(self.standing) if decision.level is level), None)

    def standing_decision(self, number: int) -> Decision | None:
        """The decision that this event made, while it stands."""
        return next((decision for decision in self.standing if decision.event_number == number), None)

    def waiver(self, rule: str) -> Waiver | None:
        """What was proposed or confirmed last for a rule of the latest revision."""
        return next((waiver for waiver in reversed(self.waivers) if waiver.rule == rule), None)

    def query(self, number: int) -> Query | None:
        """The query that this event asked."""
        return next((query for query in self.queries if query.number == number), None)


EDITABLE = frozenset({Stage.NOT_STARTED, Stage.DRAFT, Stage.RETURNED, Stage.REOPENED})
"""The stages in which the filler has the submission."""
OPEN = EDITABLE | {Stage.IN_REVIEW}
"""The stages in which somebody still has to act."""
