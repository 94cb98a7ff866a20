"""Checks of single cells shared by the readers of the register files."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from register.csv_rows import Row
    from register.problems import ProblemLog
    from register.regions import Region, Regions

Word = TypeVar("Word", bound=StrEnum)

EMAIL_EXPECTED = "一个电子邮件地址，如 name@example.cn (one plausible e-mail address)"
REGION_EXPECTED = "名录库中的行政区划代码 (a region code in the register)"
MAXIMUM_EMAIL = 254

# RFC 5322 dot-atom, ASCII only: none of these characters can end a mail header or begin a second address.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def is_plausible_email(text: str) -> bool:
    """Tell whether a text can stand as one address in a mail header; whether it is read is another matter."""
    return len(text) <= MAXIMUM_EMAIL and _EMAIL.fullmatch(text) is not None


def check_email(row: Row, problems: ProblemLog) -> str:
    """Return the row's address; note a problem if it is not plausible."""
    email = row.cell("email")
    if not is_plausible_email(email):
        problems.add(row.line, "email", email, EMAIL_EXPECTED)
    return email


def check_word(row: Row, column: str, words: type[Word], problems: ProblemLog) -> Word | None:
    """Return the cell as a word of a vocabulary; None when blank, and, with a problem, for any other text."""
    text = row.cell(column)
    if not text:
        return None
    try:
        return words(text)
    except ValueError:
        problems.add(row.line, column, text, f"{' / '.join(words)} 之一 (one of these words)")
        return None


def check_region(row: Row, regions: Regions, problems: ProblemLog) -> Region | None:
    """Return the region of the row's region_code; note a problem if it is not in the register."""
    code = row.cell("region_code")
    region = regions.get(code)
    if region is None:
        problems.add(row.line, "region_code", code, REGION_EXPECTED)
    return region


def check_date(row: Row, column: str, problems: ProblemLog) -> date | None:
    """Return the cell as a day, None when blank; note a problem for anything but YYYY-MM-DD."""
    text = row.cell(column)
    if not text:
        return None
    try:
        # fromisoformat alone would also take 20260101 and week dates
        return date.fromisoformat(text if _ISO_DATE.fullmatch(text) else "")
    except ValueError:
        problems.add(row.line, column, text, "日期，格式 YYYY-MM-DD (a date in ISO 8601)")
        return None
