"""The one place that says who may do what where.

Two kinds of people come: those with a link (a filler, a holder of a reviewing seat), whose right follows from the
register on the day they use it; and staff who signed in or carry a token, whose right follows from role and territory.
"""

from collections.abc import Mapping
from enum import StrEnum

from register.regions import Regions
from register.seats import Role, StaffMember
from workflows.links import FilingLink, InboxLink, ReviewLink, SectionLink
from workflows.ports import ApiToken
from workflows.services import Services
from workflows.submissions import Submission


class Action(StrEnum):
    """What a signed-in person or a token may ask for."""

    SEE_PROGRESS = "see_progress"
    SEE_SUBMISSIONS = "see_submissions"
    RUN_COLLECTIONS = "run_collections"
    READ_TABLES = "read_tables"
    READ_RESTRICTED_TABLES = "read_restricted_tables"
    BUILD_TABLES = "build_tables"
    EXPORT_STORIES = "export_stories"
    """One submission's whole story, figures and words included; each export is recorded."""
    HANDLE_CASES = "handle_cases"
    """Dispositions, exceptions after the close, reopening, moving (`workflows.casework`)."""


ENTERPRISE = "enterprise"
"""The role of a token given to an enterprise; nobody signs in under it."""

ALLOWED: Mapping[str, frozenset[Action]] = {
    Role.OFFICE: frozenset(Action),
    Role.AUDITOR: frozenset({Action.SEE_PROGRESS, Action.SEE_SUBMISSIONS, Action.EXPORT_STORIES, Action.READ_TABLES}),
    Role.OPERATOR: frozenset({Action.SEE_PROGRESS, Action.READ_TABLES}),
    Role.REVIEWER: frozenset(),
    ENTERPRISE: frozenset({Action.READ_TABLES}),
}

SIGN_IN_ROLES = frozenset({Role.OFFICE, Role.AUDITOR, Role.OPERATOR})


class NotAllowed(Exception):
    """The person is known, but may not do this, or no longer."""


def may(role: str, action: Action) -> bool:
    """Whether a role may do something at all; where is `covers`."""
    return action in ALLOWED.get(role, frozenset())


def covers(territory: str, region_code: str, regions: Regions) -> bool:
    """Whether somebody answerable for `territory` may see what belongs to `region_code`."""
    return territory in regions and region_code in regions and regions.is_within(region_code, territory)


def roles_of(services: Services, person_id: str) -> tuple[StaffMember, ...]:
    """The roles a person may sign in under today."""
    person = services.store.person(person_id)
    if person is None:
        return ()
    today = services.today()
    members = services.store.staff_by_email(person.email)
    return tuple(member for member in members if member.role in SIGN_IN_ROLES and member.serves_on(today))


def require_filler(services: Services, link: FilingLink | SectionLink, submission: Submission) -> None:
    """Only the unit itself fills (统计法 7): the link's person must be who the register names for the unit now.

    A colleague's link is as good as the filler who gave it to him.
    """
    person = services.store.person(link.person)
    if person is None or person.email != services.address_of(submission).lower():
        raise NotAllowed("filler")


def require_own(token: ApiToken, submission: Submission) -> None:
    """A program files with its unit's own token and for nobody else (统计法 7). Raises `NotAllowed`."""
    if token.role != ENTERPRISE or token.territory != submission.identity.unit_id:
        raise NotAllowed("unit")


def filing_link_of(services: Services, token: ApiToken, submission: Submission) -> FilingLink:
    """Who acts through a unit's token: the person the register names for the unit, as if by his link.

    So whoever files by program does not review it either, and letters about it reach the unit. Raises `NotAllowed`.
    """
    require_own(token, submission)
    return FilingLink(submission.id, services.store.person_of(services.address_of(submission).lower()).id)


def require_on_route(submission: Submission, link: ReviewLink) -> None:
    """What identifies a unit stays on its own route (统计法 28): a body it was moved away from sees no more of it."""
    if all(body.region != link.region for body in submission.state.route):
        raise NotAllowed("route")


def require_holder(services: Services, link: ReviewLink | InboxLink) -> StaffMember:
    """A review link works only while its person holds that seat."""
    person = services.store.person(link.person)
    if person is not None:
        for member in services.store.holders(link.region, services.today()):
            if member.email == person.email:
                return member
    raise NotAllowed("seat")
