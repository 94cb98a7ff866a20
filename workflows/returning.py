"""What came of a seat's returns: how many, and how the main amount moved when the unit sent again.

A seat whose returns nearly always raise the figure may be telling units what to report (统计法 7, 40): the province
sees the pattern, and asks. It is no finding by itself, and no reviewer or filler sees it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from workflows.sent_back import SentBack
from workflows.services import Services

BATCH = 1000


@dataclass(slots=True)
class SeatReturns:
    """The returns of one seat on one form: one row per region × form; amounts in yuan, of those answered with both."""

    form: str
    region: str
    returned: int = 0
    answered: int = 0
    raised: int = 0
    lowered: int = 0
    unchanged: int = 0
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)

    @property
    def drift(self) -> Decimal | None:
        """The change of the amounts together, as a share of what they were; None where they were nothing."""
        return (self.after - self.before) / self.before if self.before else None

    def add(self, one: SentBack) -> None:
        """Count one more."""
        self.returned += 1
        self.answered += one.answered
        if not one.answered or one.before is None or one.after is None:
            return
        self.before += one.before
        self.after += one.after
        self.raised += one.after > one.before
        self.lowered += one.after < one.before
        self.unchanged += one.after == one.before


def seat_returns(services: Services, year: int) -> tuple[SeatReturns, ...]:
    """The returns of a year by form and seat, most returns first."""
    found: defaultdict[tuple[str, str], SeatReturns] = defaultdict(lambda: SeatReturns("", ""))
    for one in _sent_back(services, year):
        seat = found[one.form, one.region]
        seat.form, seat.region = one.form, one.region
        seat.add(one)
    return tuple(sorted(found.values(), key=lambda seat: (seat.form, -seat.returned, seat.region)))


def _sent_back(services: Services, year: int) -> Iterator[SentBack]:
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.sent_back(year, cursor, BATCH)
        yield from page.rows
        cursor = page.cursor or None
