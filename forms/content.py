"""What one return holds: cells, explanations and the sign-off, and its canonical plain form for sealing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from forms.definition import FormDefinition, Item
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

    Blank cells and blank explanations are dropped, so equal content is equal however it was typed.
    """

    cells: Mapping[str, Cell]
    explanations: Mapping[str, str]
    signoff: SignOff

    def __post_init__(self) -> None:
        cells = {key: self.cells[key] for key in sorted(self.cells) if self.cells[key] != BLANK}
        said = {rule: text for rule, text in sorted(self.explanations.items()) if text}
        object.__setattr__(self, "cells", MappingProxyType(cells))
        object.__setattr__(self, "explanations", MappingProxyType(said))

    def cell(self, key: str) -> Cell:
        """The cell of an item, BLANK when nothing was answered."""
        return self.cells.get(key, BLANK)


def to_json(content: Content, definition: FormDefinition) -> dict[str, Any]:
    """The canonical plain structure: strings only, figures at the item's declared decimals, keys sorted.

    Raises ContentError for an item the form does not have, and for a figure with more decimals than declared.
    """
    cells = {key: _cell_to_json(cell, _item(definition, key)) for key, cell in content.cells.items()}
    signoff = dict(sorted(asdict(content.signoff).items()))
    return {"cells": cells, "explanations": dict(content.explanations), "signoff": signoff}


def from_json(data: Mapping[str, Any], definition: FormDefinition) -> Content:
    """The content whose canonical form this is. Raises ContentError for anything `to_json` does not write."""
    _only(data, {"cells", "explanations", "signoff"}, "content")
    cells = {key: _cell_from_json(value, _item(definition, key)) for key, value in _mapping(data, "cells").items()}
    explanations = _texts(_mapping(data, "explanations"), "explanations")
    signoff = _texts(_mapping(data, "signoff"), "signoff")
    _only(signoff, {field.name for field in fields(SignOff)}, "signoff")
    return Content(cells, explanations, SignOff(**signoff))


def _item(definition: FormDefinition, key: str) -> Item:
    item = definition.items.get(key)
    if item is None:
        raise ContentError(f"form {definition.version} has no item {key!r}")
    return item


def _cell_to_json(cell: Cell, item: Item) -> dict[str, str]:
    plain = {"note": cell.note, "status": str(cell.status), "value": _figure(cell.value, item)}
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
    try:
        value = Decimal(plain["value"]) if "value" in plain else None
        cell = Cell(value, Status(plain.get("status", "")), plain.get("note", ""))
    except (InvalidOperation, ValueMistake, ValueError) as error:
        raise ContentError(f"{where}: {error}") from error
    if _figure(cell.value, item) != plain.get("value", ""):
        raise ContentError(f"{where}: the figure is not in its canonical spelling")
    return cell


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
