"""The units that report (调查单位) and the code that identifies an enterprise among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum.cn import uscc

from register.errors import RegisterError

__all__ = [
    "RegisterError",
    "Size",
    "Unit",
    "UnitKind",
    "UnitStatus",
    "check_credit_code",
    "make_synthetic_credit_code",
]

CREDIT_CODE_LENGTH = 18

# GB 32100-2015 leaves out I, O, S, V and Z. The registering authority (first place) may be a letter:
# A military, N rural collectives, Y others; entity type and division (places 2 to 8) are digits.
_CREDIT_CODE = re.compile(r"[0-9ANY][0-9]{7}[0-9A-HJ-NP-RTUWXY]{10}")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class UnitKind(StrEnum):
    """What a unit is: an enterprise, or the office of a county or of a city."""

    ENTERPRISE = "enterprise"
    COUNTY = "county"
    CITY = "city"


class Size(StrEnum):
    """Size class of an enterprise (大中小微), after 统计上大中小微型企业划分办法 (2017)."""

    LARGE = "L"
    MEDIUM = "M"
    SMALL = "S"
    MICRO = "T"


class UnitStatus(StrEnum):
    """Whether a unit still exists; a closed one stays in the register for its earlier years."""

    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in the register: one row per unit.

    `reviewing_body` is the region code of the first body on its route; None means the office of the
    unit's own region for an enterprise, of the parent region for an office. `industry_code` is a class
    of GB/T 4754-2017 (4 digits), blank for an office. `starred` marks a unit that also fills the
    starred items.
    """

    unit_id: str
    name: str
    kind: UnitKind
    region_code: str
    reviewing_body: str | None
    industry_code: str
    email: str
    size: Size | None = None
    starred: bool = False
    group_id: str = ""
    status: UnitStatus = UnitStatus.ACTIVE


def check_credit_code(code: str) -> str:
    """Return a unified social credit code (统一社会信用代码) in its one spelling.

    Outer spaces go, full-width characters become half-width, letters capital. Raises RegisterError
    when the length, a character or the check character (GB 32100-2015, modulo 31) is wrong.
    """
    normal = code.translate(_FULL_WIDTH).strip().upper()
    if len(normal) != CREDIT_CODE_LENGTH:
        raise RegisterError(f"统一社会信用代码应为 18 位，现为 {len(normal)} 位 (18 characters)")
    if not _CREDIT_CODE.fullmatch(normal):
        raise RegisterError("统一社会信用代码不用 I、O、S、V、Z，第 2 至 8 位为数字 (characters)")
    if normal[-1] != uscc.calc_check_digit(normal[:-1]):
        raise RegisterError("统一社会信用代码的校验码不符，请核对是否抄错 (check character)")
    return normal


def make_synthetic_credit_code(serial: int) -> str:
    """Return the credit code of an invented enterprise, for example data.

    Division digits 999999 belong to no region, so it can never be a real enterprise's code.
    Raises RegisterError for a serial that is not within nine digits.
    """
    if not 0 <= serial <= 999_999_999:
        raise RegisterError(f"示例企业序号应在 0 至 999999999 之间，现为 {serial} (serial, at most nine digits)")
    stem = f"91999999{serial:09d}"
    return stem + str(uscc.calc_check_digit(stem))
