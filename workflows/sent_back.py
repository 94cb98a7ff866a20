"""One return of a seat, with the main amount before and after it: what `returning` counts."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SentBack:
    """One return: one row per `Returned` event that stands. Amounts are the form's main amount, in yuan."""

    form: str
    region: str
    answered: bool
    before: Decimal | None
    after: Decimal | None
