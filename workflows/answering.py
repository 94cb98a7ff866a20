"""Use case of the filler: answering a reviewer's query. The answer explains a value and changes none."""

from workflows.chain import Payload
from workflows.filing import own_submission
from workflows.links import FilingLink
from workflows.machine.commands import Answer
from workflows.machine.refusals import Refusal
from workflows.queries import MAX_WORDS
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare, refusal_of
from workflows.submissions import Submission, Transition
from workflows.words import words_of


class UnfitAnswer(ValueError):
    """The answer is blank, or longer than `MAX_WORDS`; nothing was stored."""


def answer_query(services: Services, link: FilingLink, query: int, words: str) -> Submission:
    """Record the answer to the query that event `query` asked, bound to the revision it explains.

    The same answer twice is once (a button pressed again). Raises `UnfitAnswer`, `CommandRefused`,
    `SubmissionUnknown`, `NotAllowed`.
    """
    text = words.replace("\r\n", "\n").strip()
    if not text or len(text) > MAX_WORDS:
        raise UnfitAnswer(len(text))
    payload = Payload.of(text)

    def step() -> Transition:
        submission = own_submission(services, link)
        return prepare(services, submission, Answer(link.person, query, payload.hash), payload=payload)

    try:
        return carry_out(services, step).after
    except CommandRefused:
        submission = own_submission(services, link)
        asked = submission.state.query(query)
        if asked is not None and asked.answer and words_of(services, submission, asked.answer) == text:
            return submission
        raise


def why_no_answer(services: Services, submission: Submission, person: str, query: int) -> Refusal | None:
    """Why this query cannot be answered now, asked of the machine itself; None when it can."""
    return refusal_of(services, submission, Answer(person, query, ""))
