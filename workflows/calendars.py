"""The calendar of one form in one collection: when returns are due, by when a level decides, when people are reminded.

Times are data (`calendar.yaml`, and the file given when a collection is opened), to the minute, in China time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from workflows.deadlines import DeadlineError, from_text, read_instant, to_text
from workflows.routes import ReviewLevel

_STEP = re.compile(r"^([+-])(\d{1,3})([dh])$")
_NAMES = frozenset({"due", "close", "review", "correction_days", "review_days", "filling", "reviewing"})
MOST_STEPS = 20
LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder of the calendar, counted from the day something is due."""

    name: str
    offset: timedelta

    @classmethod
    def read(cls, text: str) -> "Step":
        """`-7d`, `-4h`, `+1d`. Raises `DeadlineError`."""
        found = _STEP.match(text.strip())
        if found is None:
            raise DeadlineError(f"“{text}” 应写成 -7d、-4h、+1d 这样 (expected a step like -7d, -4h, +1d)")
        sign, number, unit = found.groups()
        length = timedelta(days=int(number)) if unit == "d" else timedelta(hours=int(number))
        return cls(found[0], length if sign == "+" else -length)


@cache
def defaults() -> Mapping[str, Any]:
    """What holds where a collection's own calendar says nothing."""
    import yaml

    text = resources.files("workflows").joinpath("calendar.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def _default_steps(name: str) -> tuple[Step, ...]:
    return _steps(defaults()[name])


@dataclass(frozen=True, slots=True)
class Calendar:
    """The times of one form in one collection: `due` makes a first filing late, `close` ends everything."""

    due: datetime
    close: datetime | None = None
    review: Mapping[str, datetime] = field(default_factory=dict)
    """Level → by when it is to have decided on what came in time."""
    correction_days: int = field(default_factory=lambda: int(defaults()["correction_days"]))
    review_days: int = field(default_factory=lambda: int(defaults()["review_days"]))
    filling: tuple[Step, ...] = field(default_factory=lambda: _default_steps("filling"))
    """When a filler is reminded."""
    reviewing: tuple[Step, ...] = field(default_factory=lambda: _default_steps("reviewing"))
    """When a level is reminded."""

    def __post_init__(self) -> None:
        if self.close is not None and self.close < self.due:
            raise DeadlineError("截止时间(close)早于报送期限(due) (close comes before due)")

    def is_late(self, at: datetime) -> bool:
        """Whether a first filing at this instant is marked late; the due instant itself is late."""
        return at >= self.due

    def is_closed(self, at: datetime) -> bool:
        """Whether the collection has ended by its calendar at this instant."""
        return self.close is not None and at >= self.close


def read_calendar(data: Mapping[str, Any]) -> Calendar:
    """A calendar as people write it (`due`, `close`, `review: {level: time}`, steps). Raises `DeadlineError`."""
    unknown = sorted(set(data) - _NAMES)
    if unknown:
        raise DeadlineError(f"日历里不认识“{'、'.join(unknown)}” (unknown: {', '.join(unknown)})")
    given: dict[str, Any] = {"due": read_instant(str(data.get("due") or ""))}
    if data.get("close"):
        given["close"] = read_instant(str(data["close"]))
    if "review" in data:
        given["review"] = _levels(data["review"])
    given |= {name: _days(name, data[name]) for name in ("correction_days", "review_days") if name in data}
    given |= {name: _steps(data[name]) for name in ("filling", "reviewing") if name in data}
    return Calendar(**given)


def _levels(data: Any) -> Mapping[str, datetime]:
    levels = {level.value for level in ReviewLevel}
    if not isinstance(data, Mapping) or not set(data) <= levels:
        raise DeadlineError("review: 应为 {county: 时间, city: 时间, province: 时间} (expected a time for each level)")
    return {str(level): read_instant(str(time)) for level, time in data.items()}


def _days(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LONGEST_DAYS:
        raise DeadlineError(f"{name}: “{value}” 应为 1 到 {LONGEST_DAYS} 的天数 (expected days)")
    return value


def _steps(value: Any) -> tuple[Step, ...]:
    if not isinstance(value, list) or len(value) > MOST_STEPS:
        raise DeadlineError(f"“{value}” 应为 [-7d, -1d, -4h, +1d] 这样的列表 (expected a list of steps)")
    return tuple(sorted((Step.read(str(text)) for text in value), key=lambda step: step.offset))


def calendar_to_data(calendar: Calendar) -> dict[str, Any]:
    """Plain data for a store that keeps documents; the inverse of `calendar_from_data`."""
    return {
        "due": to_text(calendar.due),
        "close": to_text(calendar.close) if calendar.close else None,
        "review": {level: to_text(time) for level, time in calendar.review.items()},
        "correction_days": calendar.correction_days,
        "review_days": calendar.review_days,
        "filling": [step.name for step in calendar.filling],
        "reviewing": [step.name for step in calendar.reviewing],
    }


def calendar_from_data(data: Mapping[str, Any]) -> Calendar:
    """The calendar that `calendar_to_data` wrote."""
    return Calendar(
        due=from_text(data["due"]),
        close=from_text(data["close"]) if data["close"] else None,
        review={level: from_text(time) for level, time in data["review"].items()},
        correction_days=data["correction_days"],
        review_days=data["review_days"],
        filling=_steps(data["filling"]),
        reviewing=_steps(data["reviewing"]),
    )
