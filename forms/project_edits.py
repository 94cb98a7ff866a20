"""Statistical edits of the project list (107-1): rows beside each other, beside last year's list, beside form 107-2.

S09: the costs of all projects as if in another unit of measure than form 107-2; S10: one project whose cost per
person-month is unlike the unit's other projects (a digit lost or doubled); S11: a project entered twice; S12: rows that
are last year's again. Each asks the filler and names cells, never a figure.
Literature: as in `forms.statistical_edits`; for ratios of a unit's own parts, Granquist & Kovar 1997, and for records
entered twice, Fellegi & Sunter, A theory for record linkage, JASA 64 (1969), here by the name alone.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from forms.content import Content
from forms.definition import FormDefinition, Severity
from forms.explanations import plain
from forms.findings import Finding
from forms.records import cell_key
from forms.statistical_settings import ProjectSettings
from forms.unit_slips import scale_slip
from forms.values import BLANK, Cell

Rows = Sequence[Mapping[str, Cell]]


def project_findings(
    definition: FormDefinition,
    content: Content,
    last_year: Content | None,
    other_forms: Mapping[str, Content],
    settings: ProjectSettings,
) -> Iterator[Finding]:
    """S09 to S12, in this order."""
    rows = content.rows.get(settings.table, ())
    whole = other_forms.get(settings.whole_form)
    total = whole.cell(settings.whole).value if whole else None
    yield from _in_another_unit(definition, rows, total, settings)
    yield from _unlike_the_others(definition, rows, total, settings)
    yield from _twice(definition, rows, settings)
    if last_year is not None:
        yield from _last_years(rows, last_year.rows.get(settings.table, ()), settings)


def _in_another_unit(
    definition: FormDefinition, rows: Rows, total: Decimal | None, settings: ProjectSettings
) -> Iterator[Finding]:
    spent = sum((_figure(row, settings.cost) for row in rows), Decimal(0))
    if total and scale_slip(spent, total, settings.powers, settings.around) is not None:
        item = definition.tables[settings.table].by_key[settings.cost]
        zh = f"{item.cited_zh}的合计与 107-2 表的研究开发费用合计相比，像是用了别的计量单位。请核对；确实如此的请说明。"
        en = f"{item.cited_en} adds up as if in another unit of measure than the R&D costs of form 107-2. Check it."
        yield Finding("S09", Severity.QUERY, (settings.table,), zh, en)


def _unlike_the_others(
    definition: FormDefinition, rows: Rows, total: Decimal | None, settings: ProjectSettings
) -> Iterator[Finding]:
    """Beside the median of the unit's other projects; a unit with one project beside its whole form."""
    ratios = {number: ratio for number, row in enumerate(rows, start=1) if (ratio := _per_month(row, settings))}
    item = definition.tables[settings.table].by_key[settings.cost]
    for number, ratio in ratios.items():
        others = [other for place, other in ratios.items() if place != number]
        if not others and len(rows) == 1 and total:
            others = [total / _figure(rows[0], settings.months)]
        if others and not 1 / settings.cost_apart <= ratio / statistics.median(others) <= settings.cost_apart:
            zh = f"第 {number} 行：{item.cited_zh}与人月之比，和本单位其他项目相差很大。请核对位数；确实如此的请说明。"
            en = f"Row {number}: {item.cited_en} per person-month is far from other projects of the unit. Check it."
            keys = tuple(cell_key(settings.table, number, key) for key in (settings.cost, settings.months))
            yield Finding("S10", Severity.QUERY, keys, zh, en, row=number)


def _twice(definition: FormDefinition, rows: Rows, settings: ProjectSettings) -> Iterator[Finding]:
    """Names that are one once marks, widths and case are put aside."""
    places: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=1):
        places.setdefault(plain(row.get(settings.name, BLANK).text), []).append(number)
    for name, numbers in places.items():
        if name and len(numbers) > 1:
            listed = "、".join(str(number) for number in numbers)
            zh = f"第 {listed} 行的项目名称相同。请核实是不是重复填报；确是不同项目的请说明。"
            en = f"Rows {listed.replace('、', ', ')} have one name. Check that no project is entered twice."
            keys = tuple(cell_key(settings.table, number, settings.name) for number in numbers)
            yield Finding("S11", Severity.QUERY, keys, zh, en)


def _last_years(rows: Rows, before: Rows, settings: ProjectSettings) -> Iterator[Finding]:
    """A project goes on, but never with last year's very cost and working time."""
    known = {_as_compared(row, settings) for row in before}
    same = [number for number, row in enumerate(rows, start=1) if _as_compared(row, settings) in known]
    same = [number for number in same if _figure(rows[number - 1], settings.cost)]
    if len(same) >= settings.copied.at_least and len(same) >= settings.copied.share * len(rows):
        zh = "这些项目的经费和人月与本单位上年的数完全相同。请核实是不是照抄了上年的表。"
        en = "The cost and working time of these projects are exactly last year's. Check that the list was not copied."
        keys = tuple(cell_key(settings.table, number, settings.cost) for number in same)
        yield Finding("S12", Severity.QUERY, keys, zh, en)


def _as_compared(row: Mapping[str, Cell], settings: ProjectSettings) -> tuple[object, ...]:
    return tuple(row.get(key, BLANK).answer for key in (settings.name, settings.cost, settings.months))


def _per_month(row: Mapping[str, Cell], settings: ProjectSettings) -> Decimal | None:
    months = _figure(row, settings.months)
    return _figure(row, settings.cost) / months if months > 0 else None


def _figure(row: Mapping[str, Cell], key: str) -> Decimal:
    return row.get(key, BLANK).value or Decimal(0)
