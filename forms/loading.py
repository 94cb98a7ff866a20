"""From definition files to the catalogue of forms: which layout of a form is in force in which year."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from forms.building import build_definition, build_header, build_rules
from forms.definition import FormDefinition
from forms.definition_schema import read_across, read_structure
from forms.definition_text import DefinitionError, DefinitionText, Path, Problem, read_definition_text
from forms.faults import Fault
from forms.language_types import Scope
from forms.linting import items_of, lint_items
from forms.linting_rules import lint_rule, lint_rules, scope_of

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


class FormNotFound(LookupError):
    """No such form, or none in force yet in the year asked for; the message says which there are."""


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


class FormCatalogue:
    """The layouts an installation knows, by form and first year. Raises ValueError for a version twice."""

    def __init__(self, definitions: Iterable[FormDefinition]) -> None:
        self._by_version: dict[str, FormDefinition] = {}
        for definition in sorted(definitions, key=lambda each: (each.form, each.first_year)):
            if definition.version in self._by_version:
                raise ValueError(f"form {definition.version} is defined twice")
            self._by_version[definition.version] = definition

    @property
    def layouts(self) -> tuple[FormDefinition, ...]:
        """All of them, by form and first year."""
        return tuple(self._by_version.values())

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms there are, whatever their layouts: ("107-2", "region-st")."""
        return tuple(dict.fromkeys(definition.form for definition in self._by_version.values()))

    def in_force(self, form: str, year: int) -> FormDefinition:
        """The layout of a form for a reference year: the latest that began by then. Raises FormNotFound."""
        layouts = [definition for definition in self._by_version.values() if definition.form == form]
        if not layouts:
            raise FormNotFound(f"没有报表 {form}。现有：{'、'.join(self.forms)}。 Unknown form {form}.")
        begun = [layout for layout in layouts if layout.first_year <= year]
        if not begun:
            first = layouts[0].first_year
            raise FormNotFound(f"报表 {form} 从 {first} 年起才有，{year} 年没有。 Form {form} begins in {first}.")
        return begun[-1]

    def by_version(self, version: str) -> FormDefinition:
        """The layout stamped on a sealed revision, such as 107-2/2021. Raises FormNotFound."""
        definition = self._by_version.get(version)
        if definition is None:
            known = "、".join(self._by_version)
            raise FormNotFound(f"没有报表版本 {version}。现有：{known}。 Unknown form version {version}.")
        return definition


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


@cache
def shipped_forms() -> FormCatalogue:
    """The forms that come with the program, read once."""
    return load_folder(files("forms").joinpath("definitions"))
