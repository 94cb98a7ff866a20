"""Industry classes and their sections."""

from __future__ import annotations

from typing import Literal

import pytest

from register.errors import RegisterError
from register.industries import section_name, section_of, sections_by_division

# GB/T 4754-2017: the first division of each section, and of none the last but 97
FIRST_DIVISIONS = {
    "A": 1, "B": 6, "C": 13, "D": 44, "E": 47, "F": 51, "G": 53, "H": 61, "I": 63, "J": 66,
    "K": 70, "L": 71, "M": 73, "N": 76, "O": 80, "P": 83, "Q": 84, "R": 86, "S": 91, "T": 97,
}  # fmt: skip


def test_the_97_divisions_lie_in_twenty_sections_without_a_gap() -> None:
    expected = {}
    for division in range(1, 98):
        expected[f"{division:02d}"] = max(s for s, first in FIRST_DIVISIONS.items() if first <= division)
    assert dict(sections_by_division()) == expected


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("3911", "C"),
        ("0111", "A"),
        ("7310", "M"),
        ("7910", "N"),
        ("6513", "I"),
        ("39", "C"),
        ("391", "C"),
        ("", ""),
    ],
)
def test_a_class_lies_in_the_section_of_its_division(code: str, section: str) -> None:
    assert section_of(code) == section


@pytest.mark.parametrize("code", ["00", "0011", "98", "9900", "3", "C39", "39111", "39a1", "３９１１", "39²1"])
def test_a_code_without_a_division_is_refused(code: str) -> None:
    with pytest.raises(RegisterError, match=f"行业代码 {code} 在 GB/T 4754-2017 中没有对应大类"):
        section_of(code)


@pytest.mark.parametrize(
    ("letter", "lang", "name"),
    [
        ("C", "zh", "制造业"),
        ("C", "en", "Manufacturing"),
        ("T", "zh", "国际组织"),
        ("N", "zh", "水利、环境和公共设施管理业"),
    ],
)
def test_a_section_has_a_name_in_both_languages(letter: str, lang: Literal["zh", "en"], name: str) -> None:
    assert section_name(letter, lang) == name


def test_a_letter_beyond_t_names_no_section() -> None:
    with pytest.raises(RegisterError, match="没有行业门类 U"):
        section_name("U")
