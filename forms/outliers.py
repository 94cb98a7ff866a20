"""Figures that moved unlike those of similar units, and which of them matter most to the published total.

Method: M. A. Hidiroglou and J.-M. Berthelot, Statistical editing and imputation for periodic business surveys,
Survey Methodology 12 (1986) 73-83. With r = now / before and its group's median m, the transformed ratio is
s = r / m - 1 above the median and 1 - m / r below, and the effect E = s * max(now, before)^u, so that a large unit
needs a smaller move to be asked. With quartiles q1, med, q3 of E, a unit is asked where E lies outside
med - c * max(med - q1, |a * med|) and med + c * max(q3 - med, |a * med|).

Ours: a group whose figures mostly stayed has quartiles that meet, so a move has to reach a floor as well; and c is
larger than is usual, for a filler is asked and not an editor.
A group is industry x size x city; one with fewer than `smallest_group` units falls back to industry x size, then
industry, then all. The group's distribution always has all its units in it. Ratios and effects are floating point:
they decide only whom to ask, and never become a figure.

Ranking: M. Latouche and J.-M. Berthelot, Use of a score function to prioritize and limit recontacts in editing business
surveys, J. Off. Stat. 8 (1992) 389–400; D. Hedlin, Score functions to reduce business survey editing at the U.K. Office
for National Statistics, J. Off. Stat. 19 (2003) 177–199: the distance from what the group's move would make of last
year's figure, in proportion to the published total.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import Template
from typing import Final

from forms.definition import FormDefinition, Severity
from forms.findings import Finding
from forms.language_functions import quoted, sql_text
from forms.statistical_settings import OutlierSettings

ALL: Final = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure of one unit in two years, one row per unit and item: money in thousand yuan, or a count."""

    unit: str
    item: str
    industry: str
    size: str
    city: str
    now: Decimal
    before: Decimal

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Its groups from the narrowest to all."""
        return (self.industry, self.size, self.city), (self.industry, self.size), (self.industry,), ALL

    @property
    def ratio(self) -> float:
        return float(self.now) / float(self.before)


@dataclass(frozen=True, slots=True)
class Outlier:
    """One figure that is asked about: its effect, and its score, the share of the item's total it may put wrong."""

    unit: str
    item: str
    effect: float
    score: float


@dataclass(frozen=True, slots=True)
class _Spread:
    """What a group's figures moved like: the median ratio and the bounds of the effect."""

    count: int
    median_ratio: float
    low: float
    high: float


def outliers(rows: Iterable[Moved], settings: OutlierSettings) -> tuple[Outlier, ...]:
    """The figures outside their group's bounds, the greatest score first. Both years must be above 0 to be compared."""
    found: list[Outlier] = []
    by_item: dict[str, list[Moved]] = {}
    for row in rows:
        if row.now > 0 and row.before > 0:
            by_item.setdefault(row.item, []).append(row)
    for members in by_item.values():
        found.extend(_of_item(members, settings))
    return tuple(sorted(found, key=lambda each: (-each.score, each.unit, each.item)))


def _of_item(members: Sequence[Moved], settings: OutlierSettings) -> Iterable[Outlier]:
    groups: dict[tuple[str, ...], list[Moved]] = {}
    for row in members:
        for group in row.groups:
            groups.setdefault(group, []).append(row)
    spreads = {group: _spread(inside, settings) for group, inside in groups.items()}
    total = float(sum(row.now for row in members))
    for row in members:
        spread = next(
            (spreads[group] for group in row.groups if spreads[group].count >= settings.smallest_group), spreads[ALL]
        )
        effect = _effect(row, spread.median_ratio, settings.u)
        is_small = abs(row.now - row.before) < settings.floors.get(row.item, 0)
        if not is_small and not spread.low <= effect <= spread.high:
            apart = abs(float(row.now) - float(row.before) * spread.median_ratio)
            yield Outlier(row.unit, row.item, effect, apart / total)


def _spread(members: Sequence[Moved], settings: OutlierSettings) -> _Spread:
    median_ratio = statistics.median(row.ratio for row in members)
    effects = [_effect(row, median_ratio, settings.u) for row in members]
    if len(effects) == 1:
        return _Spread(1, median_ratio, effects[0], effects[0])
    first, middle, third = statistics.quantiles(effects, n=4, method="inclusive")
    least = abs(settings.a * middle)
    return _Spread(
        len(members),
        median_ratio,
        middle - settings.c * max(middle - first, least),
        middle + settings.c * max(third - middle, least),
    )


def _effect(row: Moved, median_ratio: float, u: float) -> float:
    moved = row.ratio / median_ratio - 1 if row.ratio >= median_ratio else 1 - median_ratio / row.ratio
    return moved * math.pow(max(float(row.now), float(row.before)), u)


def outlier_findings(definition: FormDefinition, found: Iterable[Outlier]) -> Mapping[str, tuple[Finding, ...]]:
    """The question each unit is asked, by unit: its own cell, and nothing of its peers."""
    asked: dict[str, tuple[Finding, ...]] = {}
    for each in found:
        item = definition.items[each.item]
        zh = f"{item.cited_zh}与本单位上年的数相比变动不寻常。请核实，并说明原因。"
        en = f"{item.cited_en} moved unusually against the unit's own figure of last year. Check it, and explain."
        finding = Finding("S02", Severity.QUERY, (each.item,), zh, en)
        asked[each.unit] = (*asked.get(each.unit, ()), finding)
    return asked


def outliers_sql(relation: str, settings: OutlierSettings) -> str:
    """The same over a relation with a row per unit and item: unit, item, industry, size, city, now, before.

    Answers unit, item, effect, score, the greatest score first. The text only; whoever runs it brings the relation.
    """
    return _SQL.substitute(
        relation=quoted(relation),
        u=float(settings.u),
        a=float(settings.a),
        c=float(settings.c),
        smallest=int(settings.smallest_group),
        floors=_floors(settings.floors),
    )


def _floors(floors: Mapping[str, Decimal]) -> str:
    """The least move of each item."""
    cases = "".join(f" WHEN {sql_text(item)} THEN {floor}" for item, floor in floors.items())
    return f"CASE item{cases} ELSE 0 END" if cases else "0"


_SQL: Final = Template("""
WITH moved AS (
  SELECT *, CAST(now AS DOUBLE) / CAST(before AS DOUBLE) AS ratio,
    sum(CAST(now AS DOUBLE)) OVER (PARTITION BY item) AS total
  FROM $relation WHERE now > 0 AND before > 0
), grouped AS (
  SELECT *, 1 AS level, industry || '|' || size || '|' || city AS within FROM moved
  UNION ALL SELECT *, 2, industry || '|' || size FROM moved
  UNION ALL SELECT *, 3, industry FROM moved
  UNION ALL SELECT *, 4, '' FROM moved
), centred AS (
  SELECT *, median(ratio) OVER same AS m, count(*) OVER same AS members FROM grouped
  WINDOW same AS (PARTITION BY item, level, within)
), effects AS (
  SELECT *,
    (CASE WHEN ratio >= m THEN ratio / m - 1 ELSE 1 - m / ratio END)
      * power(greatest(CAST(now AS DOUBLE), CAST(before AS DOUBLE)), $u) AS effect FROM centred
), spread AS (
  SELECT item, level, within,
    quantile_cont(effect, 0.25) AS q1, median(effect) AS mid, quantile_cont(effect, 0.75) AS q3
  FROM effects GROUP BY ALL
), chosen AS (
  SELECT * FROM effects WHERE members >= $smallest OR level = 4
  QUALIFY level = min(level) OVER (PARTITION BY unit, item)
)
SELECT unit, item, effect, abs(CAST(now AS DOUBLE) - CAST(before AS DOUBLE) * m) / total AS score
FROM chosen JOIN spread USING (item, level, within)
WHERE abs(now - before) >= $floors AND (
  effect < mid - $c * greatest(mid - q1, abs($a * mid)) OR effect > mid + $c * greatest(q3 - mid, abs($a * mid)))
ORDER BY score DESC, unit, item
""")
