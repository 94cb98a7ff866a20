"""Letters to the unit: what is asked of it, what became of what it sent, and what it was told that no longer holds."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from workflows import effects
from workflows.deadlines import from_text, show_deadline, show_instant
from workflows.dispositions import disposition_names
from workflows.filing import filer_due
from workflows.letters.desk import Addressed, Desk, decision_told, decision_words, item_name
from workflows.machine import evolve
from workflows.machine.events import (
    DecisionUndone,
    DispositionConfirmed,
    Event,
    ExtensionGranted,
    ExtensionProposed,
    Moved,
    QueryAsked,
    Reinstated,
    Reopened,
    Returned,
)
from workflows.machine.states import DispositionKind, ExtensionScope, QueryStatus, Stage, State
from workflows.reasons import return_reasons

Data = Mapping[str, Any]
Happened = TypeVar("Happened", bound=Event)


def _invitation(desk: Desk, data: Data) -> Iterator[Addressed]:
    if desk.submission.state.revision == 0 or "again" in data:
        yield desk.to_unit("invitation", str(data.get("again", "")), {}, desk.filing_link())


def _receipt(desk: Desk, data: Data) -> Iterator[Addressed]:
    number = int(data["revision"])
    revision = desk.services.store.revision(desk.submission.id, number)
    if revision is not None:
        words = {
            "revision": str(number),
            "hash": revision.hash,
            "sealed_at": show_instant(revision.sealed_at),
            "next_body": desk.body_name(desk.submission.state.route[0].region),
        }
        yield desk.to_unit("receipt", str(number), words, desk.check_link(number))


def _returned(desk: Desk, data: Data) -> Iterator[Addressed]:
    yield from _sent_back(desk, data, "returned")


def _reopened(desk: Desk, data: Data) -> Iterator[Addressed]:
    yield from _sent_back(desk, data, "reopened")


def _sent_back(desk: Desk, data: Data, kind: str) -> Iterator[Addressed]:
    decision = decision_told(desk, data)
    if decision.revision != desk.submission.state.revision:
        return  # he has answered it already
    words = {
        **decision_words(desk, decision),
        "reason": return_reasons().get(decision.reason, {}).get("zh", decision.reason),
        "items": "、".join(item_name(desk.definition, name) for name in decision.items),
        "until": _due(desk, _state_after(desk, data["number"])),
    }
    yield _about_event(desk, data, kind, words)


def _accepted(desk: Desk, data: Data) -> Iterator[Addressed]:
    number = int(data["revision"])
    yield desk.to_unit("accepted", str(number), {"revision": str(number)}, desk.check_link(number))


def _withdrawn(desk: Desk, data: Data) -> Iterator[Addressed]:
    after = _state_after(desk, data["number"])
    yield _about_event(desk, data, "withdrawn", {"revision": str(after.revision), "until": _due(desk, after)})


def _asked(desk: Desk, data: Data) -> Iterator[Addressed]:
    """Names the item, never the question: its words may hold a figure."""
    query = desk.submission.state.query(data["number"])
    if query is None or query.status is not QueryStatus.OPEN:
        return  # answered, taken back, or gone with the value it was about
    asked = _event(desk, data["number"], QueryAsked)
    words = {
        "revision": str(asked.revision),
        "body": desk.body_name(asked.region),
        "item": item_name(desk.definition, asked.item),
    }
    yield _about_event(desk, data, "query", words)


def _undone(desk: Desk, data: Data) -> Iterator[Addressed]:
    """Only of what the unit had been told: that one level passed it on was none of its news."""
    undone = _event(desk, data["number"], DecisionUndone)
    kind = _news_of(desk, undone.undone)
    if kind:
        words = {"revision": str(undone.revision), "body": desk.body_name(undone.region)}
        yield _about_event(desk, data, kind, words)


def _news_of(desk: Desk, number: int) -> str:
    """The letter that takes back what this decision told the unit; blank when it told nothing."""
    decision = desk.event(number)
    if isinstance(decision, Returned):
        return "undone_return"
    if isinstance(decision, Reopened):
        return "undone_reopening"
    return "undone_acceptance" if _state_after(desk, number).stage is Stage.ACCEPTED else ""


def _disposed(desk: Desk, data: Data) -> Iterator[Addressed]:
    """A proposal that was declined changed nothing for the unit."""
    event = desk.event(data["number"])
    if isinstance(event, DispositionConfirmed):
        kind = "recorded_refusal" if event.kind == DispositionKind.REFUSED else "recorded_exception"
        words = {"body": desk.body_name(event.region), "disposition": disposition_names()[event.kind]["zh"]}
        yield _about_event(desk, data, kind, words)


def _reinstated(desk: Desk, data: Data) -> Iterator[Addressed]:
    event, after = _event(desk, data["number"], Reinstated), _state_after(desk, data["number"])
    cancelled = _state_after(desk, data["number"] - 1).disposition
    words = {
        "body": desk.body_name(event.region),
        "disposition": disposition_names()[cancelled.kind]["zh"] if cancelled else "",
        "revision": str(after.revision),
        "until": _due(desk, after),
    }
    yield _about_event(desk, data, "reinstated_filing" if after.editable else "reinstated_review", words)


def _extended(desk: Desk, data: Data) -> Iterator[Addressed]:
    granted = _event(desk, data["number"], ExtensionGranted)
    proposed = _event(desk, granted.extension, ExtensionProposed)
    kind = "extension_filing" if proposed.scope == ExtensionScope.FILING else "extension_review"
    words = {"body": desk.body_name(granted.region), "expires": show_deadline(from_text(proposed.expires))}
    yield _about_event(desk, data, kind, words)


def _moved(desk: Desk, data: Data) -> Iterator[Addressed]:
    route = _event(desk, data["number"], Moved).route
    words = {"bodies": "、".join(desk.body_name(region) for _, region in route)}
    yield _about_event(desk, data, "unit_moved", words)


def _about_event(desk: Desk, data: Data, kind: str, words: Mapping[str, str]) -> Addressed:
    """A letter that opens the unit's own page; each event has its own."""
    return desk.to_unit(kind, str(data["number"]), words, desk.filing_link())


def _event(desk: Desk, number: int, kind: type[Happened]) -> Happened:
    """The event of this number, known to be of this kind. Raises `LookupError` when it is not."""
    event = desk.event(number)
    if not isinstance(event, kind):
        raise LookupError(f"event {number} of {desk.submission.id} is no {kind.__name__}")
    return event


def _state_after(desk: Desk, number: int) -> State:
    """What was so when the event had happened: the letter tells of that, whatever came later."""
    state = State()
    for recorded in desk.services.store.events(desk.submission.id)[:number]:
        state = evolve(state, recorded.event(), recorded.at)
    return state


def _due(desk: Desk, state: State) -> str:
    """Until when the unit is to act, as a notice writes it."""
    return show_deadline(filer_due(state, desk.services.collection_of(desk.submission).calendar))


WRITERS: Mapping[str, Callable[[Desk, Data], Iterator[Addressed]]] = {
    effects.INVITATION: _invitation,
    effects.RECEIPT: _receipt,
    effects.RETURNED: _returned,
    effects.REOPENED: _reopened,
    effects.ACCEPTED: _accepted,
    effects.WITHDRAWN: _withdrawn,
    effects.QUERY: _asked,
    effects.UNDONE: _undone,
    effects.DISPOSED: _disposed,
    effects.REINSTATED: _reinstated,
    effects.EXTENSION: _extended,
    effects.MOVED: _moved,
}
