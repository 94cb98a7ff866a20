"""When a letter has to wait: for the end of its seat's quiet hours, or because its person got enough this hour.

Nothing is lost by waiting: the promise stays and is kept at its later time, unless it was overtaken by then.
"""

from collections import Counter
from datetime import datetime, timedelta

from workflows import effects
from workflows.calendars import defaults
from workflows.letters import Addressed
from workflows.seat_settings import SeatSettings
from workflows.services import Services
from workflows.submissions import OutboxItem

HOUR = timedelta(hours=1)


class Restraint:
    """The seats' choices and the counts per person and hour, as one pass of the sweep needs them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._most = int(defaults()["letters_per_hour"])
        self._limited = frozenset(defaults()["limited"])
        self._seats: dict[str, SeatSettings] = {}
        self._sent: dict[tuple[str, datetime], int] = {}
        self._held: Counter[str] = Counter()

    def digest_of(self, item: OutboxItem) -> OutboxItem | None:
        """The digest that tells of a review request instead of a letter of its own; None for a letter of its own.

        A link that somebody asked for himself ("again") is sent as such.
        """
        if item.kind != effects.REVIEW or "again" in item.data:
            return None
        region, now = item.data["region"], self._services.clock.now()
        slot = self._seat(region).next_slot(now)
        if slot is None:
            return None
        moment = slot.isoformat()
        data = {"region": region, "slot": moment}
        return OutboxItem(f"digest.{region}.{moment}", effects.DIGEST, data, now, due_at=slot)

    def wait_until(self, item: OutboxItem, addressed: Addressed) -> datetime | None:
        """Until when this letter has to wait; None when it may go now, and then it counts as gone."""
        now = self._services.clock.now()
        if addressed.seat and "again" not in item.data:
            quiet_end = self._seat(addressed.seat).quiet_end(now)
            if quiet_end is not None:
                return quiet_end
        return self._after_enough(addressed.person, now) if item.kind in self._limited else None

    def _after_enough(self, person: str, now: datetime) -> datetime | None:
        """Those above the limit are spread over the hours to come, so that each is looked at once more, not hourly."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if (person, hour) not in self._sent:
            self._sent[person, hour] = self._services.store.letters_since(person, hour, self._limited)
        if self._sent[person, hour] < self._most:
            self._sent[person, hour] += 1
            return None
        later = 1 + self._held[person] // self._most
        self._held[person] += 1
        return hour + later * HOUR

    def _seat(self, region: str) -> SeatSettings:
        if region not in self._seats:
            self._seats[region] = self._services.store.seat_settings(region)
        return self._seats[region]
