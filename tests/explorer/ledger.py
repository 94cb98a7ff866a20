"""A small reference model of one submission, told event by event. It knows nothing of guards, states or the fold:
what it keeps is what the laws (laws.py) are about, in the words of the trade.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from workflows.machine import events as e
from workflows.machine.events import Event


class Place(StrEnum):
    """Who has it."""

    UNIT = "unit"
    DESK = "desk"
    DONE = "done"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody's word on a revision: an acceptance, a return, or a reopening."""

    kind: str
    person: str
    level: str
    region: str
    revision: int
    hash: str
    number: int

    @property
    def seat(self) -> tuple[str, str]:
        return (self.level, self.region)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about an item, and how it stands: open, answered or closed."""

    number: int
    level: str
    region: str
    revision: int
    item: str
    status: str = "open"
    answer: int = 0

    @property
    def seat(self) -> tuple[str, str]:
        return (self.level, self.region)


@dataclass(frozen=True, slots=True)
class Leave:
    """An exception after the close, asked for or granted."""

    scope: str
    expires: str
    person: str
    number: int


@dataclass(frozen=True, slots=True)
class Pass:
    """A firm rule of the latest revision that is let pass, or that somebody would let pass; `by` the second person."""

    rule: str
    expires: str
    person: str
    number: int
    by: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What has happened to one submission."""

    route: tuple[tuple[str, str], ...] = ()
    place: Place = Place.UNIT
    sealed: tuple[tuple[str, str], ...] = ()
    """(person, hash) of each revision."""
    started: bool = False
    passed: tuple[Word, ...] = ()
    """Acceptances that stand on the latest revision."""
    back: Word | None = None
    """The return or reopening that waits for the unit's answer."""
    touched: bool = False
    """Whether the unit has begun to answer it."""
    reopened: int = 0
    questions: tuple[Question, ...] = ()
    table: tuple[tuple[int, int], ...] = ()
    """(revision, number) of each acceptance by the whole route that was not undone; the last one stands."""
    proposal: tuple[str, str, int] | None = None
    """(kind, who, number)."""
    out: str = ""
    was: Place = Place.UNIT
    """Who had it when it was disposed of."""
    asked_for: Leave | None = None
    granted: Leave | None = None
    claim: tuple[str, str] | None = None
    waived: tuple[Pass, ...] = ()
    told: tuple[str, ...] = ()
    """Steps of the calendar at which the present owner was reminded."""
    overdue: bool = False

    @property
    def turn(self) -> tuple[str, str] | None:
        """On whose desk it lies."""
        return self.route[len(self.passed)] if self.place is Place.DESK else None

    @property
    def latest(self) -> Word | None:
        """The word that stands last."""
        return self.back or (self.passed[-1] if self.passed else None)

    @property
    def in_tables(self) -> tuple[int, int] | None:
        """What tables built now use: accepted last, and not taken out."""
        is_taken_out = self.out in {"out_of_scope", "left_province", "duplicate"}
        return self.table[-1] if self.table and not is_taken_out else None


def told(ledger: Ledger, event: Event, number: int) -> Ledger:
    """The ledger after one more event; `number` is its place in the chain."""
    after: Ledger = _ENTRIES[type(event)](ledger, event, number)
    return after


def _owner_changes(ledger: Ledger, **changes: Any) -> Ledger:
    return replace(ledger, claim=None, told=(), overdue=False, **changes)


def _expected(ledger: Ledger, event: e.FilingExpected, _: int) -> Ledger:
    return replace(ledger, route=event.route)


def _started(ledger: Ledger, _: e.DraftStarted, __: int) -> Ledger:
    return replace(ledger, started=True, touched=ledger.back is not None)


def _sealed(ledger: Ledger, event: e.Submitted, _: int) -> Ledger:
    kept = tuple(one for one in ledger.questions if one.status != "closed" and one.item not in event.changed)
    sealed = (*ledger.sealed, (event.person, event.revision_hash))
    return _owner_changes(
        ledger,
        place=Place.DESK,
        sealed=sealed,
        started=True,
        passed=(),
        back=None,
        touched=False,
        questions=kept,
        waived=(),
        proposal=None,
        out="",
        was=Place.UNIT,
    )


def _withdrawn(ledger: Ledger, _: e.Withdrawn, __: int) -> Ledger:
    return _owner_changes(ledger, place=Place.UNIT)


def _accepted(ledger: Ledger, event: e.LevelAccepted, number: int) -> Ledger:
    word = Word("accept", event.person, event.level, event.region, event.revision, event.revision_hash, number)
    questions = tuple(replace(one, status="closed") if one.seat == word.seat else one for one in ledger.questions)
    passed = (*ledger.passed, word)
    if len(passed) < len(ledger.route):
        return _owner_changes(ledger, passed=passed, questions=questions)
    table = (*ledger.table, (event.revision, number))
    return _owner_changes(ledger, passed=passed, questions=questions, place=Place.DONE, table=table)


def _returned(ledger: Ledger, event: e.Returned, number: int) -> Ledger:
    word = Word("return", event.person, event.level, event.region, event.revision, event.revision_hash, number)
    return _owner_changes(ledger, place=Place.UNIT, back=word, touched=False)


def _reopened(ledger: Ledger, event: e.Reopened, number: int) -> Ledger:
    word = Word("reopen", event.person, event.level, event.region, event.revision, event.revision_hash, number)
    return _owner_changes(ledger, place=Place.UNIT, back=word, touched=False, reopened=ledger.reopened + 1)


def _undone(ledger: Ledger, event: e.DecisionUndone, _: int) -> Ledger:
    if ledger.back is not None and ledger.back.number == event.undone:
        place = Place.DONE if len(ledger.passed) == len(ledger.route) else Place.DESK
        reopened = ledger.reopened - (ledger.back.kind == "reopen")
        return _owner_changes(ledger, place=place, back=None, touched=False, reopened=reopened)
    passed = tuple(word for word in ledger.passed if word.number != event.undone)
    table = tuple(row for row in ledger.table if row[1] != event.undone)
    return _owner_changes(ledger, place=Place.DESK, passed=passed, table=table)


def _asked(ledger: Ledger, event: e.QueryAsked, number: int) -> Ledger:
    question = Question(number, event.level, event.region, event.revision, event.item)
    return replace(ledger, questions=(*ledger.questions, question))


def _answered(ledger: Ledger, event: e.QueryAnswered, number: int) -> Ledger:
    touched = ledger.touched or ledger.back is not None
    return replace(_with(ledger, event.query, status="answered", answer=number), touched=touched)


def _closed(ledger: Ledger, event: e.QueryClosed, _: int) -> Ledger:
    return _with(ledger, event.query, status="closed")


def _with(ledger: Ledger, number: int, **changes: Any) -> Ledger:
    questions = tuple(replace(one, **changes) if one.number == number else one for one in ledger.questions)
    return replace(ledger, questions=questions)


def _claimed(ledger: Ledger, event: e.Claimed, _: int) -> Ledger:
    return replace(ledger, claim=(event.person, event.until))


def _would_waive(ledger: Ledger, event: e.WaiverProposed, number: int) -> Ledger:
    others = tuple(one for one in ledger.waived if one.rule != event.rule)
    return replace(ledger, waived=(*others, Pass(event.rule, event.expires, event.person, number)))


def _waived(ledger: Ledger, event: e.WaiverConfirmed, _: int) -> Ledger:
    waived = tuple(replace(one, by=event.person) if one.number == event.waiver else one for one in ledger.waived)
    return replace(ledger, waived=waived)


def _proposed(ledger: Ledger, event: e.DispositionProposed, number: int) -> Ledger:
    return replace(ledger, proposal=(event.kind, event.person, number))


def _disposed(ledger: Ledger, event: e.DispositionConfirmed, _: int) -> Ledger:
    return _owner_changes(ledger, place=Place.OUT, was=ledger.place, out=event.kind, proposal=None)


def _declined(ledger: Ledger, _: e.DispositionDeclined, __: int) -> Ledger:
    return replace(ledger, proposal=None)


def _reinstated(ledger: Ledger, _: e.Reinstated, __: int) -> Ledger:
    return _owner_changes(ledger, place=ledger.was, was=Place.UNIT, out="")


def _asked_for(ledger: Ledger, event: e.ExtensionProposed, number: int) -> Ledger:
    return replace(ledger, asked_for=Leave(event.scope, event.expires, event.person, number))


def _granted(ledger: Ledger, _: e.ExtensionGranted, __: int) -> Ledger:
    return replace(ledger, granted=ledger.asked_for, asked_for=None)


def _moved(ledger: Ledger, event: e.Moved, _: int) -> Ledger:
    agreed = 0
    for old, new in zip(ledger.route, event.route, strict=False):
        if old != new:
            break
        agreed += 1
    after = replace(
        ledger,
        route=event.route,
        passed=ledger.passed[:agreed],
        questions=tuple(one for one in ledger.questions if one.seat in event.route),
    )
    return after if after.turn == ledger.turn else _owner_changes(after)


def _reminded(ledger: Ledger, event: e.Reminded, _: int) -> Ledger:
    return replace(ledger, told=(*ledger.told, event.step))


def _deadline_passed(ledger: Ledger, _: e.DeadlinePassed, __: int) -> Ledger:
    return replace(ledger, overdue=True)


_ENTRIES: Mapping[type[Event], Callable[[Ledger, Any, int], Ledger]] = {
    e.FilingExpected: _expected,
    e.DraftStarted: _started,
    e.Submitted: _sealed,
    e.Withdrawn: _withdrawn,
    e.LevelAccepted: _accepted,
    e.Returned: _returned,
    e.Reopened: _reopened,
    e.DecisionUndone: _undone,
    e.QueryAsked: _asked,
    e.QueryAnswered: _answered,
    e.QueryClosed: _closed,
    e.Claimed: _claimed,
    e.WaiverProposed: _would_waive,
    e.WaiverConfirmed: _waived,
    e.DispositionProposed: _proposed,
    e.DispositionConfirmed: _disposed,
    e.DispositionDeclined: _declined,
    e.Reinstated: _reinstated,
    e.ExtensionProposed: _asked_for,
    e.ExtensionGranted: _granted,
    e.Moved: _moved,
    e.Reminded: _reminded,
    e.DeadlinePassed: _deadline_passed,
}
