"""A return as JSON: marshmallow schemas made from the form's definition, for programs that file.

What they give is inputs as a page would have typed them, so that a program's figures are read as a person's are.
A schema looks at the shape alone (names, types, lengths); what cannot be read as a figure is a finding, as on the page.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum, unique
from functools import lru_cache
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from forms.definition import FormDefinition, Item, ItemType, Table
from forms.explanation_marks import INPUT, MARK
from forms.explanations import NEEDS_REASON
from forms.fields import MAX_EXPLANATION, MAX_NOTE, MAX_SIGN_OFF, SIGN_OFF
from forms.records import cell_key
from forms.statistical_edits import watched_items
from forms.values import Status

MAX_CELL: Final = 400
"""Characters of one cell; the reading of a figure or a text has its own, lower limit and says so."""
_MAX_DIGITS: Final = 60


@unique
class ShapeFault(Enum):
    """What is wrong with the shape of a JSON return; its name is its stable code."""

    zh: str
    en: str

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    UNKNOWN_NAME = ("这份报表没有这个名称。", "The form has no such name.")
    WRONG_TYPE = ("类型不对：请看本接口的说明。", "Wrong type: see the description of this interface.")
    TOO_LONG = ("太长了，请缩短。", "Too long. Shorten it.")
    TOO_MANY_ROWS = ("行数超过了这张表的上限。", "More rows than the table takes.")
    EMPTY_ROW = ("这一行什么也没有填，请删去。", "The row is empty. Leave it out.")
    HALF_CHARACTER = ("文字里有不完整的字符。", "The text holds half a character.")
    TOO_MANY_DIGITS = ("数字太长。", "The number has too many digits.")
    UNKNOWN_STATUS = ("没有这种填报状态。", "There is no such status.")


def as_typed(value: object) -> str:
    """A JSON value as somebody would have typed it; numbers must have come as `Decimal`. Raises ValidationError."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > _MAX_DIGITS or len(value.as_tuple().digits) > _MAX_DIGITS:
            raise ValidationError(ShapeFault.TOO_MANY_DIGITS.name)
        return format(value, "f")
    if not isinstance(value, str):
        raise ValidationError(ShapeFault.WRONG_TYPE.name)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(ShapeFault.HALF_CHARACTER.name) from error
    return value


class _Text(fields.Field[str]):
    """A text or a number of at most so many characters."""

    def __init__(self, most: int, item: Item | None = None, **keywords: Any) -> None:
        super().__init__(allow_none=True, error_messages=_MESSAGES, **keywords)
        self.most = most
        self.item = item

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = as_typed(value)
        if len(text) > self.most:
            raise ValidationError(ShapeFault.TOO_LONG.name)
        return text

    def json_type(self) -> dict[str, Any]:
        """JSON Schema of the plain value."""
        described = _described(self.item) if self.item else {}
        text = {"type": "string", "maxLength": self.most}
        kinds = [text, {"type": "number"}, {"type": "null"}] if self.item else [text, {"type": "null"}]
        return {**described, "anyOf": kinds}


class _Words(_Text):
    """A text that is never a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        if isinstance(value, Decimal):
            raise ValidationError(ShapeFault.WRONG_TYPE.name)
        return super()._deserialize(value, attr, data, **rest)


class _StatusText(_Words):
    """One of the statuses."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if text not in set(Status):
            raise ValidationError(ShapeFault.UNKNOWN_STATUS.name)
        return text

    def json_type(self) -> dict[str, Any]:
        """JSON Schema of a status."""
        return {"enum": [str(status) for status in Status]}


_MESSAGES: Final[dict[str, Any]] = {
    "required": ShapeFault.WRONG_TYPE.name,
    "null": ShapeFault.WRONG_TYPE.name,
    "validator_failed": ShapeFault.WRONG_TYPE.name,
    "invalid": ShapeFault.WRONG_TYPE.name,
    "type": ShapeFault.WRONG_TYPE.name,
    "unknown": ShapeFault.UNKNOWN_NAME.name,
}


class _Strict(Schema):
    """Names that are not known are a mistake, never passed over."""

    error_messages = _MESSAGES

    class Meta:
        unknown = RAISE


class CellSchema(_Strict):
    """One cell with its status and its note."""

    value = _Text(MAX_CELL)
    status = _StatusText(40)
    note = _Words(MAX_NOTE)


class _Cell(_Text):
    """A cell: its plain value, or value, status and note."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> Any:
        if not isinstance(value, Mapping):
            return {"value": super()._deserialize(value, attr, data, **rest)}
        return _CELL.load(dict(value))

    def json_type(self) -> dict[str, Any]:
        """JSON Schema of both ways to write a cell."""
        plain = super().json_type()
        names = {
            "value": {"anyOf": plain["anyOf"]},
            "status": {"enum": [str(status) for status in Status]},
            "note": {"type": "string", "maxLength": MAX_NOTE},
        }
        full = {"type": "object", "properties": names, "additionalProperties": False}
        return {**plain, "anyOf": [*plain["anyOf"], full]}


_CELL: Final = CellSchema()


class FilingSchema(_Strict):
    """A return of one form: `cells` by item key, `rows` by table, `explanations` by rule id, `signoff`."""

    definition: FormDefinition


@lru_cache(maxsize=64)
def filing_schema(definition: FormDefinition, *, starred: bool) -> type[FilingSchema]:
    """The schema class of a definition, for starred units or for the others."""
    name = schema_name(definition)
    asked = [item for item in definition.items.values() if definition.is_asked(item, starred=starred)]
    parts = {
        "cells": _nested(f"{name}Cells", {item.key: _Cell(MAX_CELL, item) for item in asked}),
        "explanations": _nested(
            f"{name}Explanations", {rule: _Words(MAX_EXPLANATION) for rule in _explained(definition)}
        ),
        "signoff": _nested(f"{name}SignOff", {key: _Words(MAX_SIGN_OFF, None) for key in SIGN_OFF}),
    }
    if definition.tables:
        tables = {table.key: _rows_of(definition, table, starred=starred) for table in definition.tables.values()}
        parts["rows"] = _nested(f"{name}Rows", tables)
    return type(name, (FilingSchema,), {**parts, "definition": definition})


def schema_name(definition: FormDefinition) -> str:
    """What a form's schema is called in descriptions: `Filing_107-2_2021`."""
    return f"Filing_{definition.form}_{definition.first_year}"


def _explained(definition: FormDefinition) -> Iterator[str]:
    ruled = [rule.id for rule in definition.rules if rule.severity in NEEDS_REASON]
    yield from dict.fromkeys([*ruled, *watched_items(definition)])


def _nested(name: str, members: Mapping[str, Any]) -> fields.Nested:
    return fields.Nested(type(name, (_Strict,), dict(members)), error_messages=_MESSAGES)


def _rows_of(definition: FormDefinition, table: Table, *, starred: bool) -> fields.Field[Any]:
    columns = [column for column in table.columns if definition.is_asked(column, starred=starred)]
    row = _nested(
        f"{schema_name(definition)}{table.key.title()}Row", {one.key: _Text(MAX_CELL, one) for one in columns}
    )
    row.validators = [_not_empty]
    most = validate.Length(max=table.max_rows, error=ShapeFault.TOO_MANY_ROWS.name)
    return fields.List(row, validate=most, error_messages=_MESSAGES)


def _not_empty(row: Mapping[str, str | None]) -> None:
    if not any(text and text.strip() for text in row.values()):
        raise ValidationError(ShapeFault.EMPTY_ROW.name)


def _described(item: Item) -> dict[str, Any]:
    """What a reader of the schema is told of an item; options are read by code, by 01 for 1, or by their words."""
    named = f"{item.code} {item.name_zh}" + (f"（{item.unit}）" if item.unit else "")
    more = f"{item.name_en}" + (f", at most {item.decimals} decimals" if item.type is ItemType.DECIMAL else "")
    options = "; ".join(f"{one.code} {one.name_zh}" for one in item.options.options) if item.options else ""
    return {"title": named, "description": f"{more}. {options}".strip()}


def inputs_of(loaded: Mapping[str, Any]) -> dict[str, str]:
    """What `filing_schema` loaded, as the inputs of a page; blanks are left out."""
    return {name: text for name, text in _inputs(loaded) if text}


def _inputs(loaded: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """A JSON null is a blank, wherever a text may stand."""
    for key, cell in loaded.get("cells", {}).items():
        if cell is None:
            continue
        yield key, cell.get("value", "")
        yield f"{key}-status", cell.get("status", "")
        yield f"{key}-note", cell.get("note", "")
    for table, rows in loaded.get("rows", {}).items():
        for number, row in enumerate(rows, start=1):
            yield from ((cell_key(table, number, column), text) for column, text in row.items())
    for rule, text in loaded.get("explanations", {}).items():
        yield f"explanation-{rule}", text
    yield from loaded.get("signoff", {}).items()


def document_of(definition: FormDefinition, inputs: Mapping[str, str]) -> dict[str, Any]:
    """The other way of `inputs_of`: the inputs of a page as a return in JSON, every cell with its parts by name."""
    cells = {key: _parts(key, inputs) for key in definition.items}
    said = {
        name.removeprefix(INPUT): text
        for name, text in inputs.items()
        if name.startswith(INPUT) and not name.endswith(MARK)
    }
    rows = {key: _rows_from(key, inputs) for key in definition.tables}
    return {
        "cells": {key: parts for key, parts in cells.items() if parts},
        "rows": {key: found for key, found in rows.items() if found},
        "explanations": said,
        "signoff": {key: inputs[key] for key in SIGN_OFF if key in inputs},
    }


def _parts(key: str, inputs: Mapping[str, str]) -> dict[str, str]:
    named = {"value": key, "status": f"{key}-status", "note": f"{key}-note"}
    return {part: inputs[name] for part, name in named.items() if inputs.get(name)}


def _rows_from(table: str, inputs: Mapping[str, str]) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name, text in inputs.items():
        first, _, rest = name.partition(".")
        number, _, column = rest.partition(".")
        if first == table and column and number.isdigit():
            rows.setdefault(int(number), {})[column] = text
    return [rows[number] for number in sorted(rows)]


def json_schema(schema: type[Schema]) -> dict[str, Any]:
    """JSON Schema 2020-12 of what a schema takes, whole: nothing of it stands elsewhere."""
    names = {name: _json_of(field) for name, field in schema().declared_fields.items()}
    return {"type": "object", "properties": names, "additionalProperties": False}


def _json_of(field: Any) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        return json_schema(type(field.schema))
    if isinstance(field, fields.List):
        most = next(check.max for check in field.validators if isinstance(check, validate.Length))
        return {"type": "array", "maxItems": most, "items": _json_of(field.inner)}
    found: dict[str, Any] = field.json_type()
    return found
