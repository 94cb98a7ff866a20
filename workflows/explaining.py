"""The reasons on a filler's page (填报说明), each with the mark of the values it was written for."""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.content import Content
from forms.definition import FormDefinition
from forms.explanation_marks import Others, mark_of, marked_inputs, marks_in, voided
from workflows.submissions import Draft


@dataclass(frozen=True, slots=True)
class Texts:
    """What is known of the reasons on one page: rules whose text was written for other values, and all marks."""

    void: frozenset[str]
    marks: Mapping[str, str]
    """As inputs of the page and the draft."""


def texts_of(
    definition: FormDefinition,
    content: Content,
    inputs: Mapping[str, str],
    draft: Draft | None,
    sealed: Content | None,
    others: Others,
) -> Texts:
    """The page's own marks, those of the draft, and the revision before tell what a text was written for."""
    known = [marks_in(inputs), marks_in(draft.inputs) if draft else {}]
    if sealed is not None:
        said = sealed.explanations.items()
        known.append({rule: mark_of(definition, sealed, rule, text, others) for rule, text in said})
    void = frozenset(rule for rule, _ in voided(definition, content, known, others))
    return Texts(void, marked_inputs(definition, content, known, others))
