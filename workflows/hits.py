"""How often each rule fires, is explained and leads to a change: what tells a rule that helps from one that only asks.

Method: hit rates of edits as UNECE's Glossary of Terms on Statistical Data Editing (2000) and Granquist & Kovar (1997)
have them. The sweep counts each sealed revision once, a while after it was sealed, into one note a year, so that a page
opens no return. Counts only; nothing here says what any unit filled.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from forms.content import Content, from_json
from forms.definition import FormDefinition
from forms.explanation_marks import items_of_rule
from forms.explanations import NEEDS_REASON
from forms.statistical_edits import watched_items
from workflows.deadlines import to_text
from workflows.seals import open_seal
from workflows.services import Services
from workflows.submissions import SealedRevision, Submission

PAGE: Final = 200
LAG: Final = timedelta(minutes=2)
"""A seal younger than this is left for a later pass: another process may still be writing one that is older."""
_BEGINNING: Final = "0001-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class RuleHits:
    """One rule on one form in one year; sealed revisions are counted."""

    form: str
    rule: str
    fired: int
    """It fired on."""
    asked: int
    """It wanted a reason for."""
    explained: int
    """That have a reason for it."""
    changed: int
    """That it fired on and the next revision of which changed one of its figures."""


def rule_hits(services: Services, year: int) -> tuple[RuleHits, ...]:
    """What was counted so far, by form, those that fire most often first."""
    forms = _note(services, year)["forms"]
    rows = (RuleHits(form, rule, *counts) for form, rules in forms.items() for rule, counts in rules.items())
    return tuple(sorted(rows, key=lambda row: (row.form, -row.fired, row.rule)))


def count_hits(services: Services, go_on: Callable[[], bool]) -> None:
    """Count what was sealed since the last time, a page of returns at a time; `go_on` is asked before each page."""
    for year in sorted({collection.year for collection in services.store.collections()}):
        while go_on() and _count_page(services, year):
            pass


def _count_page(services: Services, year: int) -> bool:
    """Whether there is more to count now. Newest first, down to where the last round ended."""
    note = _note(services, year)
    target = note["target"] or to_text(services.clock.now() - LAG)
    page = services.store.sealed(year, {}, note["cursor"], PAGE)
    is_over, counted = not page.cursor, 0
    for submission in page.rows:
        sealed = to_text(submission.state.sealed_at) if submission.state.sealed_at else _BEGINNING
        if sealed <= note["upto"]:
            is_over = True
            break
        counted += _count(services, submission, note["upto"], target, note["forms"])
    if is_over and not counted and not note["target"]:
        return False
    note |= {"upto": target, "target": "", "cursor": ""} if is_over else {"target": target, "cursor": page.cursor}
    services.store.set_mark(f"hits:{year}", json.dumps(note, sort_keys=True, separators=(",", ":")))
    return not is_over


def _count(services: Services, submission: Submission, after: str, until: str, forms: dict[str, Any]) -> int:
    """Every revision of a return sealed within the round; how many there are."""
    rules, counted = forms.setdefault(submission.identity.form, {}), 0
    for revision, earlier in _revisions(services, submission, after):
        if to_text(revision.sealed_at) <= until:
            counted += 1
            for rule, flags in _flags(services, revision, earlier):
                counts = rules.setdefault(rule, [0, 0, 0, 0])
                rules[rule] = [count + flag for count, flag in zip(counts, flags, strict=True)]
    return counted


def _revisions(
    services: Services, submission: Submission, after: str
) -> Iterator[tuple[SealedRevision, SealedRevision | None]]:
    """Each revision sealed after an instant, the newest first, beside the one before it."""
    revision = services.store.revision(submission.id, submission.state.revision)
    while revision is not None and to_text(revision.sealed_at) > after:
        earlier = services.store.revision(submission.id, revision.number - 1) if revision.number > 1 else None
        yield revision, earlier
        revision = earlier


def _flags(
    services: Services, revision: SealedRevision, earlier: SealedRevision | None
) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """(rule, fired, asked, explained, changed) of one revision, and of the one before it what became of it."""
    sealed, definition, content = _opened(services, revision)
    asking = {rule.id for rule in definition.rules if rule.severity in NEEDS_REASON} | watched_items(definition).keys()
    for rule in dict.fromkeys(sealed["findings"]):
        yield rule, (1, int(rule in asking), int(rule in content.explanations), 0)
    if earlier is not None:
        fired, _, before = _opened(services, earlier)
        for rule in dict.fromkeys(fired["findings"]):
            yield rule, (0, 0, 0, int(_is_changed(definition, rule, before, content)))


def _opened(services: Services, revision: SealedRevision) -> tuple[dict[str, Any], FormDefinition, Content]:
    sealed = open_seal(revision)
    definition = services.forms.by_version(sealed["form_version"])
    return sealed, definition, from_json(sealed["content"], definition)


def _is_changed(definition: FormDefinition, rule: str, before: Content, after: Content) -> bool:
    return any(
        before.cell(key) != after.cell(key) or before.rows.get(key) != after.rows.get(key)
        for key in items_of_rule(definition, rule)
    )


def _note(services: Services, year: int) -> dict[str, Any]:
    """What was counted: `upto` is sealed and counted; within a round `target` is its end and `cursor` how far it is."""
    kept = services.store.mark(f"hits:{year}")
    empty: dict[str, Any] = {"upto": _BEGINNING, "target": "", "cursor": "", "forms": {}}
    return {**empty, **json.loads(kept)} if kept else empty
