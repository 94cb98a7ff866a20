"""The structure of a form definition: which names stand where and what each takes, as marshmallow schemas."""

import re
from collections.abc import Iterator
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from forms.definition import UNITS, Approval, ItemKind, ItemType, Requirement, Severity
from forms.definition_text import DefinitionText, Path

UNIT_KINDS: Final = ("enterprise", "county", "city")

_FILLED: Final = validate.Length(min=1)
_KEY: Final = validate.Regexp(r"[a-z][a-z0-9_]{0,59}\Z", error="a key is lower-case letters, digits and _")
_RULE_ID: Final = validate.Regexp(r"[A-Za-z][A-Za-z0-9]{0,19}\Z", error="a rule id is a letter, then letters or digits")
_FORM: Final = validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}\Z", error="letters, digits and - were expected")


class _TextSchema(Schema):
    zh = fields.String(required=True, validate=_FILLED)
    en = fields.String(required=True, validate=_FILLED)


class _HeaderSchema(Schema):
    form_number = fields.String(required=True, validate=_FILLED)
    issuer = fields.Nested(_TextSchema, required=True)
    document_number = fields.String(required=True, validate=_FILLED)
    valid_until = fields.Date(required=True, format="iso")
    approval = fields.Enum(Approval, by_value=True, required=True)


class _ItemSchema(Schema):
    code = fields.String(required=True, validate=_FILLED)
    key = fields.String(required=True, validate=_KEY)
    zh = fields.String(required=True, validate=_FILLED)
    en = fields.String(required=True, validate=_FILLED)
    unit = fields.String(required=True, validate=validate.OneOf(tuple(UNITS), error="one of {choices} was expected"))
    kind = fields.Enum(ItemKind, by_value=True, required=True)
    type = fields.Enum(ItemType, by_value=True, load_default=ItemType.INTEGER)
    decimals = fields.Integer(load_default=0, validate=validate.Range(0, 6))
    parent = fields.String(load_default=None, validate=_KEY)
    starred = fields.Boolean(load_default=False)
    required = fields.Enum(Requirement, by_value=True, load_default=None)
    scope = fields.String(load_default="")
    note = fields.String(load_default="")


class _SectionSchema(Schema):
    title = fields.Nested(_TextSchema, required=True)
    items = fields.List(fields.Nested(_ItemSchema), required=True, validate=_FILLED)


class _RuleSchema(Schema):
    id = fields.String(required=True, validate=_RULE_ID)
    severity = fields.Enum(Severity, by_value=True, required=True)
    expression = fields.String(required=True, validate=_FILLED)
    zh = fields.String(required=True, validate=_FILLED)
    en = fields.String(required=True, validate=_FILLED)
    source = fields.String(required=True, validate=_FILLED)


class _FormSchema(Schema):
    form = fields.String(required=True, validate=_FORM)
    first_year = fields.Integer(required=True, validate=validate.Range(1949, 2999))
    unit_kinds = fields.List(fields.String(validate=validate.OneOf(UNIT_KINDS)), required=True, validate=_FILLED)
    title = fields.Nested(_TextSchema, required=True)
    header = fields.Nested(_HeaderSchema, required=True)
    required = fields.Enum(Requirement, by_value=True, required=True)
    sections = fields.List(fields.Nested(_SectionSchema), required=True, validate=_FILLED)
    rules = fields.List(fields.Nested(_RuleSchema), load_default=list)


_FORM_SCHEMA: Final = _FormSchema()


def read_structure(source: DefinitionText) -> dict[str, Any]:
    """The definition with its values typed and its defaults filled in. Raises DefinitionError."""
    try:
        loaded: dict[str, Any] = _FORM_SCHEMA.load(source.data)
    except ValidationError as error:
        raise source.error(_flat(error.messages, ())) from error
    return loaded


def _flat(messages: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """marshmallow's nested messages as (path, message); its `_schema` marks a value of the wrong shape."""
    if isinstance(messages, dict):
        for name, below in messages.items():
            yield from _flat(below, path if name == "_schema" else (*path, name))
        return
    for message in messages:
        yield path, re.sub(r"\.$", "", str(message))
