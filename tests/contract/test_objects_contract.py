"""The object store, whatever it stands on: created once, swapped only if unchanged, listed in order, never half."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from indicators.ports import Objects
from infra.file_objects import FileObjects

ADAPTERS: dict[str, Callable[[Path], Objects]] = {"files": lambda folder: FileObjects(folder / "objects")}
OPEN_IN_A_PROCESS = ["files"]
"""Adapters that another process of this machine can open."""

NAMES = ["a", "a.txt", "facts/2025/107-2/s-0001.json", "tables/region_indicators/2025/latest.json", "_x", "-x", "9/9"]
BAD_NAMES = [
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "../a",
    "a/../b",
    "a/..",
    ".hidden",
    "a/.hidden",
    "a/./b",
    "A",
    "a b",
    "甲",
    "a\n",
    "a\\b",
    "a\0",
    "a" * 301,
    "a" * 250,
    "%2e%2e/a",
]


@pytest.fixture(params=ADAPTERS)
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Objects]:
    """Opens the one store of a test, as another process would."""
    return lambda: ADAPTERS[request.param](tmp_path)


@pytest.fixture
def objects(open_again: Callable[[], Objects]) -> Objects:
    """An empty store."""
    return open_again()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_created_is_read_back_by_anybody(open_again: Callable[[], Objects], name: str) -> None:
    assert open_again().read(name) is None
    assert open_again().create(name, b"\x00\xff\r\n") is True
    assert open_again().read(name) == b"\x00\xff\r\n"
    assert open_again().names("") == [name]


def test_an_object_may_be_empty(objects: Objects) -> None:
    assert objects.create("empty", b"")
    assert objects.read("empty") == b""
    found = objects.read_with_tag("empty")
    assert found is not None
    assert objects.swap("empty", b"x", found[1])


def test_what_is_there_is_not_created_again(objects: Objects) -> None:
    assert objects.create("a/b", b"first") is True
    assert objects.create("a/b", b"second") is False
    assert objects.create("a/b", b"first") is False
    assert objects.read("a/b") == b"first"


def test_a_folder_is_no_object(objects: Objects) -> None:
    objects.create("a/b", b"x")
    assert objects.read("a") is None
    assert objects.read("a/b/c") is None
    assert objects.read_with_tag("a") is None
    assert objects.names("a/b/") == []


def test_a_pointer_is_swapped_only_by_who_read_it_as_it_is(objects: Objects) -> None:
    assert objects.read_with_tag("p") is None
    assert objects.swap("p", b"1", "0" * 64) is False, "it is not there"
    assert objects.swap("p", b"1", None) is True
    assert objects.swap("p", b"2", None) is False, "it is there now"
    first = objects.read_with_tag("p")
    assert first is not None
    assert first[0] == b"1"
    assert objects.swap("p", b"2", first[1]) is True
    assert objects.swap("p", b"3", first[1]) is False, "somebody else was here"
    assert objects.read("p") == b"2"
    assert objects.names("") == ["p"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused_by_every_method(objects: Objects, tmp_path: Path, name: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    for use in (
        lambda: objects.create(name, b"x"),
        lambda: objects.read(name),
        lambda: objects.read_with_tag(name),
        lambda: objects.swap(name, b"x", None),
    ):
        with pytest.raises(ValueError, match="not an object name"):
            use()
    assert [path for path in sorted(tmp_path.rglob("*")) if path.name != ".lock"] == before


@pytest.mark.parametrize("prefix", ["../", "/", "a/../", ".", "a//", "A", "a/.h", "..", "a\n"])
def test_a_prefix_that_begins_no_name_is_refused(objects: Objects, prefix: str) -> None:
    with pytest.raises(ValueError, match="not the beginning of an object name"):
        objects.names(prefix)


def test_names_are_sorted_and_under_their_prefix(objects: Objects) -> None:
    for name in ("b/2", "a-1", "a/10", "a/9", "a/9.json", "a/b/c", "ab", "a.x", "a"[:1] + "_"):
        objects.create(name, b"")
    everything = objects.names("")
    assert everything == sorted(everything)
    assert len(everything) == 9
    assert objects.names("a/") == ["a/10", "a/9", "a/9.json", "a/b/c"]
    assert objects.names("a/9") == ["a/9", "a/9.json"]
    assert objects.names("a") == ["a-1", "a.x", "a/10", "a/9", "a/9.json", "a/b/c", "a_", "ab"]
    assert objects.names("a/b") == ["a/b/c"]
    assert objects.names("c") == objects.names("c/") == objects.names("a/10/") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 1000])
def test_pages_of_names_follow_each_other_without_gap_or_repetition(objects: Objects, limit: int) -> None:
    expected = sorted(f"x/{number}" for number in range(7))
    for name in ("w/1", "y/1", *expected):
        objects.create(name, b"")
    found: list[str] = []
    while page := objects.names("x/", found[-1] if found else "", limit):
        assert len(page) == min(limit, 7 - len(found))
        found += page
    assert found == expected
    assert objects.names("x/", after="x/3") == ["x/4", "x/5", "x/6"]
    assert objects.names("x/", after="x/35") == ["x/4", "x/5", "x/6"], "what it follows need not be there"


def test_of_sixteen_threads_that_create_one_object_exactly_one_wins(open_again: Callable[[], Objects]) -> None:
    for turn in range(5):
        start = threading.Barrier(16)

        def create(number: int, turn: int = turn, start: threading.Barrier = start) -> bool:
            objects = open_again()
            start.wait()
            return objects.create(f"race/{turn}", str(number).encode() * 1000)

        with ThreadPoolExecutor(16) as pool:
            won = list(pool.map(create, range(16)))
        assert won.count(True) == 1
        assert open_again().read(f"race/{turn}") == str(won.index(True)).encode() * 1000


def test_of_sixteen_threads_that_swap_one_pointer_exactly_one_wins_each_turn(
    open_again: Callable[[], Objects],
) -> None:
    objects, start = open_again(), threading.Barrier(16)
    objects.create("counter", b"0")

    def count(_: int) -> int:
        won = 0
        start.wait()
        while won < 5:
            found = objects.read_with_tag("counter")
            assert found is not None
            won += objects.swap("counter", str(int(found[0]) + 1).encode(), found[1])
        return won

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(count, range(16))) == 80
    assert objects.read("counter") == b"80"


def test_of_threads_that_put_a_pointer_where_none_is_exactly_one_wins(objects: Objects) -> None:
    start = threading.Barrier(8)

    def put(number: int) -> bool:
        start.wait()
        return objects.swap("p", str(number).encode(), None)

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(put, range(8)))
    assert won.count(True) == 1
    assert objects.read("p") == str(won.index(True)).encode()


RACING = """
import sys
from pathlib import Path
from infra.file_objects import FileObjects
OPEN = {"files": lambda folder: FileObjects(folder / "objects")}
adapter, folder, number = sys.argv[1:]
objects = OPEN[adapter](Path(folder))
print("ready", flush=True)
sys.stdin.readline()
created, counted = sum(objects.create(f"race/{turn}", number.encode()) for turn in range(10)), 0
while counted < 10:
    found = objects.read_with_tag("counter")
    counted += objects.swap("counter", str(int(found[0] if found else 0) + 1).encode(), found and found[1])
print(created, flush=True)
"""


@pytest.mark.parametrize("adapter", OPEN_IN_A_PROCESS)
def test_of_four_processes_exactly_one_wins(adapter: str, tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", RACING, adapter, str(tmp_path), str(number)] for number in range(4)]
    with ExitStack() as stack:
        racers = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for command in commands
        ]
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        created = [int(racer.communicate()[0]) for racer in racers]
    objects = ADAPTERS[adapter](tmp_path)
    assert sum(created) == 10
    assert objects.read("counter") == b"40"
    winners = [objects.read(f"race/{turn}") for turn in range(10)]
    assert [winners.count(str(number).encode()) for number in range(4)] == created


KILLED = """
import sys
from pathlib import Path
from infra.file_objects import FileObjects
objects = FileObjects(Path(sys.argv[1]))
data = b"x" * 8_000_000
print("begun", flush=True)
for number in range(1000):
    objects.create(f"big/{number:04d}", data)
    objects.swap("pointer", data + str(number).encode(), (objects.read_with_tag("pointer") or (b"", None))[1])
"""


@pytest.mark.parametrize("milliseconds", [1, 30, 90])
def test_a_kill_in_the_middle_leaves_only_whole_objects(tmp_path: Path, milliseconds: int) -> None:
    folder = tmp_path / "objects"
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    with child.stdout as said:
        assert said.readline() == b"begun\n"
        threading.Event().wait(milliseconds / 1000)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    objects = FileObjects(folder)
    names = objects.names("")
    assert all(len(objects.read(name) or b"") >= 8_000_000 for name in names)
    assert set(names) <= {"pointer", *(f"big/{number:04d}" for number in range(1000))}
    following = f"big/{len(objects.names('big/')):04d}"
    assert objects.create(following, b"after")
    assert objects.read(following) == b"after"


class Killed(BaseException):
    """The process ended here."""


def test_a_writer_killed_before_its_object_appears_leaves_nothing_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = FileObjects(tmp_path / "objects")

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(Killed):
            objects.create("big/1", b"half")
    leftovers = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(leftovers) <= 1
    assert objects.names("") == objects.names("big/") == []
    assert objects.read("big/1") is None
    assert objects.create("big/1", b"whole")
    assert objects.names("") == ["big/1"]


def test_files_are_synced_before_they_appear_and_their_folders_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power failure would otherwise undo: the object's name, and that of each folder made for it."""
    objects, happened = FileObjects(tmp_path / "objects"), list[str]()
    fsync, link = os.fsync, os.link

    def synced(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink()).removeprefix(str(tmp_path)).lstrip("/")
        happened.append("file" if ".tmp-" in path else path)
        fsync(handle)

    def linked(source: Path, target: Path) -> None:
        happened.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    objects.create("a/b/c", b"x")
    assert happened == ["objects", "objects/a", "file", "link", "objects/a/b"]
    happened.clear()
    assert objects.create("a/b/c", b"x") is False
    assert happened == ["objects/a/b"], "who is told that it is there may rely on it"
