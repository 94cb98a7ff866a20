"""How a seat (席位) wants its mail: each return at once or a digest (汇总) at set times, and its quiet hours (免打扰).

All holders of the seat share one choice. Hours are whole hours of the clock in China. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workflows.deadlines import CHINA

DAY = timedelta(days=1)
DEFAULT_HOUR = 9


class Digest(StrEnum):
    """When the seat is written to about what came to wait for it."""

    AT_ONCE = "at_once"
    """One mail per return and holder."""
    HOURLY = "hourly"
    DAILY = "daily"


class SettingsProblem(StrEnum):
    """Why a choice is none."""

    HOUR = "hour"
    """Not an hour from 0 to 23."""
    QUIET = "quiet"
    """Quiet hours without a beginning or an end, or both at the same hour."""
    OVERTAKEN = "overtaken"
    """Another holder of the seat has changed them meanwhile."""


class SettingsRefused(ValueError):
    """The choice cannot be kept; nothing was changed."""

    def __init__(self, problem: SettingsProblem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class SeatSettings:
    """One choice of one seat: one row per region and version. Raises `SettingsRefused` for what is none."""

    region: str
    digest: Digest = Digest.AT_ONCE
    hour: int = DEFAULT_HOUR
    """The hour of a daily digest."""
    quiet_from: int | None = None
    quiet_until: int | None = None
    """Quiet hours, the first included and the last not; they may go over midnight. None for none."""
    version: int = 0
    changed_by: str = ""
    """The person who chose; blank for the default that nobody chose."""
    changed_at: datetime | None = None

    def __post_init__(self) -> None:
        hours = [self.hour, *(hour for hour in (self.quiet_from, self.quiet_until) if hour is not None)]
        if not all(0 <= hour <= 23 for hour in hours):
            raise SettingsRefused(SettingsProblem.HOUR)
        one_sided = (self.quiet_from is None) != (self.quiet_until is None)
        if one_sided or (self.quiet_from is not None and self.quiet_from == self.quiet_until):
            raise SettingsRefused(SettingsProblem.QUIET)

    def quiet_end(self, at: datetime) -> datetime | None:
        """When the quiet hours end that this instant lies in; None when it lies in none."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        hour = at.astimezone(CHINA).hour
        over_midnight = self.quiet_until < self.quiet_from
        after, before = hour >= self.quiet_from, hour < self.quiet_until
        is_quiet = (after or before) if over_midnight else (after and before)
        return _next(at, self.quiet_until) if is_quiet else None

    def next_slot(self, at: datetime) -> datetime | None:
        """When the digest goes out that tells of what arrives now; None when the seat is written to at once.

        Always later than now, and not in quiet hours, so that a night of slots makes one digest in the morning.
        """
        if self.digest is Digest.AT_ONCE:
            return None
        slot = _next(at, self.hour) if self.digest is Digest.DAILY else _full_hour(at) + timedelta(hours=1)
        return self.quiet_end(slot) or slot


def _next(at: datetime, hour: int) -> datetime:
    """The next time the clock in China shows this hour."""
    moment = _full_hour(at.astimezone(CHINA)).replace(hour=hour)
    return (moment if moment > at else moment + DAY).astimezone(at.tzinfo)


def _full_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
