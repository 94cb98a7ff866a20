"""The reasons the example fillers write for fired rules: invented like their figures, and never a stock phrase."""

from collections.abc import Sequence
from decimal import Decimal

from forms.content import Content
from forms.edits import Finding
from handlers.demo.draws import pick
from handlers.demo.shipped import filler_reasons
from register.units import Unit

MORE, LESS, NONE, OTHER = "more", "less", "none", "other"


def reason_for(unit: Unit, year: int, content: Content, last_year: Content | None, findings: Sequence[Finding]) -> str:
    """A reason for one rule, by what the first figure it asks about did since last year.

    Raises `LookupError` for a rule that no example filler was ready for.
    """
    rule = findings[0].rule_id
    course = _course(findings[0], content, last_year)
    texts = [each.text for each in filler_reasons() if each.rule == rule and each.course in {course, OTHER}]
    if not texts:
        raise LookupError(f"no example reason for rule {rule} ({course})")
    return pick(texts, "reason", rule, unit.unit_id, year)


def _course(finding: Finding, content: Content, last_year: Content | None) -> str:
    key = finding.items[0] if finding.items else ""
    now = content.cell(key).value or Decimal(0)
    before = (last_year.cell(key).value if last_year else None) or Decimal(0)
    if not now:
        return NONE
    return MORE if now > before else LESS
