"""A collection (年报): one year's round of one form, with its calendar and its frozen register snapshot."""

from dataclasses import dataclass
from datetime import datetime

from workflows.calendars import Calendar


@dataclass(frozen=True, slots=True)
class Collection:
    """One row per year × form. `opening_cursor` says how far the resumable opening has come (None = done)."""

    year: int
    form: str
    form_version: str
    calendar: Calendar
    regions_snapshot: str
    units_snapshot: str
    opened_at: datetime
    opening_cursor: str | None = None
    expected: int = 0
    closed_at: datetime | None = None

    def is_closed(self, at: datetime) -> bool:
        """Closed by the province, or by its calendar."""
        return self.closed_at is not None or self.calendar.is_closed(at)
