"""Letters to the holders of a seat: what waits for them, what was decided, what others did about it since.

Only a request for a decision carries a review link (`/r/`); the others lead to the same page by `/d/`, so that nobody
takes news for work.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from register.seats import Role, StaffMember
from workflows import effects
from workflows.deadlines import to_text
from workflows.dispositions import disposition_names
from workflows.imported import is_archived
from workflows.letters.desk import Addressed, Desk, decision_told, decision_words, item_name
from workflows.links import ReviewLink
from workflows.machine import evolve
from workflows.machine.events import (
    DecisionUndone,
    DispositionConfirmed,
    DispositionDeclined,
    DispositionProposed,
    ExtensionProposed,
    Moved,
    QueryAnswered,
    QueryAsked,
    Reinstated,
    Reopened,
    WaiverProposed,
)
from workflows.machine.states import State
from workflows.routes import Body, ReviewLevel
from workflows.words import name_of

Data = Mapping[str, Any]


def _review(desk: Desk, data: Data) -> Iterator[Addressed]:
    """One letter per holder of the seat whose turn it is; to a holder of old and new alike, once."""
    state, region = desk.submission.state, data["region"]
    if state.turn != Body(ReviewLevel(data["level"]), region) or state.revision != data["revision"]:
        return
    if is_archived(desk.services, desk.submission):
        return
    for member in desk.services.store.holders(region, desk.services.today()):
        if "person" not in data or desk.services.store.person_of(member.email).id == data["person"]:
            yield _review_letter(desk, data, member)


def _review_letter(desk: Desk, data: Data, member: StaffMember) -> Addressed:
    person = desk.services.store.person_of(member.email)
    link = ReviewLink(desk.submission.id, data["revision"], data["level"], data["region"], person.id)
    url = desk.services.url("r", desk.services.links.sign(link))
    words = {"name": member.name, "revision": str(data["revision"]), "body": desk.body_name(data["region"])}
    arrived = to_text(desk.submission.state.since) if desk.submission.state.since else ""
    number = f"{data['revision']}.{data['level']}.{data['region']}.{arrived}{data.get('again', '')}"
    return desk.write("review", number, person, member.name, words, url, seat=data["region"])


def _decision_taken(desk: Desk, data: Data) -> Iterator[Addressed]:
    """To the author, with the way to undo it, and to the others of his seat."""
    decision = decision_told(desk, data)
    words = decision_words(desk, decision)
    if isinstance(desk.event(data["number"]), Reopened):
        words["verdict"] = "重新打开"
    yield from _to_body(desk, "decision", data, decision.body, words, decision.revision)


def _passed_level(desk: Desk, data: Data) -> Iterator[Addressed]:
    """A higher level returned what this one had accepted, or the province opened it again."""
    kind = "passed_level_reopened" if isinstance(desk.event(data["number"]), Reopened) else "passed_level"
    yield from desk.to_seat(kind, str(data["number"]), data["region"], decision_words(desk, decision_told(desk, data)))


def _answered(desk: Desk, data: Data) -> Iterator[Addressed]:
    """To the seat that asked; names the item, never the words: they may hold a figure."""
    asked, answered = desk.event(data["query"]), desk.event(data["number"])
    if isinstance(asked, QueryAsked) and isinstance(answered, QueryAnswered):
        body = Body(ReviewLevel(asked.level), asked.region)
        if body in desk.submission.state.route:
            words = {"revision": str(answered.revision), "item": item_name(desk.definition, asked.item)}
            yield from _to_body(desk, "answer", data, body, words, answered.revision)


def _undone(desk: Desk, data: Data) -> Iterator[Addressed]:
    """To all who were told of the decision: the seat itself, the level it went on to, the levels it had overruled."""
    event = desk.event(data["number"])
    if not isinstance(event, DecisionUndone):
        return
    before = _state_before(desk, event.undone)
    passed = [decision.region for decision in before.decisions]
    told = {event.region: None, **dict.fromkeys([] if event.acceptance else passed)}
    went_on = _state_before(desk, event.undone + 1).turn
    if event.acceptance and went_on is not None:
        told[went_on.region] = None
    words = {
        "body": desk.body_name(event.region),
        "by": name_of(desk.services, event.person),
        "revision": str(event.revision),
        "verdict": "通过" if event.acceptance else "退回",
    }
    for region in told:
        yield from desk.to_seat("seat_undone", str(data["number"]), region, words)


def _proposed(desk: Desk, data: Data) -> Iterator[Addressed]:
    """To the province, which confirms: its seat and its office; not to who proposed. The reason stands on the page."""
    event = desk.event(data["number"])
    if isinstance(event, DispositionProposed):
        kind = disposition_names()[event.kind]["zh"]
    elif isinstance(event, ExtensionProposed):
        kind = "截止后的例外"
    elif isinstance(event, WaiverProposed):
        kind = f"豁免准强制性审核关系 {event.rule}"
    else:
        return
    words = {
        "by": name_of(desk.services, event.person),
        "body": desk.body_name(event.region),
        "proposal": kind,
    }
    yield from _to_province(desk, "proposal", str(data["number"]), words, but=event.person)


def _disposed(desk: Desk, data: Data) -> Iterator[Addressed]:
    """To who proposed, and to every seat of the route once it is confirmed."""
    event = desk.event(data["number"])
    if not isinstance(event, (DispositionConfirmed, DispositionDeclined)):
        return
    proposal = _state_before(desk, data["number"]).disposition
    words = {"by": name_of(desk.services, event.person), "disposition": disposition_names()[event.kind]["zh"]}
    told = desk.event(proposal.event_number) if proposal else None
    if isinstance(event, DispositionConfirmed):
        yield from _to_route(desk, "seat_disposed", data, words)
    elif isinstance(told, DispositionProposed):
        yield from desk.to_seat("seat_declined", str(data["number"]), told.region, words)


def _reinstated(desk: Desk, data: Data) -> Iterator[Addressed]:
    event = desk.event(data["number"])
    if isinstance(event, Reinstated):
        words = {"by": name_of(desk.services, event.person), "body": desk.body_name(event.region)}
        yield from _to_route(desk, "seat_reinstated", data, words)


def _moved(desk: Desk, data: Data) -> Iterator[Addressed]:
    """To the seats that have it no longer; those that have it now get their requests."""
    event = desk.event(data["number"])
    if not isinstance(event, Moved):
        return
    now = {region for _, region in event.route}
    words = {"by": name_of(desk.services, event.person), "bodies": "、".join(map(desk.body_name, sorted(now)))}
    for body in _state_before(desk, data["number"]).route:
        if body.region not in now:
            yield from desk.to_seat("seat_moved", str(data["number"]), body.region, words)


def _to_route(desk: Desk, kind: str, data: Data, words: Mapping[str, str]) -> Iterator[Addressed]:
    for body in desk.submission.state.route:
        yield from desk.to_seat(kind, str(data["number"]), body.region, words)


def _to_body(
    desk: Desk, kind: str, data: Data, body: Body, words: Mapping[str, str], revision: int
) -> Iterator[Addressed]:
    """To each holder of a seat, with his own way to the page of the return."""
    for member in desk.services.store.holders(body.region, desk.services.today()):
        person = desk.services.store.person_of(member.email)
        link = ReviewLink(desk.submission.id, revision, body.level.value, body.region, person.id)
        url = desk.services.url("d", desk.services.links.sign(link))
        yield desk.write(
            kind, str(data["number"]), person, member.name, {"name": member.name, **words}, url, seat=body.region
        )


def _to_province(desk: Desk, kind: str, number: str, words: Mapping[str, str], but: str) -> Iterator[Addressed]:
    """To everybody at the province who may confirm, once each."""
    services, region = desk.services, desk.submission.state.route[-1].region
    today = services.today()
    office = [one for one in services.store.staff() if one.role is Role.OFFICE and one.region_code == region]
    holders = [*services.store.holders(region, today), *(one for one in office if one.serves_on(today))]
    for member in {one.email: one for one in holders}.values():
        person = services.store.person_of(member.email)
        if person.id != but:
            yield desk.write(kind, number, person, member.name, {"name": member.name, **words}, "")


def _state_before(desk: Desk, number: int) -> State:
    """What was so when the event of this number had not happened yet."""
    state = State()
    for recorded in desk.services.store.events(desk.submission.id)[: number - 1]:
        state = evolve(state, recorded.event(), recorded.at)
    return state


WRITERS: Mapping[str, Callable[[Desk, Data], Iterator[Addressed]]] = {
    effects.REVIEW: _review,
    effects.DECISION: _decision_taken,
    effects.PASSED_LEVEL: _passed_level,
    effects.ANSWER: _answered,
    effects.UNDONE: _undone,
    effects.PROPOSAL: _proposed,
    effects.DISPOSED: _disposed,
    effects.REINSTATED: _reinstated,
    effects.MOVED: _moved,
}
