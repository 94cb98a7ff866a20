"""When two situations are one: events are numbered by their order only, two people who hold the same seats exchange
their names, and what nothing can depend on any more is forgotten.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.explorer.cast import ALIKE, AT
from tests.explorer.ledger import Ledger
from workflows.deadlines import to_text
from workflows.machine.states import Acceptance, Disposition, Extension, State

NOW = to_text(AT)
Rename = Callable[[str], str]
Renumber = Callable[[int], int]


def settled(state: State, ledger: Ledger) -> tuple[State, Ledger]:
    """The one situation that stands for all that are the same as this."""
    state, ledger = _without_what_is_over(state, ledger)
    used = sorted(_numbers(state, ledger))
    places = {number: place for place, number in enumerate(used, start=1)}
    names = _names(state)
    if not names and state.events == len(used) and (not used or used[-1] == len(used)):
        return state, ledger
    places[0] = 0
    return _said_anew(state, ledger, len(used), places, names)


def _without_what_is_over(state: State, ledger: Ledger) -> tuple[State, Ledger]:
    changes: dict[str, Any] = {}
    sent_back, found, leave = state.last_return, state.disposition, state.extension
    if sent_back is not None and sent_back.revision != state.revision:
        changes["last_return"] = None
    if found is not None and found.confirmed_by and found.proposed_by:
        changes["disposition"] = replace(found, proposed_by="", confirmed_by="somebody")
    if leave is not None and leave.granted_by and (leave.proposed_by or leave.expires <= AT):
        is_over = leave.expires <= AT
        changes["extension"] = None if is_over else replace(leave, proposed_by="", granted_by="somebody")
    if any(query.person for query in state.queries):
        changes["queries"] = tuple(replace(query, person="") for query in state.queries)
    if changes:
        state = replace(state, **changes)
    if len(ledger.table) > 2:  # one decision is undone at a time: what stood before the one before never comes back
        ledger = replace(ledger, table=ledger.table[-2:])
    granted = ledger.granted
    if granted is not None and granted.expires <= NOW:
        ledger = replace(ledger, granted=None)
    elif granted is not None and granted.person:
        ledger = replace(ledger, granted=replace(granted, person=""))
    return state, ledger


def _numbers(state: State, ledger: Ledger) -> set[int]:
    """Every event that something still refers to."""
    found = {decision.event_number for decision in state.decisions}
    found |= {number for _, number in ledger.table}
    for query in state.queries:
        found |= {query.number, query.answer}
    if state.last_return is not None:
        found.add(state.last_return.event_number)
    if state.disposition is not None:
        found.add(state.disposition.event_number)
    found |= {waiver.event_number for waiver in state.waivers}
    leave = state.extension
    if leave is not None:
        found |= {leave.event_number, leave.before.event_number if leave.before else 0}
    if ledger.granted is not None:
        found.add(ledger.granted.number)
    found.discard(0)
    return found


def _names(state: State) -> dict[str, str]:
    """How to exchange the names of those who are alike, so that the first to appear is always the same."""
    people = [decision.person for decision in state.decisions]
    people += [state.last_return.person] if state.last_return else []
    people += [state.disposition.proposed_by] if state.disposition else []
    people += [state.extension.proposed_by] if state.extension else []
    people += [name for waiver in state.waivers for name in (waiver.proposed_by, waiver.confirmed_by)]
    people += [state.claim.person] if state.claim else []
    first = next((person for person in people if person in ALIKE), ALIKE[0])
    return {} if first == ALIKE[0] else dict(zip(ALIKE, reversed(ALIKE), strict=True))


def _said_anew(
    state: State, ledger: Ledger, events: int, places: dict[int, int], names: dict[str, str]
) -> tuple[State, Ledger]:
    def name(person: str) -> str:
        return names.get(person, person)

    place = places.__getitem__
    return _state(state, events, place, name), _ledger(ledger, place, name)


def _state(state: State, events: int, place: Renumber, name: Rename) -> State:
    def word(decision: Any) -> Any:
        return replace(decision, person=name(decision.person), event_number=place(decision.event_number))

    claim = state.claim
    return replace(
        state,
        events=events,
        decisions=tuple(map(word, state.decisions)),
        last_return=word(state.last_return) if state.last_return else None,
        queries=tuple(replace(one, number=place(one.number), answer=place(one.answer)) for one in state.queries),
        accepted=_acceptance(state.accepted, place),
        disposition=_disposition(state.disposition, place, name),
        extension=_extension(state.extension, place, name),
        claim=replace(claim, person=name(claim.person)) if claim else None,
        waivers=tuple(
            replace(
                one,
                proposed_by=name(one.proposed_by),
                confirmed_by=name(one.confirmed_by),
                event_number=place(one.event_number),
            )
            for one in state.waivers
        ),
    )


def _acceptance(acceptance: Acceptance | None, place: Renumber) -> Acceptance | None:
    if acceptance is None:
        return None
    return replace(
        acceptance, event_number=place(acceptance.event_number), before=_acceptance(acceptance.before, place)
    )


def _disposition(found: Disposition | None, place: Renumber, name: Rename) -> Disposition | None:
    if found is None:
        return None
    return replace(found, proposed_by=name(found.proposed_by), event_number=place(found.event_number))


def _extension(leave: Extension | None, place: Renumber, name: Rename) -> Extension | None:
    if leave is None:
        return None
    before = _extension(leave.before, place, name)
    return replace(leave, proposed_by=name(leave.proposed_by), event_number=place(leave.event_number), before=before)


def _ledger(ledger: Ledger, place: Renumber, name: Rename) -> Ledger:
    def word(said: Any) -> Any:
        return replace(said, person=name(said.person), number=place(said.number)) if said else None

    return replace(
        ledger,
        passed=tuple(map(word, ledger.passed)),
        back=word(ledger.back),
        questions=tuple(replace(one, number=place(one.number), answer=place(one.answer)) for one in ledger.questions),
        table=tuple((revision, place(number)) for revision, number in ledger.table),
        proposal=(ledger.proposal[0], name(ledger.proposal[1]), place(ledger.proposal[2])) if ledger.proposal else None,
        asked_for=word(ledger.asked_for),
        granted=word(ledger.granted),
        claim=(name(ledger.claim[0]), ledger.claim[1]) if ledger.claim else None,
        waived=tuple(replace(word(one), by=name(one.by)) for one in ledger.waived),
    )
