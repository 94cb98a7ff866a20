"""All rules of the shipped forms over many filings by one SQL statement, held equal to the check of each."""

import random
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

from forms.bulk import FILING, GIVEN, LAST_YEAR, UNTOLD, column_of, outcomes_sql, relation_columns
from forms.content import Content, SignOff
from forms.definition import FormDefinition, Item, ItemType
from forms.edits import RuleState, Surroundings, evaluate
from forms.loading import shipped_forms
from forms.records import record_of, untold
from forms.values import Cell, Status
from tests.forms.records import load_rows

SAID: Final[Mapping[bool | None, set[RuleState]]] = {
    True: {RuleState.SATISFIED},
    False: {RuleState.FIRED},
    None: {RuleState.NOT_EVALUATED, RuleState.WAITING},
}
NAMES: Final = ("高温合金配方研究", "新高温合金配方研究", "低温润滑脂", "品种推广", "a")


def drawn_cell(draw: random.Random, item: Item) -> Cell:
    """Small figures, so that rules hold and fire about as often."""
    if draw.random() < 0.1:
        return Cell()
    if draw.random() < 0.03:
        return Cell(None, draw.choice([Status.UNKNOWN, Status.NOT_APPLICABLE]))
    match item.type:
        case ItemType.TEXT:
            return Cell(text=draw.choice(NAMES))
        case ItemType.CHOICE:
            assert item.options is not None
            return Cell(text=draw.choice([*item.options.codes, "77"]))
        case ItemType.MONTH:
            return Cell(text=draw.choice(["202301", "202312", "202401", "202404", "202412", "202501", "000000"]))
        case _:
            return Cell(Decimal(draw.randint(-1, 12)).scaleb(-draw.randint(0, item.decimals)))


def drawn_content(draw: random.Random, definition: FormDefinition) -> Content:
    cells = {key: drawn_cell(draw, item) for key, item in definition.items.items()}
    if draw.random() < 0.1:  # a year without research: the long sums hold
        cells = dict.fromkeys(cells, Cell(Decimal(0)))
    rows = {
        name: tuple({item.key: drawn_cell(draw, item) for item in table.columns} for _ in range(draw.randint(0, 3)))
        for name, table in definition.tables.items()
    }
    signed = [draw.choice(["", "张"]) for _ in range(4)]
    return Content(cells, {}, SignOff(*signed, draw.choice(["", "2025-03-01"])), rows)


def drawn_filing(
    draw: random.Random, definition: FormDefinition, other: FormDefinition
) -> tuple[Content, Surroundings]:
    last_year = drawn_content(draw, definition) if draw.random() < 0.8 else None
    others = {other.form: drawn_content(draw, other)} if draw.random() < 0.8 else {}
    code = draw.choice([None, "91350100M000100Y43", "91350100M000100Y44"])
    attributes = {"credit_code": code, "size": "L"} if code else {}
    year = 2024 if draw.random() < 0.9 else None
    return drawn_content(draw, definition), Surroundings(last_year, others, attributes, year)


def load(
    connection: duckdb.DuckDBPyConnection,
    definition: FormDefinition,
    filings: list[tuple[Content, Surroundings]],
    folder: Path,
) -> None:
    rows = []
    for number, (content, around) in enumerate(filings):
        record: dict[str, Any] = {FILING: number, **record_of(definition, content, around)}
        record[UNTOLD] = sorted(untold(definition, content, around))
        record[GIVEN] = [*around.other_forms, *([LAST_YEAR] if around.last_year else [])]
        rows.append(record)
    load_rows(connection, "filings", relation_columns(definition), rows, folder)


def by_closures(
    definition: FormDefinition, filings: list[tuple[Content, Surroundings]]
) -> list[dict[str, set[RuleState]]]:
    """How each filing stands, over all its rows: fired if any row is, else open if any row is."""
    answers = []
    for content, around in filings:
        found: dict[str, set[RuleState]] = {column_of(rule): set() for rule in definition.rules}
        for result in evaluate(definition, content, around):
            found[column_of(result.rule)].add(result.state)
        answers.append(found)
    return answers


def agrees(said: bool | None, states: set[RuleState]) -> bool:
    if RuleState.FIRED in states:
        return said is False
    if states == {RuleState.SATISFIED}:
        return said is True
    return said is None


@pytest.mark.parametrize(("version", "other"), [("107-2/2021", "107-1/2018"), ("107-1/2018", "107-2/2021")])
def test_the_statement_says_of_every_filing_what_the_check_says(version: str, other: str, tmp_path: Path) -> None:
    definition, beside = shipped_forms().by_version(version), shipped_forms().by_version(other)
    draw = random.Random(version)
    filings = [drawn_filing(draw, definition, beside) for _ in range(400)]
    with duckdb.connect() as connection:
        load(connection, definition, filings, tmp_path)
        cursor = connection.execute(f"{outcomes_sql(definition, 'filings')} ORDER BY {FILING}")
        names = [column[0] for column in cursor.description][1:]
        answers = cursor.fetchall()
    expected = by_closures(definition, filings)
    assert names == [column_of(rule) for rule in definition.rules]
    seen: dict[str, set[bool | None]] = {name: set() for name in names}
    for (number, *said), states in zip(answers, expected, strict=True):
        for name, one in zip(names, said, strict=True):
            seen[name].add(one)
            assert agrees(one, states[name]), f"{name} of filing {number}: SQL {one}, closures {states[name]}"
    undecided = {name for name, found in seen.items() if not found >= {True, False}}
    assert undecided == set(), "these rules were not seen both satisfied and fired"
