"""The object store, whatever it stands on: created once, swapped only if unchanged, listed in order, never half.

Each test runs on files and on S3 (moto's server over HTTP). What is particular to one of them has a file of its own:
`test_file_objects.py`, `test_s3_objects.py`.
"""

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
from infra.s3_objects import S3Objects

ADAPTERS: dict[str, Callable[[str], Objects]] = {"files": lambda where: FileObjects(Path(where)), "s3": S3Objects}
"""Each opens a store by where it is: a folder, or a bucket."""

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
def adapter(request: pytest.FixtureRequest) -> str:
    """The ground this run of a test stands on."""
    name: str = request.param
    return name


@pytest.fixture
def where(adapter: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the one store of a test is."""
    return request.getfixturevalue("bucket") if adapter == "s3" else str(tmp_path / "objects")


@pytest.fixture
def open_again(adapter: str, where: str) -> Callable[[], Objects]:
    """Opens the one store of a test, as another process would."""
    return lambda: ADAPTERS[adapter](where)


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
    for use in (
        lambda: objects.create(name, b"x"),
        lambda: objects.read(name),
        lambda: objects.read_with_tag(name),
        lambda: objects.swap(name, b"x", None),
        lambda: objects.download_link(name, "x.csv", "text/csv"),
    ):
        with pytest.raises(ValueError, match="not an object name"):
            use()
    assert objects.names("") == []
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"] == []


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
from tests.contract.test_objects_contract import ADAPTERS
adapter, where, number = sys.argv[1:]
objects = ADAPTERS[adapter](where)
print("ready", flush=True)
sys.stdin.readline()
created, counted = sum(objects.create(f"race/{turn}", number.encode()) for turn in range(10)), 0
while counted < 10:
    found = objects.read_with_tag("counter")
    counted += objects.swap("counter", str(int(found[0] if found else 0) + 1).encode(), found and found[1])
print(created, flush=True)
"""


def test_of_four_processes_exactly_one_wins(adapter: str, where: str, objects: Objects) -> None:
    commands = [[sys.executable, "-c", RACING, adapter, where, str(number)] for number in range(4)]
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
    assert sum(created) == 10
    assert objects.read("counter") == b"40"
    winners = [objects.read(f"race/{turn}") for turn in range(10)]
    assert [winners.count(str(number).encode()) for number in range(4)] == created
