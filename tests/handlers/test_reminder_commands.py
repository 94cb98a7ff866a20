"""`zhibao reminders`: the record of reminders as a file, and bounces that come back later."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import handlers.cli  # the rooms register their commands
from handlers.commands.base import zhibao
from register.units import make_synthetic_credit_code
from tests.handlers.world import YEAR, World, found, open_year
from workflows.deadlines import read_instant

ALL = ["reminders", "export", "--year", str(YEAR), "--form", "107-2"]
Run = Callable[..., Result]


@pytest.fixture
def reminded(tmp_path: Path) -> Iterator[World]:
    """Three enterprises were reminded a week before their returns are due."""
    made = found(tmp_path / "home")
    open_year(made)
    made.clock.instant = read_instant("2032-03-03T24:00")
    made.sweep()
    yield made
    made.home.close()


@pytest.fixture
def run(reminded: World) -> Run:
    """The command line over that home."""
    assert handlers.cli.ROOMS
    runner = CliRunner(env={"ZHIBAO_HOME": str(reminded.home.settings.home), "ZHIBAO_BASE_URL": "http://localhost"})
    return lambda *arguments: runner.invoke(zhibao, list(arguments))


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_the_export_lists_each_reminder_with_its_outcome(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reminders.csv"
    result = run(*ALL, str(file))
    assert (result.exit_code, "3 条" in result.output) == (0, True)
    assert [(row["step"], row["decided_at"], row["outcome"]) for row in rows(file)] == [
        ("T-7d", "2032-03-04 00:00:00", "sent")
    ] * 3
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["reminders.csv"]


def test_the_export_of_one_unit_holds_no_other(run: Run, tmp_path: Path) -> None:
    file, unit = tmp_path / "one.csv", make_synthetic_credit_code(2)
    assert run(*ALL, "--unit", unit, str(file)).exit_code == 0
    assert [row["unit_id"] for row in rows(file)] == [unit]


def test_a_collection_that_is_not_there_is_bad_input_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    result = run("reminders", "export", "--year", "2030", "--form", "107-2", str(file))
    assert (result.exit_code, file.exists()) == (2, False)
    assert "2030" in result.output


def test_a_bounce_is_recorded_once_and_stands_in_the_next_export(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reminders.csv"
    run(*ALL, str(file))
    letter = rows(file)[0]["letter"]
    assert "已登记退信" in run("reminders", "bounced", letter, "--reason", "550 no such user").output
    assert "没有改动" in run("reminders", "bounced", letter).output
    run(*ALL, str(file))
    outcomes = [row["outcome"] for row in rows(file)]
    assert outcomes[0].startswith("bounced ")
    assert outcomes[0].endswith(": 550 no such user")
    assert outcomes[1:] == ["sent", "sent"]


def test_an_unknown_letter_is_bad_input(run: Run) -> None:
    assert run("reminders", "bounced", "no-such-letter").exit_code == 2
