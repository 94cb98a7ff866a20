"""What people do wrong when they fill 107-1 and 107-2, done to returns that were right. No rule of ours is looked at.

The kinds are those that handbooks of editing and the instructions of the forms name: wrong unit of measure, cells
exchanged, digits lost, doubled or turned round, totals not carried, a block pasted one line off, last year's form sent
again, estimates, sections forgotten, dates and names wrong, words that explain nothing.
A spoiling that cannot be done to a firm (nothing to exchange, no year before) gives None.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tests.generator.enterprises import ITEMS, MONEY, YEAR, Figures, Firm, Project, changed

Spoiling = Callable[[Firm, random.Random], Firm | None]
STOCK: Final = ("情况属实", "核实无误", "已核实", "数据无误，情况属实。", "经核实，属实")
SECTIONS: Final = ("rd_staff", "rd_cost", "rd_src", "rd_inst", "rd_tax")
SPENT_ELSEWHERE: Final = (
    "数控机床采购",
    "员工技能培训",
    "厂房扩建工程",
    "产品推广",
    "官网及网站建设",
    "生产线改造",
    "体系认证",
    "设备维修",
    "展会参展",
    "办公楼装修",
)
"""What a bookkeeper enters as a project that is none."""


def _money_times(factor: float) -> Spoiling:
    """All money of the form in another unit of measure."""

    def spoil(firm: Firm, _: random.Random) -> Firm | None:
        figures = {key: round(value * factor) if key in MONEY else value for key, value in firm.now.figures.items()}
        return _if_other(firm, figures)

    return spoil


def _section_times(firm: Firm, luck: random.Random) -> Firm | None:
    """One section alone in yuan, or in ten thousand yuan."""
    factor, section = luck.choice((1_000, 0.1, 10)), luck.choice(("rd_cost", "rd_src"))
    figures = {
        key: round(value * factor) if key in MONEY and key.startswith(section) else value
        for key, value in firm.now.figures.items()
    }
    return _if_other(firm, figures)


def _cell_times_thousand(firm: Firm, luck: random.Random) -> Firm | None:
    """One amount of the costs in yuan."""
    key = _some(firm, luck, lambda key, value: key.startswith("rd_cost") and value > 0)
    return key and _with(firm, {key: firm.now.figures[key] * 1_000})


def _exchanged_cells(firm: Firm, luck: random.Random) -> Firm | None:
    """Two neighbouring lines of a section with each other's figures."""
    keys = [key for key in ITEMS if key in firm.now.figures]
    pairs = [
        (one, other)
        for one, other in pairwise(keys)
        if firm.now.figures[one] != firm.now.figures[other] and one.split("_")[:2] == other.split("_")[:2]
    ]
    if not pairs:
        return None
    one, other = luck.choice(pairs)
    return _with(firm, {one: firm.now.figures[other], other: firm.now.figures[one]})


def _pasted_one_line_off(firm: Firm, luck: random.Random) -> Firm | None:
    """A block copied from a spreadsheet, put one line too low."""
    keys = [key for key in ITEMS if key in firm.now.figures and key.startswith(luck.choice(SECTIONS[:4]))]
    moved = dict(zip(keys[1:], (firm.now.figures[key] for key in keys), strict=False))
    return _with(firm, {keys[0]: 0, **moved}) if keys else None


def _total_not_carried(firm: Firm, luck: random.Random) -> Firm | None:
    """A part was corrected and its total was not."""
    key = _some(
        firm, luck, lambda key, value: key in {"rd_cost_labour", "rd_cost_direct_input", "rd_cost_other"} and value > 9
    )
    return key and _with(firm, {key: round(firm.now.figures[key] * luck.uniform(0.5, 0.95))})


def _part_counted_twice(firm: Firm, luck: random.Random) -> Firm | None:
    key = _some(
        firm,
        luck,
        lambda key, value: key.startswith("rd_cost_") and "out_" not in key and key != "rd_cost_total" and value > 0,
    )
    return key and _with(firm, {"rd_cost_total": firm.now.figures["rd_cost_total"] + firm.now.figures[key]})


def _last_year_again(firm: Firm, _: random.Random) -> Firm | None:
    """Last year's form with today's date."""
    if firm.before is None or not firm.before.figures["rd_cost_total"]:
        return None
    return _if_other(firm, dict(firm.before.figures))


def _last_years_costs_again(firm: Firm, _: random.Random) -> Firm | None:
    """People counted anew, money copied."""
    if firm.before is None or not firm.before.figures["rd_cost_total"]:
        return None
    return _if_other(
        firm,
        {key: firm.before.figures.get(key, 0) if key in MONEY else value for key, value in firm.now.figures.items()},
    )


def _digit(how: Callable[[str, random.Random], str]) -> Spoiling:
    """A slip of the keyboard in one figure of people, costs or funds."""

    def spoil(firm: Firm, luck: random.Random) -> Firm | None:
        key = _some(firm, luck, lambda key, value: key.startswith(("rd_staff", "rd_cost", "rd_src")) and value >= 100)
        if not key:
            return None
        typed = int(how(str(firm.now.figures[key]), luck))
        return _with(firm, {key: typed}) if typed != firm.now.figures[key] else None

    return spoil


def _lost(text: str, luck: random.Random) -> str:
    place = luck.randrange(len(text))
    return text[:place] + text[place + 1 :]


def _doubled(text: str, luck: random.Random) -> str:
    place = luck.randrange(len(text))
    return text[:place] + text[place] + text[place:]


def _turned(text: str, luck: random.Random) -> str:
    place = luck.randrange(len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _estimated(firm: Firm, _: random.Random) -> Firm | None:
    """Every amount from memory: two digits and zeros."""
    figures = {key: _two_digits(value) if key in MONEY else value for key, value in firm.now.figures.items()}
    return _if_other(firm, figures)


def _two_digits(value: int) -> int:
    step = 10 ** max(0, len(str(value)) - 2)
    return round(value / step) * step


def _forgotten_section(firm: Firm, luck: random.Random) -> Firm | None:
    """Zeros in a section whose page was not turned."""
    section = luck.choice(("rd_staff", "rd_src", "rd_cost"))
    return _if_other(firm, {key: 0 if key.startswith(section) else value for key, value in firm.now.figures.items()})


def _left_blank(firm: Firm, luck: random.Random) -> Firm:
    keys = luck.sample(sorted(firm.now.figures), luck.randrange(1, 4))
    return changed(firm, {key: value for key, value in firm.now.figures.items() if key not in keys})


def _more_of_a_kind_than_all(firm: Firm, luck: random.Random) -> Firm | None:
    """The count of the whole firm in a line of the R&D personnel."""
    key = luck.choice(("rd_staff_female", "rd_staff_bachelor_plus", "rd_staff_fulltime", "rd_inst_staff"))
    staff = firm.now.figures["rd_staff_total"]
    return _with(firm, {key: staff * luck.randrange(3, 9)}) if staff else None


def _minus(firm: Firm, luck: random.Random) -> Firm | None:
    key = _some(firm, luck, lambda _, value: value > 0)
    return key and _with(firm, {key: -firm.now.figures[key]})


def _moved_much_with_stock_words(firm: Firm, luck: random.Random) -> Firm | None:
    """A true merger, said in words that explain nothing."""
    if firm.before is None or not firm.before.figures["rd_cost_total"] or not firm.now.figures["rd_cost_total"]:
        return None
    times = luck.choice((3, 4, 5))
    figures = {key: value * times for key, value in firm.now.figures.items()}
    projects = [
        {
            key: _times(value, times) if key.startswith("project_cost") or key in GROWING else value
            for key, value in row.items()
        }
        for row in firm.now.projects
    ]
    return changed(firm, figures, projects, luck.choice(STOCK))


GROWING: Final = ("project_staff", "project_person_months")


def _times(written: str, times: int) -> str:
    return f"{float(written) * times:.1f}" if "." in written else str(int(written) * times)


# 107-1


def _costs_times(factor: float) -> Spoiling:
    """All project costs in another unit of measure."""

    def spoil(firm: Firm, _: random.Random) -> Firm | None:
        return _each(
            firm, lambda row: {key: str(round(int(row[key]) * factor)) for key in row if key.startswith("project_cost")}
        )

    return spoil


def _years_for_months(firm: Firm, _: random.Random) -> Firm | None:
    """Working time in person-years."""
    return _each(firm, lambda row: {"project_person_months": f"{float(row['project_person_months']) / 12:.1f}"})


def _hours_for_months(firm: Firm, _: random.Random) -> Firm | None:
    """Working time in days."""
    return _each(firm, lambda row: {"project_person_months": f"{float(row['project_person_months']) * 21.75:.1f}"})


def _columns_exchanged(one: str, other: str) -> Spoiling:
    """Two columns pasted in each other's place."""

    def spoil(firm: Firm, _: random.Random) -> Firm | None:
        return _each(firm, lambda row: {one: row[other], other: row[one]})

    return spoil


def _twice(firm: Firm, luck: random.Random) -> Firm | None:
    """A project pasted a second time."""
    if not firm.now.projects:
        return None
    return changed(firm, projects=[*firm.now.projects, luck.choice(firm.now.projects)])


def _ended_before_it_began(firm: Firm, luck: random.Random) -> Firm | None:
    return _one(firm, luck, lambda row: {"start_month": f"{YEAR}09", "end_month": f"{YEAR}{luck.randrange(1, 9):02d}"})


def _ended_long_ago(firm: Firm, luck: random.Random) -> Firm | None:
    """A project that was finished and is carried on."""
    return _one(firm, luck, lambda _: {"start_month": f"{YEAR - 3}02", "end_month": f"{YEAR - luck.randrange(1, 3)}12"})


def _not_begun(firm: Firm, luck: random.Random) -> Firm | None:
    """Next year's project, planned and entered."""
    month = f"{YEAR + 1}{luck.randrange(1, 7):02d}"
    return _one(firm, luck, lambda _: {"start_month": month, "end_month": f"{YEAR + 1}12", "stage": "1"})


def _stage_forgotten(firm: Firm, luck: random.Random) -> Firm | None:
    over_years = [row for row in firm.now.projects if row["start_month"] < f"{YEAR}01"]
    return _one(firm, luck, lambda _: {"stage": ""}, over_years)


def _code_of_another_list(firm: Firm, luck: random.Random) -> Firm | None:
    column, code = luck.choice(
        (("project_source", "7"), ("project_form", "1"), ("project_output", "15"), ("project_goal", "0"))
    )
    return _one(firm, luck, lambda _: {column: code})


def _column_left_blank(firm: Firm, luck: random.Random) -> Firm | None:
    column = luck.choice(("project_name", "project_staff", "project_cost", "start_month", "project_goal"))
    return _one(firm, luck, lambda _: {column: ""})


def _no_research(firm: Firm, luck: random.Random) -> Firm | None:
    """Ordinary spending among the projects."""
    return _one(firm, luck, lambda _: {"project_name": luck.choice(SPENT_ELSEWHERE)})


def _last_years_projects(firm: Firm, _: random.Random) -> Firm | None:
    """Last year's list with today's date."""
    if firm.before is None or not firm.before.projects:
        return None
    return changed(firm, projects=firm.before.projects)


def _last_years_project_as_new(firm: Firm, luck: random.Random) -> Firm | None:
    """Last year's project under this year's date."""
    if firm.before is None or not firm.before.projects:
        return None
    name = luck.choice(firm.before.projects)["project_name"]
    return _one(firm, luck, lambda _: {"project_name": name, "start_month": f"{YEAR}02", "end_month": "000000"})


def _cost_digit_lost(firm: Firm, luck: random.Random) -> Firm | None:
    """One digit of the cost of one project."""
    return _one(
        firm,
        luck,
        lambda row: {
            "project_cost": _lost(row["project_cost"], luck) if len(row["project_cost"]) > 2 else row["project_cost"]
        },
    )


def _cost_digit_doubled(firm: Firm, luck: random.Random) -> Firm | None:
    return _one(firm, luck, lambda row: {"project_cost": _doubled(row["project_cost"], luck)})


def _people_of_the_firm(firm: Firm, luck: random.Random) -> Firm | None:
    """Everybody in the firm on one project, working all year."""
    people = firm.now.figures["rd_staff_total"] * luck.randrange(3, 9)
    return _one(firm, luck, lambda _: {"project_staff": str(people), "project_person_months": f"{people * 11}.0"})


def _paid_by_government_without_money(firm: Firm, luck: random.Random) -> Firm | None:
    return _one(firm, luck, lambda _: {"project_source": "2", "project_cost_government": "0"})


KINDS: Final[Mapping[str, Spoiling]] = {
    "107-2 money × 10": _money_times(10),
    "107-2 money ÷ 10": _money_times(0.1),
    "107-2 money × 1,000": _money_times(1_000),
    "107-2 money ÷ 1,000": _money_times(0.001),
    "107-2 money × 10,000": _money_times(10_000),
    "107-2 money ÷ 10,000": _money_times(0.0001),
    "107-2 one section in another unit": _section_times,
    "107-2 one amount in yuan": _cell_times_thousand,
    "107-2 two lines exchanged": _exchanged_cells,
    "107-2 pasted one line off": _pasted_one_line_off,
    "107-2 total not carried": _total_not_carried,
    "107-2 part counted twice": _part_counted_twice,
    "107-2 last year again": _last_year_again,
    "107-2 last year's money again": _last_years_costs_again,
    "107-2 digit lost": _digit(_lost),
    "107-2 digit doubled": _digit(_doubled),
    "107-2 digits turned round": _digit(_turned),
    "107-2 estimated": _estimated,
    "107-2 section forgotten": _forgotten_section,
    "107-2 left blank": _left_blank,
    "107-2 more of a kind than all": _more_of_a_kind_than_all,
    "107-2 minus sign": _minus,
    "107-2 stock words": _moved_much_with_stock_words,
    "107-1 costs in yuan": _costs_times(1_000),
    "107-1 costs in ten thousand": _costs_times(0.1),
    "107-1 person-years": _years_for_months,
    "107-1 days": _hours_for_months,
    "107-1 people and months exchanged": _columns_exchanged("project_staff", "project_person_months"),
    "107-1 cost and government funds exchanged": _columns_exchanged("project_cost", "project_cost_government"),
    "107-1 source and form exchanged": _columns_exchanged("project_source", "project_form"),
    "107-1 months exchanged": _columns_exchanged("start_month", "end_month"),
    "107-1 project twice": _twice,
    "107-1 ended before it began": _ended_before_it_began,
    "107-1 ended long ago": _ended_long_ago,
    "107-1 not begun": _not_begun,
    "107-1 stage forgotten": _stage_forgotten,
    "107-1 code of another list": _code_of_another_list,
    "107-1 left blank": _column_left_blank,
    "107-1 no research": _no_research,
    "107-1 last year's list again": _last_years_projects,
    "107-1 last year's project as new": _last_years_project_as_new,
    "107-1 cost digit lost": _cost_digit_lost,
    "107-1 cost digit doubled": _cost_digit_doubled,
    "107-1 everybody on one project": _people_of_the_firm,
    "107-1 government project without money": _paid_by_government_without_money,
}
"""By form and name."""


def spoiled(firms: Sequence[Firm], count: int, seed: int) -> list[tuple[str, Firm, Firm]]:
    """So many returns, every kind about as often: the kind, the firm as it was, the firm as it then filed."""
    luck, kinds = random.Random(seed), list(KINDS)
    found: list[tuple[str, Firm, Firm]] = []
    while len(found) < count:
        kind, firm = kinds[len(found) % len(kinds)], luck.choice(firms)
        other = KINDS[kind](firm, luck) if firm.now.figures["rd_cost_total"] else None
        if other is not None and other.now != firm.now:
            found.append((kind, firm, other))
    return found


def _with(firm: Firm, figures: Figures) -> Firm:
    return changed(firm, {**firm.now.figures, **figures})


def _if_other(firm: Firm, figures: Figures) -> Firm | None:
    return changed(firm, figures) if figures != firm.now.figures else None


def _some(firm: Firm, luck: random.Random, fits: Callable[[str, int], bool]) -> str | None:
    keys = [key for key, value in sorted(firm.now.figures.items()) if fits(key, value)]
    return luck.choice(keys) if keys else None


def _each(firm: Firm, change: Callable[[Project], Project]) -> Firm | None:
    if not firm.now.projects:
        return None
    return changed(firm, projects=[{**row, **change(row)} for row in firm.now.projects])


def _one(
    firm: Firm, luck: random.Random, change: Callable[[Project], Project], rows: Sequence[Project] | None = None
) -> Firm | None:
    among = list(firm.now.projects if rows is None else rows)
    if not among:
        return None
    chosen = luck.choice(among)
    return changed(firm, projects=[{**row, **change(row)} if row is chosen else row for row in firm.now.projects])
