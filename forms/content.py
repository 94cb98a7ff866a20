"""What one return holds: cells, rows, explanations and the sign-off, and its canonical plain form for sealing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from forms.definition import FormDefinition, Item, Table
from forms.values import BLANK, Cell, Status, ValueMistake


class ContentError(ValueError):
    """Stored or received content does not fit the form: what was found where."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """单位负责人、统计负责人、填表人、联系电话、报出日期 (条例 art. 17, 统计法 art. 24); it is sealed."""

    unit_head: str = ""
    statistician: str = ""
    filler: str = ""
    phone: str = ""
    report_date: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One unit's filled form in one collection: cells by item key, explanations by rule id, the sign-off.

    `rows` are those of each table in their order, each as cells by column key. Blank cells, rows without an answer
    and blank explanations are dropped, so equal content is equal however it was typed.
    """

    cells: Mapping[str, Cell]
    explanations: Mapping[str, str]
    signoff: SignOff
    rows: Mapping[str, tuple[Mapping[str, Cell], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        filled = {table: tuple(_filled_rows(rows)) for table, rows in sorted(self.rows.items())}
        said = {rule: text for rule, text in sorted(self.explanations.items()) if text}
        object.__setattr__(self, "cells", _filled(self.cells))
        object.__setattr__(self, "explanations", MappingProxyType(said))
        object.__setattr__(self, "rows", MappingProxyType({table: rows for table, rows in filled.items() if rows}))

    def cell(self, key: str) -> Cell:
        """The cell of an item, BLANK when nothing was answered."""
        return self.cells.get(key, BLANK)


def _filled(cells: Mapping[str, Cell]) -> Mapping[str, Cell]:
    return MappingProxyType({key: cells[key] for key in sorted(cells) if cells[key] != BLANK})


def _filled_rows(rows: Iterable[Mapping[str, Cell]]) -> Iterator[Mapping[str, Cell]]:
    """A row that holds nothing but notes was not filled in."""
    for row in rows:
        if not all(cell.is_blank for cell in row.values()):
            yield _filled(row)


def to_json(content: Content, definition: FormDefinition) -> dict[str, Any]:
    """The canonical plain structure: strings only, figures at the item's declared decimals, keys sorted.

    `rows` is there only where a table was filled. Raises ContentError for an item, a table or a column the form
    does not have, and for a figure with more decimals than declared.
    """
    cells = {key: _cell_to_json(cell, _item(definition, key)) for key, cell in content.cells.items()}
    signoff = dict(sorted(asdict(content.signoff).items()))
    plain: dict[str, Any] = {"cells": cells, "explanations": dict(content.explanations), "signoff": signoff}
    if content.rows:
        plain["rows"] = {table: _rows_to_json(rows, _table(definition, table)) for table, rows in content.rows.items()}
    return plain


def _rows_to_json(rows: Iterable[Mapping[str, Cell]], table: Table) -> list[dict[str, Any]]:
    return [{key: _cell_to_json(cell, _column(table, key)) for key, cell in row.items()} for row in rows]


def from_json(data: Mapping[str, Any], definition: FormDefinition) -> Content:
    """The content whose canonical form this is. Raises ContentError for anything `to_json` does not write."""
    _only(data, {"cells", "explanations", "rows", "signoff"}, "content")
    cells = {key: _cell_from_json(value, _item(definition, key)) for key, value in _mapping(data, "cells").items()}
    explanations = _texts(_mapping(data, "explanations"), "explanations")
    signoff = _texts(_mapping(data, "signoff"), "signoff")
    _only(signoff, {line.name for line in fields(SignOff)}, "signoff")
    rows = {key: _rows_from_json(value, _table(definition, key)) for key, value in _mapping(data, "rows").items()}
    return Content(cells, explanations, SignOff(**signoff), rows)


def _rows_from_json(data: object, table: Table) -> tuple[dict[str, Cell], ...]:
    where = f"rows.{table.key}"
    if not isinstance(data, list) or not all(isinstance(row, Mapping) and row for row in data) or not data:
        raise ContentError(f"{where}: a list of filled rows was expected")
    if len(data) > table.max_rows:
        raise ContentError(f"{where}: over {table.max_rows} rows")
    return tuple({key: _cell_from_json(cell, _column(table, key)) for key, cell in row.items()} for row in data)


def _table(definition: FormDefinition, key: str) -> Table:
    table = definition.tables.get(key)
    if table is None:
        raise ContentError(f"form {definition.version} has no table {key!r}")
    return table


def _column(table: Table, key: str) -> Item:
    column = table.by_key.get(key)
    if column is None:
        raise ContentError(f"table {table.key} has no column {key!r}")
    return column


def _item(definition: FormDefinition, key: str) -> Item:
    item = definition.items.get(key)
    if item is None:
        raise ContentError(f"form {definition.version} has no item {key!r}")
    return item


def _cell_to_json(cell: Cell, item: Item) -> dict[str, str]:
    value = _figure(cell.value, item) if item.type.is_figure else cell.text
    plain = {"note": cell.note, "status": str(cell.status), "value": value}
    return {name: text for name, text in plain.items() if text}


def _figure(value: Decimal | None, item: Item) -> str:
    if value is None:
        return ""
    text = f"{value:.{item.decimals}f}"
    if Decimal(text) != value:
        raise ContentError(f"{item.key}: {value} has more than {item.decimals} decimals")
    return text if value else text.removeprefix("-")


def _cell_from_json(data: object, item: Item) -> Cell:
    where = f"cells.{item.key}"
    if not isinstance(data, Mapping):
        raise ContentError(f"{where}: a mapping of value, status and note was expected")
    _only(data, {"note", "status", "value"}, where)
    plain = _texts(data, where)
    written, status, note = plain.get("value", ""), plain.get("status", ""), plain.get("note", "")
    if "value" in plain and not written:
        raise ContentError(f"{where}: an empty value is left out")
    try:
        cell = _cell(written, Status(status), note, item)
    except (InvalidOperation, ValueMistake, ValueError) as error:
        raise ContentError(f"{where}: {error}") from error
    if item.type.is_figure and _figure(cell.value, item) != written:
        raise ContentError(f"{where}: the figure is not in its canonical spelling")
    return cell


def _cell(written: str, status: Status, note: str, item: Item) -> Cell:
    """A text is taken as it stands: what is sealed stays readable, whatever options a later layout has."""
    if item.type.is_figure:
        return Cell(Decimal(written) if written else None, status, note)
    return Cell(None, status, note, written)


def _mapping(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name, {})
    if not isinstance(part, Mapping):
        raise ContentError(f"{name}: a mapping was expected")
    return part


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in data:
        if name not in known:
            raise ContentError(f"{where}: unknown name {name!r}; known are {', '.join(sorted(known))}")


def _texts(data: Mapping[str, Any], where: str) -> dict[str, str]:
    """The same mapping, its values checked to be text that can be written as UTF-8."""
    for name, text in data.items():
        if not isinstance(text, str):
            raise ContentError(f"{where}.{name}: text was expected, found {type(text).__name__}")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ContentError(f"{where}.{name}: the text holds half a character") from error
    return dict(data)
