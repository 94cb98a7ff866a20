"""What the check says of a filler's page: what must be put right, what wants a reason, what is only to be known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forms.definition import EditRule, Severity
from forms.edits import Finding
from forms.explanation_marks import INPUT, MARK
from forms.explanations import NEEDS_REASON, Refused
from forms.fields import FilingForm, content_of, findings_of, raw_inputs
from forms.whole_check import told_in_words
from handlers.language import language
from workflows.filing import Desk, Entry


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule with the input for its reason; several findings of one rule share it. `why` it is not taken yet."""

    rule_id: str
    findings: tuple[Finding, ...]
    text: str
    mark: str
    why: Refused | None
    is_told: bool
    """Whether the page says already why the reason is not taken: a blank one is told of once he tried to send."""

    @property
    def name(self) -> str:
        """The name of its input; the mark's is beside it."""
        return f"{INPUT}{self.rule_id}"

    @property
    def mark_name(self) -> str:
        """The name of the hidden input that says for which values the text was written."""
        return f"{INPUT}{self.rule_id}{MARK}"

    @property
    def is_firm(self) -> bool:
        """Whether it may be sent with a reason and yet holds up the first acceptance."""
        return any(found.severity is Severity.FIRM for found in self.findings)

    @property
    def problem(self) -> str:
        """Why the reason is not taken, in the language of the page; blank while nothing is wrong with it."""
        if self.why is None or not self.is_told:
            return ""
        return self.why.en if language() == "en" else self.why.zh


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one page in groups. `idle` are reasons kept of rules that do not fire as the page stands."""

    wrong: tuple[Finding, ...]
    asked: tuple[Asked, ...]
    idle: tuple[Asked, ...]
    notes: tuple[Finding, ...]
    waiting: tuple[EditRule, ...]

    @property
    def unexplained(self) -> tuple[Asked, ...]:
        """Rules that still want their reason."""
        return tuple(rule for rule in self.asked if rule.why is not None)

    @property
    def count(self) -> int:
        """What has to be looked at; a note needs nothing."""
        return len(self.wrong) + len(self.unexplained)


def page_findings(desk: Desk, form: FilingForm, *, sees_sealed: bool) -> tuple[Finding, ...]:
    """All that the check says of a page; figures sealed elsewhere stay in words until the device is confirmed."""
    found = findings_of(form, desk.neighbours.around)
    return found if sees_sealed else tuple(told_in_words(desk.definition, each) for each in found)


def found_on(desk: Desk, form: FilingForm, findings: Sequence[Finding], *, attempted: bool) -> Found:
    """The findings of a page in groups, each rule that wants a reason with what is typed for it."""
    entry = Entry(raw_inputs(form), content_of(form, desk.definition), 0)
    refused = {one.rule_id: one.why for one in desk.refused_reasons(entry, tuple(findings))}
    marks = desk.texts_of(entry).marks if entry.content.explanations else {}
    wanted = dict.fromkeys(found.rule_id for found in findings if found.severity in NEEDS_REASON)
    kept = [rule for rule in entry.content.explanations if rule not in wanted]

    def asked(rules: Iterable[str]) -> tuple[Asked, ...]:
        return tuple(
            Asked(
                rule,
                tuple(found for found in findings if found.rule_id == rule),
                entry.inputs.get(f"{INPUT}{rule}", ""),
                marks.get(f"{INPUT}{rule}{MARK}", ""),
                refused.get(rule),
                attempted or refused.get(rule) is not Refused.MISSING,
            )
            for rule in rules
        )

    return Found(
        wrong=tuple(found for found in findings if found.severity is Severity.FATAL),
        asked=asked(wanted),
        idle=asked(kept),
        notes=tuple(found for found in findings if found.severity is Severity.NOTE),
        waiting=desk.waiting,
    )
