"""What is true of a submission: its stage, its decisions, and the state that its events lead to."""

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


@dataclass(frozen=True, slots=True)
class Decision:
    """One level's decision on the latest revision."""

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
    filed_by: str = ""
    """Who sealed the latest revision; he decides on it at no level."""
    first_sent_at: datetime | None = None
    sealed_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    """Decisions on the latest revision only: a new revision voids all earlier ones."""
    since: datetime | None = None
    """When the present owner (filler or level) got it."""
    events: int = 0

    @property
    def turn(self) -> Body | None:
        """The body whose decision is awaited, or None when nobody's is."""
        return self.route[len(self.decisions)] if self.stage is Stage.IN_REVIEW else None

    @property
    def editable(self) -> bool:
        """Whether the filler may save and send."""
        return self.stage in {Stage.NOT_STARTED, Stage.DRAFT, Stage.RETURNED}

    @property
    def returned(self) -> Decision | None:
        """The return the filler has to answer, if there is one."""
        return self.decisions[-1] if self.stage is Stage.RETURNED else None

    def decision_of(self, level: ReviewLevel) -> Decision | None:
        """That level's decision on the latest revision."""
        return next((decision for decision in self.decisions if decision.level is level), None)
