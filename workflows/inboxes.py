"""A seat's inbox: the returns that wait for it, each with the review link of the person who looks."""

from dataclasses import dataclass
from datetime import datetime

from register.regions import Region
from register.seats import StaffMember
from workflows.links import InboxLink, ReviewLink
from workflows.permissions import NotAllowed, require_holder
from workflows.services import Services
from workflows.submissions import Submission

PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One return that waits: one row per submission."""

    submission: Submission
    unit_name: str
    form_title: tuple[str, str]
    since: datetime | None
    token: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """One page of a seat's waiting work, oldest first."""

    region: Region
    holder: StaffMember
    rows: tuple[Waiting, ...]
    cursor: str


def open_inbox(services: Services, link: InboxLink, after: str) -> Inbox:
    """What waits for the seat. Changes nothing. Raises `NotAllowed` when the person no longer holds it."""
    holder = require_holder(services, link)
    snapshot = services.store.current("regions")
    if snapshot is None:
        raise NotAllowed("no register")
    page = services.store.inbox(link.region, after, PAGE)
    rows = tuple(_waiting(services, link, submission) for submission in page.rows)
    return Inbox(services.store.regions(snapshot)[link.region], holder, rows, page.cursor)


def _waiting(services: Services, link: InboxLink, submission: Submission) -> Waiting:
    state = submission.state
    definition = services.forms.by_version(services.collection_of(submission).form_version)
    level = state.turn.level.value if state.turn else ""
    review = ReviewLink(submission.id, state.revision, level, link.region, link.person)
    return Waiting(
        submission=submission,
        unit_name=services.unit_of(submission).name,
        form_title=(definition.title_zh, definition.title_en),
        since=state.since,
        token=services.links.sign(review),
    )
