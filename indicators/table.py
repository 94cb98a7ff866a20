"""A built table: columns, rows of text, and the marks that travel beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, localcontext
from enum import StrEnum
from operator import itemgetter
from typing import Any

EXACT = Context(prec=100, traps=[Inexact])
"""Sums of figures are exact; a digit lost would raise, not pass."""


class ColumnKind(StrEnum):
    """What a column holds; numbers are plain decimals, blank where there is no value."""

    TEXT = "string"
    INTEGER = "integer"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its titles, its unit of measure and how many decimals a reader is shown."""

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    title_zh: str = ""
    title_en: str = ""
    unit: str = ""
    decimals: int | None = None

    def title(self, language: str) -> str:
        """The title in a language; its name where it has none."""
        return (self.title_en if language == "en" else self.title_zh) or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One table of one year. Cells are text: a CSV of them is the table, byte for byte."""

    name: str
    year: int
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[Mapping[str, Any], ...] = ()
    """示例, provisional and footnotes; beside the table, never in it."""
    revisions: tuple[str, ...] = field(default=())
    """Hashes of the revisions it was built from, sorted."""
    checks: tuple[Mapping[str, Any], ...] = ()
    """What came out of the published checks of the year (`indicators.published_checks`); beside the table too."""

    @property
    def names(self) -> tuple[str, ...]:
        """The column names."""
        return tuple(column.name for column in self.columns)

    def records(self) -> list[dict[str, str]]:
        """The rows by column name."""
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]

    def sums(self) -> dict[str, str]:
        """The sum of each column of figures and of the contributors, exact: what a reader checks first."""
        sums = {}
        with localcontext(EXACT):
            for number, column in enumerate(self.columns):
                filled = filter(None, map(itemgetter(number), self.rows))
                if column.kind is ColumnKind.NUMBER:
                    sums[column.name] = plain(sum(map(Decimal, filled), Decimal(0)))
                elif column.name == "contributors":
                    sums[column.name] = str(sum(map(int, filled)))
        return sums


def plain(value: Decimal | int | None) -> str:
    """A number as the tables write it: no exponent, no trailing zeros, no minus zero; blank for None."""
    if value is None:
        return ""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def common_marks(*, sample: bool, provisional: bool) -> tuple[Mapping[str, Any], ...]:
    """示例 where a form is a sample; provisional while a collection of the year is open."""
    marks: list[Mapping[str, Any]] = []
    if sample:
        marks.append({"mark": "sample", "zh": "示例：报表未经批准，仅供试用", "en": "Sample: the form is not approved"})
    if provisional:
        marks.append({"mark": "provisional", "zh": "年报尚未截止，数字会变", "en": "Provisional: still open"})
    return tuple(marks)
