"""What another rule set would say of what was accepted: asked before it is put in force, so that nobody is surprised.

Nothing is changed. Each accepted return of a form is checked beside what its seal names, under both sets.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.definition import Severity
from forms.edits import Finding
from forms.loading import FormCatalogue
from forms.whole_check import whole_check
from workflows.checking import checked
from workflows.services import Services
from workflows.submissions import Submission

PAGE = 500
_RANK = {severity: place for place, severity in enumerate(Severity)}


@dataclass(slots=True)
class Comparison:
    """One form of one year: how many accepted returns there are, and what the other set would say of them.

    `by_rule` counts returns by rule and severity: fatal would fail, firm would be held up, query would be asked.
    """

    form: str
    accepted: int = 0
    failed: int = 0
    by_rule: Counter[tuple[str, Severity]] = field(default_factory=Counter)


def compare(services: Services, year: int, form: str, other: FormCatalogue) -> Comparison:
    """What the set of `other` would say that the stamped one did not."""
    found = Comparison(form)
    for submission in _accepted(services, year, form):
        stands = submission.state.in_tables
        revision = services.store.revision(submission.id, stands.revision) if stands else None
        if revision is None:
            continue
        unit = services.unit_of(submission)
        now = checked(services, submission, revision, unit)
        definition = other.by_version(now.definition.version)
        said = whole_check(definition, now.content, now.neighbours.around, starred=unit.starred)
        worse = _worse(now.findings, said)
        found.accepted += 1
        found.failed += any(severity is Severity.FATAL for _, severity in worse)
        found.by_rule.update(worse)
    return found


def _worse(before: tuple[Finding, ...], after: tuple[Finding, ...]) -> set[tuple[str, Severity]]:
    """What fires now and did not, or fires with more weight; a note weighs nothing."""
    stood = {(found.rule_id, found.severity) for found in before}
    weight = {rule: min(_RANK[severity] for name, severity in stood if name == rule) for rule, _ in stood}
    return {
        (found.rule_id, found.severity)
        for found in after
        if found.severity is not Severity.NOTE and _RANK[found.severity] < weight.get(found.rule_id, len(_RANK))
    }


def _accepted(services: Services, year: int, form: str) -> Iterator[Submission]:
    cursor = ""
    while True:
        page = services.store.submissions_of(year, form, cursor, PAGE)
        yield from (submission for submission in page.rows if submission.state.in_tables)
        cursor = page.cursor
        if not cursor:
            return
