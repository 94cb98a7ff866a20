"""The cells of an uploaded workbook, read piece by piece: no tree is built, and nothing but text cells is kept.

A small reader of our own, because those there are take a whole workbook: styles, drawings and the emptiness between two
far cells included (docs/decisions/0015). XML comes through defusedxml, which refuses a DOCTYPE.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from forms.spreadsheet_archive import MAX_OTHER, MAX_SHEET, Archive, WorkbookRefused
from forms.spreadsheet_cells import figure_text, unescaped
from forms.table_fields import MAX_KEPT

MAX_SHEETS: Final = 30
MAX_ROW: Final = 5_000
MAX_COLUMN: Final = 64
MAX_CELLS: Final = 100_000
"""Cells of one sheet that hold anything."""
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_SHARED: Final = "s"


@dataclass(frozen=True, slots=True)
class SheetCell:
    """One cell that holds something, as a person would have typed it; `formula` if a formula made it."""

    text: str
    formula: bool = False


Sheet = Mapping[tuple[int, int], SheetCell]
"""The filled cells of one sheet by row and column, from 0."""


def read_sheets(archive: Archive) -> Iterator[tuple[str, Sheet]]:
    """Each worksheet by its name. Raises `WorkbookRefused`."""
    named = sheet_parts(archive)
    strings = _shared_strings(archive)
    for name, part in named.items():
        sheet = _SheetTarget(strings)
        _parse(archive, part, MAX_SHEET, sheet)
        yield name, sheet.cells


def sheet_parts(archive: Archive) -> dict[str, str]:
    """The part of each worksheet by its name, in the order of the workbook. Raises `WorkbookRefused`."""
    listed = list(_sheet_names(archive))
    if len(listed) > MAX_SHEETS:
        raise _outside()
    return dict(listed)


def _sheet_names(archive: Archive) -> Iterator[tuple[str, str]]:
    """Name and part of every worksheet, in the order of the workbook."""
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    listed: list[tuple[str, str]] = []

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            ids = [value for name, value in attributes.items() if name.endswith("}id")]
            listed.append((attributes.get("name", ""), ids[0] if ids else ""))

    _parse(archive, "xl/_rels/workbook.xml.rels", MAX_OTHER, _StartTarget(relation))
    _parse(archive, "xl/workbook.xml", MAX_OTHER, _StartTarget(sheet))
    for name, identifier in listed:
        target = targets.get(identifier)
        if target is not None:
            yield name, target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _shared_strings(archive: Archive) -> list[str]:
    target = _StringsTarget()
    if "xl/sharedStrings.xml" in archive.parts:
        _parse(archive, "xl/sharedStrings.xml", MAX_SHEET, target)
    return target.strings


def _parse(archive: Archive, part: str, most: int, target: Any) -> None:
    """Feed one part to a target that keeps only what it wants. Raises `WorkbookRefused`."""
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        for chunk in archive.chunks(part, most):
            parser.feed(chunk)
        parser.close()
    except DefusedXmlException as error:
        raise WorkbookRefused(
            "文件里有不该有的内容（DOCTYPE 或实体）。请重新下载模板填写。",
            "The file holds what no workbook needs (a DOCTYPE or entities). Download the template again.",
        ) from error
    except (ParseError, UnicodeError, LookupError, ValueError) as error:
        if isinstance(error, WorkbookRefused):
            raise
        raise WorkbookRefused(
            "文件损坏，读不出来。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。",
            "The file is damaged. Open it in Excel, save it as .xlsx and upload it again.",
        ) from error


def _outside() -> WorkbookRefused:
    return WorkbookRefused(
        "表格以外的地方填了内容，或表格太大。请重新下载模板，只填浅黄色的格子。",
        "Something is filled in outside the form, or there is too much. Download the template again; fill in the yellow"
        " cells only.",
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _StartTarget:
    """Hears of each element as it begins; keeps nothing."""

    def __init__(self, begin: Callable[[str, Mapping[str, str]], None]) -> None:
        self._begin = begin

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._begin(_local(tag), attributes)


class _Text:
    """Collects the text of the elements that hold any, up to what is kept of an input."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._left = 0

    def begin(self) -> None:
        """From here on."""
        self._pieces, self._left = [], MAX_KEPT + 1

    def add(self, data: str) -> None:
        """Some more of it."""
        if self._left > 0:
            self._pieces.append(data[: self._left])
            self._left -= len(data)

    def end(self) -> str:
        """All of it."""
        return "".join(self._pieces)


class _StringsTarget:
    """xl/sharedStrings.xml: the text of each `si`, runs joined, readings (phonetic runs) left out."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._text = _Text()
        self._wanted = False
        self._reading = False

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        if name == "si":
            self._text.begin()
        elif name == "rPh":
            self._reading = True
        elif name == "t":
            self._wanted = not self._reading

    def end(self, tag: str) -> None:
        """An element ends."""
        name = _local(tag)
        if name == "si":
            self.strings.append(unescaped(self._text.end()))
        elif name == "rPh":
            self._reading = False
        elif name == "t":
            self._wanted = False

    def data(self, data: str) -> None:
        """Text of the innermost element."""
        if self._wanted:
            self._text.add(data)


class _SheetTarget:
    """One worksheet: its filled cells; a filled cell far outside any form of ours ends the reading."""

    def __init__(self, strings: list[str]) -> None:
        self.cells: dict[tuple[int, int], SheetCell] = {}
        self._strings = strings
        self._row = self._column = -1
        self._kind = ""
        self._formula = self._wanted = self._reading = False
        self._text = _Text()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = _local(tag)
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row = _whole(attributes.get("r"), self._row + 2) - 1
            self._column = -1
        elif name in {"v", "t"}:
            self._wanted = not self._reading
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._reading = True

    def end(self, tag: str) -> None:
        """An element ends."""
        name = _local(tag)
        if name == "c":
            self._end_cell()
        elif name in {"v", "t"}:
            self._wanted = False
        elif name == "rPh":
            self._reading = False

    def data(self, data: str) -> None:
        """Text of the innermost element."""
        if self._wanted:
            self._text.add(data)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column(found[1]) if found else self._column + 1
        self._row = int(found[2]) - 1 if found else self._row
        self._kind = attributes.get("t", "n")
        self._formula = False
        self._text.begin()

    def _end_cell(self) -> None:
        text = self._meaning(self._text.end())
        if not text and not self._formula:
            return
        if self._row >= MAX_ROW or self._column >= MAX_COLUMN or len(self.cells) >= MAX_CELLS:
            raise _outside()
        self.cells[self._row, self._column] = SheetCell(text, self._formula)

    def _meaning(self, text: str) -> str:
        """What the cell says: a shared string by its number, a number without its noise, all else as it stands."""
        if self._kind == _SHARED:
            number = _whole(text.strip(), -1)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if self._kind == "n":
            return figure_text(text.strip())
        return unescaped(text)


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def formulas(sheet: Sheet) -> Iterable[str]:
    """The places of formulas as people name them: D12."""
    for (row, column), cell in sorted(sheet.items()):
        if cell.formula:
            yield f"{_letters(column)}{row + 1}"


def _letters(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
