"""Every situation within reach of one unit, and every command in each of them: no law of the machine is ever broken.

What may happen beside filing, deciding, withdrawing, undoing and reopening comes in *aspects* (questions, claims,
dispositions, the close and its exceptions, moves, the calendar, a staff change), each alone with three revisions, and
two or three together. `explored.yaml` has how much was seen; to see less is to have lost sight of something.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.explorer.cast import ASPECTS, Bounds
from tests.explorer.exploring import Explorer

Row = dict[str, Any]
SEEN: dict[str, list[Row]] = yaml.safe_load(Path(__file__).with_name("explored.yaml").read_text(encoding="utf-8"))


def _name(row: Row) -> str:
    return f"{row.get('units', 1)}u{row['revisions']}r-{'-'.join(row['aspects']) or 'core'}"


@pytest.mark.parametrize("row", SEEN["every_run"], ids=_name)
def test_no_order_of_events_breaks_a_law(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    explores(row, capsys)


@pytest.mark.long
@pytest.mark.parametrize("row", SEEN["long"], ids=_name)
def test_no_order_of_events_breaks_a_law_further_out(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    explores(row, capsys)


def explores(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    bounds = Bounds(revisions=row["revisions"], exceptions=row.get("exceptions", 1), aspects=frozenset(row["aspects"]))
    explorer = Explorer(bounds, units=row.get("units", 1), depth=row.get("depth", 10_000))
    explorer.run()
    with capsys.disabled():
        print(f"\n{_name(row)}: {explorer.states} states, {explorer.transitions} transitions", end="")
        print(f", {explorer.refusals} refusals", end=" ")
    assert explorer.states >= row["states"]
    assert explorer.transitions >= row["transitions"]


def test_every_aspect_is_explored_with_three_revisions() -> None:
    alone = {row["aspects"][0] for row in SEEN["every_run"] if len(row["aspects"]) == 1 and row["revisions"] == 3}
    assert alone == set(ASPECTS)
