"""What stands in a cell, and how a figure typed by a person becomes an exact number or a clear mistake."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from forms.items import Item

MAX_TYPED: Final = 64
"""Characters of a typed figure; a longer text is refused before anything is parsed."""
MAX_INTEGER_DIGITS: Final = 15

# Full-width forms only. NFKC would also turn 12² into 122 and ① into 1.
_TO_ASCII: Final[dict[int, int | str]] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x3000, 0x00A0, 0x2009, 0x202F, 0x09, 0x0A, 0x0D), " "),
    0x2212: "-",
}
_NUMBER: Final = re.compile(
    r"(?P<sign>[+-]?) ?"
    r"(?:(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?: [0-9]{3})+)(?:\.(?P<part>[0-9]*))?"
    r"|\.(?P<only_part>[0-9]+))"
)
_DIGITS_AND_MARKS: Final = re.compile(r"[+-]?[0-9, ]*(?:\.[0-9, ]*)?")


class Status(StrEnum):
    """How a cell was answered; blank, zero, not applicable and refused are four different things.

    `estimated` (预估) stands beside a figure; `unknown` (未知), `refused`, `not_applicable` in place of one.
    """

    REPORTED = ""
    ESTIMATED = "estimated"
    NOT_APPLICABLE = "not_applicable"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class ValueMistake(ValueError):
    """A cell cannot be read as typed: a stable `code`, and the message in both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(zh)
        self.code = code
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Cell:
    """One answered or blank cell: a figure in its item's unit of measure, or a text; a status, a note.

    `text` holds what is no figure: words, an option's code, a month YYYYMM, a date YYYY-MM-DD.
    Raises ValueMistake for a combination that says nothing: an answer beside not applicable, refused or
    unknown, an estimate without a figure, a refusal without its reason, a figure that is not finite.
    """

    value: Decimal | None = None
    status: Status = Status.REPORTED
    note: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        if self.value is not None and not self.value.is_finite():
            raise ValueMistake("not_a_number", "填报的不是数。请填阿拉伯数字。", "This is not a number. Use digits.")
        if self.status is Status.ESTIMATED and self.value is None:
            raise ValueMistake(
                "estimate_without_value",
                "标了“预估”但没有填数。请填预估数，或改选“未知”。",
                "Marked as estimated, but there is no figure. Enter the estimate, or choose unknown.",
            )
        if self.answer is not None and self.status not in (Status.REPORTED, Status.ESTIMATED):
            raise ValueMistake(
                "value_beside_status",
                "既填了数，又标了不适用、拒报或未知。请删去数字，或去掉标记。",
                "There is a figure and a mark that says there is none. Remove one of the two.",
            )
        if self.status is Status.REFUSED and not self.note.strip():
            raise ValueMistake(
                "refused_without_reason",
                "标了“拒报”，请在备注中写明原因。",
                "Marked as refused. Write the reason in the note.",
            )

    @property
    def answer(self) -> Decimal | str | None:
        """What the rule language reads: the figure, or the text; None for a blank."""
        return self.value if self.value is not None else self.text or None

    @property
    def is_blank(self) -> bool:
        """Nothing was answered; a note alone is not an answer."""
        return self.value is None and not self.text and self.status is Status.REPORTED


BLANK: Final = Cell()


def read_number(text: str, item: Item) -> Decimal | None:
    """The figure a person typed, in the item's unit of measure; None for a blank. Raises ValueMistake.

    Full-width digits and marks, spaces around, proper thousands grouping and a trailing point are read as
    meant. Nothing is rounded or guessed: too many decimals or a minus sign is a mistake (R38: all >= 0).
    """
    if len(text) > MAX_TYPED:
        raise ValueMistake(
            "too_long",
            f"输入超过 {MAX_TYPED} 个字符。只填数字。",
            f"Over {MAX_TYPED} characters. Enter the number only.",
        )
    if text.isascii() and text.isdigit() and len(text) <= MAX_INTEGER_DIGITS:
        return Decimal(int(text))  # what nearly every cell holds; the general way gives the same
    typed = text.translate(_TO_ASCII).strip(" ")
    if not typed:
        return None
    match = _NUMBER.fullmatch(typed)
    if match is None:
        raise _unreadable(typed)
    if match["sign"] == "-":
        raise ValueMistake("negative", "不能填负数。请核对后填 0 或正数。", "The figure must not be negative.")
    whole = re.sub("[, ]", "", match["whole"] or "0").lstrip("0") or "0"
    part = (match["part"] or match["only_part"] or "").rstrip("0")
    _check_size(whole, part, item)
    return Decimal(f"{whole}.{part}" if part else whole)


def _unreadable(typed: str) -> ValueMistake:
    if any(mark in typed for mark in ", ") and _DIGITS_AND_MARKS.fullmatch(typed):
        return ValueMistake(
            "grouping",
            "千位分隔不对。请写成 12,345 或 12345。",
            "The digits are not grouped by thousands. Write 12,345 or 12345.",
        )
    return ValueMistake(
        "not_a_number",
        "填报的不是数。请只填阿拉伯数字，不写单位、文字或科学计数法。",
        "This is not a number. Enter digits only: no unit, no words, no exponent.",
    )


def _check_size(whole: str, part: str, item: Item) -> None:
    if len(whole) > MAX_INTEGER_DIGITS:
        raise ValueMistake(
            "too_large",
            f"整数部分超过 {MAX_INTEGER_DIGITS} 位。本项计量单位是{item.unit}，请核对。",
            f"Over {MAX_INTEGER_DIGITS} integer digits. Check the figure against its unit of measure.",
        )
    if len(part) > item.decimals:
        wanted = f"最多 {item.decimals} 位小数" if item.decimals else "整数"
        wanted_en = f"at most {item.decimals} decimals" if item.decimals else "a whole number"
        raise ValueMistake(
            "decimals",
            f"本项填{wanted}，系统不代为四舍五入。请改填。",
            f"This item takes {wanted_en}; nothing is rounded for you.",
        )


def format_number(value: Decimal | None) -> str:
    """Plain digits as stored and exported: no exponent, no trailing zeros, no separators; blank for None."""
    if value is None:
        return ""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_number(value: Decimal | None, item: Item) -> str:
    """A figure for people: thousands separators and at least the item's decimals; never rounded."""
    if value is None:
        return ""
    places = len(format_number(value).partition(".")[2])
    return f"{value + 0:,.{max(places, item.decimals)}f}"
