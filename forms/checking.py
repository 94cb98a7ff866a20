"""The linter of one definition file: all that would keep it from being used, and all that could not be meant."""

from collections.abc import Mapping

from forms.definition import FormDefinition
from forms.definition_schema import read_across
from forms.definition_text import DefinitionError, DefinitionText, Path, Problem, read_definition_text
from forms.language_types import Scope
from forms.linting_meaning import lint_meaning
from forms.linting_rules import lint_rule, scope_of
from forms.linting_versions import lint_versions
from forms.loading import FormCatalogue, lint_definition, others_of, read_definition


def check_file(text: str, where: str, known: FormCatalogue) -> tuple[Problem, ...]:
    """All problems of a file, in the order of its text; none for one that can be used.

    `known` are the forms it may name, and the layouts before its own. Never raises for what a file says.
    """
    try:
        source = read_definition_text(text, where)
        if isinstance(source.data, Mapping) and "form" not in source.data and "rules" in source.data:
            return _check_across(source, known)
        return _check_form(text, where, known)
    except DefinitionError as error:
        return error.problems


def _check_form(text: str, where: str, known: FormCatalogue) -> tuple[Problem, ...]:
    source, data = read_definition(text, where)
    others = others_of(data["form"], known.layouts)
    scope = scope_of(data, others)
    found = [*lint_definition(data, others)]
    found += lint_versions(data, scope, _before(data["form"], data["first_year"], known))
    if not found:
        found += lint_meaning(data, scope)
    return source.error(found).problems


def _before(form: str, year: int, known: FormCatalogue) -> FormDefinition | None:
    """The layout that this one follows."""
    earlier = [layout for layout in known.layouts if layout.form == form and layout.first_year < year]
    return max(earlier, key=lambda layout: layout.first_year, default=None)


def _check_across(source: DefinitionText, known: FormCatalogue) -> tuple[Problem, ...]:
    """Each rule is read once in the place of every form it is asked of."""
    found: list[tuple[Path, str]] = []
    for index, rule in enumerate(read_across(source)["rules"]):
        for form in rule["forms"]:
            others: Mapping[str, Scope] = others_of(form, known.layouts)
            own = others_of("", known.layouts).get(form)
            if own is not None:
                found += lint_rule(("rules", index), rule, Scope(own.items, own.tables, others), form)
    return source.error(dict.fromkeys(found)).problems
