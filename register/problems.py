"""What is wrong with an imported file: each mistake with its place, what was found and what was expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_PROBLEMS = 20
SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file: one per cell or line.

    `line` is the physical line, 1 being the header; `column` is blank when the whole line or file is meant.
    """

    file: str
    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Return the mistake on one line, safe for a terminal: nothing unprintable, long cells cut."""
        column = f"column {_shown(self.column)}: " if self.column else ""
        return f'{self.file}:{self.line}: {column}found "{_shown(self.found)}", expected {self.expected}'


class ImportProblems(ValueError):
    """A file cannot be imported; nothing of it may be used.

    Holds the first 20 problems and the total count. As text: one problem a line.
    """

    def __init__(self, problems: Sequence[Problem], total: int | None = None) -> None:
        self.problems = tuple(problems)[:SHOWN_PROBLEMS]
        self.total = len(problems) if total is None else total
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> list[str]:
        lines = [str(problem) for problem in self.problems]
        if self.total > len(lines):
            lines.append(f"共 {self.total} 处错误，以上为前 {len(lines)} 处 ({self.total} problems in all)")
        return lines


@dataclass(slots=True)
class ProblemLog:
    """The mistakes found so far in one file; keeps the first 20 and counts the rest."""

    file: str
    total: int = 0
    _kept: list[Problem] = field(default_factory=list)

    def add(self, line: int, column: str, found: str, expected: str) -> None:
        """Note one mistake."""
        self.total += 1
        if len(self._kept) < SHOWN_PROBLEMS:
            self._kept.append(Problem(self.file, line, column, found, expected))

    def raise_if_any(self) -> None:
        """Raise ImportProblems if anything was noted."""
        if self.total:
            raise ImportProblems(self._kept, self.total)


def _shown(text: str) -> str:
    short = text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in short)
