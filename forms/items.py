"""What a form asks: its items with their types and units of measure, option lists, tables and sections."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from forms.language_functions import Kind
from forms.language_types import Type
from forms.language_units import unit_named

UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "千元": "thousand yuan",
        "万元": "10,000 yuan",
        "亿元": "100 million yuan",
        "人": "persons",
        "万人": "10,000 persons",
        "人月": "person-months",
        "件": "items",
        "个": "number",
        "篇": "papers",
        "项": "items",
        "万平方米": "10,000 square metres",
    }
)
"""The units of measure (计量单位) an item may carry, with their English names."""

_NUMBERING: Final = re.compile(r"^(其中：|of which |[0-9]+\. ?|[①-⑳]|\([0-9]+\) )")


class ItemType(StrEnum):
    """What a cell takes: a figure, or a text, an option of a list, a month YYYYMM, a date YYYY-MM-DD."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    CHOICE = "choice"
    MONTH = "month"
    DATE = "date"

    @property
    def is_figure(self) -> bool:
        """Whether it has a unit of measure and can be added up."""
        return self in (ItemType.INTEGER, ItemType.DECIMAL)


class ItemKind(StrEnum):
    """How an item may be added up: an amount or a flow over regions and years, a stock over regions only.

    A label is no figure: a text, an option, a month or a date is never added up.
    """

    AMOUNT = "amount"
    COUNT = "count"
    STOCK = "stock"
    FLOW = "flow"
    LABEL = "label"


class Requirement(StrEnum):
    """Of whom an answer is required: every unit, a starred unit only, nobody, or where `required_when` holds."""

    ALWAYS = "always"
    STARRED = "starred"
    NEVER = "never"
    WHEN = "when"


def unit_en(unit: str) -> str:
    """The English name of a unit of measure; raises LookupError for one that forms do not use."""
    if unit not in UNITS:
        raise LookupError(f"unknown unit of measure {unit!r}; known are {'、'.join(UNITS)}")
    return UNITS[unit]


def in_language(lang: str, zh: str, en: str) -> str:
    return en if lang.lower().startswith("en") else zh


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice: the code that is filled in, and what it stands for."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: str) -> str:
        return in_language(lang, self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class OptionList:
    """分类目录: the options of one or more choices, in the order they are shown."""

    name: str
    options: tuple[Option, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(option.code for option in self.options)


@dataclass(frozen=True, slots=True)
class Item:
    """One 指标项: one cell of the form or one column of a table, its code as printed, its key as stored.

    `parent` is the key of the item this one is a part of (其中); `depth` is its indent on the page; only a figure
    has a unit of measure. `required_when` and `shown_when` are conditions of the rule language, blank for none.
    """

    key: str
    code: str
    name_zh: str
    name_en: str
    unit: str
    type: ItemType
    decimals: int
    kind: ItemKind
    parent: str | None
    starred: bool
    required: Requirement
    scope_zh: str
    note_zh: str
    depth: int
    note_en: str = ""
    scope_en: str = ""
    options: OptionList | None = None
    required_when: str = ""
    shown_when: str = ""

    def name(self, lang: str) -> str:
        return in_language(lang, self.name_zh, self.name_en)

    @property
    def language_type(self) -> Type:
        """What the rule language takes this item for."""
        if self.type.is_figure:
            return Type(Kind.NUMBER, unit_named(self.unit), self.decimals)
        return Type(Kind(self.type.value), options=self.options.codes if self.options else ())

    @property
    def cited_zh(self) -> str:
        """The item as a message names it, without the form's own numbering: 第 8 项“人员人工费用”."""
        return f"第 {self.code} 项“{_NUMBERING.sub('', self.name_zh)}”"

    @property
    def cited_en(self) -> str:
        return f"Item {self.code} “{_NUMBERING.sub('', self.name_en)}”"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with as many rows as the unit needs, such as one row per project; `key` names it in rules."""

    key: str
    columns: tuple[Item, ...]
    max_rows: int

    @property
    def by_key(self) -> Mapping[str, Item]:
        return {column.key: column for column in self.columns}


@dataclass(frozen=True, slots=True)
class Section:
    """One titled block of the form: items, or one table."""

    title_zh: str
    title_en: str
    items: tuple[Item, ...]
    table: Table | None = None

    def title(self, lang: str) -> str:
        return in_language(lang, self.title_zh, self.title_en)
