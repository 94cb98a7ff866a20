"""What the tests of the filler's side need of reviewers and provincial staff: their steps, without their pages."""

from datetime import datetime

from workflows.chain import Payload
from workflows.machine.commands import (
    Ask,
    CloseQuery,
    Command,
    ConfirmDisposition,
    GrantExtension,
    Move,
    ProposeDisposition,
    ProposeExtension,
    Reinstate,
    Reopen,
    Undo,
)
from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.routes import Body, ReviewLevel
from workflows.services import Services
from workflows.stepping import carry_out, prepare
from workflows.submissions import Submission


def give(services: Services, submission: Submission, command: Command, words: Payload | None = None) -> Submission:
    """One command on the submission as it stands now; what it is afterwards."""

    def now() -> Submission:
        found = services.store.submission(submission.id)
        assert found is not None
        return found

    return carry_out(services, lambda: prepare(services, now(), command, payload=words)).after


def holder(services: Services, region: str) -> str:
    """Who serves at a seat today."""
    return services.store.person_of(services.store.holders(region, services.today())[0].email).id


def body_at(submission: Submission, level: str) -> Body:
    """The body of one level of the route."""
    return next(body for body in submission.state.route if body.level == ReviewLevel(level))


def ask(services: Services, submission: Submission, level: str, item: str, words: str) -> int:
    """A level of the route asks about an item; the number of the query."""
    body, payload = body_at(submission, level), Payload.of(words)
    command = Ask(holder(services, body.region), body, submission.state.revision, item, payload.hash)
    return give(services, submission, command, payload).state.events


def close(services: Services, submission: Submission, query: int) -> None:
    """The body that asked is content."""
    asked = submission.state.query(query)
    assert asked is not None
    give(services, submission, CloseQuery(holder(services, asked.region), asked.body, query))


def undo(services: Services, submission: Submission, level: str) -> None:
    """A level takes its latest decision back."""
    body = body_at(submission, level)
    give(
        services,
        submission,
        Undo(
            holder(services, body.region), body, submission.state.revision, submission.state.standing[-1].event_number
        ),
    )


def reopen(services: Services, submission: Submission, items: tuple[str, ...], words: str) -> None:
    """The province gives an accepted return back."""
    body, payload, state = body_at(submission, "province"), Payload.of(words), submission.state
    person = holder(services, body.region)
    command = Reopen(person, body, state.revision, state.revision_hash, "scope", items, payload.hash)
    give(services, submission, command, payload)


def dispose(services: Services, submission: Submission, kind: DispositionKind, *, confirm: bool = True) -> None:
    """One proposes, another confirms."""
    body, reason = body_at(submission, "province"), Payload.of("走访核实")
    proposed = give(services, submission, ProposeDisposition("clerk-1", body, kind, reason.hash), reason)
    if confirm:
        give(services, submission, ConfirmDisposition("clerk-2", body, proposed.state.events))


def reinstate(services: Services, submission: Submission) -> None:
    """The disposition was wrong."""
    reason = Payload.of("登记有误")
    give(services, submission, Reinstate("clerk-1", body_at(submission, "province"), reason.hash), reason)


def extend(services: Services, submission: Submission, scope: ExtensionScope, expires: datetime) -> None:
    """One proposes an exception after the close, another grants it."""
    body, reason = body_at(submission, "province"), Payload.of("因灾延误")
    proposed = give(services, submission, ProposeExtension("clerk-1", body, scope, expires, reason.hash), reason)
    give(services, submission, GrantExtension("clerk-2", body, proposed.state.events))


def move(services: Services, submission: Submission, *route: Body) -> None:
    """Other bodies review the unit from now on."""
    give(services, submission, Move("clerk-1", submission.state.route[-1], route))
