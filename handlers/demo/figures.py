"""Synthetic figures of form 107-2 that hang together: they satisfy the form's fatal rules and look plausible.

Money is in 千元, people are headcounts. Items are keyed by their printed code (表内代码) in here.
"""

from collections.abc import Mapping
from typing import Final

from forms.definition import FormDefinition
from handlers.demo.draws import draw
from register.units import Size, Unit

MONEY: Final = "千元"
STAFF: Final = {Size.LARGE: (60, 220), Size.MEDIUM: (18, 60), Size.SMALL: (4, 18), Size.MICRO: (1, 4)}
RESEARCH_INTENSIVE: Final = ("27", "34", "39", "65", "73")
"""Divisions of GB/T 4754-2017 whose enterprises do half as much again."""
IDLE: Final = 12
"""One in so many small enterprises had no research in a year: zeros, not blanks."""
YEARLY_GROWTH: Final = (92, 128)
WRONG_SCALE: Final = 1000


def figures_of(unit: Unit, year: int, definition: FormDefinition) -> dict[str, int]:
    """A whole return: item key → figure, for the items this unit is asked."""
    by_code = _by_code(unit, year)
    asked = (item for item in definition.items.values() if definition.is_asked(item, starred=unit.starred))
    return {item.key: by_code[int(item.code)] for item in asked}


def in_yuan(figures: Mapping[str, int], definition: FormDefinition) -> dict[str, int]:
    """The same return with its money written in 元 where 千元 is asked: the commonest slip in practice."""
    return {
        key: value * WRONG_SCALE if definition.items[key].unit == MONEY else value for key, value in figures.items()
    }


def _by_code(unit: Unit, year: int) -> dict[int, int]:
    staff = _staff(unit, year)
    costs = _costs(unit, year, staff)
    return {
        **_people(unit, year, staff),
        **costs,
        **_funds(unit, year, costs[7]),
        **_institutions(unit, year, staff, costs[7]),
        **_output(unit, year, staff),
        **_other(unit, year, costs[7]),
    }


def _staff(unit: Unit, year: int) -> int:
    """Headcount of research personnel: the size gives the range, the year before this one the level."""
    if unit.size in {Size.SMALL, Size.MICRO} and draw(1, IDLE, "idle", unit.unit_id, year) == 1:
        return 0
    low, high = STAFF[unit.size or Size.SMALL]
    level = draw(low, high, "staff", unit.unit_id)
    if unit.industry_code[:2] in RESEARCH_INTENSIVE:
        level = level * 3 // 2
    return max(1, level * draw(*YEARLY_GROWTH, "growth", unit.unit_id, year) // 100)


def _share(value: int, low: int, high: int, *seed: object) -> int:
    """A part of a value: a per cent share drawn between low and high, rounded down."""
    return value * draw(low, high, *seed) // 100


def _people(unit: Unit, year: int, staff: int) -> dict[int, int]:
    key = (unit.unit_id, year)
    return {
        1: staff,
        2: _share(staff, 5, 15, "admin", *key),
        3: _share(staff, 15, 45, "women", *key),
        4: _share(staff, 60, 95, "full-time", *key),
        5: _share(staff, 45, 85, "bachelor", *key),
        6: _share(staff, 0, 8, "external", *key),
    }


def _costs(unit: Unit, year: int, staff: int) -> dict[int, int]:
    key = (unit.unit_id, year)
    labour = staff * draw(70, 160, "wage", *key)
    outside = {
        15: _share(labour, 0, 6, "institutes", *key),
        16: _share(labour, 0, 9, "universities", *key),
        17: _share(labour, 0, 6, "enterprises", *key),
        18: 0,
    }
    parts = {
        8: labour,
        9: _share(labour, 60, 180, "input", *key),
        10: _share(labour, 5, 25, "depreciation", *key),
        11: _share(labour, 0, 6, "amortisation", *key),
        12: _share(labour, 0, 8, "design", *key),
        13: _share(labour, 2, 14, "testing", *key),
        14: sum(outside.values()),
        19: _share(labour, 3, 12, "other", *key),
    }
    assets = _share(labour, 0, 60, "assets", *key)
    return {
        7: sum(parts.values()),
        **parts,
        **outside,
        20: assets,
        21: _share(assets, 60, 100, "equipment", *key),
    }


def _funds(unit: Unit, year: int, costs: int) -> dict[int, int]:
    """Where the money came from; own funds are the rest, so the sources add up to the costs."""
    key = (unit.unit_id, year)
    government = _share(costs, 0, 9, "government", *key)
    loans = _share(costs, 0, 12, "loans", *key)
    declared = _share(costs, 60, 90, "declared", *key)
    return {
        57: costs - government - loans,
        43: government,
        58: loans,
        55: 0,
        56: 0,
        52: declared,
        44: declared * 15 // 100,
        45: _share(costs, 0, 5, "relief", *key),
    }


def _institutions(unit: Unit, year: int, staff: int, costs: int) -> dict[int, int]:
    """An institution from eight people on; doctors and masters fit within its staff and the graduates."""
    key = (unit.unit_id, year)
    inside = _share(staff, 45, 80, "inside", *key) if staff >= 8 else 0
    graduates = min(inside, _share(staff, 45, 85, "bachelor", *key))
    doctors = graduates * 5 // 100
    return {
        22: 1 + inside // 60 if inside else 0,
        23: inside,
        24: doctors,
        25: min(graduates - doctors, graduates * 25 // 100),
        26: _share(costs, 40, 75, "institution-costs", *key) if inside else 0,
        27: _share(costs, 30, 120, "instruments", *key) if inside else 0,
    }


def _output(unit: Unit, year: int, staff: int) -> dict[int, int]:
    key = (unit.unit_id, year)
    applied = _share(staff, 5, 35, "applied", *key)
    in_force = _share(staff, 10, 70, "in-force", *key)
    moved = _share(in_force, 0, 5, "moved", *key)
    sales = staff * draw(300, 900, "sales", *key)
    return {
        29: applied,
        30: _share(applied, 20, 60, "inventions", *key),
        32: in_force,
        33: _share(in_force, 40, 90, "implemented", *key),
        53: moved,
        54: moved * draw(50, 400, "income", *key),
        36: sales,
        37: _share(sales, 0, 20, "exports", *key),
        38: draw(0, 25, "trademarks", *key),
        40: _share(staff, 0, 12, "papers", *key),
        41: _share(staff, 0, 4, "standards", *key),
    }


def _other(unit: Unit, year: int, costs: int) -> dict[int, int]:
    key = (unit.unit_id, year)
    return {
        46: _share(costs, 0, 40, "renovation", *key),
        47: _share(costs, 0, 5, "purchase", *key),
        48: 0,
        49: 0,
        50: 0,
    }
