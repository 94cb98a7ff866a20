"""The folder of a demo is made afresh, and nobody else's folder is ever touched."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from handlers.demo.clock import SteppingClock
from handlers.demo.home import DemoRefused, make_fresh
from infra.settings import DEMO_MARK

NOON = datetime(2020, 3, 10, 12, tzinfo=UTC)


def test_an_empty_folder_becomes_a_demo_home(tmp_path: Path) -> None:
    make_fresh(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [DEMO_MARK]


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    make_fresh(tmp_path / "new" / "home")
    assert (tmp_path / "new" / "home" / DEMO_MARK).is_file()


def test_a_foreign_folder_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "zhibao.sqlite3").write_text("somebody's year of work")
    with pytest.raises(DemoRefused, match="什么都没有动"):
        make_fresh(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["zhibao.sqlite3"]
    assert (tmp_path / "zhibao.sqlite3").read_text() == "somebody's year of work"


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DemoRefused, match="不是文件夹"):
        make_fresh(tmp_path / "file")


def test_a_demo_home_is_emptied(tmp_path: Path) -> None:
    make_fresh(tmp_path)
    (tmp_path / "objects" / "facts").mkdir(parents=True)
    (tmp_path / "objects" / "facts" / "one.json").touch()
    (tmp_path / "zhibao.sqlite3").touch()
    make_fresh(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [DEMO_MARK]


def test_a_strangers_file_in_a_demo_home_stops_it(tmp_path: Path) -> None:
    make_fresh(tmp_path)
    (tmp_path / "zhibao.sqlite3").touch()
    (tmp_path / "my notes.txt").touch()
    with pytest.raises(DemoRefused, match="my notes"):
        make_fresh(tmp_path)
    assert (tmp_path / "zhibao.sqlite3").exists()


def test_what_a_link_points_at_is_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    home = tmp_path / "home"
    make_fresh(home)
    (home / "mail").symlink_to(outside)
    make_fresh(home)
    assert (outside / "precious").exists()
    assert not (home / "mail").exists()


def test_the_clock_never_runs_back() -> None:
    clock = SteppingClock(NOON)
    clock.reach(NOON + timedelta(hours=1))
    with pytest.raises(ValueError, match="cannot go back"):
        clock.reach(NOON)
    assert clock.now() == NOON + timedelta(hours=1)


def test_work_is_spread_over_the_time_it_takes() -> None:
    clock = SteppingClock(NOON)
    times = [clock.now() for _ in clock.over(["a", "b"], NOON + timedelta(hours=2))]
    assert times == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]


def test_no_work_still_takes_its_time() -> None:
    clock = SteppingClock(NOON)
    assert list(clock.over([], NOON + timedelta(hours=2))) == []
    assert clock.now() == NOON + timedelta(hours=2)


def test_a_clock_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        SteppingClock(NOON.replace(tzinfo=None))
