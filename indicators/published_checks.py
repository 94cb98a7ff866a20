"""Published checks: identities among reference figures, data in `checks/*.yaml`, run when a table is built.

They are written in the grammar of the edit rules (`forms.language`): both sides are values over named figures. A name
is one figure, the figures of all regions directly below one (added up by `sum(name.value)`), or an average annual
growth (a root). An identity that does not hold is not repaired: its result stands beside the table, with what the
document says of itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from forms.language import RuleError
from forms.language_conditions import comparison_sides
from forms.language_functions import Kind
from forms.language_parsing import parse
from forms.language_tree import Comparison
from forms.language_types import Scope, Type, check_types
from indicators.definition import DefinitionMistake
from indicators.reference import ReferenceSeries
from indicators.table import plain

NATION = "000000"
_DECIMALS = 6
_VALUE = Type(Kind.NUMBER, None, _DECIMALS)
_STEP = Decimal(1).scaleb(-_DECIMALS)


class CheckOutcome(StrEnum):
    """How an identity stands with the figures that were imported."""

    EXACT = "exact"
    WITHIN = "within"
    """The sides differ by no more than the tolerance."""
    FAILS = "fails"
    NOT_COMPUTED = "not_computed"
    """Figures are missing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Where a name's figure is found; with `below`, those of all regions directly below that region."""

    series: str
    region: str
    below: str
    year: int
    since: int | None
    expected: int


@dataclass(frozen=True, slots=True)
class Stated:
    """What the document's own figures give: the sides, left less right, and whether that is within the tolerance."""

    left: Decimal
    right: Decimal
    difference: Decimal
    exact: bool
    passes: bool


@dataclass(frozen=True, slots=True)
class PublishedCheck:
    """One identity; `identity` compares its two sides."""

    id: str
    year: int
    unit: str
    zh: str
    en: str
    figures: Mapping[str, Figure]
    identity: Comparison
    expression: str
    tolerance: Decimal
    why: str
    stated: Stated


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One identity with what came out; the sides are None where figures are missing."""

    check: PublishedCheck
    left: Decimal | None
    right: Decimal | None
    outcome: CheckOutcome

    @property
    def difference(self) -> Decimal | None:
        """Left less right."""
        return None if self.left is None or self.right is None else self.left - self.right

    @property
    def is_as_stated(self) -> bool:
        """Whether it came out as the document's own figures say, failing included."""
        passes = self.outcome in {CheckOutcome.EXACT, CheckOutcome.WITHIN}
        return passes is self.check.stated.passes and (self.outcome is CheckOutcome.EXACT) is self.check.stated.exact

    def as_data(self) -> dict[str, Any]:
        """As it stands in a table's manifest."""
        check = self.check
        return {
            "id": check.id,
            "zh": check.zh,
            "en": check.en,
            "identity": check.expression,
            "unit": check.unit,
            "left": plain(self.left),
            "right": plain(self.right),
            "difference": plain(self.difference),
            "tolerance": plain(check.tolerance),
            "outcome": self.outcome.value,
            "as_stated": self.is_as_stated,
            "why": check.why,
        }


def run_checks(reference: ReferenceSeries, year: int) -> tuple[CheckResult, ...]:
    """The identities of a year, by id, with what the imported figures give."""
    return tuple(run(check, reference) for check in shipped_checks() if check.year == year)


def run(check: PublishedCheck, reference: ReferenceSeries) -> CheckResult:
    """One identity over the newest vintage of each figure."""
    record = {name: _found(figure, reference) for name, figure in check.figures.items()}
    sides = None if None in record.values() else comparison_sides(check.identity, _scope(check.figures))(record)
    if sides is None:
        return CheckResult(check, None, None, CheckOutcome.NOT_COMPUTED)
    left, right = sides
    apart = abs(left - right)
    outcome = CheckOutcome.WITHIN if apart <= check.tolerance else CheckOutcome.FAILS
    return CheckResult(check, left, right, CheckOutcome.EXACT if not apart else outcome)


def _found(figure: Figure, reference: ReferenceSeries) -> Any:
    """A figure, or rows of figures; None where it is not there, or fewer regions than expected."""
    if figure.below:
        rows = [{"value": value} for value in _below(figure, reference)]
        return rows if len(rows) == figure.expected else None
    now = reference.get(figure.series, figure.region, figure.year)
    if figure.since is None or now is None:
        return now.value if now else None
    base = reference.get(figure.series, figure.region, figure.since)
    if base is None or base.value <= 0 or now.value <= 0:
        return None
    growth = (now.value / base.value) ** (Decimal(1) / (figure.year - figure.since)) - 1
    return (growth * 100).quantize(_STEP, ROUND_HALF_UP)


def _below(figure: Figure, reference: ReferenceSeries) -> Iterator[Decimal]:
    """GB/T 2260: provinces are NN0000, their prefectures NNnn00, those's counties NNnnnn."""
    for (series, region, year), value in sorted(reference.newest.items()):
        if (series, year) == (figure.series, figure.year) and region != figure.below and _above(region) == figure.below:
            yield value.value


def _above(region: str) -> str:
    if region.endswith("0000"):
        return NATION
    return region[:2] + "0000" if region.endswith("00") else region[:4] + "00"


def _scope(figures: Mapping[str, Figure]) -> Scope:
    single = {name: _VALUE for name, figure in figures.items() if not figure.below}
    return Scope(single, {name: {"value": _VALUE} for name, figure in figures.items() if figure.below})


class _FigureSchema(Schema):
    series = fields.String(required=True)
    region = fields.String(load_default="")
    below = fields.String(load_default="")
    year = fields.Integer(load_default=None, allow_none=True)
    since = fields.Integer(load_default=None, allow_none=True, data_key="from")
    expected = fields.Integer(load_default=0)


class _StatedSchema(Schema):
    left = fields.Decimal(required=True)
    right = fields.Decimal(required=True)
    difference = fields.Decimal(required=True)
    exact = fields.Boolean(required=True)
    passes = fields.Boolean(required=True)


class _CheckSchema(Schema):
    id = fields.String(required=True, validate=validate.Regexp(r"[A-Z][0-9]{3}\Z"))
    year = fields.Integer(required=True)
    unit = fields.String(required=True)
    zh = fields.String(required=True)
    en = fields.String(required=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Nested(_FigureSchema), required=True)
    left = fields.String(required=True)
    right = fields.String(load_default="")
    printed = fields.Decimal(load_default=None, allow_none=True)
    tolerance = fields.Decimal(required=True, validate=validate.Range(min=0))
    why = fields.String(required=True)
    stated = fields.Nested(_StatedSchema, required=True)


class _ChecksSchema(Schema):
    checks = fields.List(fields.Nested(_CheckSchema), required=True)


def load_checks(text: str, where: str) -> tuple[PublishedCheck, ...]:
    """The identities of one YAML text. Raises `DefinitionMistake`."""
    import yaml

    try:
        listed = _ChecksSchema().load(yaml.safe_load(text))["checks"]
        return tuple(_check(one) for one in listed)
    except (yaml.YAMLError, ValidationError, RuleError, TypeError) as error:
        raise DefinitionMistake(f"{where}: {error}") from error


def _check(one: Mapping[str, Any]) -> PublishedCheck:
    figures = {name: Figure(**{**of, "year": of["year"] or one["year"]}) for name, of in one["figures"].items()}
    right = one["right"] or plain(one["printed"])
    expression = f"{one['left']} == {right}"
    identity = parse(expression)
    check_types(identity, _scope(figures))
    if not isinstance(identity, Comparison):
        raise TypeError(f"{one['id']}: {expression} is no comparison of two sides")
    kept = {name: one[name] for name in ("id", "year", "unit", "zh", "en", "tolerance", "why")}
    stated = Stated(**one["stated"])
    return PublishedCheck(**kept, figures=figures, identity=identity, expression=expression, stated=stated)


@cache
def shipped_checks() -> tuple[PublishedCheck, ...]:
    """The identities that come with the program, by id."""
    folder = resources.files("indicators").joinpath("checks")
    found = [one for file in folder.iterdir() if file.name.endswith(".yaml") for one in _read(file)]
    return tuple(sorted(found, key=lambda check: check.id))


def _read(file: Any) -> tuple[PublishedCheck, ...]:
    return load_checks(file.read_text(encoding="utf-8"), file.name)
