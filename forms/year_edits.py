"""Statistical edits on a return beside the unit's own year before that look at several figures together.

S07: the money of last year's form sent again, though people were counted anew; S08: two neighbouring lines with each
other's figures. Both are asked of one enterprise return; a message names cells only.
Literature: de Waal, Pannekoek & Scholtus, Handbook of Statistical Data Editing and Imputation (Wiley 2011), 2.2, 3.5;
Scholtus, Algorithms for correcting sign errors and rounding errors in business survey data (Statistics Netherlands
2008), on values that were interchanged.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from forms.definition import FormDefinition, Item, Severity
from forms.findings import Finding
from forms.statistical_settings import Exchanged, Pattern, StatisticalSettings

Figures = Mapping[str, Decimal]


def year_findings(
    definition: FormDefinition, now: Figures, before: Figures, settings: StatisticalSettings
) -> Iterator[Finding]:
    """S07 and S08, of a form that was not copied whole (S05); nothing where there is no year before."""
    yield from _money_again(definition, now, before, settings.copied_money)
    yield from _exchanged(definition, now, before, settings.exchanged)


def is_exchanged(now: tuple[Decimal, Decimal], before: tuple[Decimal, Decimal], limits: Exchanged) -> bool:
    """Whether both figures are far from their own of last year, and exchanged would both be near them.

    Far is more than `apart` times, near at most `near` times. One is added to each, so that zeros have a distance too.
    """
    (one, other), (own, others) = ((first + 1, second + 1) for first, second in (now, before))
    as_they_stand = (_times(one, own), _times(other, others))
    turned = (_times(one, others), _times(other, own))
    return min(as_they_stand) > limits.apart and max(turned) <= limits.near


def _times(one: Decimal, other: Decimal) -> Decimal:
    """How many times the larger is the smaller."""
    return max(one, other) / min(one, other)


def _money_again(definition: FormDefinition, now: Figures, before: Figures, pattern: Pattern) -> Iterator[Finding]:
    """The money alone, from a few amounts on: people are few and stay as many, amounts never do."""
    money = [item.key for item in definition.items.values() if item.unit.endswith("元")]
    filled = [key for key in money if now.get(key) and key in before]
    same = [key for key in filled if now[key] == before[key]]
    if len(same) >= pattern.at_least and len(same) >= pattern.share * len(filled):
        zh = "这些金额与本单位上年的数完全相同。请核实是不是照抄了上年的表。"
        en = "These amounts are exactly last year's. Check that last year's form was not copied."
        yield Finding("S07", Severity.QUERY, tuple(same), zh, en)


def _exchanged(definition: FormDefinition, now: Figures, before: Figures, limits: Exchanged) -> Iterator[Finding]:
    for one, other in _neighbours(definition):
        keys = (one.key, other.key)
        if all(now.get(key, Decimal(-1)) >= 0 and before.get(key, Decimal(-1)) >= 0 for key in keys) and is_exchanged(
            (now[one.key], now[other.key]), (before[one.key], before[other.key]), limits
        ):
            zh = f"{one.cited_zh}与{other.cited_zh}像是填颠倒了（与本单位上年的数比）。请核对；确实如此的请说明。"
            en = f"{one.cited_en} and {other.cited_en} look exchanged, beside the unit's own figures of last year."
            yield Finding("S08", Severity.QUERY, keys, zh, f"{en} Check them, or explain.")


def _neighbours(definition: FormDefinition) -> Iterator[tuple[Item, Item]]:
    """Two lines that stand one below the other in one section, in one unit of measure."""
    for section in definition.sections:
        for one, other in pairwise(item for item in section.items if item.type.is_figure):
            if one.unit == other.unit:
                yield one, other
