"""A seat's inbox: the returns that wait for it, sorted as its holder asks, each with the review link of who looks."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from forms.definition import Item
from register.regions import Region
from register.seats import StaffMember
from register.units import Unit
from workflows.checking import checked
from workflows.claiming import ClaimShown, live_claim
from workflows.links import InboxLink, ReviewLink
from workflows.machine.commands import Accept
from workflows.machine.refusals import Refusal
from workflows.machine.states import QueryStatus
from workflows.outlines import YUAN, Outline, main_item, outline_of
from workflows.outlying import ranked_for
from workflows.permissions import NotAllowed, require_holder
from workflows.ports import InboxOrder
from workflows.services import Services
from workflows.stepping import refusal_of
from workflows.submissions import Submission

PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One return that waits: one row per submission."""

    submission: Submission
    unit_name: str
    form_title: tuple[str, str]
    since: datetime | None
    days: int
    """Whole days since it came."""
    amount: Decimal | None
    """The form's main amount, in its item's unit of measure; None where there is no figure."""
    item: Item | None
    findings: int
    open_queries: int
    answered_queries: int
    claim: ClaimShown | None
    refusal: Refusal | None
    """Why it cannot be accepted here now, whatever it holds (his own filing, another level)."""
    token: str

    @property
    def pickable(self) -> bool:
        """Whether it may be accepted with others at once: what has findings or queries is held back for a look."""
        return self.refusal is None and not (self.findings or self.open_queries or self.answered_queries)

    @property
    def pick(self) -> str:
        """What a bulk acceptance names: the submission and the hash of exactly what was listed."""
        return f"{self.submission.id}:{self.submission.state.revision_hash}"


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of a seat's waiting work."""

    region: Region
    holder: StaffMember
    order: InboxOrder | None
    """None where it is ranked by effect."""
    rows: tuple[Waiting, ...]
    cursor: str


def open_inbox(services: Services, link: InboxLink, after: str, order: InboxOrder = InboxOrder.AGE) -> Inbox:
    """What waits for the seat. Changes nothing. Raises `NotAllowed` when the person no longer holds it."""
    holder = require_holder(services, link)
    snapshot = services.store.current("regions")
    if snapshot is None:
        raise NotAllowed("no register")
    page = services.store.waiting(link.region, order, after, PAGE)
    rows = tuple(_waiting(services, link, submission, outline) for submission, outline in page.rows)
    return Inbox(services.store.regions(snapshot)[link.region], holder, order, rows, page.cursor)


def open_ranked(services: Services, link: InboxLink) -> Inbox:
    """What waits for the seat and moved unlike similar units, the greatest effect on the published total first.

    Changes nothing. Raises `NotAllowed` when the person no longer holds the seat.
    """
    holder = require_holder(services, link)
    snapshot = services.store.current("regions")
    if snapshot is None:
        raise NotAllowed("no register")
    years = sorted({collection.year for collection in services.store.collections()}, reverse=True)
    ranked = (each for year in years for each in ranked_for(services, year, link.region))
    found = ((each, services.store.submission(each.submission)) for each in ranked)
    waiting = [
        submission
        for each, submission in found
        if submission is not None
        and submission.state.turn is not None
        and (submission.state.turn.region, submission.state.revision_hash) == (link.region, each.revision_hash)
    ][:PAGE]
    rows = tuple(_waiting(services, link, submission, None) for submission in waiting)
    return Inbox(services.store.regions(snapshot)[link.region], holder, None, rows, "")


def review_link(link: InboxLink, submission: Submission) -> ReviewLink:
    """The link under which the holder of an inbox reviews a return whose route passes his seat."""
    level = next(body.level.value for body in submission.state.route if body.region == link.region)
    return ReviewLink(submission.id, submission.state.revision, level, link.region, link.person)


def queries_standing(submission: Submission) -> tuple[int, int]:
    """How many queries wait for an answer, and how many for somebody to be content with it."""
    asked = [query.status for query in submission.state.queries]
    return asked.count(QueryStatus.OPEN), asked.count(QueryStatus.ANSWERED)


def _waiting(services: Services, link: InboxLink, submission: Submission, outline: Outline | None) -> Waiting:
    state, unit = submission.state, services.unit_of(submission)
    definition = services.forms.by_version(services.collection_of(submission).form_version)
    outline = outline or _outline_now(services, submission, unit)
    item, review = main_item(definition), review_link(link, submission)
    waits, answered = queries_standing(submission)
    return Waiting(
        submission=submission,
        unit_name=unit.name,
        form_title=(definition.title_zh, definition.title_en),
        since=state.since,
        days=(services.clock.now() - state.since).days if state.since else 0,
        amount=outline.amount / YUAN[item.unit] if item and outline.amount is not None else None,
        item=item,
        findings=outline.findings,
        open_queries=waits,
        answered_queries=answered,
        claim=live_claim(services, state, link.person),
        refusal=_refusal(services, submission, review),
        token=services.links.sign(review),
    )


def _refusal(services: Services, submission: Submission, link: ReviewLink) -> Refusal | None:
    turn, state = submission.state.turn, submission.state
    if turn is None:
        return None
    return refusal_of(services, submission, Accept(link.person, turn, state.revision, state.revision_hash))


def _outline_now(services: Services, submission: Submission, unit: Unit) -> Outline:
    """The outline of what was sealed before outlines were kept."""
    revision = services.store.revision(submission.id, submission.state.revision)
    if revision is None:
        return Outline(None, 0)
    found = checked(services, submission, revision, unit)
    return outline_of(found.definition, found.content, found.findings)
