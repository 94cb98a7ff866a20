"""What a statistical form is: header, sections, items and edit rules, as values that cannot be half made."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

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
_NATIONAL_BUREAU: Final = ("国家统计局", "national bureau of statistics")


class ItemType(StrEnum):
    """The kind of number a cell takes."""

    INTEGER = "integer"
    DECIMAL = "decimal"


class ItemKind(StrEnum):
    """How an item may be added up: an amount or a flow over regions and years, a stock over regions only."""

    AMOUNT = "amount"
    COUNT = "count"
    STOCK = "stock"
    FLOW = "flow"


class Requirement(StrEnum):
    """Of whom an answer is required: every unit, a starred unit only, or nobody."""

    ALWAYS = "always"
    STARRED = "starred"
    NEVER = "never"


class Approval(StrEnum):
    """Whether the form was approved or filed under 统计法 art. 17, or is a sample for trial."""

    OFFICIAL = "official"
    SAMPLE = "sample"


class Severity(StrEnum):
    """What a fired edit rule asks: 强制性 fatal, 准强制性 firm, 核实性 query, 提示 note."""

    FATAL = "fatal"
    FIRM = "firm"
    QUERY = "query"
    NOTE = "note"


def unit_en(unit: str) -> str:
    """The English name of a unit of measure; raises LookupError for one that forms do not use."""
    if unit not in UNITS:
        raise LookupError(f"unknown unit of measure {unit!r}; known are {'、'.join(UNITS)}")
    return UNITS[unit]


def _in_language(lang: str, zh: str, en: str) -> str:
    return en if lang.lower().startswith("en") else zh


@dataclass(frozen=True, slots=True)
class Item:
    """One 指标项: one cell of the form, its code as printed, its key as stored, its unit of measure.

    `parent` is the key of the item this one is a part of (其中); `depth` is its indent on the page.
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

    def name(self, lang: str) -> str:
        return _in_language(lang, self.name_zh, self.name_en)

    @property
    def cited_zh(self) -> str:
        """The item as a message names it, without the form's own numbering: 第 8 项“人员人工费用”."""
        return f"第 {self.code} 项“{_NUMBERING.sub('', self.name_zh)}”"

    @property
    def cited_en(self) -> str:
        return f"Item {self.code} “{_NUMBERING.sub('', self.name_en)}”"


@dataclass(frozen=True, slots=True)
class Section:
    """One titled block of the form."""

    title_zh: str
    title_en: str
    items: tuple[Item, ...]

    def title(self, lang: str) -> str:
        return _in_language(lang, self.title_zh, self.title_en)


@dataclass(frozen=True, slots=True)
class Header:
    """表号、制定机关、批准或备案文号、有效期至 (统计法 art. 17); a unit may refuse a form without them.

    Raises ValueError for a blank field, and for a sample that names 国家统计局 as its issuer.
    """

    form_number: str
    issuer_zh: str
    issuer_en: str
    document_number: str
    valid_until: date
    approval: Approval

    def __post_init__(self) -> None:
        for name in ("form_number", "issuer_zh", "issuer_en", "document_number"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} must not be blank: 统计法 art. 17 wants it on every form")
        issuer = f"{self.issuer_zh} {self.issuer_en}".lower()
        if self.approval is Approval.SAMPLE and any(name in issuer for name in _NATIONAL_BUREAU):
            raise ValueError("a sample form must not name 国家统计局 as its issuer")


@dataclass(frozen=True, slots=True)
class EditRule:
    """One 审核关系: an expression over item keys that must hold; `items` are the keys it names, in order."""

    id: str
    severity: Severity
    expression: str
    items: tuple[str, ...]
    message_zh: str
    message_en: str
    source: str


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class FormDefinition:
    """One layout of one form, in force from `first_year` until the next layout.

    Compared by identity: an installation may overlay severities, so two definitions can share a version.
    `items` are all items by key in document order; `rule_set` stamps the rules a revision was checked with.
    Raises ValueError when two items share a key.
    """

    form: str
    title_zh: str
    title_en: str
    first_year: int
    unit_kinds: frozenset[str]
    header: Header
    sections: tuple[Section, ...]
    rules: tuple[EditRule, ...]
    items: Mapping[str, Item] = field(init=False, repr=False)
    version: str = field(init=False)
    rule_set: str = field(init=False)

    def __post_init__(self) -> None:
        listed = [item for section in self.sections for item in section.items]
        items = {item.key: item for item in listed}
        if len(items) != len(listed):
            raise ValueError(f"form {self.form}: two items share one key")
        object.__setattr__(self, "items", MappingProxyType(items))
        object.__setattr__(self, "version", f"{self.form}/{self.first_year}")
        object.__setattr__(self, "rule_set", _rule_set(self.rules))

    def title(self, lang: str) -> str:
        return _in_language(lang, self.title_zh, self.title_en)

    def is_asked(self, item: Item, *, starred: bool) -> bool:
        """Whether the item stands on the unit's form: a starred item is asked of starred units only."""
        return starred or not item.starred

    def is_required(self, item: Item, *, starred: bool) -> bool:
        """Whether the unit must answer the item; 0 is an answer, a blank is not."""
        if item.required is Requirement.STARRED:
            return starred
        return item.required is Requirement.ALWAYS and self.is_asked(item, starred=starred)


def _rule_set(rules: tuple[EditRule, ...]) -> str:
    """16 hex digits of SHA-256 over what decides an outcome: wording may improve without a new rule set."""
    deciding = "\n".join(f"{rule.id}\t{rule.severity}\t{rule.expression}" for rule in rules)
    return hashlib.sha256(deciding.encode()).hexdigest()[:16]
