"""Deadlines of a collection: reading them as people write them, and what has passed at a given instant.

Instants are stored in UTC and shown in China Standard Time, which has had no summer time since 1991.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
_END_OF_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ]24:00(?::00)?((?:Z|[+-]\d{2}:?\d{2})?)$")


class DeadlineError(ValueError):
    """A deadline that cannot be read, or a close that comes before its due time."""


def read_instant(text: str) -> datetime:
    """ISO 8601 to an aware UTC instant; without an offset it is China time, and 24:00 is 00:00 of the next day.

    A bare date means the end of that day, as 3月10日 on a notice does. Raises `DeadlineError`.
    """
    text = text.strip()
    try:
        moment = _moment(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise DeadlineError(
            f"“{text}” 不是时间：请按 ISO 8601 写，例如 2026-03-10T24:00 (not an ISO 8601 time)"
        ) from error


def _moment(text: str) -> datetime:
    """ISO 8601 spells a date in more ways than one (20260310, 2026-W11-2); each means the end of that day."""
    end_of_day = _END_OF_DAY.match(text) or _END_OF_DAY.match(f"{_bare_date(text)}T24:00")
    if end_of_day:
        return datetime.fromisoformat(f"{end_of_day[1]}T00:00{end_of_day[2]}") + timedelta(days=1)
    return datetime.fromisoformat(text)


def _bare_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def show_instant(moment: datetime) -> str:
    """China time to the minute, as a reader of a notice expects it."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def show_second(moment: datetime) -> str:
    """China time to the second, as evidence wants it."""
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def show_deadline(moment: datetime) -> str:
    """A deadline as notices write it: midnight is 24:00 of the day that ends."""
    local = moment.astimezone(CHINA)
    if (local.hour, local.minute) != (0, 0):
        return local.strftime("%Y-%m-%d %H:%M")
    return f"{local - timedelta(days=1):%Y-%m-%d} 24:00"


def to_text(moment: datetime) -> str:
    """UTC, ISO 8601, microseconds always written: sorts as text in the order of time."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """The inverse of `to_text`."""
    return datetime.fromisoformat(text)
