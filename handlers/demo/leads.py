"""Live links into a demo home, one for each kind of person, so that the pages can be tried at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handlers.demo.acting import review_link, waiting_at
from handlers.demo.enterprises import enterprises
from handlers.demo.people import OFFICE_ADDRESS
from register.units import Unit
from workflows.links import FilingLink, InboxLink, SignInLink
from workflows.machine.states import Stage
from workflows.registering import current_regions
from workflows.routes import ReviewLevel
from workflows.services import Services
from workflows.submissions import Submission, submission_id

FORM = "107-2"


@dataclass(frozen=True, slots=True)
class Leads:
    """Addresses of pages, ready to open. The sign-in link is good for 30 minutes."""

    filler: str
    filler_returned: str
    county_reviewer: str
    city_reviewer: str
    province_reviewer: str
    county_inbox: str
    """All that waits for one county's seat."""
    office_address: str
    sign_in: str


def leads(services: Services, year: int) -> Leads:
    """One link of each kind, signed now. Raises `LookupError` when the year holds nothing of a kind."""
    return Leads(
        filler=_filler(services, year, Stage.NOT_STARTED),
        filler_returned=_filler(services, year, Stage.RETURNED),
        county_reviewer=_reviewer(services, year, ReviewLevel.COUNTY),
        city_reviewer=_reviewer(services, year, ReviewLevel.CITY),
        province_reviewer=_reviewer(services, year, ReviewLevel.PROVINCE),
        county_inbox=_inbox(services, year, ReviewLevel.COUNTY),
        office_address=OFFICE_ADDRESS,
        sign_in=_sign_in(services),
    )


def _filler(services: Services, year: int, stage: Stage) -> str:
    for unit, submission in _submissions(services, year):
        if submission.state.stage is stage:
            person = services.store.person_of(unit.email)
            return services.url("f", services.links.sign(FilingLink(submission.id, person.id)))
    raise LookupError(f"no return of {year} is {stage}")


def _submissions(services: Services, year: int) -> Iterator[tuple[Unit, Submission]]:
    for unit in enterprises(current_regions(services, "")):
        key = submission_id(services.store.home_key(), year, FORM, unit.unit_id)
        submission = services.store.submission(key)
        if submission is not None:
            yield unit, submission


def _reviewer(services: Services, year: int, level: ReviewLevel) -> str:
    return services.url("r", services.links.sign(review_link(services, _waiting(services, year, level)[0])))


def _inbox(services: Services, year: int, level: ReviewLevel) -> str:
    """The seat of that level for which most is waiting."""
    links = [review_link(services, one) for one in _waiting(services, year, level)]
    region, _ = Counter(link.region for link in links).most_common(1)[0]
    person = next(link.person for link in links if link.region == region)
    return services.url("i", services.links.sign(InboxLink(region, person)))


def _waiting(services: Services, year: int, level: ReviewLevel) -> Sequence[Submission]:
    """What waits at a level. Raises `LookupError` when nothing does."""
    waiting = waiting_at(services, level, year)
    if not waiting:
        raise LookupError(f"nothing of {year} waits at {level} level")
    return waiting


def _sign_in(services: Services) -> str:
    person = services.store.person_of(OFFICE_ADDRESS)
    return services.url("s", services.links.sign(SignInLink(person.id)))
