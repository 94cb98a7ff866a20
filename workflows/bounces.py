"""Letters that came back: the outcome of the letter, and an address that is not written to again until it is changed.

What is noted belongs to the address, under a keyed hash: another address in the register is written to at once, and
nothing has to be lifted for it. A bounce that is not final (a full mailbox) is an outcome and stops nothing.
"""

import hashlib
import hmac
from dataclasses import dataclass

from workflows.deadlines import show_second
from workflows.services import Services

MAX_REASON = 150
SENT = "sent"


class LetterUnknown(ValueError):
    """No letter has this id; it may not be on record yet, so whoever tells of it may tell again."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why an address is not written to: since when, and what was said."""

    since: str
    reason: str


def record_bounce(services: Services, letter: str, reason: str, *, is_final: bool = False) -> bool:
    """A letter that had gone out came back: its outcome says so, and since when. Whether that was news.

    Only what was `sent` can bounce; what is recorded already stands, and stops no address a second time. The address is
    stopped first, so that a repetition does what a death in between left undone. Raises `LetterUnknown`.
    """
    found = services.store.letter(letter)
    if found is None:
        raise LetterUnknown(letter)
    if found.outcome != SENT:
        return False
    words = " ".join(reason.split())[:MAX_REASON]
    moment, person = show_second(services.clock.now()), services.store.person(found.person)
    if is_final and person is not None:
        services.store.set_mark(_name(services, person.email), f"{moment}|{words}")
    return services.store.change_outcome(letter, SENT, f"bounced {moment}" + (f": {words}" if words else ""))


def stopped(services: Services, email: str) -> Stopped | None:
    """Why an address is not written to; None for one that is."""
    since, _, reason = (services.store.mark(_name(services, email)) or "").partition("|")
    return Stopped(since, reason) if since else None


def lift(services: Services, email: str) -> bool:
    """Write to an address again, as it turned out to be good; whether it was stopped."""
    was_stopped = stopped(services, email) is not None
    if was_stopped:
        services.store.set_mark(_name(services, email), "")
    return was_stopped


def _name(services: Services, email: str) -> str:
    digest = hmac.digest(services.store.home_key(), f"undeliverable\n{email.lower()}".encode(), hashlib.sha256)
    return f"undeliverable:{digest.hex()[:32]}"
