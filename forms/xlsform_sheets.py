"""The sheets of an XLSForm as rows with their places, read and checked by pyxform (https://xlsform.org).

pyxform is loaded here only: it comes with a library for workbooks and a parser of its own, which no server needs.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forms.items import UNITS
from forms.spreadsheet_archive import Archive, WorkbookRefused
from forms.spreadsheet_reading import sheet_parts

_ALIASES: Final[Mapping[str, str]] = {
    "relevance": "relevant",
    "calculate": "calculation",
    "caption": "label",
    "list name": "list_name",
    "constraining_message": "constraint_message",
    "requiredmsg": "required_message",
    "readonly": "read_only",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "control::jr:count": "repeat_count",
    "计量单位": "unit",
}
"""Other names of the columns that are read."""
_CHINESE: Final = re.compile(r"(\bzh\b|\bzh[-_]|chinese|中文|汉语|简体)", re.IGNORECASE)
_ENGLISH: Final = re.compile(r"(\ben\b|\ben[-_]|english|英文|英语)", re.IGNORECASE)
HAN: Final = re.compile(r"[㐀-鿿]")
_IN_UNITS: Final = re.compile(f"[（(]({'|'.join(UNITS)})[）)]")
_BROKEN: Final = (SyntaxError, ValueError, LookupError, TypeError, AttributeError)
"""What the libraries under pyxform raise over a workbook that is damaged (a ParseError is a SyntaxError)."""
_SHEETS: Final = ("survey", "choices", "settings")


@dataclass(frozen=True, slots=True)
class Note:
    """Something of an XLSForm that was not carried over, or not as it stood: one per cell, row or sheet."""

    sheet: str
    row: int
    """As the spreadsheet counts; 1 is the header, 0 the sheet as a whole."""
    column: str
    zh: str
    en: str

    def __str__(self) -> str:
        row = f":{self.row}" if self.row else ""
        column = f" {self.column}" if self.column else ""
        return f"{self.sheet}{row}{column}: {self.zh} {self.en}"


class XlsFormRefused(ValueError):
    """No usable definition came of an XLSForm; `notes` say why, and what else was found."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self.notes = tuple(notes)
        super().__init__("\n".join(map(str, self.notes)))


@dataclass(frozen=True, slots=True, eq=False)
class SheetRow:
    """One row that holds anything: its cells by column, each column under one spelling of its name."""

    sheet: str
    number: int
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        """The text of a column, blank for none."""
        return self.cells.get(column, "")

    def texts(self, column: str) -> tuple[str, str]:
        """Chinese and English of a column that has languages; one without a language goes by its characters.

        A unit of measure in brackets, which stands apart in a definition, is left out.
        """
        named = (f"{column}::zh", f"{column}::en", column)
        zh, en, plain = (_IN_UNITS.sub("", self.cell(name)).strip() for name in named)
        if plain and HAN.search(plain):
            return zh or plain, en
        return zh, en or plain

    def note(self, column: str, zh: str, en: str) -> Note:
        """A note about one of its cells."""
        return Note(self.sheet, self.number, column, zh, en)


@dataclass(frozen=True, slots=True)
class Sheets:
    """An XLSForm: its three sheets, and what of it is not read at all."""

    survey: tuple[SheetRow, ...]
    choices: tuple[SheetRow, ...]
    settings: SheetRow
    unread: tuple[str, ...]
    """Other sheets that belong to an XLSForm."""


def read_sheets(data: bytes) -> Sheets:
    """The rows of an XLSForm that pyxform finds sound. Raises `XlsFormRefused`."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import xlsx_to_dict
    from pyxform.xls2xform import convert

    try:
        sheet_parts(Archive(data))
        raw: Mapping[str, Any] = xlsx_to_dict(io.BytesIO(data))
        convert(xlsform=io.BytesIO(data), file_type=".xlsx", warnings=[], validate=False, pretty_print=False)
    except WorkbookRefused as error:
        raise XlsFormRefused([Note("", 0, "", error.zh, error.en)]) from error
    except (PyXFormError, *_BROKEN) as error:
        zh, en = "这不是一份完整的 XLSForm，pyxform 说：", "This is no sound XLSForm; pyxform says:"
        raise XlsFormRefused([Note("survey", 0, "", zh, f"{en} {' '.join(str(error).split())}")]) from error
    named = {name: tuple(_rows(name, raw.get(name) or ())) for name in _SHEETS}
    settings = next(iter(named["settings"]), SheetRow("settings", 2, {}))
    unread = tuple(name for name in raw if name in {"entities", "external_choices", "osm"} and raw[name])
    return Sheets(named["survey"], named["choices"], settings, unread)


def _rows(sheet: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[SheetRow]:
    for number, row in enumerate(rows, start=2):
        cells = {_column(name): str(text).strip() for name, text in row.items() if str(text or "").strip()}
        if cells:
            yield SheetRow(sheet, number, cells)


def _column(header: str) -> str:
    """One spelling of a column's name: `label::English (en)` is label::en, `bind::relevant` is relevant."""
    name = re.sub(r"\s*::?\s*", "::", header.strip()) if "::" in header else header.strip()
    base, _, language = name.partition("::")
    base = base.lower()
    if base == "bind" and language:
        return _ALIASES.get(language.lower(), language.lower())
    if not language:
        return _ALIASES.get(base, base)
    if _CHINESE.search(language):
        return f"{_ALIASES.get(base, base)}::zh"
    if _ENGLISH.search(language):
        return f"{_ALIASES.get(base, base)}::en"
    return f"{base}::{language}"
