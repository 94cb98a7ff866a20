"""The clock of the example years: the script sets it, and it never runs back."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

Item = TypeVar("Item")


class SteppingClock:
    """A clock that stands still until it is set. It is the `Clock` port of `workflows`."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)

    def now(self) -> datetime:
        """The instant the script has reached."""
        return self._now

    def reach(self, moment: datetime) -> None:
        """Go on to a later instant. Raises `ValueError` for an earlier one."""
        if _aware(moment) < self._now:
            raise ValueError(f"the clock stands at {self._now} and cannot go back to {moment}")
        self._now = moment

    def over(self, items: Sequence[Item], until: datetime) -> Iterator[Item]:
        """Give the items one by one, spread evenly over the time from now until the given instant."""
        start = self._now
        for number, item in enumerate(items, start=1):
            self.reach(start + (until - start) * number / len(items))
            yield item
        self.reach(until)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment
