"""The check of a sealed return, run again for whoever reviews it and at each acceptance (invariant 13)."""

from dataclasses import dataclass
from typing import Any

from forms.content import Content, from_json
from forms.definition import EditRule, FormDefinition, Severity
from forms.edits import Finding
from forms.explanations import wanted_of
from forms.whole_check import waiting_rules, whole_check
from register.units import Unit
from workflows.rule_sets import stamped
from workflows.seals import open_seal
from workflows.services import Services
from workflows.submissions import SealedRevision, Submission
from workflows.surroundings import Neighbours, neighbours_of_seal


@dataclass(frozen=True, slots=True)
class Checked:
    """One sealed revision with what the rules say of it now, those it was stamped with.

    `newer` are the rules of the set in force that say otherwise: they inform. `is_stamped` is false where the stamped
    rules are no longer to be had: then those in force only inform, all of them.
    """

    definition: FormDefinition
    content: Content
    seal: dict[str, Any]
    neighbours: Neighbours
    findings: tuple[Finding, ...]
    newer: tuple[Finding, ...] = ()
    is_stamped: bool = True

    @property
    def reopened(self) -> tuple[str, ...]:
        """The rules across forms that are asked beside another revision of the other form than when it was sent."""
        beside, stamps = self.seal.get("beside", {}), self.neighbours.stamps
        changed = {name for name in {*beside, *stamps} if beside.get(name) != stamps.get(name)}
        return tuple(dict.fromkeys(rule.id for rule in self.definition.rules if changed.intersection(rule.forms)))

    @property
    def waiting(self) -> tuple[EditRule, ...]:
        """The rules that wait until the unit has sent another form too."""
        return waiting_rules(self.definition, self.neighbours.around, self.neighbours.expected)

    @property
    def fatal(self) -> tuple[str, ...]:
        """Fatal rules that fire."""
        return self._fired(Severity.FATAL)

    @property
    def firm(self) -> tuple[str, ...]:
        """Firm rules that fire: cleared or waived before the first acceptance."""
        return self._fired(Severity.FIRM)

    @property
    def unexplained(self) -> tuple[str, ...]:
        """Firm and query rules that fire and have no reason, here or on the other form they were asked on.

        What was sealed without reasons being asked for (`beside` is not in it) owes none.
        """
        if "beside" not in self.seal or not self.is_stamped:
            return ()
        return tuple(rule for rule in wanted_of(self.findings) if not self.reason_of(rule))

    def reason_of(self, rule_id: str) -> str:
        """The filler's reason; of a rule across forms also the one on the return that was sent later."""
        own = self.content.explanations.get(rule_id, "")
        if own:
            return own
        forms = {form for rule in self.definition.rules if rule.id == rule_id for form in rule.forms}
        others = self.neighbours.around.other_forms
        said = (others[form].explanations.get(rule_id, "") for form in sorted(forms & others.keys()))
        return next(filter(None, said), "")

    def _fired(self, severity: Severity) -> tuple[str, ...]:
        fired = self.findings if self.is_stamped else ()
        return tuple(dict.fromkeys(found.rule_id for found in fired if found.severity is severity))


def checked(services: Services, submission: Submission, revision: SealedRevision, unit: Unit) -> Checked:
    """What the rules say of a sealed revision. Raises `ValueError` when the seal is broken."""
    sealed = open_seal(revision)
    in_force = services.forms.by_version(sealed["form_version"])
    content = from_json(sealed["content"], in_force)
    neighbours = neighbours_of_seal(services, submission, unit, in_force, sealed)
    findings = whole_check(in_force, content, neighbours.around, starred=unit.starred)
    if in_force.rule_set == sealed["rule_set"]:
        return Checked(in_force, content, sealed, neighbours, findings)
    definition = stamped(services, in_force, sealed["rule_set"])
    if definition is None:
        return Checked(in_force, content, sealed, neighbours, findings, findings, is_stamped=False)
    before = whole_check(definition, content, neighbours.around, starred=unit.starred)
    newer = tuple(found for found in findings if found not in before)
    return Checked(definition, content, sealed, neighbours, before, newer)
