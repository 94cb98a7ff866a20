"""The statistical edits of one return over all returns at once: DuckDB statements that ask the same units.

The relation has a row per unit and item of one form: unit, item, now, before, both DECIMAL in the item's unit of
measure, NULL where not told. Each statement answers unit, rule and the list of items concerned, as
`forms.statistical_edits` does for one return. The text only; whoever runs it brings the relation.
"""

from collections.abc import Iterable, Mapping
from string import Template
from typing import Final

from forms.definition import FormDefinition
from forms.language_functions import quoted, sql_text
from forms.statistical_edits import MONEY
from forms.statistical_settings import Band, StatisticalSettings


def statistical_sql(definition: FormDefinition, relation: str, settings: StatisticalSettings) -> str:
    """S01 year on year, S03 unit of measure against last year, S04 rounding, S05 a copied year.

    The others look at one return closely, and are asked of one return only.
    """
    order = list(definition.items)
    return _SQL.substitute(
        relation=quoted(relation),
        bands=_bands(settings.bands),
        slips=_slips(settings.unit_of_measure.powers),
        around=settings.unit_of_measure.around,
        slip_share=settings.unit_of_measure.share,
        slip_least=settings.unit_of_measure.at_least,
        money=_values(item.key for item in definition.items.values() if item.unit == MONEY),
        multiple=settings.rounding.multiple,
        round_share=settings.rounding.share,
        round_least=settings.rounding.at_least,
        copied_share=settings.copied.share,
        copied_least=settings.copied.at_least,
        order="[" + ", ".join(sql_text(key) for key in order) + "]",
    )


def _values(keys: Iterable[str]) -> str:
    return ", ".join(f"({sql_text(key)})" for key in keys)


def _bands(bands: Mapping[str, Band]) -> str:
    return ", ".join(f"({sql_text(key)}, {band.ratio}, {band.floor})" for key, band in bands.items())


def _slips(powers: Iterable[int]) -> str:
    """Each power of ten with its order: the one nearest to plain comes first, as in `scale_slip`."""
    signed = [sign for power in powers for sign in (power, -power)]
    return ", ".join(f"({number}, {power})" for number, power in enumerate(signed))


_SQL: Final = Template("""
WITH figures AS (
  SELECT unit, item, CAST(now AS DECIMAL(38, 6)) AS now, CAST(before AS DECIMAL(38, 6)) AS before,
    list_position($order, item) AS place
  FROM $relation WHERE now IS NOT NULL
), bands(item, ratio, least) AS (VALUES $bands
), money(item) AS (VALUES $money
), powers(number, power) AS (VALUES $slips
), leaps AS (
  SELECT unit, 'S01' AS rule, [item] AS items, place FROM figures JOIN bands USING (item)
  WHERE before > 0 AND abs(now - before) > least AND abs(now - before) > ratio * before
), compared AS (
  SELECT * FROM figures SEMI JOIN money USING (item) WHERE now <> 0 AND before <> 0
), slipped AS (
  SELECT unit, item, place, arg_min(power, number) AS slip FROM compared, powers
  WHERE now > 0 AND before > 0
    AND now * CASE WHEN power < 0 THEN CAST(10 ** -power AS BIGINT) ELSE 1 END * $around
      >= before * CASE WHEN power > 0 THEN CAST(10 ** power AS BIGINT) ELSE 1 END
    AND now * CASE WHEN power < 0 THEN CAST(10 ** -power AS BIGINT) ELSE 1 END
      <= before * CASE WHEN power > 0 THEN CAST(10 ** power AS BIGINT) ELSE 1 END * $around
  GROUP BY unit, item, place
), off AS (
  SELECT unit, list(item ORDER BY place) AS items, count(*) AS many FROM slipped GROUP BY unit, slip
), scales AS (
  SELECT unit, 'S03' AS rule, items, 0 AS place FROM off
  JOIN (SELECT unit, count(*) AS total FROM compared GROUP BY unit) USING (unit)
  WHERE many >= least($slip_least, total) AND many >= $slip_share * total
), heaped AS (
  SELECT unit, 'S04' AS rule, list(item ORDER BY place) FILTER (now % $multiple = 0) AS items, 0 AS place
  FROM figures SEMI JOIN money USING (item) WHERE now <> 0 GROUP BY unit
  HAVING count(*) FILTER (now % $multiple = 0) >= greatest($round_least, $round_share * count(*))
), carried AS (
  SELECT unit, 'S05' AS rule, list(item ORDER BY place) FILTER (now = before) AS items, 0 AS place
  FROM figures WHERE now <> 0 AND before IS NOT NULL GROUP BY unit
  HAVING count(*) FILTER (now = before) >= greatest($copied_least, $copied_share * count(*))
)
SELECT unit, rule, items FROM (
  FROM leaps UNION ALL FROM scales UNION ALL FROM heaped UNION ALL FROM carried
) ORDER BY unit, rule, place
""")
