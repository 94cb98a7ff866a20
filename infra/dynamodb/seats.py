"""What the seats chose about their mail, in DynamoDB: one item per region and version, never altered."""

import secrets
from collections.abc import Sequence

from infra.dynamodb.promising import promised
from infra.dynamodb.table import Mark, Refused, Table
from infra.dynamodb.writes import NEW, Item, Part, Value, put
from workflows.deadlines import from_text, to_text
from workflows.ports import StateConflict
from workflows.seat_settings import Digest, SeatSettings
from workflows.submissions import OutboxItem


class SeatItems(Table):
    """The `SeatStore` port over DynamoDB."""

    def seat_settings(self, region_code: str) -> SeatSettings:
        """The newest choice of a seat."""
        item = next(self.query(f"SEAT#{region_code}", newest_first=True, page=1), None)
        return seat_from(item) if item else SeatSettings(region_code)

    def choose(self, settings: SeatSettings, outbox: Sequence[OutboxItem]) -> None:
        """Add a version; the key lets one of two through. Raises `StateConflict`."""
        key, writer = (f"SEAT#{settings.region}", f"{settings.version:06d}"), secrets.token_hex(16)
        values: dict[str, Value | None] = {
            "digest": settings.digest.value,
            "hour": settings.hour,
            "quiet_from": settings.quiet_from,
            "quiet_until": settings.quiet_until,
            "changed_by": settings.changed_by,
            "changed_at": to_text(settings.changed_at) if settings.changed_at else "",
            "writer": writer,
        }
        writes = [put(key, values, NEW, Part.STATE), *(promised(item) for item in outbox)]
        try:
            self.transact(writes, Mark(key, writer))
        except Refused as error:
            raise StateConflict(settings.region) from error


def seat_from(item: Item) -> SeatSettings:
    """The choice an item holds."""
    region, quiet = item["pk"].removeprefix("SEAT#"), (item.get("quiet_from"), item.get("quiet_until"))
    changed = item["changed_by"], from_text(item["changed_at"]) if item["changed_at"] else None
    return SeatSettings(region, Digest(item["digest"]), item["hour"], *quiet, int(item["sk"]), *changed)
