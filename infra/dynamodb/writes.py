"""One write of a step, put into words before it is sent: what it does to one item, and on what condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.dynamodb.design import PK, SK

Value = str | int | bytes
Item = dict[str, Any]
Key = tuple[str, str]
"""Partition and sort key."""


class Kind(StrEnum):
    """What a write is to DynamoDB."""

    PUT = "Put"
    UPDATE = "Update"
    CHECK = "ConditionCheck"


class Part(StrEnum):
    """What a write is to the step it belongs to; says what its refusal means."""

    STATE = "state"
    DRAFT = "draft"
    PROMISE = "promise"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Test:
    """One test of one attribute: `=`, `<`, `<=`, `>`, `absent` or `present`."""

    name: str
    operator: str
    value: Value = ""


Condition = Sequence[Sequence[Test]]
"""Any of these, each of them all of its tests; nothing for no condition."""
NEW: Condition = ((Test(PK, "absent"),),)
THERE: Condition = ((Test(PK, "present"),),)


def equal(**values: Value | None) -> Condition:
    """All these attributes have these values; None for one that is absent."""
    return ([Test(name, "absent") if value is None else Test(name, "=", value) for name, value in values.items()],)


@dataclass(frozen=True, slots=True)
class Write:
    """One write. A put holds the whole item; an update sets values, and takes an attribute away where it is None."""

    kind: Kind
    key: Key
    sets: Mapping[str, Value | None] = field(default_factory=dict)
    keeps: Mapping[str, Value] = field(default_factory=dict)
    """Set only where nothing is."""
    adds: Mapping[str, int] = field(default_factory=dict)
    condition: Condition = ()
    part: Part = Part.OTHER

    def request(self) -> dict[str, Any]:
        """The parameters of the call, without the table's name."""
        words = _Words()
        if self.kind is Kind.PUT:
            body: dict[str, Any] = {"Item": to_item({**key_item(self.key), **self.sets})}
        else:
            body = {"Key": to_item(key_item(self.key))}
        if self.kind is Kind.UPDATE:
            body["UpdateExpression"] = self._changes(words)
        if self.condition:
            body["ConditionExpression"] = words.condition(self.condition)
        return body | words.parameters()

    def _changes(self, words: "_Words") -> str:
        sets = [f"{words.name(name)} = {words.value(value)}" for name, value in self.sets.items() if value is not None]
        for name, value in self.keeps.items():
            sets.append(f"{words.name(name)} = if_not_exists({words.name(name)}, {words.value(value)})")
        removes = [words.name(name) for name, value in self.sets.items() if value is None]
        adds = [f"{words.name(name)} {words.value(value)}" for name, value in self.adds.items()]
        clauses = {"SET": sets, "REMOVE": removes, "ADD": adds}
        return " ".join(f"{verb} {', '.join(each)}" for verb, each in clauses.items() if each)


def put(key: Key, sets: Mapping[str, Value | None], condition: Condition = (), part: Part = Part.OTHER) -> Write:
    """A whole item."""
    return Write(Kind.PUT, key, sets, condition=condition, part=part)


def update(key: Key, sets: Mapping[str, Value | None], condition: Condition, part: Part = Part.OTHER) -> Write:
    """Some attributes of an item that is there."""
    return Write(Kind.UPDATE, key, sets, condition=condition, part=part)


class _Words:
    """Aliases of names and values, so that no reserved word is in the way."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        return self._names.setdefault(attribute, f"#n{len(self._names)}")

    def value(self, value: Value) -> str:
        alias = f":v{len(self._values)}"
        self._values[alias] = to_value(value)
        return alias

    def condition(self, condition: Condition) -> str:
        return " OR ".join(f"({' AND '.join(self._test(test) for test in tests)})" for tests in condition)

    def _test(self, test: Test) -> str:
        if test.operator == "absent":
            return f"attribute_not_exists({self.name(test.name)})"
        if test.operator == "present":
            return f"attribute_exists({self.name(test.name)})"
        return f"{self.name(test.name)} {test.operator} {self.value(test.value)}"

    def parameters(self) -> dict[str, Any]:
        names = {alias: name for name, alias in self._names.items()}
        found: dict[str, Any] = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": self._values}
        return {name: value for name, value in found.items() if value}


def key_item(key: Key) -> dict[str, Value]:
    """The key's attributes."""
    return {PK: key[0], SK: key[1]}


def to_value(value: Value) -> dict[str, Any]:
    """DynamoDB's spelling of a value: text, whole number or bytes."""
    if isinstance(value, bytes):
        return {"B": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def to_item(values: Mapping[str, Value | None]) -> dict[str, Any]:
    """DynamoDB's spelling of an item; what is None is left out."""
    return {name: to_value(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """The inverse of `to_item`. Raises `ValueError` for a number that is not whole."""
    return {name: _from_value(value) for name, value in item.items()}


def _from_value(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    return int(inner) if kind == "N" else inner
