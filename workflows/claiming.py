"""Marking that one is on a return (认领), so that two of a seat do not read the same one. Others may still decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.links import ReviewLink
from workflows.machine.commands import ClaimCase
from workflows.machine.states import State
from workflows.reviewing import body_of, reviewable
from workflows.services import Services
from workflows.stepping import carry_out, prepare
from workflows.submissions import Submission, Transition
from workflows.words import name_of

LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """Who is on a return, until when; `own` when it is the person who looks."""

    by: str
    until: datetime
    own: bool


def claim(services: Services, link: ReviewLink) -> Submission:
    """Mark it for half an hour; again makes it half an hour from now. Raises `CommandRefused`, `NotAllowed`."""

    def step() -> Transition:
        until = services.clock.now() + LASTS
        command = ClaimCase(link.person, body_of(link), link.revision, until)
        return prepare(services, reviewable(services, link), command)

    return carry_out(services, step).after


def live_claim(services: Services, state: State, person: str) -> ClaimShown | None:
    """The mark as a page shows it to a person; None once it has lapsed."""
    found = state.claim
    if found is None or services.clock.now() >= found.until:
        return None
    return ClaimShown(name_of(services, found.person), found.until, found.person == person)
