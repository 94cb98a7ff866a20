"""The product's whole check of an invented firm: both forms, last year, the register, and its peers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from forms.content import Content, SignOff
from forms.definition import FormDefinition, Severity
from forms.explanations import NEEDS_REASON, refused_explanations
from forms.findings import Finding
from forms.items import Item
from forms.loading import shipped_forms
from forms.outliers import Moved, outlier_findings, outliers
from forms.records import Surroundings
from forms.statistical_settings import statistical_settings
from forms.text_values import read_cell
from forms.values import Cell, Status, ValueMistake
from forms.whole_check import whole_check
from register.units import make_synthetic_credit_code
from tests.generator.enterprises import YEAR, Firm, Return

FORMS: Final = ("107-1", "107-2")
SIGNED: Final = SignOff("赵一", "钱二", "孙三", "0871-0000000", "2032-03-01")
EXPLANATIONS: Final = "explanations"


def definition(form: str) -> FormDefinition:
    """The layout of the invented year."""
    return shipped_forms().in_force(form, YEAR)


def content(form: str, filed: Return, explanations: Mapping[str, str] | None = None) -> Content:
    """What a firm filed on one form. What cannot be read stays out, as it does on the page."""
    if form == "107-2":
        cells = {key: Cell(Decimal(value)) for key, value in filed.figures.items()}
        return Content(cells, explanations or {}, SIGNED)
    columns = definition(form).tables["projects"].by_key
    rows = tuple({key: _cell(text, columns[key]) for key, text in row.items() if text} for row in filed.projects)
    return Content({}, explanations or {}, SIGNED, {"projects": rows})


def _cell(text: str, item: Item) -> Cell:
    """A code that is in no list is kept as it came, as from a program or a spreadsheet."""
    try:
        return read_cell(text, item)
    except ValueMistake:
        return Cell(Decimal(text)) if item.type.is_figure else Cell(None, Status.REPORTED, "", text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the check says of one form of one firm: rule and severity of each finding that asks for something."""

    form: str
    rules: frozenset[tuple[str, str]]

    @property
    def severities(self) -> frozenset[str]:
        """Which severities it met."""
        return frozenset(severity for _, severity in self.rules)


def outcomes(firm: Firm, peers: Mapping[str, tuple[Finding, ...]]) -> dict[str, Outcome]:
    """The check of both forms, as each is sent with the other at hand."""
    return {form: _outcome(form, firm, peers) for form in FORMS}


def _outcome(form: str, firm: Firm, peers: Mapping[str, tuple[Finding, ...]]) -> Outcome:
    layout, other = definition(form), next(one for one in FORMS if one != form)
    before = content(form, firm.before) if firm.before else None
    now = content(form, firm.now)
    around = Surroundings(before, {other: content(other, firm.now)}, attributes(firm), YEAR)
    found = [*whole_check(layout, now, around, starred=firm.starred)]
    if form == "107-2":
        found += peers.get(str(firm.number), ())
    rules = {(one.rule_id.partition(":")[0], one.severity.value) for one in found if one.severity is not Severity.NOTE}
    if firm.now.reason:
        said = {one.rule_id: firm.now.reason for one in found if one.severity in NEEDS_REASON}
        if refused_explanations(replace(now, explanations=said), found):
            rules.add((EXPLANATIONS, Severity.QUERY.value))
    return Outcome(form, frozenset(rules))


def attributes(firm: Firm) -> dict[str, str]:
    """What the register says of a firm."""
    return {
        "credit_code": make_synthetic_credit_code(firm.number),
        "kind": "enterprise",
        "size": firm.size,
        "industry_code": firm.industry,
        "region_code": firm.city,
        "starred": "1" if firm.starred else "0",
    }


def beside_peers(firms: Sequence[Firm]) -> Mapping[str, tuple[Finding, ...]]:
    """What is asked of each firm because it moved unlike its group, by its number."""
    settings = statistical_settings().outliers
    return outlier_findings(definition("107-2"), outliers(_moved(firms, settings.items), settings))


def _moved(firms: Iterable[Firm], items: Iterable[str]) -> Iterable[Moved]:
    for firm in firms:
        for item in items:
            now = firm.now.figures.get(item, 0)
            before = firm.before.figures.get(item, 0) if firm.before else 0
            unit, industry = str(firm.number), firm.industry[:2]
            yield Moved(unit, item, industry, firm.size, firm.city, Decimal(now), Decimal(before))
