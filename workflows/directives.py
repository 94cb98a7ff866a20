"""The return guard: whether a reviewer's words tell a unit which figure to report (统计法 7, 40).

A directive ("改为 500", "不低于 15%", "should be 500") is stopped before it reaches the unit; an observation
("比上年增长85%，请核实") passes. The patterns are `directives.yaml`; where they cannot tell, they stop.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from workflows.machine.refusals import Refusal, RefusalCode
from workflows.stepping import CommandRefused

_BLANK_BESIDE_HAN = re.compile(r"(?<=[\u3000-\u9fff,:;!?%])\s+|\s+(?=[\u3000-\u9fff,:;!?])")
_SENTENCE = re.compile(r"[^。!?;]*?(?:[。!?;]|\.(?=\s|$)|$)")
TAKEN_OUT = "□"
"""Stands where a number that is no figure was."""


class DirectsAFigure(CommandRefused):
    """A reviewer's words tell a unit which figure to report; `words` are those that do. Nothing was stored."""

    def __init__(self, words: str) -> None:
        super().__init__(Refusal(RefusalCode.DIRECTS_A_FIGURE))
        self.words = words


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One way of directing a figure; not where the sentence holds what `unless` finds."""

    when: re.Pattern[str]
    unless: re.Pattern[str] | None

    def found(self, sentence: str) -> str:
        match = self.when.search(sentence)
        if match is None or (self.unless is not None and self.unless.search(sentence)):
            return ""
        return match[0]


@dataclass(frozen=True, slots=True)
class _Guard:
    """The patterns as compiled from the data, once."""

    characters: Mapping[int, str]
    references: tuple[re.Pattern[str], ...]
    directs: tuple[_Pattern, ...]


def require_no_directive(text: str) -> None:
    """Words on their way to a unit say what was seen, never what to report. Raises `DirectsAFigure`."""
    words = directive_in(text)
    if words:
        raise DirectsAFigure(words)


def directive_in(text: str) -> str:
    """The words, tidied, that direct a figure; blank when there are none."""
    guard = _guard()
    tidied = _tidied(text, guard)
    for sentence in _SENTENCE.findall(tidied):
        for pattern in guard.directs:
            found = pattern.found(sentence)
            if found:
                return found.strip(" ,:")
    return ""


def _tidied(text: str, guard: _Guard) -> str:
    """One spelling for what looks alike: digits, marks, blanks, letters; numbers that are no figures taken out."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf").translate(guard.characters).lower()
    plain = _BLANK_BESIDE_HAN.sub("", " ".join(plain.split()))
    for reference in guard.references:
        plain = reference.sub(TAKEN_OUT, plain)
    return plain


@cache
def _guard() -> _Guard:
    import yaml

    data: Mapping[str, Any] = yaml.safe_load(
        resources.files("workflows").joinpath("directives.yaml").read_text(encoding="utf-8")
    )
    words = _words(data)
    return _Guard(
        characters=str.maketrans({one: other for one, other in data["characters"].items() if len(one) == 1}),
        references=tuple(_compiled(pattern, words) for pattern in data["reference"]),
        directs=tuple(
            _Pattern(_compiled(one["when"], words), _compiled(one["unless"], words) if "unless" in one else None)
            for one in data["directs"]
        ),
    )


def _words(data: Mapping[str, Any]) -> Mapping[str, str]:
    """What the names in braces stand for."""
    words = dict(data["figure_words"])
    words["numerals"] = words["digits"] + words["places"]
    words["figure"] = _filled(f"(?:{'|'.join(data['figure'])})", words)
    words |= data["words"]
    words["near"] = _filled(data["near"], words)
    return words


def _compiled(pattern: str, words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_filled(pattern, words))


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    for name, meaning in words.items():
        pattern = pattern.replace("{" + name + "}", meaning)
    return pattern
