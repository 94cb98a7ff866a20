"""A copy of a home: taken while it works, whole, verified, refused when anything of it was touched, and put back."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.backup import MANIFEST, BackupRefused, copy_home, problems_of, put_back, seal
from tests.handlers.world import YEAR, World, found, open_year
from workflows.audit import verify

AT = datetime(2032, 1, 15, tzinfo=UTC)
ZHIBAO = Path(sys.executable).with_name("zhibao")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One accepted return, tables built."""
    made = found(tmp_path_factory.mktemp("kept") / "home")
    open_year(made)
    made.file(1, papers="7")
    assert [made.review(1, region) for region in ("990101", "990100", "990000")] == [303] * 3
    made.home.workshop.build(None, YEAR, made.clock.now())
    yield made
    made.home.close()


@pytest.fixture
def copy(world: World, tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    copy_home(world.home.settings.home, target)
    seal(target, AT)
    return target


def contents(folder: Path) -> dict[str, bytes]:
    """Never of a folder with an open database: closing a file that SQLite has open lets go of SQLite's locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def zhibao(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBAO_")}
    environment = {**plain, "ZHIBAO_HOME": str(home)}
    return subprocess.run([str(ZHIBAO), *words], env=environment, capture_output=True, text=True, check=False)


def test_a_home_goes_into_a_copy_and_comes_back_the_same(world: World, tmp_path: Path) -> None:
    home, copied, again = world.home.settings.home, tmp_path / "copy", tmp_path / "again"
    made = zhibao(home, "backup", str(copied))
    assert made.returncode == 0, made.stderr
    restored = zhibao(again, "restore", str(copied))
    assert restored.returncode == 0, restored.stderr
    assert "3 submissions" in made.stdout
    assert "3 submissions" in restored.stdout
    assert contents(again / "objects") == contents(home / "objects") != {}
    assert contents(again / "mail") == contents(home / "mail")
    assert (again / "secret_keys").read_bytes() == (home / "secret_keys").read_bytes()
    assert stat.S_IMODE((again / "secret_keys").stat().st_mode) == 0o600
    assert stat.S_IMODE(again.stat().st_mode) == stat.S_IMODE(copied.stat().st_mode) == 0o700
    one, other = (zhibao(place, "tables", "get", "region_indicators", "--year", str(YEAR)) for place in (home, again))
    assert one.stdout == other.stdout
    assert zhibao(again, "audit", "verify").returncode == 0


def test_a_copy_taken_while_returns_come_in_verifies(world: World, tmp_path: Path) -> None:
    stop, saved = threading.Event(), 0

    def work() -> None:
        nonlocal saved
        browser = world.client()
        path = world.link("unit2@units.example", "f")
        while not stop.is_set():
            version = str(saved)
            fields = {"papers": str(saved), "action": "save", "draft_version": version, **world.csrf(browser, path)}
            assert browser.post(path, data=fields).status_code == 303
            saved += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for number in range(2):
            made = zhibao(world.home.settings.home, "backup", str(tmp_path / f"copy{number}"))
            assert made.returncode == 0, made.stderr
    finally:
        stop.set()
        worker.join()
    assert saved > 0
    assert not verify(world.home.services).faults


@pytest.mark.parametrize("name", ["zhibao.sqlite3", "secret_keys", "objects"])
def test_a_copy_that_was_touched_is_refused_and_nothing_is_made(copy: Path, tmp_path: Path, name: str) -> None:
    victim = copy / name if name != "objects" else next(path for path in (copy / name).rglob("*") if path.is_file())
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    with pytest.raises(BackupRefused, match="altered"):
        put_back(copy, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_missing_and_a_strange_file_are_named(copy: Path) -> None:
    assert problems_of(copy) == []
    (copy / "secret_keys").unlink()
    (copy / "stranger").touch()
    assert problems_of(copy) == ["secret_keys: 缺少 (missing)", "stranger: 不在清单里 (not listed)"]


def test_a_copy_that_was_cut_short_is_none(copy: Path, tmp_path: Path) -> None:
    (copy / MANIFEST).unlink()
    with pytest.raises(BackupRefused, match="not a backup"):
        put_back(copy, tmp_path / "again")


def test_nothing_is_ever_copied_over_something(world: World, copy: Path, tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "mine").write_text("mine")
    for attempt in (lambda: copy_home(world.home.settings.home, occupied), lambda: put_back(copy, occupied)):
        with pytest.raises(BackupRefused, match="not empty"):
            attempt()
    assert contents(occupied) == {"mine": b"mine"}
    assert zhibao(world.home.settings.home, "restore", str(copy)).returncode == 2


def test_a_home_that_is_not_there_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no home there"):
        copy_home(tmp_path / "nowhere", tmp_path / "copy")
    assert zhibao(tmp_path / "nowhere", "backup", str(tmp_path / "copy")).returncode == 2
    assert not (tmp_path / "copy").exists()
