"""Starts the function that builds tables, without waiting for it."""

import json
from typing import Any

from infra.aws_clients import client


class TableStarter:
    """Asks Lambda to run the function once for a year; Lambda keeps the call until there is room for it."""

    def __init__(self, function: str) -> None:
        self.function = function

    def __call__(self, year: int, since: str) -> None:
        """`since`: the instant of the last acceptance; a build that began later has it already."""
        event: dict[str, Any] = {"zhibao": "tables", "year": year, "since": since}
        client("lambda").invoke(FunctionName=self.function, InvocationType="Event", Payload=json.dumps(event).encode())
