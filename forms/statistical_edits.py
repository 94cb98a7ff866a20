"""Statistical edits of one enterprise return: figures that can be true and seldom are, each a question to the filler.

No message names an expected value, an interval or another unit's figure: the unit alone fills (统计法 7, 条例 19).
Literature:
- year-on-year bands: Granquist & Kovar, Editing of Survey Data: How Much Is Enough?, in Survey Measurement and
  Process Quality (Wiley 1997); the band has a floor, since small figures double easily.
- unit-of-measure ("thousand") errors: Al-Hamad, Lewis & Silva, Assessing the performance of the thousand pounds
  automatic editing procedure at the ONS (UNECE Work Session on Statistical Data Editing, Vienna 2008); de Waal,
  Pannekoek & Scholtus, Handbook of Statistical Data Editing and Imputation (Wiley 2011), 2.2.
- totals and parts that nearly add: Scholtus, Automatic correction of simple typing errors in numerical data with
  balance edits (Statistics Netherlands 2009): a slipped digit, digits exchanged, a part left out or counted twice.
- which cells to look at: Fellegi & Holt, A systematic approach to automatic edit and imputation, JASA 71 (1976): the
  fewest cells that all failed rules share.
- rounding and copying: heaping of last digits and repeated reports as signs of estimated or carried-over answers,
  Handbook 2011, 3.5.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import Final

from forms.content import Content
from forms.definition import FormDefinition, Item, Severity
from forms.findings import Finding
from forms.project_edits import project_findings
from forms.statistical_settings import Balance, Band, Pattern, StatisticalSettings, UnitOfMeasure, statistical_settings
from forms.unit_slips import scale_slip
from forms.year_edits import year_findings

Figures = Mapping[str, Decimal]
MONEY: Final = "千元"
MOST_CELLS: Final = 3
"""Failed rules are explained by at most so many cells; more is no explanation."""


class Slip(StrEnum):
    """How a total and its parts nearly add."""

    DIGIT = "digit"
    EXCHANGED = "exchanged"
    LEFT_OUT = "left_out"
    TWICE = "twice"


def statistical_findings(
    definition: FormDefinition,
    content: Content,
    last_year: Content | None = None,
    *,
    turnover: Decimal | None = None,
    settings: StatisticalSettings | None = None,
    other_forms: Mapping[str, Content] | None = None,
) -> tuple[Finding, ...]:
    """The questions a return raises by itself, beside the unit's own year before and beside its other form.

    A regional return is asked about its own last year only. `turnover` is the unit's turnover in thousand yuan where
    the register has it.
    """
    chosen = settings or statistical_settings()
    if definition.form == chosen.projects.form:
        return tuple(project_findings(definition, content, last_year, other_forms or {}, chosen.projects))
    now, before = figures_of(content), figures_of(last_year) if last_year else {}
    if definition.form != chosen.form:
        return tuple(_year_on_year(definition, now, before, chosen.other_bands.get(definition.form, {})))
    if not before:
        return (
            *_unit_of_measure(definition, now, before, turnover, chosen.unit_of_measure),
            *_rounded(definition, now, chosen.rounding),
            *_nearly_added(definition, now, chosen.balances),
        )
    copied = tuple(_copied(definition, now, before, chosen.copied))
    return (
        *_year_on_year(definition, now, before, chosen.bands),
        *_unit_of_measure(definition, now, before, turnover, chosen.unit_of_measure),
        *_rounded(definition, now, chosen.rounding),
        *copied,
        *_nearly_added(definition, now, chosen.balances),
        *(() if copied else year_findings(definition, now, before, chosen)),
    )


@lru_cache(maxsize=64)
def watched_items(definition: FormDefinition) -> Mapping[str, frozenset[str]]:
    """The statistical edits that want a reason on this form, by id, and the items each looks at."""
    chosen = statistical_settings()
    if definition.form == chosen.projects.form:
        return dict.fromkeys(("S09", "S10", "S11", "S12"), frozenset({chosen.projects.table}))
    if definition.form != chosen.form:
        bands = chosen.other_bands.get(definition.form, {})
        return {"S01": frozenset(bands)} if bands else {}
    money = frozenset(item.key for item in _money(definition))
    return {
        "S01": frozenset(chosen.bands),
        "S02": frozenset(chosen.outliers.items),
        "S03": money | {chosen.unit_of_measure.full_time},
        "S05": frozenset(definition.items),
        "S07": money,
        "S08": frozenset(definition.items),
    }


def figures_of(content: Content) -> Figures:
    """The figures that were told."""
    return {key: cell.value for key, cell in content.cells.items() if cell.value is not None}


def is_beyond(now: Decimal, before: Decimal, band: Band) -> bool:
    """Whether a figure moved by more than the band's ratio of last year's and by more than its floor.

    A unit that begins (last year 0) is not asked here: there is nothing its figure could be measured by.
    """
    moved = abs(now - before)
    return before > 0 and moved > band.floor and moved > band.ratio * before


def near_sum(total: Decimal, parts: Iterable[Decimal]) -> Slip | None:
    """What would explain that parts do not add up to their total; None where they do or nothing simple would.

    A difference that is one digit and zeros is a slipped digit, and one divisible by 9 two exchanged digits; one equal
    to a part is that part left out of the total, or counted in it twice.
    """
    listed = list(parts)
    apart = total - sum(listed, Decimal(0))
    if not apart:
        return None
    if any(part and part == -apart for part in listed):
        return Slip.LEFT_OUT
    if any(part and part == apart for part in listed):
        return Slip.TWICE
    digits = str(abs(int(apart))).rstrip("0")
    if len(digits) == 1:
        return Slip.DIGIT
    return Slip.EXCHANGED if _exchanged(total, total - apart) else None


def shared_cells(failed: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The fewest cells of which every failed rule names at least one; the first such set in the rules' order.

    Empty where no rule failed, or where more than three cells would be needed.
    """
    rules = [frozenset(rule) for rule in failed]
    cells = dict.fromkeys(cell for rule in rules for cell in sorted(rule))
    for size in range(1, MOST_CELLS + 1):
        for chosen in combinations(cells, size):
            if rules and all(rule.intersection(chosen) for rule in rules):
                return chosen
    return ()


def _exchanged(one: Decimal, other: Decimal) -> bool:
    """Whether two numbers differ by two neighbouring digits that changed places."""
    left, right = str(int(one)), str(int(other))
    if len(left) != len(right):
        return False
    apart = [place for place in range(len(left)) if left[place] != right[place]]
    if len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    return left[apart[0]] == right[apart[1]] and left[apart[1]] == right[apart[0]]


def _year_on_year(
    definition: FormDefinition, now: Figures, before: Figures, bands: Mapping[str, Band]
) -> Iterator[Finding]:
    for key, band in bands.items():
        if key in now and key in before and key in definition.items and is_beyond(now[key], before[key], band):
            item = definition.items[key]
            yield _ask(
                "S01",
                [key],
                f"{item.cited_zh}与本单位上年的数相差很大。请核实，并说明原因。",
                f"{item.cited_en} is far from the unit's own figure of last year. Check it, and explain.",
            )


def _unit_of_measure(
    definition: FormDefinition, now: Figures, before: Figures, turnover: Decimal | None, rules: UnitOfMeasure
) -> Iterator[Finding]:
    """Last year's money, then turnover, then labour cost per full-time person: the first that speaks is enough."""
    suspect = _off_last_year(definition, now, before, rules)
    if not suspect and turnover and now.get(rules.cost, Decimal(0)) > rules.turnover_at_most * turnover:
        suspect = [rules.cost]
    people, labour = now.get(rules.full_time), now.get(rules.labour)
    if not suspect and people and labour and not rules.per_person_low <= labour / people <= rules.per_person_high:
        suspect = [rules.labour, rules.full_time]
    if suspect:
        yield _ask(
            "S03",
            suspect,
            f"金额的大小像是用了别的计量单位（本表是{MONEY}，不是元、万元）。请逐项核对；确实如此的请说明。",
            "The amounts look as if in another unit of measure (the form takes thousand yuan). Check each.",
        )


def _off_last_year(definition: FormDefinition, now: Figures, before: Figures, rules: UnitOfMeasure) -> list[str]:
    """The money items off by the same power of ten, where most of those that can be compared are."""
    if not before:
        return []
    slips: dict[str, int | None] = {
        item.key: scale_slip(now[item.key], before[item.key], rules.powers, rules.around)
        for item in _money(definition)
        if now.get(item.key) and before.get(item.key)
    }
    for power in {slip for slip in slips.values() if slip is not None}:
        off = [key for key, slip in slips.items() if slip == power]
        if len(off) >= min(rules.at_least, len(slips)) and len(off) >= rules.share * len(slips):
            return off
    return []


def _rounded(definition: FormDefinition, now: Figures, pattern: Pattern) -> Iterator[Finding]:
    filled = [item.key for item in _money(definition) if now.get(item.key)]
    round_ones = [key for key in filled if not now[key] % pattern.multiple]
    if _is_many(round_ones, filled, pattern):
        yield _ask(
            "S04",
            round_ones,
            "金额几乎都是整数（尾数是零）。请按账面数填报，不要估计。",
            "Nearly all amounts are round. Take them from the books, do not estimate.",
            Severity.NOTE,
        )


def _copied(definition: FormDefinition, now: Figures, before: Figures, pattern: Pattern) -> Iterator[Finding]:
    filled = [key for key in definition.items if now.get(key) and key in before]
    same = [key for key in filled if now[key] == before[key]]
    if _is_many(same, filled, pattern):
        yield _ask(
            "S05",
            same,
            "这些数与本单位上年的数完全相同。请核实是不是照抄了上年的表。",
            "These figures are exactly last year's. Check that last year's form was not copied.",
        )


def _is_many(some: list[str], filled: list[str], pattern: Pattern) -> bool:
    return len(some) >= pattern.at_least and len(some) >= pattern.share * len(filled)


_SLIPS: Final[Mapping[Slip, tuple[str, str]]] = {
    Slip.DIGIT: ("像是有一位数字填错了", "as if one digit were wrong"),
    Slip.EXCHANGED: ("像是两位数字填颠倒了", "as if two digits had changed places"),
    Slip.LEFT_OUT: ("像是合计里漏加了一项", "as if a part were left out of the total"),
    Slip.TWICE: ("像是合计里多加了一项", "as if a part were counted twice in the total"),
}


def _nearly_added(definition: FormDefinition, now: Figures, balances: Mapping[str, Balance]) -> Iterator[Finding]:
    """The sums that fail, what would explain each, and the cells they share.

    A hint beside the rule that failed, which asks for the reason itself: one thing is not asked about twice.
    """
    failed: dict[str, Balance] = {}
    for rule, balance in balances.items():
        if balance.total in now and {balance.total, *balance.parts} <= definition.items.keys():
            parts = [now.get(part, Decimal(0)) for part in balance.parts]
            if now[balance.total] != sum(parts, Decimal(0)):
                failed[rule] = balance
    shared = shared_cells((balance.total, *balance.parts) for balance in failed.values())
    for balance in failed.values():
        slip = near_sum(now[balance.total], [now.get(part, Decimal(0)) for part in balance.parts])
        if slip is not None:
            zh, en = _SLIPS[slip]
            item = definition.items[balance.total]
            cells = [key for key in shared if key in (balance.total, *balance.parts)] or [balance.total]
            said_zh, said_en = f"{item.cited_zh}与各分项之和{zh}。", f"{item.cited_en} and its parts differ {en}."
            yield _ask("S06", cells, said_zh, said_en, Severity.NOTE)


def _money(definition: FormDefinition) -> Iterator[Item]:
    return (item for item in definition.items.values() if item.unit == MONEY)


def _ask(rule: str, items: Iterable[str], zh: str, en: str, severity: Severity = Severity.QUERY) -> Finding:
    return Finding(rule, severity, tuple(items), zh, en)
