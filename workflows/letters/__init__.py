"""What Zhibao writes to people: from a promised effect to the letters that keep it. The texts are `letters.yaml`.

A letter's id says what it is for and to whom, so a promise kept twice sends nothing twice. A new kind of letter is a
writer in the room of those it goes to (`to_units`, `to_seats`, `to_people`) and a text; every room is asked. Reminders
(催报) and what is about a seat as a whole have rooms of their own.
"""

from workflows.letters import about_seats, reminders, to_people, to_seats, to_units
from workflows.letters.desk import Addressed, Desk
from workflows.services import Services
from workflows.submissions import OutboxItem

__all__ = ["Addressed", "letters_for"]

_ROOMS = (to_units.WRITERS, to_seats.WRITERS, reminders.WRITERS)
"""The rooms of those who are told about a submission; some news go to both, each in its own words."""
_ABOUT_NONE = {**to_people.WRITERS, **about_seats.WRITERS}


def letters_for(services: Services, item: OutboxItem) -> list[Addressed]:
    """The letters that keep one promise; none when it was overtaken by a later event or nobody holds the seat."""
    if item.kind in _ABOUT_NONE:
        return list(_ABOUT_NONE[item.kind](services, item.data))
    submission = services.store.submission(item.data["submission"])
    if submission is None:
        raise LookupError(f"outbox {item.id} names a submission that is not there")
    writers = [room[item.kind] for room in _ROOMS if item.kind in room]
    if not writers:
        raise LookupError(f"outbox {item.id} promises a letter of a kind that nobody writes")
    desk = Desk(services, submission)
    return [addressed for write in writers for addressed in write(desk, item.data)]
