"""From definition files to the catalogue of forms: which layout of a form is in force in which year."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from forms.definition import EditRule, FormDefinition, Header, Item, Section
from forms.definition_schema import read_structure
from forms.definition_text import DefinitionError, Problem, read_definition_text
from forms.language import referenced
from forms.linting import lint

__all__ = [
    "DefinitionError",
    "FormCatalogue",
    "FormNotFound",
    "Problem",
    "load_definition",
    "load_folder",
    "shipped_forms",
]


class FormNotFound(LookupError):
    """No such form, or none in force yet in the year asked for; the message says which there are."""


def load_definition(text: str, where: str) -> FormDefinition:
    """The definition written in a YAML text; `where` names it in messages. Raises DefinitionError."""
    source = read_definition_text(text, where)
    data = read_structure(source)
    for section in data["sections"]:
        for item in section["items"]:
            item["required"] = item["required"] or data["required"]
    found = list(lint(data))
    if found:
        raise source.error(found)
    try:
        header = _header(data["header"])
    except ValueError as error:
        raise source.error([(("header",), str(error))]) from error
    return _definition(data, header)


def _header(data: Mapping[str, Any]) -> Header:
    valid_until: date = data["valid_until"]
    return Header(
        form_number=data["form_number"],
        issuer_zh=data["issuer"]["zh"],
        issuer_en=data["issuer"]["en"],
        document_number=data["document_number"],
        valid_until=valid_until,
        approval=data["approval"],
    )


def _definition(data: Mapping[str, Any], header: Header) -> FormDefinition:
    return FormDefinition(
        form=data["form"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        first_year=data["first_year"],
        unit_kinds=frozenset(data["unit_kinds"]),
        header=header,
        sections=tuple(_section(section) for section in data["sections"]),
        rules=tuple(_rule(rule) for rule in data["rules"]),
    )


def _section(data: Mapping[str, Any]) -> Section:
    """Items with their indent: a part is indented only where it stands under its whole, not away from it."""
    items: list[Item] = []
    above: list[str] = []
    for item in data["items"]:
        parent = item["parent"]
        above = above[: above.index(parent) + 1] if parent in above else []
        items.append(_item(item, depth=len(above)))
        above = [*above, item["key"]]
    return Section(data["title"]["zh"], data["title"]["en"], tuple(items))


def _item(data: Mapping[str, Any], *, depth: int) -> Item:
    same = ("key", "code", "unit", "type", "decimals", "kind", "parent", "starred", "required")
    return Item(
        name_zh=data["zh"],
        name_en=data["en"],
        scope_zh=data["scope"],
        note_zh=data["note"],
        depth=depth,
        **{name: data[name] for name in same},
    )


def _rule(data: Mapping[str, Any]) -> EditRule:
    return EditRule(
        id=data["id"],
        severity=data["severity"],
        expression=data["expression"],
        items=referenced(data["expression"]),
        message_zh=data["zh"],
        message_en=data["en"],
        source=data["source"],
    )


class FormCatalogue:
    """The layouts an installation knows, by form and first year. Raises ValueError for a version twice."""

    def __init__(self, definitions: Iterable[FormDefinition]) -> None:
        self._by_version: dict[str, FormDefinition] = {}
        for definition in sorted(definitions, key=lambda each: (each.form, each.first_year)):
            if definition.version in self._by_version:
                raise ValueError(f"form {definition.version} is defined twice")
            self._by_version[definition.version] = definition

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
    """The forms of a folder laid out as `<form>/<first year>.yaml`. Raises DefinitionError."""
    definitions: list[FormDefinition] = []
    for form in (entry for entry in folder.iterdir() if entry.is_dir()):
        for file in (entry for entry in form.iterdir() if entry.name.endswith(".yaml")):
            name = f"{form.name}/{file.name}"
            definition = load_definition(file.read_text(encoding="utf-8"), name)
            if f"{definition.version}.yaml" != name:
                raise DefinitionError(name, [Problem("form", 1, 1, f"the file holds {definition.version}")])
            definitions.append(definition)
    return FormCatalogue(definitions)


@cache
def shipped_forms() -> FormCatalogue:
    """The forms that come with the program, read once."""
    return load_folder(files("forms").joinpath("definitions"))
