"""The filing form as WTForms: one field an item or table, what was typed kept as typed, and the sign-off block."""

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, ClassVar, Final

from wtforms import Field, Form, StringField, ValidationError
from wtforms.validators import Length
from wtforms.widgets import TextInput

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Item, ItemType, Severity
from forms.edits import Finding, Surroundings
from forms.explanation_marks import MARK
from forms.records import cell_key
from forms.statistical_edits import watched_items
from forms.table_fields import MAX_KEPT, Inputs, TableField, first_input
from forms.text_values import read_cell
from forms.values import Cell, Status, ValueMistake, format_number
from forms.whole_check import whole_check

MAX_NOTE: Final = 500
MAX_EXPLANATION: Final = 1_000
MAX_SIGN_OFF: Final = 100
MAX_MARK: Final = 40

SIGN_OFF: Final[Mapping[str, tuple[str, str]]] = {
    "unit_head": ("单位负责人", "Head of the unit"),
    "statistician": ("统计负责人", "Statistician in charge"),
    "filler": ("填表人", "Filler"),
    "phone": ("联系电话", "Telephone"),
    "report_date": ("报出日期", "Date of report"),
}


class _TypedInputs(dict[str, str]):
    """Inputs kept from an earlier page, given back to WTForms as if just posted."""

    def getlist(self, name: str, /) -> list[str]:
        return [self[name]] if name in self else []


class ItemField(Field):
    """The three inputs of one item: `key` the figure, `key-status` the status, `key-note` the note.

    Reading never raises. `cell` is what they say, BLANK included, or None where `mistake` says why not.
    """

    widget = TextInput()
    item: Item
    raw_text: str
    raw_status: str
    raw_note: str
    cell: Cell | None
    mistake: ValueMistake | None

    def __init__(self, item: Item, **kwargs: Any) -> None:
        super().__init__(label=item.name_zh, render_kw={"inputmode": _INPUT_MODES.get(item.type, "decimal")}, **kwargs)
        self.item = item

    def process(self, formdata: Inputs | None, data: object = None, extra_filters: object = None) -> None:
        """Takes the posted inputs only; a stored return comes in as inputs too, so there is one way in."""
        self.process_errors = []
        self.raw_text = first_input(formdata, self.name)
        self.raw_status = first_input(formdata, f"{self.name}-status")
        self.raw_note = first_input(formdata, f"{self.name}-note")
        self.raw_data = [self.raw_text]
        self.object_data = None
        try:
            self.cell, self.mistake = self._read(), None
        except ValueMistake as mistake:
            self.cell, self.mistake = None, mistake
        self.data = self.cell

    def inputs(self) -> Iterator[tuple[str, str]]:
        """Each input's name and its text as typed."""
        yield self.name, self.raw_text
        yield f"{self.name}-status", self.raw_status
        yield f"{self.name}-note", self.raw_note

    def pre_validate(self, form: object) -> None:
        """The field's own validator: the mistake's message, in Chinese; `mistake.en` has the English one."""
        if self.mistake is not None:
            raise ValidationError(self.mistake.zh)

    def _value(self) -> str:
        return self.raw_text

    def _read(self) -> Cell:
        status = _STATUSES.get(self.raw_status)
        if status is None:
            raise ValueMistake("unknown_status", "没有这种填报状态，请重新选择。", "Choose one of the statuses.")
        if len(self.raw_note) > MAX_NOTE:
            raise ValueMistake(
                "note_too_long",
                f"备注超过 {MAX_NOTE} 字，请缩短。",
                f"The note is over {MAX_NOTE} characters.",
            )
        return read_cell(self.raw_text, self.item, status, self.raw_note.strip())


_INPUT_MODES: Final = {ItemType.TEXT: "text", ItemType.CHOICE: "numeric", ItemType.MONTH: "numeric"}
_STATUSES: Final = {str(status): status for status in Status}


def _kept(text: str | None) -> str:
    return (text or "")[:MAX_KEPT]


def _text_field(label: str, limit: int, *, required: bool, kind: type[StringField] = StringField) -> Any:
    """A text input; that it is filled is asked only when the return is sent: any draft can be saved."""
    keywords: dict[str, Any] = {"maxlength": limit, **({"required": True} if required else {})}
    too_long = Length(max=limit, message=f"{label}超过 {limit} 字，请缩短。")
    return kind(label, validators=[too_long], filters=[_kept], render_kw=keywords)


class ExplanationField(StringField):
    """The reason for one rule. `mark`, a hidden input of the page, says for which values it was written."""

    mark: str

    def process(self, formdata: Any, data: object = None, extra_filters: Any = None) -> None:
        """Takes the posted text, and the mark beside it."""
        super().process(formdata, data, extra_filters)
        self.mark = first_input(formdata, f"{self.name}{MARK}")[:MAX_MARK]


class FilingForm(Form):
    """The page of one form for one unit: an ItemField an asked item, explanations, the sign-off block.

    CSRF is the door's business (Flask-WTF's CSRFProtect guards every form alike).
    """

    definition: ClassVar[FormDefinition]
    starred: ClassVar[bool]
    asked: ClassVar[tuple[str, ...]]
    explanations: ClassVar[tuple[str, ...]]

    @property
    def item_fields(self) -> Iterator[ItemField]:
        """The items asked, in document order."""
        return (field for field in self if isinstance(field, ItemField))

    @property
    def text_fields(self) -> Iterator[Field]:
        """Explanations and sign-off."""
        return (field for field in self if not isinstance(field, ItemField | TableField))

    @property
    def table_fields(self) -> Iterator[TableField]:
        """The tables, in document order."""
        return (field for field in self if isinstance(field, TableField))

    @property
    def row_mistakes(self) -> dict[str, tuple[Item, int, ValueMistake]]:
        """Every cell of a table that cannot be read, by its name: its column, its row, why."""
        return {name: found for field in self.table_fields for name, found in field.mistakes.items()}

    @property
    def mistakes(self) -> dict[str, ValueMistake]:
        """Every cell that cannot be read, by item key."""
        return {field.name: field.mistake for field in self.item_fields if field.mistake is not None}


_EXPLAINED: Final = (Severity.FIRM, Severity.QUERY)
"""A fatal rule cannot be explained away, and a note asks for nothing."""


@lru_cache(maxsize=64)
def filing_form(definition: FormDefinition, *, starred: bool) -> type[FilingForm]:
    """The form class of a definition, for starred units or for the others."""
    asked = [item for item in definition.items.values() if definition.is_asked(item, starred=starred)]
    ruled = [rule.id for rule in definition.rules if rule.severity in _EXPLAINED]
    explained = tuple(dict.fromkeys([*ruled, *watched_items(definition)]))
    members: dict[str, Any] = {
        "definition": definition,
        "starred": starred,
        "asked": tuple(item.key for item in asked),
        "explanations": explained,
    }
    members |= {item.key: ItemField(item) for item in asked}
    for table in definition.tables.values():
        columns = [column for column in table.columns if definition.is_asked(column, starred=starred)]
        members[table.key] = TableField(table, columns)
    reason = partial(_text_field, "填报说明", MAX_EXPLANATION, required=False, kind=ExplanationField)
    members |= {f"explanation-{rule}": reason() for rule in explained}
    members |= {name: _text_field(zh, MAX_SIGN_OFF, required=True) for name, (zh, _) in SIGN_OFF.items()}
    return type("FilingForm", (FilingForm,), members)


def blank_form(definition: FormDefinition, *, starred: bool, report_date: str) -> FilingForm:
    """A first page, with nothing filled but the date of report."""
    return form_from_raw(definition, {"report_date": report_date}, starred=starred)


def form_from_raw(definition: FormDefinition, raw: Mapping[str, str], *, starred: bool) -> FilingForm:
    """The page exactly as it was typed: the other way of `raw_inputs`."""
    return filing_form(definition, starred=starred)(_TypedInputs(raw))


def form_from_content(definition: FormDefinition, content: Content, *, starred: bool) -> FilingForm:
    """The page that says what a stored return says."""
    raw: dict[str, str] = {}
    for key, cell in content.cells.items():
        raw |= {key: _typed(cell), f"{key}-status": str(cell.status), f"{key}-note": cell.note}
    for table, rows in content.rows.items():
        for number, row in enumerate(rows, start=1):
            raw |= {cell_key(table, number, key): _typed(cell) for key, cell in row.items()}
    raw |= {f"explanation-{rule}": text for rule, text in content.explanations.items()}
    raw |= {name: getattr(content.signoff, name) for name in SIGN_OFF}
    return form_from_raw(definition, raw, starred=starred)


def _typed(cell: Cell) -> str:
    """What a person would type to say what the cell says."""
    return cell.text or format_number(cell.value)


def raw_inputs(form: FilingForm) -> dict[str, str]:
    """Every filled input as typed, mistakes included: a draft loses no keystroke that was saved."""
    typed = {name: text for field in form.item_fields for name, text in field.inputs()}
    typed |= {name: text for field in form.table_fields for name, text in field.inputs()}
    typed |= {field.name: field.data or "" for field in form.text_fields}
    typed |= {f"{field.name}{MARK}": field.mark for field in form if isinstance(field, ExplanationField)}
    return {name: text for name, text in typed.items() if text}


def content_of(form: FilingForm, definition: FormDefinition) -> Content:
    """What the page says; cells with a mistake are left out, so look at `form.mistakes` before sending."""
    cells = {field.name: field.cell for field in form.item_fields if field.cell is not None}
    texts = {field.name: (field.data or "").strip() for field in form.text_fields}
    said = {rule: texts[f"explanation-{rule}"] for rule in form.explanations}
    known = {key: cell for key, cell in cells.items() if key in definition.items}
    rows = {field.table.key: field.rows for field in form.table_fields}
    return Content(known, said, SignOff(**{name: texts[name] for name in SIGN_OFF}), rows)


def findings_of(form: FilingForm, around: Surroundings | None = None) -> tuple[Finding, ...]:
    """The check of a page: cells that cannot be read, then what the rules and edits say of all the others.

    A rule over an unreadable cell is left out: it would speak of a blank the person did not leave.
    """
    unreadable = tuple(_unreadable(form))
    wrong = {key for finding in unreadable for key in finding.items}
    wrong |= {field.table.key for field in form.table_fields if field.mistakes or field.too_many}
    content = content_of(form, form.definition)
    found = whole_check(form.definition, content, around or Surroundings(), starred=form.starred)
    return (*unreadable, *(finding for finding in found if wrong.isdisjoint(finding.items)))


def _unreadable(form: FilingForm) -> Iterator[Finding]:
    for key, mistake in form.mistakes.items():
        item = form.definition.items[key]
        zh, en = f"{item.cited_zh}：{mistake.zh}", f"{item.cited_en}: {mistake.en}"
        yield Finding(f"value:{key}", Severity.FATAL, (key,), zh, en)
    for key, (item, row, mistake) in form.row_mistakes.items():
        zh = f"第 {row} 行：{item.cited_zh}：{mistake.zh}"
        en = f"Row {row}: {item.cited_en}: {mistake.en}"
        yield Finding(f"value:{key}", Severity.FATAL, (key,), zh, en, row=row)
    for field in form.table_fields:
        if field.too_many:
            most, key = field.table.max_rows, field.table.key
            zh, en = f"超过 {most} 行，多出的没有读入。", f"Over {most} rows; the rest was not read."
            yield Finding(f"rows:{key}", Severity.FATAL, (key,), zh, en)


def sign_off_mistakes(form: FilingForm) -> tuple[Finding, ...]:
    """What the sign-off block still lacks; asked when the return is sent (条例 art. 17)."""
    return tuple(
        Finding(f"signoff:{name}", Severity.FATAL, (), f"{zh}没有填，不能报送。", f"{en} is blank.")
        for name, (zh, en) in SIGN_OFF.items()
        if not (form[name].data or "").strip()
    )
