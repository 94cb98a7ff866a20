"""From definition files to the catalogue of forms: which layout of a form is in force in which year."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable
from typing import Any, Final

from forms.building import build_definition, build_header, build_rules
from forms.catalogue import FormCatalogue, FormNotFound
from forms.definition import FormDefinition
from forms.definition_schema import read_across, read_structure
from forms.definition_text import DefinitionError, DefinitionText, Path, Problem, read_definition_text
from forms.faults import Fault
from forms.language_types import Scope
from forms.linting import items_of, lint_items
from forms.linting_rules import lint_rule, lint_rules, scope_of
from forms.shipped import shipped_forms

__all__ = [
    "DefinitionError",
    "FormCatalogue",
    "FormNotFound",
    "Problem",
    "load_definition",
    "load_folder",
    "read_definition",
    "shipped_forms",
]

ACROSS: Final = "across"
"""The folder of rules across several forms of one unit, beside the folders of the forms."""


def load_definition(text: str, where: str, others: Mapping[str, Scope] | None = None) -> FormDefinition:
    """The definition written in a YAML text; `where` names it in messages, `others` are the unit's other forms.

    Raises DefinitionError with all that is wrong.
    """
    source, data = read_definition(text, where)
    found = list(lint_definition(data, others or {}))
    if found:
        raise source.error(found)
    return build_definition(data, others or {})


def read_definition(text: str, where: str) -> tuple[DefinitionText, dict[str, Any]]:
    """The text with its places, and its data typed with all defaults. Raises DefinitionError."""
    source = read_definition_text(text, where)
    data = read_structure(source)
    for _, item in items_of(data):
        item["required"] = item["required"] or data["required"]
    return source, data


def lint_definition(data: Mapping[str, Any], others: Mapping[str, Scope]) -> Iterator[tuple[Path, str]]:
    """Every (path, message) that keeps a definition from being used."""
    yield from lint_items(data)
    yield from lint_rules(data, scope_of(data, others))
    try:
        build_header(data["header"])
    except ValueError as error:
        yield ("header",), Fault.HEADER.say(problem=error)


def load_folder(folder: Traversable) -> FormCatalogue:
    """The forms of a folder laid out as `<form>/<first year>.yaml`, with the rules of `across/*.yaml`.

    Raises DefinitionError.
    """
    definitions = [_load_named(file.read_text(encoding="utf-8"), name) for name, file in _yaml_files(folder)]
    across = folder.joinpath(ACROSS)
    if across.is_dir():
        alone = tuple(definitions)
        for file in sorted(across.iterdir(), key=lambda entry: entry.name):
            source = read_definition_text(file.read_text(encoding="utf-8"), f"{ACROSS}/{file.name}")
            rules = read_across(source)["rules"]
            definitions = [_joined(each, source, rules, others_of(each.form, alone)) for each in definitions]
    return FormCatalogue(definitions)


def _yaml_files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for form in (entry for entry in folder.iterdir() if entry.is_dir() and entry.name != ACROSS):
        for file in (entry for entry in form.iterdir() if entry.name.endswith(".yaml")):
            yield f"{form.name}/{file.name}", file


def _load_named(text: str, name: str) -> FormDefinition:
    definition = load_definition(text, name)
    if f"{definition.version}.yaml" != name:
        raise DefinitionError(name, [Problem("form", 1, 1, Fault.WRONG_FILE_NAME.say(version=definition.version))])
    return definition


def others_of(form: str, definitions: Iterable[FormDefinition]) -> dict[str, Scope]:
    """What a rule of a form can name of each other form: all layouts together, since a key means the same in each."""
    scopes: dict[str, Scope] = {}
    for definition in definitions:
        before = scopes.get(definition.form, Scope({}))
        tables = {**before.tables, **definition.scope.tables}
        scopes[definition.form] = Scope({**before.items, **definition.scope.items}, tables)
    scopes.pop(form, None)
    return scopes


def _joined(
    definition: FormDefinition, source: DefinitionText, rules: list[dict[str, Any]], others: Mapping[str, Scope]
) -> FormDefinition:
    """The definition with the rules across forms that concern it, each checked against what it can name."""
    concerned = [(index, rule) for index, rule in enumerate(rules) if definition.form in rule["forms"]]
    if not concerned:
        return definition
    joined = replace(definition, other_forms=others)
    found = [
        problem
        for index, rule in concerned
        for problem in lint_rule(("rules", index), rule, joined.scope, definition.form)
    ]
    if found:
        raise source.error(found)
    added = build_rules([rule for _, rule in concerned], definition.form)
    return replace(joined, rules=tuple(sorted((*definition.rules, *added), key=lambda rule: (rule.id, rule.part))))
