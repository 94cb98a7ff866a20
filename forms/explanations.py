"""Whether a filler's reason for a fired rule says anything; `forms.explanation_marks` says what it is bound to.

A firm or a query rule wants its own true reason (填报说明). Refused are a blank, stock words (核实无误 and the like,
`forms/data/stock_explanations.yaml`), one text under most of the rules, and last year's text again. A hint says what a
reason is made of, never what the figure should be.
"""

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from functools import cache
from importlib.resources import files
from typing import Any, Final

from forms.content import Content
from forms.definition import Severity
from forms.findings import Finding

NEEDS_REASON: Final = (Severity.FIRM, Severity.QUERY)
MIN_LEFT: Final = 2
"""Letters and digits that must be left once stock words are taken away."""


@unique
class Refused(Enum):
    """Why an explanation is not taken, with the hint the filler is given."""

    zh: str
    en: str

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    MISSING = (
        "请写填报说明：是什么事使这个数成立，如新开的项目、停产、合并、更正的口径。",
        "Write a reason: what happened that makes the figure right, such as a new project, a stop, a merger.",
    )
    STOCK = (
        "“核实无误”“情况属实”一类的话不算说明。请写是什么事使这个数成立。",
        "Words such as “verified” or “correct” are no reason. Write what happened that makes the figure right.",
    )
    COPIED = (
        "几条审核关系写了同一段说明。请各条分别说明。",
        "One text stands under several rules. Give each rule its own reason.",
    )
    LAST_YEAR = (
        "这段说明与上年的一字不差。请写今年的原因。",
        "This is last year's text again. Write this year's reason.",
    )
    CHANGED = (
        "写这段说明以后，有关的数改过了，说明不再算数。请按现在的数重新写。",
        "The figures this was written for have changed since. Write the reason for the figures that stand now.",
    )


@dataclass(frozen=True, slots=True)
class RefusedExplanation:
    """One rule whose reason is not taken, and why."""

    rule_id: str
    why: Refused


def wanted_of(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The fired rules that want a reason, each once, in the order they fired: one reason covers a rule."""
    return tuple(dict.fromkeys(finding.rule_id for finding in findings if finding.severity in NEEDS_REASON))


def refused_explanations(
    content: Content, findings: Iterable[Finding], last_year: Content | None = None, void: Container[str] = ()
) -> tuple[RefusedExplanation, ...]:
    """The fired firm and query rules whose explanation is not taken, each once, in the order they fired.

    `void` are the rules whose text was written for other values (`forms.explanation_marks`).
    """
    said = {rule: plain(content.explanations.get(rule, "")) for rule in wanted_of(findings)}
    before = {plain(text) for text in last_year.explanations.values()} if last_year else set()
    judged = dict(_judged(said, before))
    for rule, text in said.items():
        if text and rule in void:
            judged[rule] = Refused.CHANGED
    return tuple(RefusedExplanation(rule, judged[rule]) for rule in said if rule in judged)


def _judged(said: Mapping[str, str], before: set[str]) -> Iterator[tuple[str, Refused]]:
    times = Counter(said.values())
    for rule, text in said.items():
        if not text:
            yield rule, Refused.MISSING
        elif len(left_of(text)) < MIN_LEFT:
            yield rule, Refused.STOCK
        elif times[text] > 1 and times[text] * 2 > len(said):
            yield rule, Refused.COPIED
        elif text in before:
            yield rule, Refused.LAST_YEAR


def plain(text: str) -> str:
    """Only letters and digits, small and in one width: what two texts are compared by."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if unicodedata.category(character)[0] in "LN")


def left_of(text: str) -> str:
    """What a plain text says beside stock words: the longest are taken away first."""
    for words in _stock():
        text = text.replace(words, " ")
    return text.replace(" ", "")


@cache
def _stock() -> tuple[str, ...]:
    """Phrases and filler words, plain, the longest first."""
    import yaml

    text = files("forms").joinpath("data/stock_explanations.yaml").read_text(encoding="utf-8")
    listed: Mapping[str, list[Any]] = yaml.safe_load(text)
    words = {plain(str(word)) for kind in ("phrases", "filler") for word in listed[kind]}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))
