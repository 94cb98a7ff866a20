"""The rule sets of an installation: the overlay of severities in force, and what each stamped set asked.

A revision is stamped with the rule set it was sent under. At an acceptance those rules are asked again; a newer set
only informs, for it must not block what the unit could not have seen (machine invariant 13).
"""

import json
from typing import TYPE_CHECKING

from forms.catalogue import FormCatalogue
from forms.definition import FormDefinition, Severity
from workflows.ports import OutboxStore
from workflows.services import Services

if TYPE_CHECKING:
    from forms.severities import SeverityOverlay

OVERLAY = "severities"
"""The note of the store that holds the text of the overlay in force."""


def forms_in_force(store: OutboxStore, shipped: FormCatalogue) -> FormCatalogue:
    """The shipped forms at the severities this installation adopted. Raises `DefinitionError`."""
    text = store.mark(OVERLAY)
    if not text:
        return shipped
    from forms.severities import read_overlay  # reads YAML: a function without an overlay does not wait for that

    return read_overlay(text, OVERLAY, shipped).over(shipped)


def adopt(services: Services, text: str, shipped: FormCatalogue) -> "SeverityOverlay":
    """Put an overlay in force for processes that start from now on, and keep what was in force until now.

    Raises `DefinitionError`, and then changes nothing.
    """
    from forms.severities import read_overlay

    overlay = read_overlay(text, OVERLAY, shipped)
    for catalogue in (services.forms, overlay.over(shipped)):
        for definition in catalogue.layouts:
            services.store.set_mark(_note(definition.version, definition.rule_set), _severities(definition))
    services.store.set_mark(OVERLAY, text)
    return overlay


def stamped(services: Services, definition: FormDefinition, rule_set: str) -> FormDefinition | None:
    """The definition with the rules as a seal was stamped with them; None where they are no longer to be had.

    Severities that were replaced are kept; a rule that the program itself words otherwise now is not.
    """
    if definition.rule_set == rule_set:
        return definition
    kept = services.store.mark(_note(definition.version, rule_set))
    if kept is None:
        return None
    from forms.severities import SeverityOverlay

    severities = {rule: Severity(severity) for rule, severity in json.loads(kept).items()}
    before = SeverityOverlay("", severities).of(definition)
    return before if before.rule_set == rule_set else None


def _note(version: str, rule_set: str) -> str:
    return f"rule_set:{version}:{rule_set}"


def _severities(definition: FormDefinition) -> str:
    said = {rule.id: rule.severity.value for rule in definition.rules}
    return json.dumps(said, sort_keys=True, separators=(",", ":"))
