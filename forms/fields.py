"""The filing form as WTForms: one field an item, what was typed kept as typed, and the sign-off block."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Final, Protocol

from wtforms import Field, Form, StringField, ValidationError
from wtforms.validators import Length
from wtforms.widgets import TextInput

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Item, Severity
from forms.edits import Finding, check
from forms.values import Cell, Status, ValueMistake, format_number, read_number

MAX_NOTE: Final = 500
MAX_EXPLANATION: Final = 1_000
MAX_SIGN_OFF: Final = 100
MAX_KEPT: Final = 4_000
"""Characters of one input that are kept; anything longer is far past every limit above and says so."""

SIGN_OFF: Final[Mapping[str, tuple[str, str]]] = {
    "unit_head": ("单位负责人", "Head of the unit"),
    "statistician": ("统计负责人", "Statistician in charge"),
    "filler": ("填表人", "Filler"),
    "phone": ("联系电话", "Telephone"),
    "report_date": ("报出日期", "Date of report"),
}


class Inputs(Protocol):
    """Posted inputs as werkzeug's MultiDict gives them."""

    def getlist(self, name: str, /) -> Sequence[Any]: ...


class _TypedInputs(dict[str, str]):
    """Inputs kept from an earlier page, given back to WTForms as if just posted."""

    def getlist(self, name: str, /) -> list[str]:
        return [self[name]] if name in self else []


def _first(inputs: Inputs | None, name: str) -> str:
    given = inputs.getlist(name) if inputs is not None else ()
    return str(given[0])[:MAX_KEPT] if given else ""


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
        super().__init__(label=item.name_zh, render_kw={"inputmode": "decimal"}, **kwargs)
        self.item = item

    def process(self, formdata: Inputs | None, data: object = None, extra_filters: object = None) -> None:
        """Takes the posted inputs only; a stored return comes in as inputs too, so there is one way in."""
        self.process_errors = []
        self.raw_text = _first(formdata, self.name)
        self.raw_status = _first(formdata, f"{self.name}-status")
        self.raw_note = _first(formdata, f"{self.name}-note")
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
        value = read_number(self.raw_text, self.item)
        return Cell(value, status, self.raw_note.strip())


_STATUSES: Final = {str(status): status for status in Status}


def _kept(text: str | None) -> str:
    return (text or "")[:MAX_KEPT]


def _text_field(label: str, limit: int, *, required: bool) -> Any:
    """A text input; that it is filled is asked only when the return is sent: any draft can be saved."""
    keywords: dict[str, Any] = {"maxlength": limit, **({"required": True} if required else {})}
    too_long = Length(max=limit, message=f"{label}超过 {limit} 字，请缩短。")
    return StringField(label, validators=[too_long], filters=[_kept], render_kw=keywords)


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
        return (field for field in self if not isinstance(field, ItemField))

    @property
    def mistakes(self) -> dict[str, ValueMistake]:
        """Every cell that cannot be read, by item key."""
        return {field.name: field.mistake for field in self.item_fields if field.mistake is not None}


@lru_cache(maxsize=64)
def filing_form(definition: FormDefinition, *, starred: bool) -> type[FilingForm]:
    """The form class of a definition, for starred units or for the others."""
    asked = [item for item in definition.items.values() if definition.is_asked(item, starred=starred)]
    explained = tuple(rule.id for rule in definition.rules if rule.severity is not Severity.FATAL)
    members: dict[str, Any] = {
        "definition": definition,
        "starred": starred,
        "asked": tuple(item.key for item in asked),
        "explanations": explained,
    }
    members |= {item.key: ItemField(item) for item in asked}
    members |= {f"explanation-{rule}": _text_field("填报说明", MAX_EXPLANATION, required=False) for rule in explained}
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
        raw |= {key: format_number(cell.value), f"{key}-status": str(cell.status), f"{key}-note": cell.note}
    raw |= {f"explanation-{rule}": text for rule, text in content.explanations.items()}
    raw |= {name: getattr(content.signoff, name) for name in SIGN_OFF}
    return form_from_raw(definition, raw, starred=starred)


def raw_inputs(form: FilingForm) -> dict[str, str]:
    """Every filled input as typed, mistakes included: a draft loses no keystroke that was saved."""
    typed = {name: text for field in form.item_fields for name, text in field.inputs()}
    typed |= {field.name: field.data or "" for field in form.text_fields}
    return {name: text for name, text in typed.items() if text}


def content_of(form: FilingForm, definition: FormDefinition) -> Content:
    """What the page says; cells with a mistake are left out, so look at `form.mistakes` before sending."""
    cells = {field.name: field.cell for field in form.item_fields if field.cell is not None}
    texts = {field.name: (field.data or "").strip() for field in form.text_fields}
    said = {rule: texts[f"explanation-{rule}"] for rule in form.explanations}
    known = {key: cell for key, cell in cells.items() if key in definition.items}
    return Content(known, said, SignOff(**{name: texts[name] for name in SIGN_OFF}))


def findings_of(form: FilingForm) -> tuple[Finding, ...]:
    """The check of a page: cells that cannot be read, then what `check` says of all the others.

    A rule over an unreadable cell is left out: it would speak of a blank the person did not leave.
    """
    mistakes = form.mistakes
    unreadable = tuple(
        Finding(
            f"value:{key}",
            Severity.FATAL,
            (key,),
            f"{form.definition.items[key].cited_zh}：{mistake.zh}",
            f"{form.definition.items[key].cited_en}: {mistake.en}",
        )
        for key, mistake in mistakes.items()
    )
    content = content_of(form, form.definition)
    found = check(form.definition, content, starred=form.starred)
    return (*unreadable, *(finding for finding in found if mistakes.keys().isdisjoint(finding.items)))


def sign_off_mistakes(form: FilingForm) -> tuple[Finding, ...]:
    """What the sign-off block still lacks; asked when the return is sent (条例 art. 17)."""
    return tuple(
        Finding(f"signoff:{name}", Severity.FATAL, (), f"{zh}没有填，不能报送。", f"{en} is blank.")
        for name, (zh, en) in SIGN_OFF.items()
        if not (form[name].data or "").strip()
    )
