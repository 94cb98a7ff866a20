"""Confirming a device: before a review link is used on it for the first time, a six-digit code goes to the holder's
registered address, so that a forwarded or leaked link decides nothing. A device stays confirmed for 30 days.

The code is not stored: it follows from a key, the person, the device and the time, and wrong tries are counted.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from workflows import effects
from workflows.services import Services
from workflows.submissions import OutboxItem

DEVICE_LASTS = timedelta(days=30)
CODE_WINDOW_SECONDS = 600
MAX_TRIES = 5


class CodeCheck(StrEnum):
    """What came of typing a code."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too_many"


def ask_for_code(services: Services, person: str, device: str) -> None:
    """Promise a code to the person's registered address; at most one letter in ten minutes for each device."""
    now = services.clock.now()
    window = _window(now)
    data = {"person": person, "device": device, "window": window}
    services.store.enqueue([OutboxItem(f"code.{person}.{device}.{window}", effects.CODE, data, now)])


def check_code(services: Services, person: str, device: str, typed: str) -> CodeCheck:
    """Whether this is the code that was mailed in this or the last window. Wrong tries are counted per person."""
    window = _window(services.clock.now())
    if services.store.count_up(f"code-tries:{person}:{window}") > MAX_TRIES:
        return CodeCheck.TOO_MANY
    digits = "".join(character for character in typed if character.isdigit())
    codes = [services.links.code(person, device, number) for number in (window, window - 1)]
    return CodeCheck.RIGHT if services.links.same_code(digits, codes) else CodeCheck.WRONG


def _window(at: datetime) -> int:
    return int(at.timestamp()) // CODE_WINDOW_SECONDS
