"""What stands in a cell of a workbook against what was typed: text kept from running, plain figures, options."""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from forms.items import Item, ItemType
from forms.values import Status, format_number

STATUS_NAMES: Final[Mapping[Status, tuple[str, str]]] = MappingProxyType(
    {
        Status.ESTIMATED: ("预估", "estimated"),
        Status.NOT_APPLICABLE: ("不适用", "not applicable"),
        Status.REFUSED: ("拒报", "refused"),
        Status.UNKNOWN: ("未知", "unknown"),
    }
)
"""How a status is called in a workbook: Chinese, English."""
EXACT_DIGITS: Final = 15
"""Significant digits a spreadsheet keeps of a number (ECMA-376 stores a double); more are kept as text."""
_LIVE: Final = re.compile(r"'*[=+@\t\r-]")
"""Text that a spreadsheet would run, and the same behind apostrophes, so that taking one off gives back the text."""
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATES: Final = range(0xD800, 0xE000)
_STATUSES: Final = {name: status.value for status, names in STATUS_NAMES.items() for name in names} | {
    status.value: status.value for status in Status
}


def kept_from_running(text: str) -> str:
    """Text that is no formula, wherever the cell is copied to."""
    return f"'{text}" if _LIVE.match(text) else text


def as_meant(text: str) -> str:
    """The other way of `kept_from_running`."""
    return text[1:] if text.startswith("'") and _LIVE.match(text) else text


def plain_figure(text: str) -> float | None:
    """A typed figure as a number that gives back the same text; None for anything else, which stays text."""
    if not re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", text) or len(text.replace(".", "")) > EXACT_DIGITS:
        return None
    return float(text)


def figure_text(stored: str) -> str:
    """A stored number as a person would have typed it: the 15 digits a spreadsheet shows, no exponent."""
    try:
        number = float(stored)
    except ValueError:
        return stored
    if not math.isfinite(number) or abs(number) >= 10**EXACT_DIGITS:
        return stored
    return format_number(Decimal(format(number, f".{EXACT_DIGITS}g")))


def unescaped(text: str) -> str:
    """Characters that XML cannot hold, written _x000D_ in a workbook; half characters stay as they are written."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return match[0] if code in _SURROGATES else chr(code)

    return _ESCAPED.sub(character, text)


def shown_option(text: str, item: Item, lang: str) -> str:
    """An option's code beside its name, as the drop-down list shows it; anything else as typed."""
    options = item.options.options if item.options else ()
    return next((f"{option.code} {option.name(lang)}" for option in options if option.code == text), text)


def typed_option(text: str, item: Item) -> str:
    """The code, where a line of the drop-down list was chosen; anything else as typed."""
    if item.type is not ItemType.CHOICE or item.options is None:
        return text
    shown = {
        f"{option.code} {name}": option.code
        for option in item.options.options
        for name in (option.name_zh, option.name_en)
    }
    return shown.get(text, text)


def shown_status(status: str, lang: str) -> str:
    """A status in words; one that there is not stays as it is."""
    names = {known.value: pair for known, pair in STATUS_NAMES.items()}.get(status)
    return names[1 if lang == "en" else 0] if names else status


def typed_status(text: str) -> str:
    """The status a word means; a word that means none stays, and the page will say so."""
    return _STATUSES.get(text.strip(), text)
