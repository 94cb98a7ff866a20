"""Taking one's own decision back (撤销), before anybody acted on it; the province's, until a build uses it."""

from workflows.deadlines import from_text
from workflows.links import ReviewLink
from workflows.machine.commands import Undo
from workflows.machine.refusals import Refusal
from workflows.machine.states import Stage
from workflows.reviewing import body_of, reviewable
from workflows.services import Services
from workflows.stepping import carry_out, prepare, refusal_of
from workflows.submissions import Submission, Transition

BUILDING = "building"
"""The note's value while tables of the year are being built; afterwards it is the instant the build had ended."""


def build_note(year: int) -> str:
    """The name of the store's note that says when tables of a year were built last."""
    return f"built:{year}"


def undo(services: Services, link: ReviewLink, decision: int) -> Submission:
    """Take back the decision of that event; a build that starts in between wins.

    Raises `CommandRefused`, `NotAllowed`.
    """

    def step() -> Transition:
        submission = reviewable(services, link)
        name, noted = _built(services, submission)
        watched = (name, noted) if submission.state.stage is Stage.ACCEPTED else None
        return prepare(services, submission, _command(submission, link, decision, noted), unless_noted=watched)

    return carry_out(services, step).after


def undo_refusal(services: Services, link: ReviewLink, submission: Submission) -> Refusal | None:
    """Why the decision cannot be taken back now, asked of the machine itself; None while it can."""
    latest = submission.state.standing[-1].event_number if submission.state.standing else 0
    return refusal_of(services, submission, _command(submission, link, latest, _built(services, submission)[1]))


def _command(submission: Submission, link: ReviewLink, decision: int, noted: str | None) -> Undo:
    return Undo(link.person, body_of(link), link.revision, decision, in_a_table=_is_used(submission, noted))


def _built(services: Services, submission: Submission) -> tuple[str, str | None]:
    name = build_note(submission.identity.year)
    return name, services.store.mark(name)


def _is_used(submission: Submission, noted: str | None) -> bool:
    """Whether a build that had not ended before the acceptance may have read it; in doubt it has."""
    state = submission.state
    if noted is None or state.stage is not Stage.ACCEPTED:
        return False
    return noted == BUILDING or from_text(noted) >= state.decisions[-1].at
