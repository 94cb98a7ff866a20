"""The order of an XLSForm: its questions in their groups and repeats, each with the key and options it gets here."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from forms.definition_schema import MAX_ROWS
from forms.linting import RESERVED_KEYS
from forms.xlsform_questions import Asked, Question
from forms.xlsform_sheets import Note, SheetRow, Sheets

_BEGIN: Final = re.compile(r"begin[ _](?P<kind>group|repeat|loop)")
_END: Final = re.compile(r"end[ _](group|repeat|loop)")
_SELECT: Final = re.compile(
    r"(?P<many>select[ _](?:multiple|all[ _]that[ _]apply)(?:[ _]from)?|select[ _]one(?:[ _]from)?|select1)"
    r" +(?P<list>\S+?)(?P<other> +or[ _]other)?"
)
_KINDS: Final[Mapping[str, Asked]] = {
    "integer": Asked.FIGURE,
    "int": Asked.FIGURE,
    "decimal": Asked.FIGURE,
    "range": Asked.FIGURE,
    "calculate": Asked.FIGURE,
    "text": Asked.TEXT,
    "string": Asked.TEXT,
    "barcode": Asked.TEXT,
    "date": Asked.DATE,
}
_CODE: Final = re.compile(r"[0-9A-Za-z]{1,10}")
_OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Frame:
    """An open group or repeat. `table` is the key of a repeat's table; `row` says where it begins."""

    row: SheetRow
    kind: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A question with the groups around it, outermost first; `options` are the rows of its list."""

    row: SheetRow
    question: Question
    frames: tuple[Frame, ...]
    list_name: str = ""
    options: tuple[SheetRow, ...] = ()
    or_other: bool = False


class Outline:
    """All that can be carried over, in order, and notes on what cannot."""

    def __init__(self, sheets: Sheets) -> None:
        self.notes: list[Note] = []
        self.placed: list[Placed] = []
        self.tables: dict[str, str] = {}
        self.recoded: set[str] = set()
        self._lists = _by_list(sheets.choices)
        self._taken: set[str] = set()
        self._frames: list[Frame] = []
        for row in sheets.survey:
            self._take(row)
        unused = self._lists.keys() - {one.list_name for one in self.placed}
        for name in sorted(unused):
            first = self._lists[name][0]
            self.notes.append(
                first.note("list_name", f"没有题用到选项表 {name}。", f"No question uses the list {name}.")
            )

    def leave_out(self, placed: Placed, note: Note) -> None:
        """Do without a question after all, and say why."""
        self.placed.remove(placed)
        self.notes.append(note)

    @property
    def questions(self) -> Mapping[str, Question]:
        """The questions by their name in the XLSForm; a name that stands twice means the last."""
        return {one.question.name: one.question for one in self.placed}

    def _note(self, row: SheetRow, column: str, zh: str, en: str) -> None:
        self.notes.append(row.note(column, zh, en))

    def _take(self, row: SheetRow) -> None:
        kind = re.sub(r"\s+", " ", row.cell("type")).strip()
        begin = _BEGIN.fullmatch(kind.lower())
        if begin:
            self._open(row, begin["kind"])
        elif _END.fullmatch(kind.lower()):
            self._frames = self._frames[:-1]
        elif sum(frame.kind == "repeat" for frame in self._frames) > 1 or "loop" in {f.kind for f in self._frames}:
            self._note(row, "type", "重复里的重复不能导入。", "A repeat within a repeat is not carried over.")
        else:
            self._question(row, kind)

    def _open(self, row: SheetRow, kind: str) -> None:
        table = ""
        if kind == "repeat":
            table = self.key_of(row.cell("name"))
            self.tables[row.cell("name")] = table
        if kind == "loop":
            self._note(row, "type", "loop 不能导入。", "A loop is not carried over.")
        self._frames.append(Frame(row, kind, table))

    def _question(self, row: SheetRow, kind: str) -> None:
        select = _SELECT.fullmatch(kind)
        asked = _KINDS.get(kind.lower())
        if select:
            self._select(row, select)
        elif asked is None:
            said = row.texts("label")
            label = f"（{said[0] or said[1]}）" if any(said) else ""
            self._note(row, "type", f"题型 {kind} 不能导入{label}。", f"The type {kind} is not carried over.")
        else:
            if kind.lower() == "barcode":
                self._note(row, "type", "条码按文字导入。", "A barcode is carried over as text.")
            key = self.key_of(row.cell("name"), row)
            self._add(row, Question(row.cell("name"), key, asked, self._table()))

    def _select(self, row: SheetRow, select: re.Match[str]) -> None:
        name, options = select["list"], self._lists.get(select["list"], ())
        if not options:
            self._note(row, "type", f"没有选项表 {name}，不能导入。", f"There is no list {name}: not carried over.")
            return
        names = [option.cell("name") for option in options] + ([_OTHER] if select["other"] else [])
        key = self.key_of(row.cell("name"), row)
        if "one" in select["many"] or select["many"] == "select1":
            codes = self._codes(name, names, row)
            question = Question(row.cell("name"), key, Asked.ONE, self._table(), codes)
        else:
            parts = {option: self.key_of(f"{row.cell('name')}_{option}") for option in names}
            question = Question(row.cell("name"), key, Asked.MANY, self._table(), parts=parts)
        self._add(row, question, name, options, or_other=bool(select["other"]))

    def _codes(self, list_name: str, names: list[str], row: SheetRow) -> Mapping[str, str]:
        """The options' codes: their own names where those can be codes, else their numbers."""
        if all(_CODE.fullmatch(name) for name in names):
            return {name: name for name in names}
        if list_name not in self.recoded:
            self.recoded.add(list_name)
            zh = f"选项表 {list_name} 的选项名不能作代码，改用 1 至 {len(names)}。"
            self._note(row, "type", zh, f"Names of {list_name} cannot be codes: numbered 1 to {len(names)}.")
        return {name: str(number) for number, name in enumerate(names, start=1)}

    def _add(
        self,
        row: SheetRow,
        question: Question,
        list_name: str = "",
        options: tuple[SheetRow, ...] = (),
        *,
        or_other: bool = False,
    ) -> None:
        self.placed.append(Placed(row, question, tuple(self._frames), list_name, options, or_other))

    def _table(self) -> str:
        return next((frame.table for frame in reversed(self._frames) if frame.table), "")

    def key_of(self, name: str, row: SheetRow | None = None) -> str:
        """A key of our own for a name, one that nothing else has; `row` is told where it had to change."""
        plain = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:50] or "item"
        if not plain[0].isalpha():
            plain = f"q_{plain}"
        if plain in RESERVED_KEYS or keyword.iskeyword(plain):
            plain = f"{plain}_item"
        key, number = plain, 1
        while key in self._taken:
            number += 1
            key = f"{plain}_{number}"
        self._taken.add(key)
        if row is not None and key != name:
            self._note(row, "name", f"“{name}”改名为 {key}。", f"“{name}” is called {key} here.")
        return key


def option_rows(placed: Placed) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name and texts of each option, the one that asks for others included."""
    for option in placed.options:
        yield option.cell("name"), option.texts("label")
    if placed.or_other:
        yield _OTHER, ("其他", "Other")


def most_rows(frame: Frame) -> int:
    """How many rows a repeat may have, where it says so by a number."""
    count = frame.row.cell("repeat_count")
    return min(int(count), MAX_ROWS) if count.isascii() and count.isdigit() and int(count[:6]) else MAX_ROWS


def _by_list(choices: tuple[SheetRow, ...]) -> dict[str, tuple[SheetRow, ...]]:
    lists: dict[str, tuple[SheetRow, ...]] = {}
    for row in choices:
        name = row.cell("list_name")
        if name and row.cell("name"):
            lists[name] = (*lists.get(name, ()), row)
    return lists
