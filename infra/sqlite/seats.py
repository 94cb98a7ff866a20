"""What the seats chose about their mail, in SQLite: one row per region and version, never altered."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from infra.sqlite.database import Database
from infra.sqlite.outbox import PROMISE, promised
from workflows.deadlines import from_text, to_text
from workflows.ports import StateConflict
from workflows.seat_settings import Digest, SeatSettings
from workflows.submissions import OutboxItem

SEAT = "region, version, digest, hour, quiet_from, quiet_until, changed_by, changed_at"


class SeatTables(Database):
    """The `SeatStore` port over SQLite."""

    def seat_settings(self, region_code: str) -> SeatSettings:
        """The newest choice of a seat."""
        row = self.read_one(
            f"SELECT {SEAT} FROM seat_settings WHERE region = ? ORDER BY version DESC LIMIT 1", (region_code,)
        )
        return seat_from(row) if row else SeatSettings(region_code)

    def choose(self, settings: SeatSettings, outbox: Sequence[OutboxItem]) -> None:
        """Add a version; the primary key lets one of two through. Raises `StateConflict`."""
        with self.transaction() as db:
            try:
                db.execute("INSERT INTO seat_settings VALUES (?, ?, ?, ?, ?, ?, ?, ?)", seat_values(settings))
            except sqlite3.IntegrityError as error:
                raise StateConflict(settings.region) from error
            db.executemany(PROMISE, [promised(item) for item in outbox])


def seat_values(settings: SeatSettings) -> tuple[object, ...]:
    """A row of `seat_settings`."""
    changed = to_text(settings.changed_at) if settings.changed_at else ""
    values = (settings.region, settings.version, settings.digest, settings.hour, settings.quiet_from)
    return (*values, settings.quiet_until, settings.changed_by, changed)


def seat_from(row: tuple[Any, ...]) -> SeatSettings:
    """The inverse of `seat_values`."""
    region, version, digest, hour, quiet_from, quiet_until, by, at = row
    moment = from_text(at) if at else None
    return SeatSettings(region, Digest(digest), hour, quiet_from, quiet_until, version, by, moment)
