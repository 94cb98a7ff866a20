"""The second function, without a front: builds tables, for up to 15 minutes.

The name the runtime asks for is `handlers.lambda_tables.handler`. The sweep starts it after acceptances;
`aws lambda invoke` may, too. Starts that queue up behind a build find that it has already been done and end at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from handlers.lambda_entry import UnknownEvent, describe

if TYPE_CHECKING:
    from handlers.bootstrap import Zhibao

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds the tables of the year an event names: `{"zhibao": "tables", "year": 2025, "since": "<instant>"}`."""

    installation: "Zhibao"

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """Build every table of the year. Raises `UnknownEvent`, `NoCollection`."""
        from handlers.lambda_logging import named

        if event.get("zhibao") != "tables" or not isinstance(event.get("year"), int):
            raise UnknownEvent(describe(event))
        with named(context):
            return {"built": self._build(event["year"], str(event.get("since", "")))}

    def _build(self, year: int, since: str) -> list[str]:
        from handlers.lambda_metrics import put

        if since and self._is_built(year, since):
            return []
        manifests = self.installation.workshop.build(None, year, self.installation.services.clock.now())
        put({"TablesBuilt": len(manifests)})
        return [f"{manifest.name} {manifest.year} v{manifest.number}" for manifest in manifests]

    def _is_built(self, year: int, since: str) -> bool:
        """Whether every table in force was built after that instant."""
        from indicators.tables import published

        built = [manifest.body["built_at"] for manifest in published(self.installation.objects, [year])]
        return bool(built) and min(map(datetime.fromisoformat, built)) > datetime.fromisoformat(since)


def __getattr__(name: str) -> Builder:
    """`handler` is made when first asked for. Raises `SettingsError`."""
    if name != "handler":
        raise AttributeError(name)
    from handlers.bootstrap import settings_from_environment, wire
    from handlers.lambda_logging import log_as_json

    log_as_json()
    builder = globals()["handler"] = Builder(wire(settings_from_environment()))
    return builder
