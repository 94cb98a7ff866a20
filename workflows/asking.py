"""Use cases of a query (查询): a level asks the filler about one item, then is content or takes it back."""

from workflows.chain import Payload
from workflows.directives import require_no_directive
from workflows.links import ReviewLink
from workflows.machine.commands import Ask, CloseQuery
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.places import is_askable
from workflows.queries import MAX_WORDS
from workflows.reviewing import UnknownItems, body_of, reviewable
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare
from workflows.submissions import Submission, Transition


def ask(services: Services, link: ReviewLink, item: str, words: str) -> Submission:
    """Ask the filler about one item; the return stays where it is.

    Raises `CommandRefused` (`DirectsAFigure` among them; incomplete when no words are there), `UnknownItems`,
    `SubmissionUnknown`, `NotAllowed`.
    """
    words = words.strip()[:MAX_WORDS]
    if not words:
        raise CommandRefused(Refusal(RefusalCode.INCOMPLETE))
    require_no_directive(words)
    question = Payload.of(words)

    def step() -> Transition:
        submission = reviewable(services, link)
        definition = services.forms.by_version(services.collection_of(submission).form_version)
        if item and not is_askable(definition, item):
            raise UnknownItems((item,))
        command = Ask(link.person, body_of(link), link.revision, item, question.hash)
        return prepare(services, submission, command, payload=question)

    return carry_out(services, step).after


def close_query(services: Services, link: ReviewLink, query: int) -> Submission:
    """Be content with the answer, or take the question back.

    Raises `CommandRefused`, `SubmissionUnknown`, `NotAllowed`.
    """

    def step() -> Transition:
        command = CloseQuery(link.person, body_of(link), query)
        return prepare(services, reviewable(services, link), command)

    return carry_out(services, step).after
