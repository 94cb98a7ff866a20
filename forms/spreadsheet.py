"""A filled template as a unit typed it: the inputs of the filing page, mistakes included, and the template's stamp.

The other way of `forms.spreadsheet_writing`. Whose return it is, and whether the draft has moved on, the door asks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from forms.definition import FormDefinition, Item, Table
from forms.fields import SIGN_OFF, filing_form
from forms.records import cell_key
from forms.spreadsheet_archive import Archive, WorkbookRefused
from forms.spreadsheet_cells import as_meant, typed_option, typed_status
from forms.spreadsheet_reading import Sheet, formulas, read_sheets
from forms.spreadsheet_stamp import (
    EXPLANATION,
    FIRST_COLUMN,
    FIRST_ROW,
    ITEMS,
    KEY_ROW,
    LAYOUT,
    NOTE,
    RULES,
    STAMP,
    STATUS,
    TABLE,
    VALUE,
    Stamp,
)
from forms.table_fields import MAX_KEPT

__all__ = ["Filled", "Stamp", "WorkbookRefused", "read_filled"]

MAX_TYPED: Final = 1_000_000
"""Characters of all inputs together, as on a page that is posted."""
_SHOWN: Final = 5
"""Places of formulas that are named."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a workbook holds: `sheets` by their marks, and the stamp."""

    stamp: Stamp
    sheets: Mapping[str, Sheet]

    def inputs(self, definition: FormDefinition, *, starred: bool) -> dict[str, str]:
        """The page's inputs, as if typed; blank ones included, so that an emptied cell is empty.

        Raises `WorkbookRefused` where a sheet that the form has is missing, or a row belongs to no input of the form.
        """
        typed = dict(_Inputs(self.sheets, definition, starred=starred).all())
        if sum(map(len, typed.values())) > MAX_TYPED:  # one long text in every cell is little in the file
            raise WorkbookRefused(
                f"填写的文字共超过 {MAX_TYPED} 字，请缩短。", f"Over {MAX_TYPED} characters in all. Shorten the texts."
            )
        return typed


def read_filled(data: bytes) -> Filled:
    """A workbook that was made of one of our templates. Raises `WorkbookRefused`."""
    sheets: dict[str, Sheet] = {}
    for name, sheet in read_sheets(Archive(data)):
        mark = sheet[0, 0].text if (0, 0) in sheet else ""
        if mark.startswith("zhibao:"):
            sheets[mark] = sheet
            _refuse_formulas(name, sheet)
    return Filled(_stamp(sheets.get(STAMP, {})), sheets)


def _refuse_formulas(name: str, sheet: Sheet) -> None:
    places = list(formulas(sheet))
    if places:
        listed = "、".join(f"{name[:40]}!{place}" for place in places[:_SHOWN])
        raise WorkbookRefused(
            f"这些格子是公式：{listed}。请改成数（复制，再“选择性粘贴—数值”），再上传。",
            f"These cells hold formulas: {listed}. Turn them into values (copy, paste special, values); upload again.",
        )


def _stamp(sheet: Sheet) -> Stamp:
    layout, version, submission, draft = (_text(sheet, row, 0) for row in range(1, 5))
    if not (layout and version and submission and draft.isascii() and draft.isdigit() and len(draft) < 10):
        raise _not_ours()
    if layout != LAYOUT:
        raise out_of_date()
    return Stamp(submission, version, int(draft))


def _not_ours() -> WorkbookRefused:
    return WorkbookRefused(
        "这不是从本页下载的模板。请先下载模板，填好再上传。",
        "This is not the template of this page. Download the template, fill it in and upload it.",
    )


def out_of_date() -> WorkbookRefused:
    """A template of another layout than is in force now."""
    return WorkbookRefused(
        "这份模板的版式已经换过。请重新下载模板，把数字抄过去再上传。",
        "The layout has changed since this template was made. Download it again and copy your figures over.",
    )


def _changed() -> WorkbookRefused:
    return WorkbookRefused(
        "模板的行或列被删改过，认不出每个格子是哪一项。请重新下载模板，把数字抄过去再上传。",
        "Rows or columns of the template were removed or changed. Download it again and copy your figures over.",
    )


def _text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.get((row, column))
    return as_meant(cell.text)[:MAX_KEPT] if cell else ""


class _Inputs:
    """Reads the sheets against the form."""

    def __init__(self, sheets: Mapping[str, Sheet], definition: FormDefinition, *, starred: bool) -> None:
        self._sheets = sheets
        self._definition = definition
        self._starred = starred
        form = filing_form(definition, starred=starred)
        self._items = {key: definition.items[key] for key in form.asked}
        self._explanations = {f"explanation-{rule}" for rule in form.explanations}

    def all(self) -> Iterator[tuple[str, str]]:
        """Every input of the page the workbook speaks of."""
        yield from self._item_rows(self._sheet(ITEMS))
        for key, table in self._definition.tables.items():
            yield from self._table_rows(self._sheet(TABLE + key), table)
        yield from self._rule_rows(self._sheet(RULES))

    def _sheet(self, mark: str) -> Sheet:
        sheet = self._sheets.get(mark)
        if sheet is None:
            raise _not_ours()
        return sheet

    def _item_rows(self, sheet: Sheet) -> Iterator[tuple[str, str]]:
        for row, name in self._named_rows(sheet, {*self._items, *SIGN_OFF}):
            item = self._items.get(name)
            value = _text(sheet, row, VALUE)
            if item is None:
                yield name, value
                continue
            yield name, typed_option(value, item)
            yield f"{name}-status", typed_status(_text(sheet, row, STATUS))
            yield f"{name}-note", _text(sheet, row, NOTE)

    def _rule_rows(self, sheet: Sheet) -> Iterator[tuple[str, str]]:
        for row, name in self._named_rows(sheet, self._explanations):
            yield name, _text(sheet, row, EXPLANATION)

    @staticmethod
    def _named_rows(sheet: Sheet, known: set[str]) -> Iterator[tuple[int, str]]:
        """The rows that carry an input's name, each name once. Raises `WorkbookRefused`."""
        found = {row: cell.text for (row, column), cell in sheet.items() if column == 0 and row > 0}
        if set(found.values()) != known or len(found) != len(known):
            raise _changed()
        return iter(sorted(found.items()))

    def _table_rows(self, sheet: Sheet, table: Table) -> Iterator[tuple[str, str]]:
        columns = self._columns(sheet, table)
        last = max((row for row, column in sheet if column in columns), default=FIRST_ROW - 1)
        if last - FIRST_ROW + 1 > table.max_rows:
            most = table.max_rows
            raise WorkbookRefused(f"超过 {most} 行，请分开填报。", f"Over {most} rows.")
        for row in range(FIRST_ROW, last + 1):
            for column, item in columns.items():
                yield cell_key(table.key, row - FIRST_ROW + 1, item.key), typed_option(_text(sheet, row, column), item)

    def _columns(self, sheet: Sheet, table: Table) -> dict[int, Item]:
        """Which column of the sheet is which: the columns this unit is asked, each once. Raises `WorkbookRefused`."""
        asked = {item.key: item for item in table.columns if self._definition.is_asked(item, starred=self._starred)}
        named = {column: cell.text for (row, column), cell in sheet.items() if row == KEY_ROW}
        names = {column: name for column, name in sorted(named.items()) if column >= FIRST_COLUMN}
        if set(names.values()) != asked.keys() or len(names) != len(asked):
            raise _changed()
        return {column: asked[name] for column, name in names.items()}
