"""Reminders (催报, 催办) and escalations. A reminder is evidence: its text is rendered when it is decided and kept with
its event, and the letter is that text with the addressee's own link in it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from workflows import effects
from workflows.calendars import Step
from workflows.chain import RecordedEvent
from workflows.deadlines import show_deadline, show_instant
from workflows.letters.desk import Addressed, Desk
from workflows.letters.texts import letter_id, text_of
from workflows.links import ReviewLink
from workflows.machine.duties import Duty, duty_of
from workflows.machine.events import Reminded
from workflows.machine.states import State
from workflows.ports import Letter, Person

LINK = "［链接］"
"""Where the letter has the link; a kept text never holds one."""


def reminder_text(desk: Desk, duty: Duty, step: Step) -> str:
    """What a reminder says: its subject, a blank line, its body; no link and no figure in it."""
    words = {**desk.words, "until": show_deadline(duty.due), "when": _when(step), "step": step.name, "link": LINK}
    if duty.body is None:
        subject, body = text_of("reminder", {**words, "standing": _standing(desk.submission.state)})
    else:
        state = desk.submission.state
        more = {"body": desk.body_name(duty.body.region), "revision": str(state.revision), "since": _since(state)}
        subject, body = text_of("ageing", {**words, **more})
    return f"{subject}\n\n{body}"


def reminder_letter_id(submission: str, number: int, person: str) -> str:
    """The id of the letter that carries the reminder of one event to one person."""
    return letter_id("reminder", submission, str(number), person)


def is_still_owed(state: State, recorded: RecordedEvent) -> bool:
    """Whether whoever was reminded by this event still has the submission; a reminder stops at submit."""
    event = recorded.event()
    if not isinstance(event, Reminded) or state.since is None:
        return False
    return event.step in state.reminders and state.since <= recorded.at


def _reminder(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    recorded = desk.services.store.events(desk.submission.id)[data["number"] - 1]
    payload = desk.services.store.payload(desk.submission.id, recorded.number)
    person = desk.services.store.person(data["person"])
    if payload is None or person is None or not is_still_owed(desk.submission.state, recorded):
        return
    subject, _, body = payload.text.partition("\n\n")
    turn = desk.submission.state.turn
    key = reminder_letter_id(desk.submission.id, recorded.number, person.id)
    if turn is None:
        link, name = desk.filing_link(), desk.unit.name
    else:
        link, name = _review_url(desk, person), _holder_name(desk, turn.region, person)
    if name:
        letter = Letter(key, name, person.email, subject, body.replace(f"\n{LINK}\n", f"\n{link}\n", 1), link)
        yield Addressed(letter, person.id, turn.region if turn else "")


def _escalation(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """To the next level that somebody holds; the province's own holders when it is the last."""
    state = desk.submission.state
    turn, duty = state.turn, duty_of(state, desk.calendar)
    if turn is None or duty is None or turn.region != data["region"] or not state.overdue:
        return
    words = {
        "body": desk.body_name(turn.region),
        "revision": str(state.revision),
        "since": _since(state),
        "until": show_deadline(duty.due),
    }
    above = state.route[len(state.decisions) + 1 :] or state.route[-1:]
    for body in above:
        letters = list(desk.to_seat("escalation", str(data["number"]), body.region, words))
        yield from letters
        if letters:
            return


def _review_url(desk: Desk, person: Person) -> str:
    state = desk.submission.state
    turn = state.turn
    if turn is None:
        raise LookupError(f"{desk.submission.id} waits for no seat")
    link = ReviewLink(desk.submission.id, state.revision, turn.level.value, turn.region, person.id)
    return desk.services.url("r", desk.services.links.sign(link))


def _holder_name(desk: Desk, region: str, person: Person) -> str:
    """The holder's name; blank once he holds the seat no more."""
    holders = desk.services.store.holders(region, desk.services.today())
    return next((member.name for member in holders if member.email == person.email), "")


def _standing(state: State) -> str:
    if state.returned is not None:
        return "退回后尚未重新报送"
    return "撤回后尚未重新报送" if state.revision else "尚未报送"


def _since(state: State) -> str:
    moment: datetime | None = state.since
    return show_instant(moment) if moment else ""


def _when(step: Step) -> str:
    """The step in words: how long before, or how long after."""
    length = abs(step.offset)
    is_whole_days = not length % timedelta(days=1)
    number = f"{length.days} 天" if is_whole_days else f"{length // timedelta(hours=1)} 小时"
    if not length:
        return "现已到期"
    return f"还有不到 {number}" if step.offset < timedelta() else f"已超过 {number}"


WRITERS: Mapping[str, Callable[[Desk, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.REMINDER: _reminder,
    effects.ESCALATION: _escalation,
}
