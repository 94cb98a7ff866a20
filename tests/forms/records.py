"""Random records for the rule language, the same ones as Python mappings and as a DuckDB relation.

Blanks, zeros, halves, neighbours, the largest figures a cell takes, negatives, equal pairs: whatever two back ends
could treat apart is drawn often.
"""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from forms.language_functions import Kind
from forms.language_types import Scope, Type
from forms.language_units import unit_named

MONEY: Final = unit_named("千元")
ITEMS: Final = {
    "a": Type(Kind.NUMBER, MONEY),
    "b": Type(Kind.NUMBER, MONEY),
    "c": Type(Kind.NUMBER, MONEY),
    "x": Type(Kind.NUMBER, MONEY, 2),
    "y": Type(Kind.NUMBER, MONEY, 6),
    "staff": Type(Kind.NUMBER, unit_named("人")),
    "start": Type(Kind.MONTH),
    "end": Type(Kind.MONTH),
    "goal": Type(Kind.CHOICE, options=("1", "2", "10")),
    "name": Type(Kind.TEXT),
}
COLUMNS: Final = {
    "cost": Type(Kind.NUMBER, MONEY),
    "effort": Type(Kind.NUMBER, unit_named("人月"), 1),
    "title": Type(Kind.TEXT),
    "kind_of": Type(Kind.CHOICE, options=("1", "2")),
}
OTHER: Final = Scope({"o": Type(Kind.NUMBER, MONEY)}, {"lines": COLUMNS})
WORDS: Final = {"words": ("推广", "x'", "生产线")}
SCOPE: Final = Scope(ITEMS, {"projects": COLUMNS}, {"107-1": OTHER}, WORDS, ("a", "b", "c", "x", "y", "staff"))

_STRUCT: Final = 'STRUCT("cost" DECIMAL(15,0), "effort" DECIMAL(16,1), "title" VARCHAR, "kind_of" VARCHAR)[]'
_NAMES: Final = (
    "铜矿 推广",
    "铜矿推广",
    "a",
    "Ax'",
    "aX'",
    "新产品生产线",
    "新品生产线",
    "",
    "é推",
    "农业abc",
    "业abd",
)
TIED: Final = (1, -1, 3, -3, 129)
"""Over 128 these are ties at the sixth decimal, where a ratio is rounded: 1/128 is 0.0078125."""
_CODES: Final = ("91530100MA6K000000", "915301007134930920", "91350100M000100Y43", "X", "9135010OM000100Y43")


def relation_types() -> dict[str, str]:
    """Column name → DuckDB type, one row a filing."""
    own = {key: _type(found) for key, found in ITEMS.items()}
    return {
        "number": "INTEGER",
        **own,
        **{f"last.{key}": kind for key, kind in own.items()},
        "projects": _STRUCT,
        "last.projects": _STRUCT,
        "107-1.o": "DECIMAL(15,0)",
        "107-1.lines": _STRUCT,
        "unit.size": "VARCHAR",
        "unit.credit_code": "VARCHAR",
        "year": "INTEGER",
    }


def _type(found: Type) -> str:
    return f"DECIMAL({15 + found.decimals},{found.decimals})" if found.kind is Kind.NUMBER else "VARCHAR"


class Drawn:
    """Draws records from one seed; the seed is all that a failure needs to be repeated."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def records(self, count: int) -> list[dict[str, Any]]:
        return [self.record() for _ in range(count)]

    def record(self) -> dict[str, Any]:
        own = {key: self._of(found) for key, found in ITEMS.items()}
        if self._random.random() < 0.15:
            own["b"] = own["a"]
        elif self._random.random() < 0.05:
            own["a"], own["b"] = Decimal(self._random.choice(TIED)), Decimal(128)
        return own | {
            **{f"last.{key}": self._of(found) for key, found in ITEMS.items()},
            "projects": self._rows(),
            "last.projects": self._rows(),
            "107-1.o": self._number(0),
            "107-1.lines": self._rows(),
            "unit.size": self._random.choice([None, "L", "M", "S"]),
            "unit.credit_code": self._random.choice([None, *_CODES]),
            "year": self._random.choice([None, 2023, 2024]),
        }

    def _of(self, found: Type) -> Any:
        pick = self._random.choice
        match found.kind:
            case Kind.NUMBER:
                return self._number(found.decimals)
            case Kind.MONTH:
                return pick([None, "000000", "202312", "202401", "202404", "202412", "199901"])
            case Kind.CHOICE:
                return pick([None, *found.options, "7"])
            case _:
                return pick([None, *_NAMES])

    def _number(self, decimals: int) -> Decimal | None:
        pick, unit = self._random.random(), Decimal(1).scaleb(-decimals)
        if pick < 0.2:
            return None
        if pick < 0.35:
            return Decimal(0)
        if pick < 0.7:
            return self._random.randint(-20, 20) * (unit if self._random.random() < 0.3 else Decimal(1))
        if pick < 0.8:
            return self._random.choice([-1, 1]) * (Decimal(10**15) - unit)
        size = 10 ** self._random.randint(1, 15 + decimals) - 1
        return self._random.randint(-size, size) * unit

    def _rows(self) -> list[dict[str, Any]] | None:
        if self._random.random() < 0.15:
            return None
        count = self._random.choice([0, 1, 2, 3])
        return [{key: self._of(found) for key, found in COLUMNS.items()} for _ in range(count)]


def load(connection: duckdb.DuckDBPyConnection, records: Sequence[dict[str, Any]], folder: Path) -> None:
    """The records as the relation `filings`, numbered from 0."""
    numbered = [{"number": number, **record} for number, record in enumerate(records)]
    load_rows(connection, "filings", relation_types(), numbered, folder)


def load_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    types: Mapping[str, str],
    rows: Iterable[Mapping[str, Any]],
    folder: Path,
) -> None:
    """Rows as a relation of this name; by a file, since inserting them one by one takes a hundred times as long."""
    file = folder / f"{name}.json"
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, default=_plain) + "\n")
    connection.read_json(str(file), format="newline_delimited", columns=dict(types)).create(name)


def _plain(found: object) -> Any:
    return dict(found) if isinstance(found, Mapping) else str(found)
