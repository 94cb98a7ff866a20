"""One DynamoDB table: its calls, what is repeated, and how an index is read.

Reads by key are consistent. An index tells only where to look: what it names is read by key and must still stand at
that place of the index, because an index follows the table a moment later.
"""

import itertools
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from indicators.ports import Objects
from infra.aws_clients import client
from infra.dynamodb.design import INDEXES, LAST, PK, SK
from infra.dynamodb.faults import Fault, fault_of, reasons_of
from infra.dynamodb.writes import Item, Key, Kind, Write, from_item, key_item, to_item, to_value

TRIES = 10
FIRST_WAIT_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 1.0
MOST_WRITES = 100
"""Of one transaction."""
_BATCH_READ, _BATCH_WRITE = 100, 25
_OPERATIONS = {Kind.PUT: "put_item", Kind.UPDATE: "update_item"}


class Refused(Exception):
    """Conditions that do not hold: nothing was written. `writes` are those that were in the way."""

    def __init__(self, writes: Sequence[Write]) -> None:
        super().__init__(", ".join(write.part for write in writes))
        self.writes = writes


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of an index: its sort key, and the key of the item it stands for."""

    index: str
    sort: str
    key: Key


@dataclass(frozen=True, slots=True)
class Mark:
    """What one call writes and no other does: the item `key` with `writer` in it."""

    key: Key
    writer: str


class Table:
    """The table of one installation. An outage raises botocore's own error after the tries are used up."""

    def __init__(self, name: str, objects: Objects, wait: Callable[[float], None] = time.sleep) -> None:
        """`objects` takes what is too large for an item."""
        self.name = name
        self.objects = objects
        self.wait = wait

    @cached_property
    def client(self) -> Any:
        """The client; it repeats nothing by itself: what may be repeated is decided here."""
        return client("dynamodb", attempts=1, read_seconds=10)

    def close(self) -> None:
        """The client belongs to the process."""

    # One item

    def get(self, key: Key) -> Item | None:
        """One item, as it stands now."""
        answer = self._call("get_item", Key=to_item(key_item(key)), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def write(self, write: Write) -> Item:
        """One write by itself; what an update gave back. Raises `Refused`."""
        more: dict[str, Any] = {"ReturnValues": "ALL_NEW"} if write.kind is Kind.UPDATE else {}
        try:
            answer = self._call(_OPERATIONS[write.kind], **write.request(), **more)
        except Exception as error:
            if fault_of(error) is Fault.REFUSED:
                raise Refused([write]) from error
            raise
        return from_item(answer.get("Attributes", {}))

    def offer(self, write: Write) -> bool:
        """One write if its condition holds; whether it did."""
        try:
            self.write(write)
        except Refused:
            return False
        return True

    # Several

    def transact(self, writes: Sequence[Write], mark: Mark | None = None) -> None:
        """All of these or none. Raises `Refused`.

        A token makes a repetition harmless for ten minutes. Later than that, or where the token is not known, a
        repetition is refused although an earlier try was applied and its answer lost: then the mark is looked for.
        """
        if len(writes) > MOST_WRITES:
            raise ValueError(f"a transaction of {len(writes)} writes: the most is {MOST_WRITES}")
        items = [{write.kind.value: {"TableName": self.name, **write.request()}} for write in writes]
        token, lost = secrets.token_hex(16), False
        for attempt in itertools.count(1):
            try:
                self.client.transact_write_items(TransactItems=items, ClientRequestToken=token)
                return
            except Exception as error:
                fault = fault_of(error)
                if fault is Fault.REFUSED:
                    if lost and mark and self._bears(mark):
                        return
                    raise Refused(_failed(writes, reasons_of(error))) from error
                if fault is Fault.FINAL or attempt == TRIES:
                    raise
                lost = lost or fault is Fault.LOST
                self._pause(attempt)

    def _bears(self, mark: Mark) -> bool:
        return (self.get(mark.key) or {}).get("writer") == mark.writer

    def batch_get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Items by key, as they stand now; those that are not there are left out."""
        found: dict[Key, Item] = {}
        for batch in _batches(list(dict.fromkeys(keys)), _BATCH_READ):
            wanted: Any = {self.name: {"Keys": [to_item(key_item(key)) for key in batch], "ConsistentRead": True}}
            for attempt in itertools.count(1):
                answer = self._call("batch_get_item", named=False, RequestItems=wanted)
                items = map(from_item, answer["Responses"].get(self.name, ()))
                found |= {(item[PK], item[SK]): item for item in items}
                wanted = answer.get("UnprocessedKeys")
                if not wanted:
                    break
                self._pause(attempt)
        return found

    def batch_put(self, items: Iterable[tuple[Key, Mapping[str, Any]]]) -> None:
        """Items that nobody else writes, each for itself, in any order."""
        for batch in _batches(items, _BATCH_WRITE):
            puts = [{"PutRequest": {"Item": to_item({**key_item(key), **values})}} for key, values in batch]
            wanted: Any = {self.name: puts}
            for attempt in itertools.count(1):
                wanted = self._call("batch_write_item", named=False, RequestItems=wanted).get("UnprocessedItems")
                if not wanted:
                    break
                self._pause(attempt)

    # Ranges

    def query(
        self, partition: str, prefix: str = "", *, after: str = "", newest_first: bool = False, page: int = 1000
    ) -> Iterator[Item]:
        """Items of one partition in the order of their sort keys, as they stand now."""
        bounds, more = (f"{after}\x00" if after else prefix, prefix + LAST if prefix else ""), {"Limit": page}
        for item in self._query((PK, SK), partition, bounds, newest_first=newest_first, ConsistentRead=True, **more):
            yield from_item(item)

    def walk(
        self, index: str, partition: str, low: str = "", high: str = "", *, newest_first: bool = False, page: int = 100
    ) -> Iterator[Found]:
        """Entries of one partition of an index from `low` to `high`, both included, read as they are asked for."""
        _, sort_name = INDEXES[index]
        more = {"IndexName": index, "Limit": page}
        for item in self._query(INDEXES[index], partition, (low, high), newest_first=newest_first, **more):
            yield Found(index, item[sort_name]["S"], (item[PK]["S"], item[SK]["S"]))

    def standing(self, entries: Iterable[Found], chunk: int = 100) -> Iterator[tuple[Found, Item]]:
        """Entries with their items, without those that have left their place in the index since."""
        for batch in _batches(entries, min(chunk, _BATCH_READ)):
            items = self.batch_get([entry.key for entry in batch])
            for entry in batch:
                item, (hash_name, sort_name) = items.get(entry.key), INDEXES[entry.index]
                if item is not None and hash_name in item and item.get(sort_name) == entry.sort:
                    yield entry, item

    def count(self, index: str, partition: str) -> int:
        """How many entries a partition of an index has."""
        request: dict[str, Any] = _condition(INDEXES[index], partition, ("", "")) | {"IndexName": index}
        total = 0
        while True:
            answer = self._call("query", **request, Select="COUNT")
            total += int(answer["Count"])
            if "LastEvaluatedKey" not in answer:
                return total
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _query(
        self, by: tuple[str, str], partition: str, bounds: tuple[str, str], *, newest_first: bool, **more: Any
    ) -> Iterator[Mapping[str, Any]]:
        request = _condition(by, partition, bounds) | {"ScanIndexForward": not newest_first} | more
        while True:
            answer = self._call("query", **request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _call(self, operation: str, *, named: bool = True, **request: Any) -> Any:
        """One call, repeated while that makes sense."""
        table = {"TableName": self.name} if named else {}
        for attempt in itertools.count(1):
            try:
                return getattr(self.client, operation)(**table, **request)
            except Exception as error:
                if fault_of(error) not in {Fault.LATER, Fault.LOST} or attempt == TRIES:
                    raise
                self._pause(attempt)
        raise AssertionError("unreachable: the last try returns or raises")

    def _pause(self, attempt: int) -> None:
        """Wait a while that grows, and differs between those who got into each other's way."""
        longest = min(FIRST_WAIT_SECONDS * 2**attempt, LONGEST_WAIT_SECONDS)
        self.wait(longest * (1 + secrets.randbelow(1000)) / 1000)


def _condition(by: tuple[str, str], partition: str, bounds: tuple[str, str]) -> dict[str, Any]:
    (hash_name, sort_name), (low, high) = by, bounds
    sort = {(True, True): " AND #s BETWEEN :l AND :h", (True, False): " AND #s >= :l", (False, True): " AND #s <= :h"}
    values = {":p": partition, ":l": low, ":h": high}
    names = {"#p": hash_name} | ({"#s": sort_name} if low or high else {})
    return {
        "KeyConditionExpression": "#p = :p" + sort.get((bool(low), bool(high)), ""),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {name: to_value(value) for name, value in values.items() if value},
    }


def _failed(writes: Sequence[Write], reasons: Sequence[str]) -> list[Write]:
    return [write for write, code in zip(writes, reasons, strict=True) if code == "ConditionalCheckFailed"]


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    stream = iter(items)
    while batch := list(itertools.islice(stream, size)):
        yield batch
