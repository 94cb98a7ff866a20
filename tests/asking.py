"""What the tests of the filler's side need of a reviewer who asks: his step, without his pages."""

from workflows.chain import Payload
from workflows.machine.commands import Ask, CloseQuery
from workflows.routes import ReviewLevel
from workflows.services import Services
from workflows.stepping import carry_out, prepare
from workflows.submissions import Submission


def ask(services: Services, submission: Submission, level: str, item: str, words: str) -> int:
    """A level of the route asks about an item; the number of the query."""
    body = next(body for body in submission.state.route if body.level == ReviewLevel(level))
    person = _holder(services, body.region)
    payload = Payload.of(words)
    command = Ask(person, body, submission.state.revision, item, payload.hash)
    return carry_out(services, lambda: prepare(services, submission, command, payload=payload)).after.state.events


def close(services: Services, submission: Submission, query: int) -> None:
    """The body that asked is content."""
    asked = submission.state.query(query)
    assert asked is not None
    command = CloseQuery(_holder(services, asked.region), asked.body, query)
    carry_out(services, lambda: prepare(services, submission, command))


def _holder(services: Services, region: str) -> str:
    return services.store.person_of(services.store.holders(region, services.today())[0].email).id
