"""Table and indicator definitions: data in `definitions/*.yaml`, checked when they are loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate


class IndicatorKind(StrEnum):
    """Decides the arithmetic of an indicator."""

    RATIO = "ratio"
    GROWTH = "growth"
    AVERAGE_GROWTH = "average_growth"
    DIFFERENCE = "difference"
    RANK = "rank"
    RANK_CHANGE = "rank_change"


class TableClass(StrEnum):
    """Who may read a table: everybody signed in or with a token, or role office only, each read recorded."""

    OPEN = "open"
    RESTRICTED = "restricted"


class DefinitionMistake(ValueError):
    """A table definition that does not hold together; the text names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One computed column; `decimals` is how many a reader is shown, the table holds at least six."""

    key: str
    name_zh: str
    name_en: str
    unit: str
    kind: IndicatorKind
    numerator: str
    denominator: str
    factor: Decimal
    decimals: int
    note: str


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """One published table."""

    name: str
    title_zh: str
    title_en: str
    table_class: TableClass
    form: str
    indicators: tuple[Indicator, ...]

    def title(self, language: str) -> str:
        """The title in a language."""
        return self.title_en if language == "en" else self.title_zh


class _IndicatorSchema(Schema):
    key = fields.String(required=True, validate=validate.Regexp(r"[a-z][a-z0-9_]*\Z"))
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    unit = fields.String(required=True)
    kind = fields.Enum(IndicatorKind, by_value=True, required=True)
    numerator = fields.String(required=True)
    denominator = fields.String(load_default="")
    factor = fields.Decimal(load_default=Decimal(1))
    decimals = fields.Integer(required=True, validate=validate.Range(0, 6))
    note = fields.String(load_default="")


class _TableSchema(Schema):
    name = fields.String(required=True)
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    table_class = fields.Enum(TableClass, by_value=True, required=True, data_key="class")
    form = fields.String(load_default="")
    indicators = fields.List(fields.Nested(_IndicatorSchema), load_default=list)


def load_table(text: str, where: str) -> TableDefinition:
    """One definition from its YAML text. Raises `DefinitionMistake`."""
    import yaml

    try:
        values: dict[str, Any] = dict(_TableSchema().load(yaml.safe_load(text)))
    except (yaml.YAMLError, ValidationError) as error:
        raise DefinitionMistake(f"{where}: {error}") from error
    indicators = tuple(Indicator(**one) for one in values.pop("indicators"))
    return TableDefinition(**values, indicators=indicators)


def check_names(definition: TableDefinition, items: Iterable[str]) -> None:
    """Each indicator stands on items or on indicators above it; no key is used twice. Raises `DefinitionMistake`."""
    known = set(items)
    for indicator in definition.indicators:
        if indicator.key in known:
            raise DefinitionMistake(f"{definition.name}: {indicator.key} is used twice")
        if (indicator.kind is IndicatorKind.RATIO) != bool(indicator.denominator):
            raise DefinitionMistake(f"{definition.name}: {indicator.key}: a ratio, and only a ratio, has a denominator")
        for name in filter(None, (indicator.numerator, indicator.denominator)):
            if name not in known:
                raise DefinitionMistake(f"{definition.name}: {indicator.key} names {name}, which is not above it")
        known.add(indicator.key)


@cache
def shipped_tables() -> Mapping[str, TableDefinition]:
    """The tables by name."""
    folder = resources.files("indicators").joinpath("definitions")
    found = [
        load_table(file.read_text(encoding="utf-8"), file.name)
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".yaml")
    ]
    return {definition.name: definition for definition in found}
