"""Industry classes: from a four-digit class of GB/T 4754-2017 to its section (门类).

Source: GB/T 4754-2017 国民经济行业分类 (with amendment 1 of 2019), table of sections and divisions;
English section names as the China Statistical Yearbook prints them.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from register.errors import RegisterError
from register.shipped import shipped_rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def sections_by_division() -> Mapping[str, str]:
    """Return the section letter A–T of each two-digit division 01–97."""
    return MappingProxyType(
        {
            f"{division:02d}": row["section"]
            for row in shipped_rows("industry_sections.csv")
            for division in range(int(row["first_division"]), int(row["last_division"]) + 1)
        }
    )


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    rows = shipped_rows("industry_sections.csv")
    return MappingProxyType({row["section"]: {"zh": row["name_zh"], "en": row["name_en"]} for row in rows})


def section_of(industry_code: str) -> str:
    """Return the section letter of a class, group or division (2 to 4 digits); blank for a blank code.

    Raises RegisterError for what is not such a code and for a division that does not exist.
    """
    if not industry_code:
        return ""
    section = sections_by_division().get(industry_code[:2])
    if section is None or len(industry_code) > 4 or not (industry_code.isascii() and industry_code.isdigit()):
        raise RegisterError(
            f"行业代码 {industry_code} 在 GB/T 4754-2017 中没有对应大类 (no division of that number, 01–97)"
        )
    return section


def section_name(letter: str, lang: Literal["zh", "en"] = "zh") -> str:
    """Return a section's name in one language; raises RegisterError for a letter outside A–T."""
    try:
        return _names()[letter][lang]
    except KeyError:
        raise RegisterError(f"没有行业门类 {letter} ({lang}) (sections run from A to T, in zh and en)") from None
