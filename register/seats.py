"""Who holds which seat (席位) and for how long.

A seat is the inbox of one region that reviews. Work belongs to the seat, never to the person:
several people may hold one, and they come and go without the work moving.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Role(StrEnum):
    """What a member of staff may do: review, see the province's returns, operate, inspect."""

    REVIEWER = "reviewer"
    OFFICE = "office"
    OPERATOR = "operator"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One term of one person in one role for one region: one row per term.

    The term runs from `valid_from` to `valid_to`, both days included; None is open on that side.
    """

    email: str
    name: str
    role: Role
    region_code: str
    valid_from: date | None = None
    valid_to: date | None = None

    def serves_on(self, day: date) -> bool:
        """Tell whether the term covers a day of the calendar in Asia/Shanghai."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)
