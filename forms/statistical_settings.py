"""The parameters of the statistical edits, read once from data and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from marshmallow import EXCLUDE, Schema, fields


@dataclass(frozen=True, slots=True)
class Band:
    """How far from last year a figure may be unasked: `ratio` times the figure, and at least `floor` in its unit."""

    ratio: Decimal
    floor: Decimal


@dataclass(frozen=True, slots=True)
class UnitOfMeasure:
    """When money looks as if it were in another unit: see `forms.statistical_edits.scale_slip`."""

    powers: tuple[int, ...]
    around: Decimal
    share: Decimal
    at_least: int
    labour: str
    full_time: str
    per_person_low: Decimal
    per_person_high: Decimal
    cost: str
    turnover_at_most: Decimal


@dataclass(frozen=True, slots=True)
class Pattern:
    """A share of the filled cells, of at least so many."""

    share: Decimal
    at_least: int
    multiple: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class OutlierSettings:
    """The parameters of Hidiroglou and Berthelot, and how small a group may be: see `forms.outliers`."""

    items: tuple[str, ...]
    u: float
    a: float
    c: float
    smallest_group: int
    floors: Mapping[str, Decimal] = field(default_factory=dict)
    """The least move of an item, in its unit of measure: where most figures of a group stay as they are (patents of
    small firms), the quartiles meet and the method alone would ask about a move of one."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """When two neighbouring lines look exchanged: see `forms.year_edits`."""

    apart: Decimal
    near: Decimal


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """The columns of the project form that are looked at, and how far apart they may be: see `forms.project_edits`."""

    form: str
    table: str
    name: str
    cost: str
    months: str
    whole_form: str
    whole: str
    cost_apart: Decimal
    powers: tuple[int, ...]
    around: Decimal
    copied: Pattern


@dataclass(frozen=True, slots=True)
class Balance:
    """A total and the parts that should add up to it."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatisticalSettings:
    """All parameters of one form; `balances` by the rule that checks the same sum.

    `other_bands` are the year-on-year bands of forms that are asked nothing else.
    """

    form: str
    bands: Mapping[str, Band]
    other_bands: Mapping[str, Mapping[str, Band]]
    unit_of_measure: UnitOfMeasure
    rounding: Pattern
    copied: Pattern
    copied_money: Pattern
    exchanged: Exchanged
    outliers: OutlierSettings
    projects: ProjectSettings
    balances: Mapping[str, Balance]


class _Numbers(Schema):
    """Any mapping of the file; what it holds is read by the names below."""

    class Meta:
        unknown = EXCLUDE

    form = fields.String(required=True)
    year_on_year = fields.Dict(required=True)
    other_forms = fields.Dict(required=True)
    unit_of_measure = fields.Dict(required=True)
    rounding = fields.Dict(required=True)
    copied = fields.Dict(required=True)
    copied_money = fields.Dict(required=True)
    exchanged = fields.Dict(required=True)
    projects = fields.Dict(required=True)
    outliers = fields.Dict(required=True)
    balances = fields.Dict(required=True)


@cache
def statistical_settings() -> StatisticalSettings:
    """The shipped parameters."""
    import yaml

    text = files("forms").joinpath("data/statistical_edits.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = _Numbers().load(yaml.safe_load(text))
    listed, rounding = data["outliers"], data["rounding"]
    return StatisticalSettings(
        form=data["form"],
        bands=_bands(data["year_on_year"]),
        other_bands={form: _bands(bands) for form, bands in data["other_forms"].items()},
        unit_of_measure=_unit_of_measure(data["unit_of_measure"]),
        rounding=Pattern(_exact(rounding["share"]), rounding["at_least"], _exact(rounding["multiple"])),
        copied=_pattern(data["copied"]),
        copied_money=_pattern(data["copied_money"]),
        exchanged=Exchanged(_exact(data["exchanged"]["apart"]), _exact(data["exchanged"]["near"])),
        outliers=OutlierSettings(
            tuple(listed["items"]),
            listed["u"],
            listed["a"],
            listed["c"],
            listed["smallest_group"],
            {item: _exact(floor) for item, floor in listed["items"].items()},
        ),
        projects=_projects(data["projects"]),
        balances={rule: Balance(sum_["total"], tuple(sum_["parts"])) for rule, sum_ in data["balances"].items()},
    )


def _bands(data: Mapping[str, Any]) -> Mapping[str, Band]:
    return {key: Band(_exact(band["ratio"]), _exact(band["floor"])) for key, band in data.items()}


def _unit_of_measure(data: Mapping[str, Any]) -> UnitOfMeasure:
    return UnitOfMeasure(
        powers=tuple(data["powers"]),
        around=_exact(data["around"]),
        share=_exact(data["share"]),
        at_least=data["at_least"],
        labour=data["labour"],
        full_time=data["full_time"],
        per_person_low=_exact(data["per_person"]["low"]),
        per_person_high=_exact(data["per_person"]["high"]),
        cost=data["cost"],
        turnover_at_most=_exact(data["turnover"]["at_most"]),
    )


def _pattern(data: Mapping[str, Any]) -> Pattern:
    return Pattern(_exact(data["share"]), data["at_least"])


def _projects(data: Mapping[str, Any]) -> ProjectSettings:
    return ProjectSettings(
        form=data["form"],
        table=data["table"],
        name=data["name"],
        cost=data["cost"],
        months=data["months"],
        whole_form=data["whole"]["form"],
        whole=data["whole"]["item"],
        cost_apart=_exact(data["cost_apart"]),
        powers=tuple(data["powers"]),
        around=_exact(data["around"]),
        copied=_pattern(data["copied"]),
    )


def _exact(number: float | str) -> Decimal:
    return Decimal(str(number))
