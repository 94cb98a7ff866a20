"""Numbers as DuckDB SQL: whole ones of a known number of decimals, never a DOUBLE (`forms.language_digits`)."""

from dataclasses import dataclass
from typing import Final

from forms.language_digits import Digits

NARROW: Final = 18
"""Digits that fit a BIGINT; more take a HUGEINT."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value as SQL: its text, for a number how many of its digits are decimals, and when it is undefined.

    `undefined` is SQL that is TRUE where the value divides by zero; empty where it cannot.
    """

    text: str
    decimals: int = 0
    undefined: str = ""

    def at(self, decimals: int) -> str:
        """The number with so many decimals, at least its own."""
        more = decimals - self.decimals
        return f"(CAST({self.text} AS HUGEINT) * {power(more)})" if more else self.text


def power(places: int) -> str:
    return f"CAST({10**places} AS {'BIGINT' if places < NARROW else 'HUGEINT'})"


def any_true(conditions: list[str]) -> str:
    """True where any is; each may be empty. NULL never comes out: what is undefined is known to be."""
    filled = [f"coalesce({condition}, FALSE)" for condition in conditions if condition]
    return f"({' OR '.join(filled)})" if filled else ""


def integer_type(digits: Digits) -> str:
    return "BIGINT" if digits.total <= NARROW else "HUGEINT"


def counted(name: str, digits: Digits) -> str:
    """A DECIMAL as a whole number of its last decimal."""
    if not digits.decimals:
        return f"CAST({name} AS {integer_type(digits)})"
    wide = f"CAST({name} AS DECIMAL(38, {digits.decimals}))"
    return f"CAST({wide} * {10**digits.decimals} AS {integer_type(digits)})"
