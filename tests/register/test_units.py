"""Units, and the code that identifies an enterprise."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from register.units import (
    RegisterError,
    Size,
    Unit,
    UnitKind,
    UnitStatus,
    check_credit_code,
    make_synthetic_credit_code,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
serials = st.integers(0, 999_999_999)


def test_a_published_credit_code_is_accepted() -> None:
    assert check_credit_code("91110000600037341L") == "91110000600037341L"


@pytest.mark.parametrize(
    "spelling",
    [
        " 91110000600037341L\t",
        "91110000600037341l",
        "９１１１００００６０００３７３４１Ｌ",
        "　91110000600037341ｌ",
    ],
)
def test_a_credit_code_has_one_spelling(spelling: str) -> None:
    assert check_credit_code(spelling) == "91110000600037341L"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "应为 18 位，现为 0 位"),
        ("9111000060003734", "应为 18 位，现为 16 位"),
        ("9 1110000 60003734", "不用 I、O、S、V、Z"),
        ("9111-0000600037341L", "应为 18 位，现为 19 位"),
        ("91110000600037341I", "不用 I、O、S、V、Z"),
        ("91110000600037341Z", "不用 I、O、S、V、Z"),
        ("9111A000600037341L", "第 2 至 8 位为数字"),
        ("B1110000600037341L", "第 2 至 8 位为数字"),
        ("𝟗1110000600037341L", "不用 I、O、S、V、Z"),
        ("91110000600037341M", "校验码不符"),
        ("91110000600037314L", "校验码不符"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_the_reason(code: str, message: str) -> None:
    with pytest.raises(RegisterError, match=f"^统一社会信用代码.*{message}"):
        check_credit_code(code)


def test_rural_collectives_and_others_registered_under_a_letter_are_known() -> None:
    for first in "ANY":
        stem = f"{first}1999999600037341"
        assert sum(_is_valid(stem + last) for last in ALPHABET) == 1


@settings(deadline=None)
@given(serial=serials)
def test_an_invented_code_is_valid_and_lies_in_no_region(serial: int) -> None:
    code = make_synthetic_credit_code(serial)
    assert check_credit_code(code) == code
    assert code[2:8] == "999999"
    assert check_credit_code(f" {code.lower()} ") == code


@given(first=serials, second=serials)
def test_invented_codes_differ_when_their_serials_do(first: int, second: int) -> None:
    same = make_synthetic_credit_code(first) == make_synthetic_credit_code(second)
    assert same == (first == second)


@settings(deadline=None, max_examples=300)
@given(serial=serials, place=st.integers(0, 17), other=st.sampled_from(ALPHABET) | st.characters())
def test_any_single_wrong_character_is_noticed(serial: int, place: int, other: str) -> None:
    code = make_synthetic_credit_code(serial)
    half_width = chr(ord(other) - 0xFEE0) if "！" <= other <= "～" else other
    assume(half_width.upper() != code[place])
    assert not _is_valid(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize("serial", [-1, 1_000_000_000])
def test_a_serial_of_more_than_nine_digits_is_refused(serial: int) -> None:
    with pytest.raises(RegisterError, match="示例企业序号"):
        make_synthetic_credit_code(serial)


def test_a_unit_is_active_without_stars_and_of_no_size_or_group_unless_said() -> None:
    unit = Unit("530102-st", "五华区科技局", UnitKind.COUNTY, "530102", None, "", "st@example.cn")
    assert (unit.size, unit.starred, unit.group_id, unit.status) == (None, False, "", UnitStatus.ACTIVE)
    assert [size.value for size in Size] == ["L", "M", "S", "T"]


def _is_valid(code: str) -> bool:
    try:
        check_credit_code(code)
    except RegisterError:
        return False
    return True
