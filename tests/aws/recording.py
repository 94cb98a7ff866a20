"""Every call to DynamoDB that a store makes, written down as it is made, with what it would cost.

A unit of writing is 1 KB of an item, twice that inside a transaction, and one for each entry of an index that is put or
taken away; a unit of reading is 4 KB read consistently, half of that through an index (the published rules of on-demand
capacity). The stand-in does not count, so that sizes are taken from the items themselves, before and after.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.dynamodb.design import INDEXES, PK, SK

KEYS_ONLY = 1
KINDS = {"PROGRESS#": "counts", "O#": "promises", "L#": "letters", "NOTES": "lease", "": "other"}
"""Beginning of a partition → what a write to it belongs to."""
_WRITES = ("Put", "Update", "ConditionCheck", "Delete")
_SINGLE = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@dataclass(slots=True)
class Call:
    """One call: its operation, its parameters, the step of the story it belongs to, and its units."""

    operation: str
    request: Mapping[str, Any]
    step: str
    reads: float = 0
    writes: float = 0

    def changes(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """What it writes: the kind of each write, and its parameters."""
        if self.operation in _SINGLE:
            yield _SINGLE[self.operation], self.request
        for entry in self.request.get("TransactItems", ()):
            yield from ((kind, entry[kind]) for kind in _WRITES if kind in entry)
        for puts in self.request.get("RequestItems", {}).values():
            if isinstance(puts, list):
                yield from (("BatchPut", one["PutRequest"]) for one in puts)


@dataclass(slots=True)
class Recorder:
    """Listens to a client; `raw` is another one, whose calls are not written down."""

    raw: Any
    table: str
    calls: list[Call] = field(default_factory=list)
    step: str = ""
    _open: dict[int, tuple[Call, dict[tuple[str, str], Any]]] = field(default_factory=dict)

    def listen(self, client: Any) -> None:
        """Write down what this client is asked from now on."""
        client.meta.events.register("before-parameter-build.dynamodb", self._asked)
        client.meta.events.register("after-call.dynamodb", self._answered)

    def _asked(self, params: Mapping[str, Any], model: Any, context: Any, **_: Any) -> None:
        call = Call(model.name, params, self.step)
        self.calls.append(call)
        before = {key: self._item(key) for key in map(_key_of, (one for _, one in call.changes()))}
        self._open[id(context)] = (call, before)

    def _answered(self, http_response: Any, parsed: Mapping[str, Any], context: Any, **_: Any) -> None:
        call, before = self._open.pop(id(context))
        if http_response.status_code != 200:
            return
        call.reads = _read_units(call, parsed)
        is_transaction = call.operation == "TransactWriteItems"
        for kind, one in call.changes():
            key = _key_of(one)
            old, new = before[key], self._item(key)
            size = max(_size(old), _size(new), 1)
            call.writes += math.ceil(size / 1024) * (2 if is_transaction else 1)
            if kind != "ConditionCheck":
                call.writes += sum(_entry_units(index, old, new) for index in INDEXES)

    def _item(self, key: tuple[str, str]) -> Any:
        wanted = {PK: {"S": key[0]}, SK: {"S": key[1]}}
        return self.raw.get_item(TableName=self.table, Key=wanted, ConsistentRead=True).get("Item")

    def per_step(self) -> dict[str, dict[str, float]]:
        """Calls and units of each step of the story: of its transition alone, of the sweep's, and of what is read."""
        found: dict[str, dict[str, float]] = {}
        for call in self.calls:
            one = found.setdefault(call.step, dict.fromkeys(("calls", "reads", "transition", *KINDS.values()), 0.0))
            one["calls"] += 1
            one["reads"] += call.reads
            if call.writes:
                one[_kind_of(call)] += call.writes
        return found


def _kind_of(call: Call) -> str:
    """What a write belongs to."""
    keys = [_key_of(one) for _, one in call.changes()]
    if any(sort.startswith("EVENT#") for _, sort in keys):
        return "transition"
    return next((kind for prefix, kind in KINDS.items() if any(key.startswith(prefix) for key, _ in keys)), "other")


def _key_of(one: Mapping[str, Any]) -> tuple[str, str]:
    key = one.get("Key") or one["Item"]
    return key[PK]["S"], key[SK]["S"]


def _size(item: Mapping[str, Mapping[str, Any]] | None) -> int:
    """Names and values in bytes, as DynamoDB counts an item."""
    return sum(len(name.encode()) + _length(value) for name, value in (item or {}).items())


def _length(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    if kind == "N":
        return len(inner) // 2 + 2
    return len(inner if isinstance(inner, bytes) else inner.encode())


def _entry(index: str, item: Mapping[str, Any] | None) -> object:
    names = INDEXES[index]
    return tuple(item[name]["S"] for name in names) if item and all(name in item for name in names) else None


def _entry_units(index: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> int:
    before, after = _entry(index, old), _entry(index, new)
    return 0 if before == after else KEYS_ONLY * ((before is not None) + (after is not None))


def _read_units(call: Call, parsed: Mapping[str, Any]) -> float:
    factor = 0.5 if "IndexName" in call.request else 1
    if call.operation == "GetItem":
        return max(1, math.ceil(_size(parsed.get("Item")) / 4096))
    if call.operation == "BatchGetItem":
        items = [item for found in parsed["Responses"].values() for item in found]
        asked = sum(len(one["Keys"]) for one in call.request["RequestItems"].values())
        return sum(math.ceil(_size(item) / 4096) for item in items) + (asked - len(items))
    if call.operation == "Query":
        size = sum(_size(item) for item in parsed.get("Items", ()))
        return max(1, math.ceil(size / 4096)) * factor
    return 0
