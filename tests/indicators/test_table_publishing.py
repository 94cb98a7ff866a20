"""Publishing: versions only when something changed, none lost in a race, and every stored byte accounted for."""

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from indicators.definition import TableDefinition
from indicators.formats import to_json
from indicators.manifest import Manifest, pointer_to, version_name
from indicators.ports import Objects
from indicators.publishing import latest, merkle_root, publish, read_file, read_manifest, read_table, verify
from indicators.table import Column, ColumnKind, Table
from infra.file_objects import FileObjects
from tests.indicators.conftest import MemoryObjects

NAME, YEAR = "response_rates", 2025
BASE = f"tables/{NAME}/{YEAR}"
COLUMNS = (Column("region_code"), Column("value", ColumnKind.NUMBER, "数值", "Value", "千元", 2))
REVISIONS = tuple(sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in range(5)))
Publish = Callable[..., Manifest]


def table(*values: str, **more: Any) -> Table:
    rows = tuple((f"99{number:04d}", value) for number, value in enumerate(values))
    return replace(Table(NAME, YEAR, COLUMNS, rows, (), REVISIONS), **more)


@pytest.fixture
def put(definitions: Mapping[str, TableDefinition], at: datetime) -> Publish:
    """Publishes a table of these values."""

    def publish_one(objects: Objects, *values: str, inputs: Mapping[str, Any] | None = None, **more: Any) -> Manifest:
        return publish(objects, table(*values, **more), definitions[NAME], inputs or {"forms": {}}, at)

    return publish_one


def sha256(data: bytes | None) -> str:
    assert data is not None
    return hashlib.sha256(data).hexdigest()


def test_the_manifest_says_what_the_table_is_and_stands_on(objects: Objects, put: Publish) -> None:
    manifest = put(objects, "1.5", "", "2.25", inputs={"forms": {"107-2": "107-2/2021"}})
    body = manifest.body
    assert (manifest.number, body["rows"], body["sums"], body["class"]) == (1, 3, {"value": "3.75"}, "open")
    assert set(body["files"]) == {"csv", "parquet", "schema.json"}
    for kind, entry in body["files"].items():
        data = objects.read(entry["object"])
        assert data is not None
        assert entry == {"object": f"{BASE}/data/{sha256(data)}.{kind}", "sha256": sha256(data), "bytes": len(data)}
    assert body["inputs"] == {"forms": {"107-2": "107-2/2021"}}
    assert set(body["libraries"]) == {"duckdb", "xlsxwriter", "zhibao"}
    assert body["revisions"]["count"] == 5
    listing = objects.read(body["revisions"]["object"])
    assert listing == "".join(f"{one}\n" for one in REVISIONS).encode()
    assert latest(objects, NAME, YEAR) == manifest


def test_the_merkle_root_is_that_of_rfc_6962_with_odd_nodes_promoted() -> None:
    def leaf(one: str) -> bytes:
        return hashlib.sha256(b"\x00" + bytes.fromhex(one)).digest()

    def node(left: bytes, right: bytes) -> bytes:
        return hashlib.sha256(b"\x01" + left + right).digest()

    a, b, c, d, e = map(leaf, REVISIONS)
    assert merkle_root(()) == hashlib.sha256(b"").hexdigest()
    assert merkle_root(REVISIONS[:1]) == a.hex()
    assert merkle_root(REVISIONS[:3]) == node(node(a, b), c).hex()
    assert merkle_root(REVISIONS) == node(node(node(a, b), node(c, d)), e).hex()


def test_the_same_content_makes_no_new_version(
    objects: Objects, put: Publish, definitions: Mapping[str, TableDefinition], at: datetime
) -> None:
    first = put(objects, "1")
    again = publish(objects, table("1"), definitions[NAME], {"forms": {}}, at + timedelta(days=1))
    assert again == first
    assert objects.names(f"{BASE}/versions/") == [f"{BASE}/versions/1.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"rows": (("990000", "2"),)},
        {"marks": ({"mark": "provisional", "zh": "未截止", "en": "Provisional"},)},
        {"revisions": REVISIONS[1:]},
        {"inputs": {"forms": {"107-2": "107-2/2026"}}},
    ],
)
def test_another_figure_mark_revision_or_input_is_another_version(
    objects: Objects, put: Publish, change: dict[str, Any]
) -> None:
    first = put(objects, "1")
    second = put(objects, "1", **change)
    assert (first.number, second.number) == (1, 2)
    assert second.body["previous"] == sha256(objects.read(f"{BASE}/versions/1.json"))
    assert latest(objects, NAME, YEAR) == second
    assert read_manifest(objects, NAME, YEAR, 1) == first, "the first version stays"
    assert put(objects, "1").number == 3, "going back is a version too"
    assert verify(objects, [NAME], [YEAR]) == []


def test_the_pointer_names_the_version_in_force_and_its_hashes(objects: Objects, put: Publish) -> None:
    put(objects, "1")
    second = put(objects, "2")
    pointer = json.loads(objects.read(f"{BASE}/latest.json") or b"")
    manifest = sha256(objects.read(f"{BASE}/versions/2.json"))
    assert pointer == {"version": 2, "manifest": manifest, "csv": second.logical_hash}


def test_racing_publishers_lose_no_version(
    tmp_path: Path, definitions: Mapping[str, TableDefinition], at: datetime
) -> None:
    objects, start = FileObjects(tmp_path), threading.Barrier(8)

    def publisher(number: int) -> list[int]:
        start.wait()
        return [publish(objects, table(f"{number}.{turn}1"), definitions[NAME], {}, at).number for turn in range(5)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for its in pool.map(publisher, range(8)) for number in its]
    assert sorted(numbers) == list(range(1, 41)), "each got a number of its own, and none is missing"
    in_force = latest(objects, NAME, YEAR)
    assert in_force is not None
    assert in_force.number == 40
    manifests = [manifest for number in numbers if (manifest := read_manifest(objects, NAME, YEAR, number))]
    assert len(manifests) == 40
    contents = {manifest.logical_hash for manifest in manifests}
    assert len(contents) == 40
    assert verify(objects, [NAME], [YEAR]) == []


def test_a_publisher_that_died_before_moving_the_pointer_is_followed(objects: MemoryObjects, put: Publish) -> None:
    first = put(objects, "1")
    second = put(objects, "2")
    held = objects.held
    held[f"{BASE}/latest.json"] = pointer_to(held[version_name(BASE, 1)])
    assert latest(objects, NAME, YEAR) == first
    assert put(objects, "2") == second
    assert latest(objects, NAME, YEAR) == second
    held[f"{BASE}/latest.json"] = pointer_to(held[version_name(BASE, 1)])
    assert put(objects, "3").number == 3
    del held[f"{BASE}/latest.json"]
    assert put(objects, "3").number == 3
    assert latest(objects, NAME, YEAR) == read_manifest(objects, NAME, YEAR, 3)


def test_every_format_is_read_back_and_kept_once_rendered(
    objects: Objects, put: Publish, definitions: Mapping[str, TableDefinition]
) -> None:
    manifest, definition = put(objects, "1", "-2.5"), definitions[NAME]
    assert replace(read_table(objects, manifest, definition), revisions=REVISIONS) == table("1", "-2.5")
    for wanted in ("csv", "parquet"):
        assert sha256(read_file(objects, manifest, definition, wanted)) == manifest.body["files"][wanted]["sha256"]
    assert read_file(objects, manifest, definition, "json") == to_json(table("1", "-2.5"))
    for wanted in ("json", "xlsx"):
        first = read_file(objects, manifest, definition, wanted)
        stored = f"{BASE}/data/{sha256(first)}.{wanted}"
        assert objects.read(stored) == first
        assert read_file(objects, manifest, definition, wanted) == first
        kept = [name for name in objects.names(f"{BASE}/data/") if name.endswith(f".{wanted}") and "schema" not in name]
        assert kept == [stored]
    assert verify(objects, [NAME], [YEAR]) == []


def test_a_lost_file_is_named_when_it_is_read(
    objects: MemoryObjects, put: Publish, definitions: Mapping[str, TableDefinition]
) -> None:
    manifest = put(objects, "1")
    del objects.held[manifest.body["files"]["parquet"]["object"]]
    with pytest.raises(LookupError, match=r"\.parquet is missing from the object store"):
        read_file(objects, manifest, definitions[NAME], "parquet")


@pytest.fixture
def published(objects: MemoryObjects, put: Publish, definitions: Mapping[str, TableDefinition]) -> dict[str, bytes]:
    """Three versions, a workbook and a JSON; what the store holds."""
    put(objects, "1")
    read_file(objects, put(objects, "2", revisions=REVISIONS[:2]), definitions[NAME], "json")
    read_file(objects, put(objects, "3"), definitions[NAME], "xlsx")
    assert verify(objects, [NAME], [YEAR]) == []
    return objects.held


def test_verify_finds_a_flipped_byte_in_any_stored_file(objects: Objects, published: dict[str, bytes]) -> None:
    assert len(published) > 15
    for name, sound in list(published.items()):
        for place in {0, len(sound) // 3, len(sound) // 2, len(sound) - 1}:
            for bit in (1, 128):
                published[name] = sound[:place] + bytes([sound[place] ^ bit]) + sound[place + 1 :]
                assert verify(objects, [NAME], [YEAR]), f"{name}: byte {place}"
        published[name] = sound
    assert verify(objects, [NAME], [YEAR]) == []


def test_verify_finds_any_missing_file(objects: Objects, published: dict[str, bytes]) -> None:
    for name, sound in list(published.items()):
        if "/rendered/" in name:  # a workbook without its record is rendered again
            continue
        del published[name]
        assert verify(objects, [NAME], [YEAR]), name
        published[name] = sound


def test_verify_names_a_missing_version(objects: Objects, published: dict[str, bytes]) -> None:
    del published[f"{BASE}/versions/2.json"]
    assert f"{NAME} {YEAR} version 2 is missing" in verify(objects, [NAME], [YEAR])


def test_verify_finds_a_version_that_was_rewritten_with_its_files(
    objects: Objects, published: dict[str, bytes]
) -> None:
    name = f"{BASE}/versions/1.json"
    published[name] = published[name].replace(b"2026-06-01", b"2026-05-01")
    assert verify(objects, [NAME], [YEAR]) == [f"{NAME} {YEAR} version 1: {name} is altered"]


def test_verify_compares_rows_and_sums_with_the_csv(
    objects: Objects, put: Publish, published: dict[str, bytes]
) -> None:
    name = f"{BASE}/versions/3.json"
    published[name] = published[name].replace(b'"value": "3"', b'"value": "4"')
    published[f"{BASE}/latest.json"] = pointer_to(published[name])
    assert verify(objects, [NAME], [YEAR]) == [f"{NAME} {YEAR} version 3: rows or sums are not those of the CSV"]


def test_what_was_never_published_is_sound(objects: Objects) -> None:
    assert verify(objects, [NAME], [2019, 2020]) == []
    assert latest(objects, NAME, 2020) is None
