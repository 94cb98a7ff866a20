"""How what is typed and is no figure becomes a cell: words, an option's code, a month, a date, or a clear mistake."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from forms.items import Item, ItemType
from forms.values import Cell, Status, ValueMistake, read_number

MAX_TEXT: Final = 200
"""Characters of a text cell, such as the name of a project."""
_MAX_CODE: Final = 64
_MONTH: Final = re.compile(r"(?P<year>[0-9]{4})[-./年]?(?P<month>[0-9]{1,2})月?")
_DATE: Final = re.compile(r"(?P<year>[0-9]{4})[-./年](?P<month>[0-9]{1,2})[-./月](?P<day>[0-9]{1,2})日?")
_UNFINISHED: Final = "000000"
_CODE: Final = re.compile(r"0*([0-9]+)")


def read_cell(text: str, item: Item, status: Status = Status.REPORTED, note: str = "") -> Cell:
    """The cell that a typed text and its status make. Raises ValueMistake."""
    if item.type.is_figure:
        return Cell(read_number(text, item), status, note)
    return Cell(None, status, note, read_words(text, item))


def read_words(text: str, item: Item) -> str:
    """What was typed into an item that is no figure, in its stored spelling; blank for a blank."""
    return _READERS[item.type](text, item)


def _read_text(text: str, item: Item) -> str:
    """Words, in one spelling of each character (NFC), one space between, no control characters."""
    plain = unicodedata.normalize("NFC", text)
    plain = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in plain)
    plain = re.sub(" +", " ", plain).strip()
    if len(plain) > MAX_TEXT:
        raise ValueMistake(
            "too_long", f"超过 {MAX_TEXT} 字，请缩短。", f"Over {MAX_TEXT} characters. Shorten the text."
        )
    return plain


def _read_choice(text: str, item: Item) -> str:
    """The code of an option; 01 is 1, full-width digits are read, and the option's own words are as good."""
    typed = _plain(text)
    options = item.options.options if item.options else ()
    codes = {option.code: option.code for option in options}
    names = {option.name_zh: option.code for option in options}
    match = _CODE.fullmatch(typed)
    found = codes.get(typed) or (codes.get(match[1]) if match else None) or names.get(text.strip())
    if typed and found is None:
        listed = "、".join(codes)
        raise ValueMistake(
            "unknown_option",
            f"没有这个选项。请填选项代码：{listed}。",
            f"There is no such option. Enter the code of one: {', '.join(codes)}.",
        )
    return found or ""


def _read_month(text: str, item: Item) -> str:
    """YYYYMM; 2024-3 and 2024年3月 are read as meant; 000000 stands for a project that has not ended."""
    typed = _plain(text)
    if typed in ("", _UNFINISHED):
        return typed
    match = _MONTH.fullmatch(typed)
    if match is None or not 1 <= int(match["month"]) <= 12 or not 1900 <= int(match["year"]) <= 2999:
        raise ValueMistake(
            "not_a_month",
            "不是年月。请写成 6 位数字，如 202403；没有完成的填 000000。",
            "This is not a month. Write 6 digits such as 202403; 000000 if it has not ended.",
        )
    return f"{match['year']}{int(match['month']):02d}"


def _read_date(text: str, item: Item) -> str:
    typed = _plain(text)
    if not typed:
        return ""
    match = _DATE.fullmatch(typed)
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat() if match else _no_date()
    except ValueError as error:
        if isinstance(error, ValueMistake):
            raise
        return _no_date()


def _no_date() -> str:
    raise ValueMistake(
        "not_a_date", "不是日期。请写成 2027-03-01 的样子。", "This is not a date. Write it as 2027-03-01."
    )


def _plain(text: str) -> str:
    """A short code, its full-width characters made plain."""
    if len(text) > _MAX_CODE:
        raise ValueMistake(
            "too_long", f"输入超过 {_MAX_CODE} 个字符。", f"Over {_MAX_CODE} characters. Enter the code only."
        )
    return unicodedata.normalize("NFKC", text).strip()


_READERS: Final[Mapping[ItemType, Callable[[str, Item], str]]] = MappingProxyType(
    {
        ItemType.TEXT: _read_text,
        ItemType.CHOICE: _read_choice,
        ItemType.MONTH: _read_month,
        ItemType.DATE: _read_date,
    }
)
