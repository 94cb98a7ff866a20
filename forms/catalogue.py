"""The catalogue of forms: which layout of a form is in force in which year."""

from collections.abc import Iterable

from forms.definition import FormDefinition


class FormNotFound(LookupError):
    """No such form, or none in force yet in the year asked for; the message says which there are."""


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
