"""A promised effect as an item: where it stands while it is to be kept, and what is kept of it afterwards."""

import json
import secrets
import threading
import time

from infra.dynamodb import keys
from infra.dynamodb.design import shard_of
from infra.dynamodb.rows import compact
from infra.dynamodb.writes import NEW, Item, Part, Value, Write, put
from workflows.deadlines import from_text, to_text
from workflows.submissions import OutboxItem


class _Turns:
    """Numbers that grow with time: in order within a process, and as good as its clock between processes."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{self._last:020d}{secrets.token_hex(2)}"


turns = _Turns()


def due_values(outbox_id: str, moment: str, turn: str) -> dict[str, Value | None]:
    """Where a promise stands until it is kept."""
    due_pk = keys.due_promises(shard_of(outbox_id))
    return {"next_at": moment, "due_pk": due_pk, "due_sk": f"{moment}|{turn}|{outbox_id}"}


def promised(item: OutboxItem) -> Write:
    """One promise; refused where its id is there already."""
    turn = turns.next()
    values: dict[str, Value | None] = {
        "kind": item.kind,
        "data": compact(dict(item.data)),
        "created_at": to_text(item.created_at),
        "turn": turn,
        **due_values(item.id, to_text(item.due_at or item.created_at), turn),
    }
    return put(keys.promise(item.id), values, NEW, Part.PROMISE)


def promise_from(item: Item) -> OutboxItem:
    """The promise an item holds."""
    key = item["pk"].removeprefix("O#")
    return OutboxItem(key, item["kind"], json.loads(item["data"]), from_text(item["created_at"]))
