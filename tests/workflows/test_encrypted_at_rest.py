"""The small year in an encrypted home: the same chains, nothing to be read in the file, a flipped byte found."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.payload_keys import MARK, HomeKeys, PayloadKeyMissing
from infra.sqlite.store import SqliteStore
from tests.workflows.conftest import KEY, REGIONS, STAFF, START, UNITS, SetClock, _catalogue
from tests.workflows.small_year import live_through
from workflows.audit import verify, verify_one
from workflows.links import Links
from workflows.services import Services

OLD, NEW, OTHER = bytes(32), b"n" * 32, b"o" * 32
WORD, FIGURE = "合计与明细不符，请核实。", "cost_labour"


@pytest.fixture
def services(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Services]:
    """The province over an encrypted store, or over a plain one where a test asks for it."""
    keys = None if getattr(request, "param", "") == "plain" else HomeKeys([OLD])
    store = SqliteStore(tmp_path / "home.sqlite3", keys)
    store.import_regions(REGIONS, START)
    store.import_units(UNITS, START)
    store.import_staff(STAFF, START)
    yield Services(store, clock, Links([KEY], clock), _catalogue(), "http://zhibao.example")
    store.close()


@pytest.fixture
def year(world: Any) -> Any:
    live_through(world)
    return world


def everything_in(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_no_figure_and_no_word_can_be_read_in_the_file(year: Any) -> None:
    path, key = year.store.path, year.submission("E1").id
    sealed = [year.store.revision(key, number).content for number in (1, 2, 3)]
    typed = year.store.draft(key).inputs
    year.store.close()
    data = everything_in(path)
    assert MARK in data
    assert WORD.encode() not in data
    assert [content for content in sealed if content[10:50] in data] == []
    assert f'"{FIGURE}":"{typed[FIGURE]}"'.encode() not in data
    assert b"E1" in data, "what drives the workflow is not encrypted"


def test_an_encrypted_home_verifies_and_its_chains_are_those_of_the_plain_text(year: Any) -> None:
    assert verify(year.services).faults == ()
    revision = year.store.revision(year.submission("E1").id, 1)
    assert revision.content.startswith(b"{")


@pytest.mark.parametrize(
    ("reading", "changing"),
    [
        (
            "SELECT number, text FROM payloads WHERE submission = ? LIMIT 1",
            "UPDATE payloads SET text = ? WHERE submission = ? AND number = ?",
        ),
        (
            "SELECT number, content FROM revisions WHERE submission = ? LIMIT 1",
            "UPDATE revisions SET content = ? WHERE submission = ? AND number = ?",
        ),
    ],
    ids=["payloads", "revisions"],
)
def test_one_byte_flipped_of_a_ciphertext_is_found(year: Any, reading: str, changing: str) -> None:
    key = year.submission("E1").id
    with closing(sqlite3.connect(year.store.path, isolation_level=None)) as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        number, value = raw.execute(reading, (key,)).fetchone()
        for position in range(0, len(value), 7):
            changed = bytearray(value)
            changed[position] ^= 4
            raw.execute(changing, (bytes(changed), key, number))
            assert verify_one(year.services, key) is not None, position
        raw.execute(changing, (value, key, number))
    assert verify_one(year.services, key) is None


def test_without_its_key_a_home_does_not_open_and_says_which_is_missing(year: Any) -> None:
    path = year.store.path
    for keys in (None, HomeKeys([OTHER])):
        with pytest.raises(PayloadKeyMissing, match="ZHIBAO_PAYLOAD_KEYS"):
            SqliteStore(path, keys)


def test_another_key_takes_over_and_the_old_one_can_go(year: Any) -> None:
    path, key = year.store.path, year.submission("E1").id
    before = year.store.revision(key, 1)
    year.store.close()
    both = SqliteStore(path, HomeKeys([NEW, OLD]))
    assert both.wrapping(HomeKeys([NEW, OLD])) == (0, 1)
    both.rotate_keys(HomeKeys([NEW, OLD]))
    both.close()
    with pytest.raises(PayloadKeyMissing):
        SqliteStore(path, HomeKeys([OLD]))
    after = SqliteStore(path, HomeKeys([NEW]))
    assert after.revision(key, 1) == before
    assert verify(replace(year.services, store=after)).faults == ()
    after.close()


@pytest.mark.parametrize("services", ["plain"], indirect=True)
def test_what_was_written_before_there_was_a_key_is_read_as_it_is(year: Any) -> None:
    world = year
    key, path = world.submission("E1").id, world.store.path
    before = world.store.revision(key, 1)
    world.store.close()
    now = SqliteStore(path, HomeKeys([NEW]))
    assert now.revision(key, 1) == before
    assert verify(replace(world.services, store=now)).faults == ()
    now.close()
