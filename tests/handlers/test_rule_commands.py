"""Severities of an installation's own, and outliers ranked for reviewers, on the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import handlers.cli  # the rooms register their commands
from handlers.commands.base import zhibao
from tests.handlers.world import YEAR, World, found, open_year

REASON = "课题经费由高校代管，不进本单位的账"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One enterprise was accepted although its sources of funds differ from its costs (R17), with its reason."""
    made = found(tmp_path_factory.mktemp("rules"))
    open_year(made, 1)
    made.file(1, rd_staff_total="1", rd_cost_labour="10", rd_cost_total="10", **{"explanation-R17": REASON})
    for region in ("990101", "990100", "990000"):
        assert made.review(1, region) == 303
    yield made
    made.home.close()


def run(world: World, *arguments: str) -> Result:
    assert handlers.cli.ROOMS
    environment = {"ZHIBAO_HOME": str(world.home.settings.home), "ZHIBAO_BASE_URL": "http://localhost"}
    return CliRunner(env=environment).invoke(zhibao, ["forms", *arguments])


def severities(tmp_path: Path, text: str) -> str:
    file = tmp_path / "severities.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_severities_say_what_they_would_do_and_change_nothing(world: World, tmp_path: Path) -> None:
    file = severities(tmp_path, "version: 2026-1\nseverities: {R17: fatal}\n")
    said = run(world, "severities", file, "--year", str(YEAR))
    assert said.exit_code == 0, said.output
    assert "107-2: 已验收 accepted 1，会不通过 would fail 1" in said.output
    assert "R17 fatal: 1" in said.output
    assert world.home.store.mark("severities") is None


def test_adopted_severities_are_in_force_from_the_next_start(world: World, tmp_path: Path) -> None:
    file = severities(tmp_path, "version: 2026-1\nseverities: {R17: firm}\n")
    assert run(world, "severities", file, "--year", str(YEAR), "--adopt").exit_code == 0
    again = run(world, "severities", file, "--year", str(YEAR))
    assert "would fail 0" in again.output
    assert "R17 firm: 1" in again.output, "what was accepted is judged as it was sent"


@pytest.mark.parametrize("text", ["version: x\nseverities: {R999: firm}\n", "severities: {R17: firm}\n", "[]"])
def test_bad_severities_are_refused_with_their_place(world: World, tmp_path: Path, text: str) -> None:
    said = run(world, "severities", severities(tmp_path, text), "--year", str(YEAR), "--adopt")
    assert said.exit_code == 2
    assert "severities.yaml" in said.output
    assert world.home.store.mark("severities") is None


def test_outliers_of_a_year_without_an_earlier_one_are_none(world: World) -> None:
    said = run(world, "outliers", "--year", str(YEAR))
    assert said.exit_code == 0, said.output
    assert f"{YEAR}: 0 份" in said.output
