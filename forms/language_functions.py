"""The named functions of the rule language: each defined once, for the Python back end and as DuckDB SQL.

A function sees filled values only: a blank argument makes the result blank, in both back ends.
Months are texts YYYYMM; 000000, a project without an end, has no distance and is blank to `months_between`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from forms.language_tree import QUOTIENT_DECIMALS

NO_MONTH: Final = "000000"
CREDIT_CODE_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
"""GB 32100-2015, 5.3: the weight of place i is 3**(i-1) mod 31."""
CREDIT_CODE_LENGTH: Final = 18
RATIO_SCALE: Final[int] = 10**QUOTIENT_DECIMALS
_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWERED: Final = str.maketrans(_UPPER, _UPPER.lower())
_EDGE: Final = "|"
"""Put before and after a name, so that its first and last characters make pairs too."""
_EXACT: Final = Context(prec=50)


class Kind(StrEnum):
    """The static type of a value in a rule."""

    NUMBER = "number"
    MONTH = "month"
    DATE = "date"
    CHOICE = "choice"
    TEXT = "text"
    ROWS = "rows"
    TRUTH = "truth"

    @property
    def zh(self) -> str:
        return _KIND_ZH[self]


_KIND_ZH: Final = {
    Kind.NUMBER: "数值",
    Kind.MONTH: "月份",
    Kind.DATE: "日期",
    Kind.CHOICE: "选项",
    Kind.TEXT: "文字",
    Kind.ROWS: "表的一列",
    Kind.TRUTH: "条件",
}


@dataclass(frozen=True, slots=True)
class Function:
    """One named function: how it is written, what it takes and gives, and its meaning in both back ends.

    `python` takes filled arguments (a column of rows as a list of its filled cells), then the words of its list;
    `sql` takes the SQL of each argument, then the words. Numbers in SQL are whole: `scale` is how many of their
    digits are decimals. `digits` bounds the integer digits of a number it gives.
    """

    usage: str
    takes: tuple[Kind, ...]
    gives: Kind
    python: Callable[..., Any]
    sql: Callable[..., str]
    unit: str = ""
    scale: int = 0
    digits: int = 0
    words: bool = False
    prepared: Callable[[str], str] | None = None
    """SQL of what is made of a column of rows first, so that it need not be made anew for each row that asks."""


def sql_text(text: str) -> str:
    """A text literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column name of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _months_between(start: str, end: str) -> Decimal | None:
    """Calendar months from the one to the other, both counted: 202401 to 202404 is 4."""
    if NO_MONTH in (start, end):
        return None
    return Decimal((int(end[:4]) - int(start[:4])) * 12 + int(end[4:]) - int(start[4:]) + 1)


def _months_between_sql(start: str, end: str) -> str:
    def months(month: str) -> str:
        return f"(CAST(substr({month}, 1, 4) AS BIGINT) * 12 + CAST(substr({month}, 5, 2) AS BIGINT))"

    blank = f"{start} = {sql_text(NO_MONTH)} OR {end} = {sql_text(NO_MONTH)}"
    return f"CASE WHEN {blank} THEN NULL ELSE {months(end)} - {months(start)} + 1 END"


def _month(year: Decimal, number: Decimal) -> str:
    """The month of a year: month(year, 12) is YYYY12."""
    return f"{int(year):04d}{int(number):02d}"


def _month_sql(year: str, number: str) -> str:
    return f"(lpad(CAST({year} AS VARCHAR), 4, '0') || lpad(CAST({number} AS VARCHAR), 2, '0'))"


@lru_cache(maxsize=8_192)
def pairs_of(name: str) -> frozenset[str]:
    """The distinct pairs of neighbouring characters, spaces dropped and A–Z made small."""
    edged = f"{_EDGE}{name.replace(' ', '').translate(_LOWERED)}{_EDGE}"
    return frozenset(edged[place : place + 2] for place in range(len(edged) - 1))


def _likeness(one: frozenset[str], other: frozenset[str]) -> int:
    """Dice's coefficient in millionths, rounded half up."""
    doubled = 2 * len(one & other) * RATIO_SCALE
    total = len(one) + len(other)
    return (2 * doubled + total) // (2 * total)


def _ratio(counted: int) -> Decimal:
    return Decimal(counted).scaleb(-QUOTIENT_DECIMALS, _EXACT)


def _similarity(one: str, other: str) -> Decimal:
    """Dice's coefficient over pairs of characters: 2·common ÷ (pairs of one + pairs of other), 0 to 1.

    L. R. Dice, Ecology 26 (1945) 297–302; on pairs of letters, Adamson & Boreham, Inf. Storage Retr. 10 (1974).
    It needs no word list and suits Chinese names, where an edit distance in bytes would not.
    """
    return _ratio(_likeness(pairs_of(one), pairs_of(other)))


def _pairs_sql(name: str) -> str:
    lowered = f"translate(replace({name}, ' ', ''), '{_UPPER}', '{_UPPER.lower()}')"
    edged = f"('{_EDGE}' || {lowered} || '{_EDGE}')"
    pairs = "list_transform(range(1, length(edged)), lambda place: substr(edged, CAST(place AS BIGINT), 2))"
    return bound_sql("edged", edged, f"list_distinct({pairs})")


def bound_sql(name: str, value: str, within: str) -> str:
    """SQL in which a name stands for a value: the list of it alone, transformed. Written out it would be reckoned
    anew wherever it stands, and in a lambda for each element."""
    return f"list_transform([{value}], lambda {name}: {within})[1]"


def _likeness_sql(one: str, other: str) -> str:
    """The same in SQL, of two lists of pairs under a name each. Short lists are looked through faster than hashed
    (`list_intersect` takes fifteen times as long)."""
    total = f"(len({one}) + len({other}))"
    doubled = f"2 * len(list_filter({one}, lambda pair: list_contains({other}, pair))) * {RATIO_SCALE}"
    return f"CAST((2 * {doubled} + {total}) // (2 * {total}) AS BIGINT)"


def _similarity_sql(one: str, other: str) -> str:
    return bound_sql("own", _pairs_sql(one), bound_sql("pairs", _pairs_sql(other), _likeness_sql("own", "pairs")))


def _best_similarity(name: str, others: Sequence[str]) -> Decimal | None:
    """The greatest similarity to any of the others; blank where there are none."""
    pairs = pairs_of(name)
    return _ratio(max(_likeness(pairs, pairs_of(other)) for other in others)) if others else None


def _known_pairs_sql(others: str) -> str:
    """The pairs of each name of a column."""
    return f"list_transform({others}, lambda other: {_pairs_sql('other')})"


def _best_similarity_sql(name: str, known: str) -> str:
    likest = f"list_transform({known}, lambda pairs: {_likeness_sql('own', 'pairs')})"
    return bound_sql("own", _pairs_sql(name), f"list_max({likest})")


def _has_keyword(text: str, words: Sequence[str]) -> bool:
    """Whether any word of the list stands in the text."""
    return any(word in text for word in words)


def _has_keyword_sql(text: str, words: Sequence[str]) -> str:
    return "(" + " OR ".join(f"contains({text}, {sql_text(word)})" for word in words) + ")"


def _credit_code_ok(code: str) -> bool:
    """18 characters of the alphabet of GB 32100-2015, of which the last is the check character of the others."""
    if len(code) != CREDIT_CODE_LENGTH or any(character not in CREDIT_CODE_ALPHABET for character in code):
        return False
    places = [CREDIT_CODE_ALPHABET.index(character) for character in code]
    total = sum(place * weight for place, weight in zip(places, CREDIT_CODE_WEIGHTS, strict=False))
    return (total + places[-1]) % 31 == 0


def _credit_code_ok_sql(code: str) -> str:
    def place(number: int) -> str:
        return f"(strpos('{CREDIT_CODE_ALPHABET}', substr({code}, {number}, 1)) - 1)"

    numbers = range(1, CREDIT_CODE_LENGTH + 1)
    total = " + ".join(
        f"{place(number)} * {weight}" for number, weight in zip(numbers, (*CREDIT_CODE_WEIGHTS, 1), strict=True)
    )
    spelled = f"regexp_full_match({code}, '[{CREDIT_CODE_ALPHABET}]{{{CREDIT_CODE_LENGTH}}}')"
    return f"CASE WHEN {spelled} THEN ({total}) % 31 = 0 ELSE FALSE END"


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "months_between": Function(
            "months_between(start, end)",
            (Kind.MONTH, Kind.MONTH),
            Kind.NUMBER,
            _months_between,
            _months_between_sql,
            unit="月",
            digits=6,
        ),
        "month": Function("month(year, 12)", (Kind.NUMBER, Kind.NUMBER), Kind.MONTH, _month, _month_sql),
        "similarity": Function(
            "similarity(name, name)",
            (Kind.TEXT, Kind.TEXT),
            Kind.NUMBER,
            _similarity,
            _similarity_sql,
            scale=QUOTIENT_DECIMALS,
            digits=1,
        ),
        "best_similarity": Function(
            "best_similarity(name, table.column)",
            (Kind.TEXT, Kind.ROWS),
            Kind.NUMBER,
            _best_similarity,
            _best_similarity_sql,
            scale=QUOTIENT_DECIMALS,
            digits=1,
            prepared=_known_pairs_sql,
        ),
        "has_keyword": Function(
            'has_keyword(name, "list")', (Kind.TEXT,), Kind.TRUTH, _has_keyword, _has_keyword_sql, words=True
        ),
        "credit_code_ok": Function(
            "credit_code_ok(unit.credit_code)", (Kind.TEXT,), Kind.TRUTH, _credit_code_ok, _credit_code_ok_sql
        ),
    }
)
"""All named functions by name; `round`, `sum`, `count`, `last`, `form`, `within`, `filled`, `implies` are
part of the grammar."""
