"""What the seats chose about their mail, in SQLite: one row per region and version, never altered."""

import sqlite3
from collections.abc import Sequence

from infra.sqlite.database import Database
from infra.sqlite.outbox import PROMISE, promised
from workflows.deadlines import from_text, to_text
from workflows.ports import StateConflict
from workflows.seat_settings import Digest, SeatSettings
from workflows.submissions import OutboxItem


class SeatTables(Database):
    """The `SeatStore` port over SQLite."""

    def seat_settings(self, region_code: str) -> SeatSettings:
        """The newest choice of a seat."""
        row = self.read_one(
            "SELECT digest, hour, quiet_from, quiet_until, version, changed_by, changed_at FROM seat_settings"
            " WHERE region = ? ORDER BY version DESC LIMIT 1",
            (region_code,),
        )
        if row is None:
            return SeatSettings(region_code)
        digest, hour, quiet_from, quiet_until, version, by, at = row
        return SeatSettings(region_code, Digest(digest), hour, quiet_from, quiet_until, version, by, from_text(at))

    def choose(self, settings: SeatSettings, outbox: Sequence[OutboxItem]) -> None:
        """Add a version; the primary key lets one of two through. Raises `StateConflict`."""
        changed = to_text(settings.changed_at) if settings.changed_at else ""
        values = (settings.region, settings.version, settings.digest, settings.hour, settings.quiet_from)
        with self.transaction() as db:
            try:
                db.execute(
                    "INSERT INTO seat_settings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*values, settings.quiet_until, settings.changed_by, changed),
                )
            except sqlite3.IntegrityError as error:
                raise StateConflict(settings.region) from error
            db.executemany(PROMISE, [promised(item) for item in outbox])
