"""Any row of a home as plain JSON data and back, by the types of its fields alone.

Strict on the way back: a field too many, too few or of another type is a `ValueError`, because a row that was not
written by this program must not become a row of a home. A field with a default may be missing: an older program that
did not have it yet wrote the row.
"""

import base64
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from infra.codec import state_from_text, state_to_text
from workflows.calendars import Calendar, calendar_from_data, calendar_to_data
from workflows.deadlines import from_text, to_text
from workflows.machine.states import State

DAMAGED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading an altered row can raise below the surface; on it there is `ValueError` only."""


def to_plain(value: Any) -> Any:
    """The inverse of `from_plain`."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(inner) for inner in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"no plain form: {type(value).__name__}")


def from_plain(kind: Any, data: Any) -> Any:
    """A value of this type from its plain form. Raises `ValueError`."""
    try:
        return _reader(kind)(data)
    except DAMAGED as error:
        raise ValueError(str(error)[:200]) from error


_WRITERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (State, state_to_text),
    (Calendar, calendar_to_data),
    (datetime, to_text),
    (date, date.isoformat),
    (Enum, lambda value: value.value),
    (bytes, lambda value: base64.b64encode(value).decode()),
    (Decimal, lambda value: f"{value:f}"),
)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {text[:40]}") from error


_READERS: dict[Any, Callable[[Any], Any]] = {
    State: state_from_text,
    Calendar: calendar_from_data,
    datetime: from_text,
    date: date.fromisoformat,
    bytes: lambda text: base64.b64decode(text, validate=True),
    Decimal: _decimal,
    Any: lambda value: value,
}


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a type is read; found once for each."""
    if kind in _READERS:
        return _READERS[kind]
    if get_origin(kind) is not None:
        return _of_many(get_origin(kind), get_args(kind))
    if is_dataclass(kind):
        return _of_fields(kind)
    if issubclass(kind, Enum):
        return _of_enum(kind)
    return lambda data: _of(kind, data)


def _of_many(origin: Any, inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    """What may be missing, follows one another, or stands under a name."""
    if origin in {Union, types.UnionType}:
        return _optional(_reader(next(one for one in inner if one is not type(None))))
    if origin is tuple:
        return lambda data: tuple(map(_reader(inner[0]), _of(list, data)))
    return lambda data: {_of(str, key): _reader(inner[1])(value) for key, value in _of(dict, data).items()}


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda data: None if data is None else read(data)


def _of_enum(kind: Any) -> Callable[[Any], Any]:
    make: Callable[[Any], Any] = kind
    return make


def _of_fields(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind, localns={"date": date})  # the register imports it for its annotations only
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = {field.name for field in fields(kind) if field.default is MISSING and field.default_factory is MISSING}

    def read(data: Any) -> Any:
        if not needed <= _of(dict, data).keys() <= readers.keys():
            raise ValueError(f"{kind.__name__}: {sorted(data.keys() ^ readers.keys())}")
        return kind(**{name: readers[name](value) for name, value in data.items()})

    return read


def _of(kind: type, data: Any) -> Any:
    """What is plain already, of exactly this type (a truth is no number)."""
    if type(data) is not kind:
        raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}")
    return data
