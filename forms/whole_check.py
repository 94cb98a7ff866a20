"""The whole check of one return, as every door asks it: the form's rules, then the statistical edits."""

from collections.abc import Container, Iterator

from forms.content import Content
from forms.definition import EditRule, FormDefinition
from forms.edits import check_in
from forms.findings import Finding
from forms.records import Surroundings
from forms.statistical_edits import statistical_findings


def whole_check(
    definition: FormDefinition, content: Content, around: Surroundings, *, starred: bool
) -> tuple[Finding, ...]:
    """All findings: missing items, fired rules, statistical edits, in this order."""
    return (
        *check_in(definition, content, around, starred=starred),
        *statistical_findings(definition, content, around.last_year, other_forms=around.other_forms),
    )


def waiting_rules(definition: FormDefinition, around: Surroundings, expected: Container[str]) -> tuple[EditRule, ...]:
    """The rules across forms that wait for another form the unit is to send this year, each id once."""
    waiting: dict[str, EditRule] = {}
    for rule in definition.rules:
        lacking = [form for form in rule.forms if form not in around.other_forms]
        if lacking and all(form in expected for form in lacking):
            waiting.setdefault(rule.id, rule)
    return tuple(waiting.values())


def told_in_words(definition: FormDefinition, finding: Finding) -> Finding:
    """The finding without figures that stand elsewhere than on this return: for who may not be shown those."""
    sentences = (rule for rule in definition.rules if (rule.id, rule.part) == (finding.rule_id, finding.part))
    rule = next(sentences, None)
    if rule is None or not (rule.forms or rule.needs_last_year):
        return finding
    zh, en = rule.message_zh, rule.message_en
    if finding.row:
        zh, en = f"第 {finding.row} 行：{zh}", f"Row {finding.row}: {en}"
    return Finding(finding.rule_id, finding.severity, finding.items, zh, en, part=finding.part, row=finding.row)


def forms_named(definition: FormDefinition) -> Iterator[str]:
    """The unit's other forms that a rule of this form names, each once."""
    yield from dict.fromkeys(form for rule in definition.rules for form in rule.forms)
