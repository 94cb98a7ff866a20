"""Exact conversion between units of measure: a value is never without one, and never silently in another."""

from collections.abc import Mapping
from decimal import Decimal

_SCALES: Mapping[str, tuple[str, Decimal]] = {
    "元": ("money", Decimal(1)),
    "千元": ("money", Decimal(1000)),
    "万元": ("money", Decimal(10_000)),
    "亿元": ("money", Decimal(100_000_000)),
    "人": ("people", Decimal(1)),
    "万人": ("people", Decimal(10_000)),
    "平方米": ("area", Decimal(1)),
    "万平方米": ("area", Decimal(10_000)),
}


class UnitMismatch(ValueError):
    """Two units of measure between which nothing converts."""


def convert(value: Decimal, unit: str, wanted: str) -> Decimal:
    """The value in the wanted unit, exactly. Raises `UnitMismatch`."""
    if unit == wanted:
        return value
    dimension, factor = _SCALES.get(unit, ("", Decimal(0)))
    wanted_dimension, wanted_factor = _SCALES.get(wanted, ("?", Decimal(1)))
    if dimension != wanted_dimension:
        raise UnitMismatch(f"{unit} 不能换算成 {wanted} (units do not convert)")
    return value * factor / wanted_factor
