"""From an XLSForm to a definition that `zhibao forms check` accepts, and a list of what was not carried over.

The header that 统计法 17 wants (表号, 制定机关, 文号, 有效期至) is in no XLSForm: placeholders stand for it, as in a
sample, and the list says so. Nothing is dropped in silence: what cannot be said here is named with its place.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from forms.checking import check_file
from forms.definition_text import Problem
from forms.loading import FormCatalogue
from forms.xlsform_expressions import condition, figure
from forms.xlsform_items import Items
from forms.xlsform_outline import Frame, Outline, Placed, most_rows
from forms.xlsform_questions import Data, Place, Untranslatable
from forms.xlsform_sheets import Note, SheetRow, Sheets, XlsFormRefused, read_sheets

__all__ = ["Converted", "Note", "XlsFormRefused", "convert_xlsform"]

_HEADER: Final = {
    "form_number": "待填",
    "issuer": {"zh": "待填（示例）", "en": "to be filled in (sample)"},
    "document_number": "待填",
}
_ROUNDS: Final = 5
"""What the linter finds is taken out and looked at again, so often."""
_RANGE: Final = re.compile(r"\b(start|end)\s*=\s*(-?\d+(?:\.\d+)?)")
_HEAD: Final = """# 由 XLSForm {file} 导入。启用前请统计人员核对 header（表号、制定机关、文号、有效期至）、title、
# unit_kinds、计量单位和译文。没有导入的内容列在导入时的清单里。
#
# Imported from the XLSForm {file}. Before use fill in the header, the title, the kind of unit, and check each unit of
# measure and translation. What was not carried over stands in the list of the import.

"""


@dataclass(frozen=True, slots=True)
class Converted:
    """A definition as YAML, and what of the XLSForm is not in it, or not as it stood."""

    text: str
    notes: tuple[Note, ...]


def convert_xlsform(data: bytes, file: str, *, first_year: int, known: FormCatalogue) -> Converted:
    """The definition an XLSForm describes. Raises `XlsFormRefused` when none came out that could be used."""
    sheets = read_sheets(data)
    outline = Outline(sheets)
    _leave_out_strange_calculations(outline)
    builder = _Builder(sheets, outline, file, first_year, known)
    definition = builder.definition()
    if not definition["sections"]:
        zh, en = "没有一道题可以导入。", "Not one question could be carried over."
        raise XlsFormRefused([Note("survey", 0, "", zh, en), *outline.notes])
    text = builder.checked(definition)
    notes = sorted([*builder.asked(), *outline.notes], key=lambda note: (note.sheet != "survey", note.sheet, note.row))
    return Converted(text, tuple(notes))


class _Builder:
    """Puts the definition together, asks the linter, and takes out what cannot stand."""

    def __init__(self, sheets: Sheets, outline: Outline, file: str, first_year: int, known: FormCatalogue) -> None:
        self._sheets = sheets
        self._outline = outline
        self._file = file
        self._first_year = first_year
        self._known = known
        self._items = Items(outline)
        self._rules: list[Data] = []
        self._origins: dict[str, tuple[SheetRow, str]] = {}
        """Rule → the cell it came from."""

    def definition(self) -> Data:
        """All of it, before the linter looks at it."""
        sections = list(self._sections())
        for placed in self._outline.placed:
            self._rules_of(placed)
        for frame in dict.fromkeys(frame for placed in self._outline.placed for frame in placed.frames):
            self._rows_of(frame)
        self._unread()
        title = self._sheets.settings.texts("form_title")
        return {
            "form": self._form_name(),
            "first_year": str(self._first_year),
            "unit_kinds": ["enterprise"],
            "title": self._items.both(*title, self._form_name()),
            "header": {**_HEADER, "valid_until": f"{self._first_year + 1}-12-31", "approval": "sample"},
            "required": "never",
            **({"option_lists": self._items.lists} if self._items.lists else {}),
            "sections": sections,
            **({"rules": self._rules} if self._rules else {}),
        }

    def _form_name(self) -> str:
        named = self._sheets.settings.cell("form_id") or self._file.rpartition(".")[0]
        name = re.sub(r"[^A-Za-z0-9]+", "-", named).strip("-")[:24] or "imported"
        return f"x-{name}" if name in self._known.forms else name

    def _sections(self) -> Iterator[Data]:
        """A section for each run of questions in one group, or one repeat."""
        blocks: list[list[Placed]] = []
        for placed in self._outline.placed:
            if blocks and _block(blocks[-1][0]) == _block(placed):
                blocks[-1].append(placed)
            else:
                blocks.append([placed])
        printed = 0
        for run in blocks:
            items = [item for placed in run for item in self._items.of(placed)]
            repeat = next((frame for frame in run[0].frames if frame.table), None)
            start = 1 if repeat else printed + 1
            for number, item in enumerate(items, start=start):
                item["code"] = str(number)
            title = {"title": self._title(_block(run[0]))}
            if repeat:
                yield {**title, "table": {"key": repeat.table, "max_rows": str(most_rows(repeat)), "columns": items}}
            else:
                printed += len(items)
                yield {**title, "items": items}

    def _title(self, frames: Sequence[Frame]) -> Data:
        """The labels of the groups, outermost first; questions in no group are called general."""
        named = [self._items.texts(frame.row, "label", frame.row.cell("name")) for frame in frames if frame.row.cells]
        if not named:
            return {"zh": "基本情况", "en": "General"}
        return {lang: " / ".join(title[lang] for title in named) for lang in ("zh", "en")}

    def _rules_of(self, placed: Placed) -> None:
        """What its constraint, its calculation and its range ask."""
        row, question, place = placed.row, placed.question, self._items.place(placed)
        name = self._items.texts(row, "label", question.key)
        if row.cell("constraint"):
            zh, en = row.texts("constraint_message")
            said = self._items.both(zh, en, question.key) if zh or en else _unmet(name)
            self._rule(row, "constraint", "C", place, said, condition)
        if row.cell("calculation"):
            said = {"zh": f"“{name['zh']}”与计算结果不相等。", "en": f"“{name['en']}” is not what it adds up to."}
            self._rule(row, "calculation", "T", place, said, _equal(question.key))
        if row.cell("type").lower() == "range":
            self._rule(row, "parameters", "B", place, _unmet(name), _within(question.key))

    def _rows_of(self, frame: Frame) -> None:
        """A repeat as often as another question says."""
        row, count = frame.row, frame.row.cell("repeat_count")
        if not frame.table or not count or count.isdigit():
            return
        title = self._items.texts(row, "label", frame.table)
        said = {"zh": f"“{title['zh']}”的行数与填报的数不相等。", "en": f"“{title['en']}”: the number of rows differs."}
        place = Place(self._outline.questions, self._outline.tables)
        self._rule(row, "repeat_count", "N", place, said, _equal(f"count({frame.table})"))

    def _rule(self, row: SheetRow, column: str, letter: str, place: Place, said: Data, translate: "_Translate") -> None:
        """One rule, fatal as it is in an XLSForm; or a note why there is none."""
        try:
            expression = translate(row.cell(column), place)
        except Untranslatable as error:
            text = row.cell(column)
            self._outline.notes.append(row.note(column, f"“{text}”：{error.zh}。", f"“{text}”: {error.en}."))
            return
        number = f"{letter}{sum(rule['id'].startswith(letter) for rule in self._rules) + 1}"
        each = {"for_each": place.table} if place.table else {}
        source = f"XLSForm {self._file} survey:{row.number} {column}"
        self._origins[number] = (row, column)
        self._rules.append(
            {"id": number, "severity": "fatal", **each, "expression": expression, **said, "source": source}
        )

    def _unread(self) -> None:
        """Settings and sheets that have no place here."""
        for sheet in self._sheets.unread:
            zh, en = "这张工作表没有导入。", "The sheet is not carried over."
            self._outline.notes.append(Note(sheet, 0, "", zh, en))
        for column in self._sheets.settings.cells:
            if column.partition("::")[0] not in {"form_title", "form_id", "default_language"}:
                zh, en = "这项设置没有导入。", "The setting is not carried over."
                self._outline.notes.append(self._sheets.settings.note(column, zh, en))
        for row in self._sheets.choices:
            for column in row.cells:
                if column.partition("::")[0] not in {"list_name", "name", "label"}:
                    zh, en = "选项的这一列没有导入。", "The column of the option is not carried over."
                    self._outline.notes.append(row.note(column, zh, en))

    def asked(self) -> Iterator[Note]:
        """What the statistician has to decide, once each."""
        yield Note(
            "survey", 0, "", "表头是占位的：表号、制定机关、文号、有效期至待填。", "The header is a placeholder."
        )
        yield Note("survey", 0, "", "unit_kinds 是 enterprise，请核对。", "The kind of unit is a guess: enterprise.")
        for keys, zh, en in (
            (self._items.unit_guessed, "没有计量单位，先填“个”", "no unit of measure, 个 stands for it"),
            (self._items.decimals_guessed, "小数位数先填 2", "two decimals are a guess"),
            (self._items.untranslated, "中文或英文名称待译", "Chinese or English is to be translated"),
        ):
            if keys:
                listed = "、".join(dict.fromkeys(keys))
                yield Note("survey", 0, "", f"{zh}：{listed}。", f"{en[:1].upper()}{en[1:]}.")

    def checked(self, definition: Data) -> str:
        """The text that the linter accepts. Raises `XlsFormRefused` with what it says when it accepts none."""
        for _ in range(_ROUNDS):
            text = _HEAD.format(file=self._file) + _dump(definition)
            problems = check_file(text, self._file, self._known)
            if not problems:
                return text
            if not self._take_out(definition, problems):
                break
        notes = [Note("survey", 0, problem.path, problem.message, "") for problem in problems]
        raise XlsFormRefused([*notes, *self._outline.notes])

    def _take_out(self, definition: Data, problems: Sequence[Problem]) -> bool:
        """Leave out each rule and condition that the linter will not have; whether there was any."""
        rules, found = definition.get("rules", []), False
        for problem in problems:
            parts = problem.path.split(".")
            if parts[0] == "rules":
                rule = rules[int(parts[1])]
                row, column = self._origins[rule["id"]]
                found |= self._left_out(row, column, problem.message)
                rule["left_out"] = True
            elif parts[-1] in {"shown_when", "required_when"}:
                item = _at(definition, parts[:-1])
                column = "relevant" if parts[-1] == "shown_when" else "required"
                found |= self._left_out(self._items.where[item["key"]], column, problem.message)
                item.pop(parts[-1], None)
        if "rules" in definition:
            definition["rules"] = [rule for rule in rules if "left_out" not in rule]
            definition |= {} if definition["rules"] else {"rules": []}
        return found

    def _left_out(self, row: SheetRow, column: str, why: str) -> bool:
        note = row.note(column, f"没有导入：{why}", f"Not carried over: “{row.cell(column)}”.")
        if note not in self._outline.notes:
            self._outline.notes.append(note)
        return True


def _leave_out_strange_calculations(outline: Outline) -> None:
    """A question that is computed by what we cannot say is none; nor is one computed from it."""
    found = True
    while found:
        found = False
        for placed in [one for one in outline.placed if one.row.cell("type").lower() == "calculate"]:
            row, question = placed.row, placed.question
            text = row.cell("calculation")
            try:
                figure(text, Place(outline.questions, outline.tables, question, question.table))
            except Untranslatable as error:
                zh, en = f"计算“{text}”不能导入：{error.zh}。", f"“{text}” is not carried over: {error.en}."
                outline.leave_out(placed, row.note("calculation", zh, en))
                found = True


def _block(placed: Placed) -> tuple[Frame, ...]:
    """What makes a section of its own: the groups around a question, or those up to its repeat."""
    for number, frame in enumerate(placed.frames, start=1):
        if frame.table:
            return placed.frames[:number]
    return placed.frames


def _unmet(name: Mapping[str, str]) -> Data:
    return {"zh": f"“{name['zh']}”不符合要求，请核对。", "en": f"“{name['en']}” is not as it must be."}


_Translate = Callable[[str, Place], str]


def _equal(left: str) -> _Translate:
    return lambda expression, place: f"{left} == {figure(expression, place)}"


def _within(key: str) -> _Translate:
    """A range says where it starts and ends; 0 and 10 where it does not."""

    def bounds(parameters: str, _: Place) -> str:
        given = {"start": "0", "end": "10"} | dict(_RANGE.findall(parameters))
        if given["start"].startswith("-") or given["end"].startswith("-"):
            raise Untranslatable("数值不能为负", "no figure is negative")
        return f"{key} >= {given['start']} and {key} <= {given['end']}"

    return bounds


def _at(data: Any, path: Sequence[str]) -> Data:
    for part in path:
        data = data[int(part)] if isinstance(data, list) else data[part]
    found: Data = data
    return found


def _dump(definition: Data) -> str:
    import yaml

    text: str = yaml.safe_dump(definition, allow_unicode=True, sort_keys=False, width=110)
    return text
