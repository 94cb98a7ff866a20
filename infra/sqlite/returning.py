"""What became of each return, in SQLite: one row per return of a seat, with the main amount before and after it.

A row is written with the return, completed when the unit sends again, and taken out when the return is undone.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from infra.sqlite.database import Database
from infra.sqlite.writes import Write
from workflows.chain import RecordedEvent
from workflows.ports import Page
from workflows.sent_back import SentBack
from workflows.submissions import Transition

_OPENED = (
    "INSERT INTO sent_back (submission, number, year, form, region, amount_before)"
    " SELECT id, ?, year, form, ?, amount FROM submissions WHERE id = ?"
)
_ANSWERED = "UPDATE sent_back SET answered = 1, amount_after = ? WHERE submission = ? AND answered = 0"
_UNDONE = "DELETE FROM sent_back WHERE submission = ? AND number = ?"


def returning(transition: Transition) -> Iterator[Write]:
    """What a step says about returns."""
    for event in transition.events:
        yield from _of_event(event, transition)


def _of_event(event: RecordedEvent, transition: Transition) -> Iterator[Write]:
    key = event.submission
    if event.type == "Returned":
        yield Write(_OPENED, (event.number, event.data["region"], key))
    elif event.type == "DecisionUndone":
        yield Write(_UNDONE, (key, event.data["undone"]))
    elif event.type == "Submitted":
        amount = transition.outline.amount if transition.outline else None
        yield Write(_ANSWERED, (None if amount is None else f"{amount:f}", key))


class ReturnTables(Database):
    """The `ReturnStore` port over SQLite."""

    def sent_back(self, year: int, after: str, limit: int) -> Page[SentBack]:
        """The returns of a year by submission and event."""
        last, _, number = after.rpartition("|")
        rows = self.read(
            "SELECT submission, number, form, region, answered, amount_before, amount_after FROM sent_back"
            " WHERE year = ? AND (submission, number) > (?, ?) ORDER BY submission, number LIMIT ?",
            (year, last, int(number or 0), limit),
        )
        cursor = f"{rows[-1][0]}|{rows[-1][1]}" if len(rows) == limit else ""
        return Page([sent_back_from(row[2:]) for row in rows], cursor)


def sent_back_from(row: Sequence[Any]) -> SentBack:
    """From form, region, answered and the two amounts."""
    return SentBack(row[0], row[1], bool(row[2]), _amount(row[3]), _amount(row[4]))


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
