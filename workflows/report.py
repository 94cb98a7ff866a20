"""What one pass of the sweep did."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Report:
    """Counts of one pass; `failed` names the promises and submissions that are tried again later."""

    effects: int = 0
    letters: int = 0
    refused: int = 0
    deferred: int = 0
    """Promises put off to a later time: quiet hours, or enough letters for this hour."""
    deadlines: int = 0
    reminders: int = 0
    days: int = 0
    """Days closed with a signed root."""
    failed: list[str] = field(default_factory=list)
