"""The questions of an XLSForm, what became of each, and where an expression stands among them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Untranslatable(ValueError):
    """The rule language has nothing that means this; why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh = zh
        self.en = en


class Asked(Enum):
    """What a question takes."""

    FIGURE = "figure"
    TEXT = "text"
    DATE = "date"
    ONE = "one"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what became of it: one item, or for several answers one yes-or-no item an option.

    `codes` are the options' codes by their XLSForm name, `parts` the items of several answers, `table` where it stands.
    """

    name: str
    key: str
    asked: Asked
    table: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: what it can name, the question `.` means, and whether blanks decide (`shown`)."""

    questions: Mapping[str, Question]
    tables: Mapping[str, str]
    """Repeat → key of its table."""
    own: Question | None = None
    table: str = ""
    shown: bool = False


Data = dict[str, Any]
"""Part of a definition as YAML will say it."""
