"""Each question of an XLSForm as items of a definition: names, option lists, when it is asked and required."""

import re
from collections.abc import Iterator
from typing import Final

from forms.items import UNITS
from forms.xlsform_expressions import condition
from forms.xlsform_outline import Outline, Placed, option_rows
from forms.xlsform_questions import Asked, Data, Place, Untranslatable
from forms.xlsform_sheets import HAN, SheetRow

DECIMALS: Final = 2
"""Of a decimal: an XLSForm does not say."""
YES_NO: Final = "yes_no_of_several"
"""The list of the items that a question with several answers becomes."""
_UNIT: Final = re.compile("[（(]([^（()）]{1,8})[）)]")
_MONEY: Final = ("千元", "万元", "亿元")
_PEOPLE: Final = ("人", "万人")
_TRUE: Final = {"yes", "true", "true()", "1"}
_FALSE: Final = {"", "no", "false", "false()", "0"}
_NOT_CARRIED: Final = {
    "default": ("不预填数字（统计法第七条）", "nothing is filled in for a unit"),
    "read_only": ("没有只读的题", "there are no read-only items"),
    "appearance": ("版式由表式决定", "the layout is the form's"),
    "parameters": ("没有这种参数", "there are no such parameters"),
    "choice_filter": ("选项不随其他题筛选", "options are not filtered by other answers"),
    "required_message": ("必填的提示用系统自己的话", "the system says in its own words what is missing"),
    "trigger": ("没有 trigger", "there are no triggers"),
}
_CARRIED: Final = {
    *("type", "name", "label", "hint", "guidance_hint", "relevant", "constraint", "constraint_message", "required"),
    *("calculation", "repeat_count", "unit"),
}


class Items:
    """Makes the items; `lists` are the option lists they use, `where` says which row each key came from."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self.lists: dict[str, list[Data]] = {}
        self.where: dict[str, SheetRow] = {}
        self.untranslated: list[str] = []
        self.unit_guessed: list[str] = []
        self.decimals_guessed: list[str] = []

    def place(self, placed: Placed, *, shown: bool = False) -> Place:
        """Where an expression of this question stands."""
        question = placed.question
        return Place(self._outline.questions, self._outline.tables, question, question.table, shown)

    def of(self, placed: Placed) -> Iterator[Data]:
        """The items of one question, in order: one, or one an option, and one for what else there is."""
        question, row = placed.question, placed.row
        self._unread(row)
        asked_when = self._asked_when(placed)
        shown = {"shown_when": asked_when} if asked_when else {}
        if question.asked is Asked.MANY:
            yield from self._several(placed, shown)
        else:
            item = self._named(row, question.key) | self._kind(placed) | self._required(placed, asked_when) | shown
            yield item | self._notes(row)
        if placed.or_other:
            yield self._other(placed)

    def texts(self, row: SheetRow, column: str, key: str) -> Data:
        """A text in both languages; what is missing is marked to be translated."""
        zh, en = row.texts(column)
        return self.both(self._plain(zh), self._plain(en), key)

    def both(self, zh: str, en: str, key: str) -> Data:
        """Chinese with Chinese in it, English without."""
        if not zh or not HAN.search(zh) or not en or HAN.search(en):
            self.untranslated.append(key)
        said = {"zh": zh if HAN.search(zh) else f"（待译）{zh or en or key}"}
        return said | {"en": en if en and not HAN.search(en) else f"[to be translated] {key}"}

    def _plain(self, text: str) -> str:
        """A label without references: another question is named by its own label."""
        labels = {one.question.name: one.row.texts("label") for one in self._outline.placed}

        def named(match: re.Match[str]) -> str:
            zh, en = labels.get(match[1].strip(), ("", ""))
            return f"“{zh or en or match[1]}”"

        return " ".join(re.sub(r"\$\{([^}]+)\}", named, text).split())

    def _named(self, row: SheetRow, key: str) -> Data:
        self.where[key] = row
        return {"code": "", "key": key, **self.texts(row, "label", key)}

    def _kind(self, placed: Placed) -> Data:
        """Type, unit of measure, option list."""
        question, row = placed.question, placed.row
        if question.asked is Asked.ONE:
            return {"type": "choice", "options": self._list(placed)}
        if question.asked is not Asked.FIGURE:
            return {"type": question.asked.value}
        unit = self._unit(row, question.key)
        kind = "amount" if unit in _MONEY else "stock" if unit in _PEOPLE else "count"
        if _is_whole(row):
            return {"unit": unit, "kind": kind}
        decimals = _steps(row)
        if decimals is None:
            self.decimals_guessed.append(question.key)
        return {"unit": unit, "kind": kind, "type": "decimal", "decimals": str(decimals or DECIMALS)}

    def _unit(self, row: SheetRow, key: str) -> str:
        """The unit of measure: of a column of its own, or in brackets behind the label; else a number of things."""
        labels = " ".join(text for column, text in row.cells.items() if column.startswith("label"))
        found = [row.cell("unit"), *_UNIT.findall(labels)]
        known = [unit for unit in found if unit in UNITS]
        if not known:
            self.unit_guessed.append(key)
        return known[0] if known else "个"

    def _list(self, placed: Placed) -> str:
        """The option list of a question; one more where others may be named."""
        key = re.sub(r"[^a-z0-9_]+", "_", placed.list_name.lower()).strip("_") or "list"
        key = f"list_{key}" if not key[0].isalpha() else key
        key += "_or_other" if placed.or_other else ""
        codes = placed.question.codes
        options = [{"code": codes[name], **self.both(*texts, f"{key} {name}")} for name, texts in option_rows(placed)]
        self.lists.setdefault(key, [])
        if not self.lists[key]:
            self.lists[key] = options
        return key

    def _several(self, placed: Placed, shown: Data) -> Iterator[Data]:
        """One yes-or-no item an option."""
        row = placed.row
        self.lists[YES_NO] = [{"code": "1", "zh": "是", "en": "Yes"}, {"code": "0", "zh": "否", "en": "No"}]
        label = self.texts(row, "label", placed.question.key)
        zh, en = "多选题改成每个选项一项，填 1（是）或 0（否）。", "Several answers: one yes-or-no item an option."
        self._outline.notes.append(row.note("type", zh, en))
        if row.cell("required").lower() not in _FALSE:
            self._tell(row, "required", "至少选一项不作要求", "that one at least is chosen is not asked for")
        for name, texts in option_rows(placed):
            key = placed.question.parts[name]
            self.where[key] = row
            option = self.both(*texts, key)
            names = {"zh": f"{label['zh']}：{option['zh']}", "en": f"{label['en']}: {option['en']}"}
            yield {"code": "", "key": key, **names, "type": "choice", "options": YES_NO, **shown, **self._notes(row)}

    def _other(self, placed: Placed) -> Data:
        """What else there is, in words, where “other” was chosen."""
        question = placed.question
        key = self._outline.key_of(f"{question.name}_other_text")
        self.where[key] = placed.row
        chosen = question.parts.get("other") or question.key
        code = "1" if question.asked is Asked.MANY else question.codes["other"]
        named = self.texts(placed.row, "label", key)
        names = {"zh": f"{named['zh']}：其他，请写明", "en": f"{named['en']}: other, please say what"}
        when = {"shown_when": f'(filled({chosen}) and {chosen} == "{code}")'}
        return {"code": "", "key": key, **names, "type": "text", **when}

    def _asked_when(self, placed: Placed) -> str:
        """The conditions of the question and of the groups around it, all together."""
        own, found = self.place(placed, shown=True), []
        for row in [*(frame.row for frame in placed.frames), placed.row]:
            expression = row.cell("relevant")
            if not expression or expression.lower() in _TRUE:
                continue
            try:
                found.append(condition(expression, own))
            except Untranslatable as error:
                self._tell(row, "relevant", f"“{expression}”：{error.zh}", error.en)
        return " and ".join(dict.fromkeys(found))

    def _required(self, placed: Placed, asked_when: str) -> Data:
        row, text = placed.row, placed.row.cell("required")
        if text.lower() in _FALSE or row.cell("type").lower() == "calculate":
            return {}
        if text.lower() in _TRUE:
            return {"required": "always"} if not asked_when else {"required_when": asked_when}
        try:
            return {"required_when": condition(text, self.place(placed, shown=True))}
        except Untranslatable as error:
            self._tell(row, "required", f"“{text}”：{error.zh}", error.en)
            return {}

    def _notes(self, row: SheetRow) -> Data:
        """Hints, where there are any; one language stands for both only where there is no other."""
        found: Data = {}
        for column, name in (("hint", "note"), ("guidance_hint", "scope")):
            zh, en = (self._plain(text) for text in row.texts(column))
            if zh or en:
                found |= {name: zh or en} | ({f"{name}_en": en} if en and not HAN.search(en) else {})
        return found

    def _unread(self, row: SheetRow) -> None:
        """Columns of a question that say something we have no place for."""
        for column in row.cells:
            base, _, language = column.partition("::")
            is_range = column == "parameters" and _steps(row) is not None
            if is_range or (base in _CARRIED and language in {"", "zh", "en"}):
                continue
            zh, en = _NOT_CARRIED.get(base, ("没有导入这一列", "the column is not carried over"))
            self._tell(row, column, f"{zh}：“{row.cells[column][:40]}”", en)

    def _tell(self, row: SheetRow, column: str, zh: str, en: str) -> None:
        note = row.note(column, f"{zh}。", f"{en[:1].upper()}{en[1:]}.")
        if note not in self._outline.notes:
            self._outline.notes.append(note)


def _is_whole(row: SheetRow) -> bool:
    """Whether a figure has no decimals: an integer, or a range that goes in whole steps."""
    return row.cell("type").lower() in {"integer", "int"} or _steps(row) == 0


def _steps(row: SheetRow) -> int | None:
    """The decimals of a range, where it goes in steps of 1, 0.1, 0.01 …; None for anything else."""
    if row.cell("type").lower() != "range":
        return None
    step = re.search(r"\bstep\s*=\s*(\S+)", row.cell("parameters"))
    written = re.fullmatch(r"1|0?\.(0*1)", step[1]) if step else None
    if step and not written:
        return None
    return len(written[1] or "") if written else 0
