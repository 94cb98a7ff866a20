"""Severities an installation sets: an overlay on the shipped rules, with a version, and no new form version.

A file of it reads `version: 2026-1` and `severities: {R17: firm, R21: note}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from forms.definition import FormDefinition, Severity
from forms.definition_text import Path, read_definition_text
from forms.faults import Fault
from forms.loading import FormCatalogue


class _OverlaySchema(Schema):
    class Meta:
        unknown = RAISE

    version = fields.String(required=True, validate=validate.Length(min=1, max=40))
    severities = fields.Dict(keys=fields.String(), values=fields.Enum(Severity, by_value=True), required=True)


_SCHEMA: Final = _OverlaySchema()


@dataclass(frozen=True, slots=True)
class SeverityOverlay:
    """What an installation made of the rules it names; all others keep the severity of their form."""

    version: str
    severities: Mapping[str, Severity]

    def of(self, definition: FormDefinition) -> FormDefinition:
        """The definition with its rules at these severities, and so with another rule set."""
        rules = tuple(replace(rule, severity=self.severities.get(rule.id, rule.severity)) for rule in definition.rules)
        return replace(definition, rules=rules, severities=self.version)

    def over(self, catalogue: FormCatalogue) -> FormCatalogue:
        """The catalogue as this installation asks it."""
        return FormCatalogue(self.of(layout) for layout in catalogue.layouts)


def read_overlay(text: str, where: str, catalogue: FormCatalogue) -> SeverityOverlay:
    """The overlay written in a YAML text. Raises DefinitionError, also for a rule no form has."""
    source = read_definition_text(text, where)
    try:
        data = _SCHEMA.load(source.data)
    except ValidationError as error:
        raise source.error(_said(error.messages)) from error
    found = list(_unknown(data["severities"], catalogue))
    if found:
        raise source.error(found)
    return SeverityOverlay(data["version"], data["severities"])


def _said(messages: Any) -> Iterator[tuple[Path, str]]:
    named = messages if isinstance(messages, dict) else {"_schema": messages}
    for name, said in named.items():
        yield (() if name == "_schema" else (name,)), str(said)


def _unknown(severities: Mapping[str, Severity], catalogue: FormCatalogue) -> Iterator[tuple[Path, str]]:
    known = {rule.id for layout in catalogue.layouts for rule in layout.rules}
    for rule in severities:
        if rule not in known:
            yield ("severities", rule), Fault.NO_SUCH_RULE.say(rule=rule)
