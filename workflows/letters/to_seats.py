"""Letters to the holders of a seat: what waits for them, what was decided, what a higher level did."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from register.seats import StaffMember
from workflows import effects
from workflows.deadlines import to_text
from workflows.letters.desk import Addressed, Desk, decision_told, decision_words
from workflows.links import ReviewLink
from workflows.routes import Body, ReviewLevel


def _review(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """One letter per holder of the seat whose turn it is; to a holder of old and new alike, once."""
    state, region = desk.submission.state, data["region"]
    if state.turn != Body(ReviewLevel(data["level"]), region) or state.revision != data["revision"]:
        return
    for member in desk.services.store.holders(region, desk.services.today()):
        if "person" not in data or desk.services.store.person_of(member.email).id == data["person"]:
            yield _review_letter(desk, data, member)


def _review_letter(desk: Desk, data: Mapping[str, Any], member: StaffMember) -> Addressed:
    person = desk.services.store.person_of(member.email)
    link = ReviewLink(desk.submission.id, data["revision"], data["level"], data["region"], person.id)
    url = desk.services.url("r", desk.services.links.sign(link))
    words = {"name": member.name, "revision": str(data["revision"]), "body": desk.body_name(data["region"])}
    arrived = to_text(desk.submission.state.since) if desk.submission.state.since else ""
    number = f"{data['revision']}.{data['level']}.{data['region']}.{arrived}{data.get('again', '')}"
    return desk.write("review", number, person, member.name, words, url, seat=data["region"])


def _decision_taken(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """To the author and the others of his seat."""
    decision = decision_told(desk, data)
    yield from desk.to_seat("decision", str(data["number"]), decision.region, decision_words(desk, decision))


def _passed_level(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    words = decision_words(desk, decision_told(desk, data))
    yield from desk.to_seat("passed_level", str(data["number"]), data["region"], words)


WRITERS: Mapping[str, Callable[[Desk, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.REVIEW: _review,
    effects.DECISION: _decision_taken,
    effects.PASSED_LEVEL: _passed_level,
}
