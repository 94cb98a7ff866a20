"""The structure of a form definition: which names stand where and what each takes, as marshmallow schemas."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from forms.definition import UNITS, Approval, ItemKind, ItemType, Requirement, Severity
from forms.definition_text import DefinitionText, Path
from forms.faults import Fault

UNIT_KINDS: Final = ("enterprise", "county", "city")
MAX_ROWS: Final = 2_000

_SAID: Final[dict[str, Any]] = {
    "required": Fault.MISSING.say(),
    "null": Fault.EMPTY.say(),
    "type": Fault.NOT_A_MAPPING.say(),
    "unknown": Fault.UNKNOWN_NAME.say(),
}
"""marshmallow's own messages in the words of a statistician."""


def _messages(invalid: Fault) -> dict[str, Any]:
    return {**_SAID, "invalid": invalid.say()}


_FILLED: Final = validate.Length(min=1, error=Fault.EMPTY.say())
_KEY: Final = validate.Regexp(r"[a-z][a-z0-9_]{0,59}\Z", error=Fault.BAD_KEY.say())
_RULE_ID: Final = validate.Regexp(r"[A-Za-z][A-Za-z0-9]{0,19}\Z", error=Fault.BAD_RULE_ID.say())
_FORM: Final = validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}\Z", error=Fault.BAD_FORM_NAME.say())
_Validator = Callable[[Any], Any]


def _text(*validators: _Validator, required: bool = True, **keywords: Any) -> fields.String:
    if not required:
        keywords.setdefault("load_default", "")
    checks = validators or ((_FILLED,) if required else ())
    return fields.String(required=required, validate=list(checks), error_messages=_messages(Fault.NOT_TEXT), **keywords)


def _one_of(kind: type[Any], **keywords: Any) -> fields.Enum[Any]:
    """One of an enumeration, by its value as written."""
    unknown = Fault.NOT_ONE_OF.say(choices=", ".join(member.value for member in kind))
    keywords.setdefault("required", "load_default" not in keywords)
    return fields.Enum(
        kind, by_value=True, error_messages={**_messages(Fault.NOT_TEXT), "unknown": unknown}, **keywords
    )


def _integer(low: int, high: int, **keywords: Any) -> fields.Integer:
    bounds = validate.Range(low, high, error=Fault.OUT_OF_RANGE.say(min=low, max=high))
    return fields.Integer(validate=bounds, error_messages=_messages(Fault.NOT_AN_INTEGER), **keywords)


def _list(inner: Any, **keywords: Any) -> fields.List[Any]:
    return fields.List(inner, error_messages=_messages(Fault.NOT_A_LIST), **keywords)


def _below(schema: type[Schema], **keywords: Any) -> fields.Nested:
    messages = {**_SAID, "type": Fault.NOT_A_MAPPING.say()}
    return fields.Nested(schema, error_messages=messages, **keywords)


class _Strict(Schema):
    class Meta:
        unknown = RAISE

    error_messages = _SAID


class _TextSchema(_Strict):
    zh = _text()
    en = _text()


class _HeaderSchema(_Strict):
    form_number = _text()
    issuer = _below(_TextSchema, required=True)
    document_number = _text()
    valid_until = fields.Date(required=True, format="iso", error_messages=_messages(Fault.NOT_A_DATE))
    approval = _one_of(Approval)


class _ItemSchema(_Strict):
    code = _text()
    key = _text(_KEY)
    zh = _text()
    en = _text()
    unit = fields.String(
        load_default="",
        validate=validate.OneOf(tuple(UNITS), error=Fault.NOT_ONE_OF.say(choices="、".join(UNITS))),
        error_messages=_messages(Fault.NOT_TEXT),
    )
    kind = _one_of(ItemKind, load_default=None)
    type = _one_of(ItemType, load_default=ItemType.INTEGER)
    decimals = _integer(0, 6, load_default=0)
    options = _text(_KEY, required=False)
    parent = _text(_KEY, required=False, load_default=None)
    starred = fields.Boolean(load_default=False, error_messages=_messages(Fault.NOT_A_BOOLEAN))
    required = _one_of(Requirement, load_default=None)
    required_when = _text(required=False)
    shown_when = _text(required=False)
    scope = _text(required=False)
    scope_en = _text(required=False)
    note = _text(required=False)
    note_en = _text(required=False)


class _TableSchema(_Strict):
    key = _text(_KEY)
    max_rows = _integer(1, MAX_ROWS, load_default=MAX_ROWS)
    columns = _list(_below(_ItemSchema), required=True, validate=_FILLED)


class _SectionSchema(_Strict):
    title = _below(_TextSchema, required=True)
    items = _list(_below(_ItemSchema), load_default=list)
    table = _below(_TableSchema, load_default=None)


class _OptionSchema(_Strict):
    code = _text(validate.Regexp(r"[0-9A-Za-z]{1,10}\Z", error=Fault.BAD_RULE_ID.say()))
    zh = _text()
    en = _text()


class _PartSchema(_Strict):
    expression = _text()
    zh = _text()
    en = _text()


class _RuleSchema(_Strict):
    id = _text(_RULE_ID)
    severity = _one_of(Severity)
    for_each = _text(_KEY, required=False)
    expression = _text(required=False)
    zh = _text(required=False)
    en = _text(required=False)
    parts = _list(_below(_PartSchema), load_default=list)
    source = _text()


class _CodeMapSchema(_Strict):
    inserted = _list(_text(_KEY), load_default=list)
    dropped = _list(_text(_KEY), load_default=list)


class FormSchema(_Strict):
    """One form definition file."""

    form = _text(_FORM)
    first_year = _integer(1949, 2999, required=True)
    unit_kinds = _list(
        fields.String(
            validate=validate.OneOf(UNIT_KINDS, error=Fault.NOT_ONE_OF.say(choices=", ".join(UNIT_KINDS))),
            error_messages=_messages(Fault.NOT_TEXT),
        ),
        required=True,
        validate=_FILLED,
    )
    title = _below(_TextSchema, required=True)
    header = _below(_HeaderSchema, required=True)
    required = _one_of(Requirement, required=True)
    option_lists = fields.Dict(
        keys=_text(_KEY),
        values=_list(_below(_OptionSchema), validate=_FILLED),
        load_default=dict,
        error_messages=_messages(Fault.NOT_A_MAPPING),
    )
    keywords = fields.Dict(
        keys=_text(_KEY),
        values=_list(_text(), validate=_FILLED),
        load_default=dict,
        error_messages=_messages(Fault.NOT_A_MAPPING),
    )
    follows = _below(_CodeMapSchema, load_default=None)
    sections = _list(_below(_SectionSchema), required=True, validate=_FILLED)
    rules = _list(_below(_RuleSchema), load_default=list)


class _AcrossRuleSchema(_RuleSchema):
    forms = _list(_text(_FORM), required=True, validate=validate.Length(min=2, error=Fault.EMPTY.say()))


class AcrossSchema(_Strict):
    """One file of rules across several forms of one unit."""

    rules = _list(_below(_AcrossRuleSchema), required=True, validate=_FILLED)


_FORM_SCHEMA: Final = FormSchema()
_ACROSS_SCHEMA: Final = AcrossSchema()


def read_structure(source: DefinitionText) -> dict[str, Any]:
    """The definition with its values typed and its defaults filled in. Raises DefinitionError."""
    return _read(_FORM_SCHEMA, source)


def read_across(source: DefinitionText) -> dict[str, Any]:
    """A file of rules across forms, likewise. Raises DefinitionError."""
    return _read(_ACROSS_SCHEMA, source)


def _read(schema: Schema, source: DefinitionText) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(source.data)
    except ValidationError as error:
        raise source.error(_flat(error.messages, ())) from error
    return loaded


def _flat(messages: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """marshmallow's nested messages as (path, message); its `_schema` marks a value of the wrong shape.

    Below a mapping of names, `value` and `key` say which half is meant and are no part of the path.
    """
    if isinstance(messages, dict):
        for name, below in messages.items():
            inside = name in ("value", "key") and path and path[0] in ("option_lists", "keywords")
            yield from _flat(below, path if name == "_schema" or inside else (*path, name))
        return
    for message in messages:
        yield path, re.sub(r"\.$", "", str(message))
