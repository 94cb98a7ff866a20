"""What a statistical form is: header, sections, items and edit rules, as values that cannot be half made."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from forms.items import (
    UNITS,
    Item,
    ItemKind,
    ItemType,
    Option,
    OptionList,
    Requirement,
    Section,
    Table,
    in_language,
    unit_en,
)
from forms.language_types import Scope

__all__ = [
    "UNITS",
    "Approval",
    "CodeMap",
    "EditRule",
    "FormDefinition",
    "Header",
    "Item",
    "ItemKind",
    "ItemType",
    "Option",
    "OptionList",
    "Requirement",
    "Section",
    "Severity",
    "Table",
    "unit_en",
]

_NATIONAL_BUREAU: Final = ("国家统计局", "national bureau of statistics")


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
    """One 审核关系: an expression that must hold; `items` are the form's own keys it names, in order.

    A rule of several sentences is several of these with one id and a `part` number each, from 1. `for_each` is the
    table whose every row it is asked of; `items` are then columns. `forms` are the other forms it needs.
    """

    id: str
    severity: Severity
    expression: str
    items: tuple[str, ...]
    message_zh: str
    message_en: str
    source: str
    part: int = 0
    for_each: str = ""
    forms: tuple[str, ...] = ()
    needs_last_year: bool = False


@dataclass(frozen=True, slots=True)
class CodeMap:
    """How a layout follows from the one before: keys stay, except these that came and these that went."""

    inserted: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class FormDefinition:
    """One layout of one form, in force from `first_year` until the next layout.

    Compared by identity: an installation may overlay severities, so two definitions can share a version.
    `items` are all items by key in document order, `tables` all tables; `scope` is what a rule can name;
    `rule_set` stamps the rules a revision was checked with, `severities` is the version of the installation's overlay.
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
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    other_forms: Mapping[str, Scope] = field(default_factory=dict, repr=False)
    code_map: CodeMap = CodeMap()
    severities: str = ""
    items: Mapping[str, Item] = field(init=False, repr=False)
    tables: Mapping[str, Table] = field(init=False, repr=False)
    scope: Scope = field(init=False, repr=False)
    version: str = field(init=False)
    rule_set: str = field(init=False)

    def __post_init__(self) -> None:
        listed = [item for section in self.sections for item in section.items]
        items = {item.key: item for item in listed}
        if len(items) != len(listed):
            raise ValueError(f"form {self.form}: two items share one key")
        tables = {section.table.key: section.table for section in self.sections if section.table}
        object.__setattr__(self, "items", MappingProxyType(items))
        object.__setattr__(self, "tables", MappingProxyType(tables))
        object.__setattr__(self, "scope", self._scope())
        object.__setattr__(self, "version", f"{self.form}/{self.first_year}")
        object.__setattr__(self, "rule_set", _rule_set(self.rules))

    def _scope(self) -> Scope:
        types = {key: item.language_type for key, item in self.items.items()}
        tables = {
            key: {column.key: column.language_type for column in table.columns} for key, table in self.tables.items()
        }
        figures = tuple(key for key, item in self.items.items() if item.type.is_figure)
        return Scope(types, tables, self.other_forms, self.keywords, figures)

    def title(self, lang: str) -> str:
        return in_language(lang, self.title_zh, self.title_en)

    def is_asked(self, item: Item, *, starred: bool) -> bool:
        """Whether the item stands on the unit's form: a starred item is asked of starred units only."""
        return starred or not item.starred

    def is_required(self, item: Item, *, starred: bool) -> bool:
        """Whether the unit must answer the item whatever else it fills; 0 is an answer, a blank is not."""
        if item.required is Requirement.STARRED:
            return starred
        return item.required is Requirement.ALWAYS and self.is_asked(item, starred=starred)


def _rule_set(rules: tuple[EditRule, ...]) -> str:
    """16 hex digits of SHA-256 over what decides an outcome: wording may improve without a new rule set."""
    deciding = "\n".join(f"{rule.id}\t{rule.severity}\t{rule.for_each}\t{rule.expression}" for rule in rules)
    return hashlib.sha256(deciding.encode()).hexdigest()[:16]
