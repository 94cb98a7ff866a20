"""The inspector's commands: what they print, and how they end."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from docs.verify_export import faults_of
from handlers.cli import zhibao
from tests.handlers.world import World, found, open_year

Command = Callable[..., Result]


@pytest.fixture
def signed(tmp_path: Path) -> World:
    """One return was sent, and its day is signed."""
    made = found(tmp_path / "home")
    open_year(made)
    made.file(1)
    made.clock.move(timedelta(days=1))
    made.sweep()
    made.home.close()
    return made


@pytest.fixture
def command(signed: World) -> Command:
    """`zhibao audit …` in that home."""
    home = {"ZHIBAO_HOME": str(signed.home.settings.home)}
    return lambda *words: CliRunner().invoke(zhibao, ["audit", *words], env=home)


def submission(world: World) -> str:
    path = world.home.settings.home / "zhibao.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        key: str = db.execute("SELECT submission FROM revisions").fetchone()[0]
    return key


def test_verify_counts_what_it_verified(command: Command) -> None:
    result = command("verify")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["3 submissions, 4 events, 1 revisions", "1 signed days, the last 2032-01-15"]


def test_verify_names_what_it_found_and_exits_1(signed: World, command: Command) -> None:
    with closing(sqlite3.connect(signed.home.settings.home / "zhibao.sqlite3")) as db:
        db.execute("UPDATE submissions SET stage = 'accepted' WHERE id = ?", (submission(signed),))
        db.commit()
    result = command("verify")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{submission(signed)} at ")
    assert "stage" in result.stderr


def test_keys_are_printed_whole(command: Command) -> None:
    name, public, day = command("keys").stdout.split()
    assert (len(name), len(bytes.fromhex(public)), day) == (16, 32, "2032-01-15")


def test_an_export_goes_to_a_file_or_to_standard_output(signed: World, command: Command, tmp_path: Path) -> None:
    key, path = submission(signed), tmp_path / "story.json"
    printed = command("export", key)
    assert command("export", key, str(path)).exit_code == printed.exit_code == 0
    for text in (printed.stdout, path.read_text(encoding="utf-8")):
        assert list(faults_of(json.loads(text), [])) == []


def test_an_unknown_submission_is_bad_input(command: Command) -> None:
    result = command("export", "nobody")
    assert (result.exit_code, "no such submission" in result.stderr) == (2, True)
