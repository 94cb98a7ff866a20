"""A whole home in one file: it arrives as it left, or not at all."""

import hashlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.commands import moving
from handlers.commands.base import BadInput
from infra.moving.archive import SUMS, ArchiveRefused, checked, writing
from tests.handlers.world import YEAR, World, found, open_year
from workflows.audit import verify
from workflows.seat_settings import Digest, SeatSettings

ZHIBAO = Path(sys.executable).with_name("zhibao")
OWN_ORDER = {"outbox": "seq", "reads": "id"}
"""Columns that only number the rows of a file."""


def live(made: World) -> None:
    """A year in which every table of the file gets a row."""
    open_year(made, units=5)
    made.file(1, papers="7")
    made.file(3, papers="9")
    assert made.review(3, "990101", decision="return", reason_code="scope", items="papers", comment="口径？") == 303
    assert [made.review(1, region) for region in ("990101", "990100", "990000")] == [303] * 3
    browser, path = made.client(), made.link("unit2@units.example", "f")
    for number in range(3):
        fields = {"papers": str(number), "action": "save", "draft_version": str(number), **made.csrf(browser, path)}
        assert browser.post(path, data=fields).status_code == 303
    store, now = made.home.store, made.clock.now()
    store.choose(SeatSettings("990101", Digest.DAILY, 7, 22, 6, 1, store.person_of("a@b.example").id, now), ())
    store.count_up("tries")
    made.token("office", "990000")
    store.record_read("o", "enterprise_totals 2031", now)
    made.home.workshop.build(None, YEAR, now)
    made.clock.move(timedelta(days=1))
    made.sweep()
    made.file(4, papers="1")
    with closing(sqlite3.connect(made.home.settings.home / "zhibao.sqlite3")) as db:
        db.execute("INSERT INTO sent_keys SELECT id, 'key', 'hash', 1, '2032-01-20T00:00:00.000000Z' FROM submissions")
        db.execute(
            "INSERT INTO erasures SELECT id, 'drafts', 0, '2032-01-20T00:00:00.000000Z', 'o', 'w' FROM submissions"
        )
        db.commit()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = found(tmp_path_factory.mktemp("left") / "home")
    live(made)
    yield made
    made.home.close()


@pytest.fixture(scope="module")
def file(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("moved") / "home.tar"
    done = zhibao(world.home.settings.home, "export", str(target))
    assert done.returncode == 0, done.stderr
    return target


def zhibao(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBAO_")}
    environment = {**plain, "ZHIBAO_HOME": str(home)}
    return subprocess.run([str(ZHIBAO), *words], env=environment, capture_output=True, text=True, check=False)


def tables(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; what numbers the rows of this file is left out."""
    with closing(sqlite3.connect(f"file:{home / 'zhibao.sqlite3'}?mode=ro", uri=True)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {}
        for name in sorted(set(names) - {"sqlite_sequence"}):
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})") if row[1] != OWN_ORDER.get(name)]
            listed = ", ".join(columns)
            rows[name] = db.execute(" ".join(["SELECT", listed, "FROM", name, "ORDER BY", listed])).fetchall()
    return rows


def parts_of(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as archive:
        return {member.name: _part(archive, member) for member in archive}


def _part(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    part = archive.extractfile(member)
    assert part is not None, f"{member.name} is no file"
    return part.read()


def packed(parts: dict[str, bytes], target: Path) -> Path:
    """A file as this program writes it, of other parts."""
    with target.open("wb") as handle, writing(handle) as archive:
        for name, data in parts.items():
            if name != SUMS:
                archive.add(name, data)
        archive.close()
    return target


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def check(data: bytes) -> None:
    with checked(io.BytesIO(data)):
        pass


def load_here(home: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command in this very process."""
    monkeypatch.setenv("ZHIBAO_HOME", str(home))
    moving.load.main([str(file)], standalone_mode=False)


def untouched(home: Path) -> bool:
    return not home.exists() or not list(home.iterdir())


def test_every_row_of_every_table_and_every_object_arrives(world: World, file: Path, tmp_path: Path) -> None:
    home, again = world.home.settings.home, tmp_path / "again"
    done = zhibao(again, "load", str(file))
    assert done.returncode == 0, done.stderr
    left, arrived = tables(home), tables(again)
    assert all(left.values()), "the year of this test leaves a table empty"
    assert arrived == left
    for folder in ("objects", "mail"):
        assert contents(again / folder) == contents(home / folder)
    assert (again / "secret_keys").read_bytes() == (home / "secret_keys").read_bytes()
    assert sorted(path.name for path in again.iterdir() if path.name.startswith(".")) == []


def test_what_has_arrived_verifies_and_gives_the_same_tables(world: World, file: Path, tmp_path: Path) -> None:
    home, again = world.home.settings.home, tmp_path / "again"
    assert zhibao(again, "load", str(file)).returncode == 0
    assert zhibao(again, "audit", "verify").returncode == 0
    assert zhibao(again, "tables", "verify").returncode == 0
    copies = [zhibao(place, "export", str(tmp_path / f"{place.name}.tar")).stdout for place in (home, again)]
    assert copies[0].splitlines()[1] == copies[1].splitlines()[1]
    for place in (home, again):
        assert zhibao(place, "tables", "build", "--year", str(YEAR)).returncode == 0
    for name in ("region_indicators", "enterprise_totals", "response_rates"):
        one, other = (zhibao(place, "tables", "get", name, "--year", str(YEAR)).stdout for place in (home, again))
        assert one == other != ""


def test_leaving_a_second_time_gives_the_same_parts(file: Path, tmp_path: Path) -> None:
    again, second = tmp_path / "again", tmp_path / "second.tar"
    assert zhibao(again, "load", str(file)).returncode == 0
    assert zhibao(again, "export", str(second)).returncode == 0
    one, other = parts_of(file), parts_of(second)
    assert {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)} <= {"home.json", SUMS}


def test_anybody_can_check_the_file(file: Path, tmp_path: Path) -> None:
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path, filter="data")
    checked = subprocess.run(["sha256sum", "--check", "--quiet", SUMS], cwd=tmp_path, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert len((tmp_path / SUMS).read_text().splitlines()) == len(parts_of(file)) - 1


def test_the_keys_stay_behind_when_told_to(world: World, tmp_path: Path) -> None:
    file, again = tmp_path / "home.tar", tmp_path / "again"
    assert zhibao(world.home.settings.home, "export", "--without-keys", str(file)).returncode == 0
    assert "keys.json" not in parts_of(file)
    assert zhibao(again, "init").returncode == 0
    own = (again / "secret_keys").read_bytes()
    assert zhibao(again, "load", str(file)).returncode == 0
    assert (again / "secret_keys").read_bytes() == own


def test_a_home_that_holds_anything_is_refused(world: World, file: Path, tmp_path: Path) -> None:
    before = tables(world.home.settings.home)
    refused = zhibao(world.home.settings.home, "load", str(file))
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    assert tables(world.home.settings.home) == before
    (tmp_path / "mine").write_text("mine")
    assert zhibao(tmp_path, "load", str(file)).returncode == 2
    assert (tmp_path / "mine").read_text() == "mine"


def test_nothing_is_written_over_a_file(world: World, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    refused = zhibao(world.home.settings.home, "export", str(mine))
    assert refused.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert mine.read_text() == "mine"


def test_a_row_that_cannot_be_read_is_named_and_no_file_is_made(file: Path, tmp_path: Path) -> None:
    again, target = tmp_path / "again", tmp_path / "second.tar"
    assert zhibao(again, "load", str(file)).returncode == 0
    with closing(sqlite3.connect(again / "zhibao.sqlite3")) as db:
        db.execute("UPDATE submissions SET state = '{'")
        db.commit()
    refused = zhibao(again, "export", str(target))
    assert refused.returncode == 1
    assert "audit verify" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_a_copy_taken_while_returns_come_in_arrives_whole(world: World, tmp_path: Path) -> None:
    stop, saved = threading.Event(), 0

    def work() -> None:
        nonlocal saved
        browser, path = world.client(), world.link("unit5@units.example", "f")
        while not stop.is_set():
            fields = {"papers": str(saved), "action": "save", "draft_version": str(saved)}
            assert browser.post(path, data={**fields, **world.csrf(browser, path)}).status_code == 303
            saved += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for number in range(2):
            done = zhibao(world.home.settings.home, "export", str(tmp_path / f"{number}.tar"))
            assert done.returncode == 0, done.stderr
    finally:
        stop.set()
        worker.join()
    assert saved > 0
    assert not verify(world.home.services).faults
    loaded = zhibao(tmp_path / "again", "load", str(tmp_path / "1.tar"))
    assert loaded.returncode == 0, loaded.stderr


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.3, 0.6, 0.97])
def test_an_altered_byte_is_found_and_its_part_named(file: Path, share: float) -> None:
    data = bytearray(file.read_bytes())
    data[_inside_a_part(data, int(len(data) * share))] ^= 1
    with pytest.raises(ArchiveRefused) as refused:
        check(bytes(data))
    assert any(name in str(refused.value) for name in [*parts_of(file), "beginning"])


def test_a_broken_file_makes_no_home(file: Path, tmp_path: Path) -> None:
    data = bytearray(file.read_bytes())
    data[_inside_a_part(data, len(data) // 2)] ^= 1
    broken = tmp_path / "broken.tar"
    broken.write_bytes(data)
    refused = zhibao(tmp_path / "again", "load", str(broken))
    assert refused.returncode == 2, refused.stdout
    assert untouched(tmp_path / "again")


def _inside_a_part(data: bytearray, place: int) -> int:
    """The next byte that belongs to a part and not to padding."""
    return next(at for at in range(place, len(data)) if data[at] not in {0, ord("0")})


@pytest.mark.parametrize("kept", [0, 100, 512, 1024, 70_000, -1025, -20_000])
def test_a_file_that_was_cut_short_is_refused(file: Path, kept: int) -> None:
    with pytest.raises(ArchiveRefused):
        check(file.read_bytes()[:kept])


def test_a_part_that_is_missing_moved_or_added_is_refused(file: Path, tmp_path: Path) -> None:
    blocks = _blocks(file.read_bytes())
    missing = blocks[:2] + blocks[3:]
    moved = [*blocks[:2], blocks[3], blocks[2], *blocks[4:]]
    added = [*blocks[:-1], blocks[-1], blocks[1]]
    for order in (missing, moved, added):
        with pytest.raises(ArchiveRefused):
            check(b"".join(order))
    check(b"".join(blocks))


def _blocks(data: bytes) -> list[bytes]:
    """The parts of a tar with their headers, the last with what ends it."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        starts = [member.offset for member in archive]
    return [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../outside", tarfile.REGTYPE),
        ("/etc/outside", tarfile.REGTYPE),
        ("objects/../../outside", tarfile.REGTYPE),
        ("objects/.hidden", tarfile.REGTYPE),
        ("mail/new/link", tarfile.SYMTYPE),
        ("mail/new/link", tarfile.LNKTYPE),
        ("objects", tarfile.DIRTYPE),
        ("pax", tarfile.XHDTYPE),
        ("long", tarfile.GNUTYPE_LONGNAME),
    ],
)
def test_a_name_or_kind_that_no_home_has_is_refused(name: str, kind: bytes) -> None:
    header = tarfile.TarInfo(name)
    header.type, header.linkname = kind, "/etc/passwd"
    with pytest.raises(ArchiveRefused, match="must not be in it"):
        check(header.tobuf(tarfile.USTAR_FORMAT))


def test_a_size_beyond_all_bounds_is_refused_before_it_is_read() -> None:
    header = tarfile.TarInfo("objects/huge")
    header.size = 8**11 - 1
    with pytest.raises(ArchiveRefused, match="too large"):
        check(header.tobuf(tarfile.USTAR_FORMAT))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("mail/new/../../outside", b"x", None),
        ("mail/outside", b"x", "must not be in it"),
        ("objects/UPPER", b"x", "not an object name"),
        ("strange.json", b"{}", "unknown"),
        ("rows/strange/000001.jsonl", b"{}\n", "newer"),
        ("rows/people/000099.jsonl", b"{}\n", "line 1"),
        ("rows/people/000099.jsonl", b'{"id": 1, "email": "a"}\n', "line 1"),
        ("rows/people/000099.jsonl", b'{"id": "1", "email": "a", "more": ""}\n', "line 1"),
        ("rows/people/000099.jsonl", b"[" * 100_000 + b"\n", "line 1"),
        ("rows/people/000099.jsonl", b'{"id": "1", "email": "a"}\n', "not the rows that left"),
    ],
)
def test_a_file_made_by_hand_is_refused_with_nothing_loaded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, said: str | None
) -> None:
    if said is None:
        with pytest.raises(ValueError, match="outside"):
            packed({name: data}, tmp_path / "never")
        return
    forged = packed({**parts_of(file), name: data}, tmp_path / "forged.tar")
    with pytest.raises((ArchiveRefused, BadInput), match=said):
        load_here(tmp_path / "again", forged, monkeypatch)
    assert untouched(tmp_path / "again")


def test_a_figure_changed_by_hand_does_not_verify_and_is_not_loaded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = parts_of(file)
    name = "rows/submissions/000001.jsonl"
    changed = parts[name].replace("口径？".encode(), "口径！".encode())
    assert changed != parts[name]
    parts[name] = changed
    with pytest.raises(BadInput, match="altered"):
        load_here(tmp_path / "again", packed(parts, tmp_path / "forged.tar"), monkeypatch)
    assert untouched(tmp_path / "again")


def test_a_home_of_a_newer_program_is_refused(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_of(file)
    parts["home.json"] = parts["home.json"].replace(b'"fold":', b'"fold":9')
    with pytest.raises(ArchiveRefused, match="newer"):
        load_here(tmp_path / "again", packed(parts, tmp_path / "newer.tar"), monkeypatch)


DYING = """
import os, signal, sys
from handlers import cli
from infra.file_objects import FileObjects
from infra.sqlite.moving import SqliteMoving
from pathlib import Path

left = [int(sys.argv.pop(1))]
def mortal(kind, name):
    there = getattr(kind, name)
    def dying(*given, **named):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return there(*given, **named)
    setattr(kind, name, dying)
for kind, name in ((SqliteMoving, "arrive"), (FileObjects, "create"), (Path, "replace")):
    mortal(kind, name)
cli.main()
"""


@pytest.mark.parametrize("moment", [1, 6, 20, -1, -4])
def test_a_loading_that_was_killed_is_begun_anew(file: Path, tmp_path: Path, moment: int) -> None:
    again, moments = tmp_path / "again", _moments(file)
    at = moment if moment > 0 else moments + 1 + moment
    environment = {**os.environ, "ZHIBAO_HOME": str(again)}
    command = [sys.executable, "-c", DYING, str(at), "load", str(file)]
    died = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    refused = zhibao(again, "audit", "verify")
    assert refused.returncode == 2, "half a home must not open"
    assert "zhibao load" in refused.stderr
    loaded = zhibao(again, "load", str(file))
    assert loaded.returncode == 0, loaded.stderr
    assert "beginning anew" in loaded.stderr
    assert tables(again)["events"]


def _moments(file: Path) -> int:
    """How often a loading writes rows, makes an object, or puts something in its place."""
    names = list(parts_of(file))
    placed = {"objects", "mail", "secret_keys", "audit_key", "demo-home", "zhibao.sqlite3"}
    return sum(name.startswith(("rows/", "objects/")) for name in names) + len(placed)


def test_the_fingerprint_is_that_of_the_list(file: Path, tmp_path: Path) -> None:
    listed = hashlib.sha256(parts_of(file)[SUMS]).hexdigest()
    assert zhibao(tmp_path / "again", "load", str(file)).stdout.splitlines()[-1] == listed
