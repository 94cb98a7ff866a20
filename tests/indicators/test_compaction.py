"""Facts and their compaction: recorded once, compacted once, whoever races or dies on the way; nothing is deleted."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from forms.loading import FormCatalogue
from indicators.compaction import Facts, compact, read_cells
from indicators.facts import AcceptedReturn, FactConflict, FactKind, from_bytes, record, recorded_events
from indicators.ports import Objects
from infra.file_objects import FileObjects
from tests.indicators.conftest import MemoryObjects

FORM, COST = "107-2", "rd_cost_total"
POINTER = f"compacted/2025/{FORM}/latest.json"
Returns = Callable[..., AcceptedReturn]


@pytest.fixture
def files(tmp_path: Path) -> FileObjects:
    """A store of files."""
    return FileObjects(tmp_path / "objects")


def parts_in(objects: Objects) -> list[str]:
    pointer = objects.read(POINTER)
    return [] if pointer is None else list(json.loads(pointer)["parts"])


def rows_of(objects: Objects, facts: Facts, folder: Path, columns: str) -> list[tuple[object, ...]]:
    for number, part in enumerate(facts.parts):
        (folder / f"{number}.parquet").write_bytes(objects.read(part) or b"")
    with duckdb.connect() as connection:
        relation = connection.read_parquet(f"{folder}/*.parquet").order("event")
        return relation.project(columns).fetchall()


def test_an_event_is_recorded_once_and_may_not_change(objects: Objects, accepted_return: Returns) -> None:
    one = accepted_return(1, {COST: 5})
    assert record(objects, one) is True
    assert record(objects, one) is False
    with pytest.raises(FactConflict, match=r"s0001-0005\.json is there already with other content"):
        record(objects, replace(one, revision=2))
    data = objects.read("facts/2025/107-2/s0001-0005.json")
    assert data is not None
    assert from_bytes(data) == one
    assert recorded_events(objects, 2025, FORM) == ["s0001-0005"]
    assert recorded_events(objects, 2025, "107-1") == recorded_events(objects, 2024, FORM) == []


def test_a_part_holds_one_row_per_answered_item_with_the_units_attributes(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue, tmp_path: Path
) -> None:
    cells = {COST: "12.5", "rd_staff_total": {"status": "refused", "note": '不予"提供",\n一行'}}
    record(objects, accepted_return(1, cells, size="L", group_id="g"))
    facts = compact(objects, 2025, FORM, catalogue)
    columns = "submission, collection, form, item_version, unit, region_code, reviewing_body, industry_code"
    columns += ", industry_section, size, group_id, item, value, unit_of_measure, status, note, accepted_at"
    first, second = rows_of(objects, facts, tmp_path, columns)
    attributes = ("s0001", 2025, FORM, "107-2/2021", "U1", "990101", "990101", "3911", "C", "L", "g")
    at = "2026-03-01T00:00:00.000000+00:00"
    assert first == (*attributes, "rd_staff_total", None, "人", "refused", '不予"提供",\n一行', at)
    assert second == (*attributes, COST, Decimal("12.500000"), "千元", "", "", at)


def test_a_note_may_hold_any_text(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue, tmp_path: Path
) -> None:
    notes = ["a\nb", "a\rb", "a\r\nb", '"q"', "\r", " x ", '"', '""\n"', "\t", "NULL", "\u2028", "\\n", "=1", ","]
    for number, note in enumerate(notes):
        record(objects, accepted_return(number, {COST: {"value": "1", "note": note}}))
    facts = compact(objects, 2025, FORM, catalogue)
    assert rows_of(objects, facts, tmp_path, "note") == [(note,) for note in notes]


def test_texts_that_are_blank_stay_texts(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue, tmp_path: Path
) -> None:
    record(objects, accepted_return(1, {COST: 1}, industry_code="", reviewing_body="", size=""))
    facts = compact(objects, 2025, FORM, catalogue)
    columns = "reviewing_body, industry_code, industry_section, size, group_id, status, note"
    assert rows_of(objects, facts, tmp_path, columns) == [("",) * 7]


def test_documents_are_compacted_in_batches_and_only_the_new_ones(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue, tmp_path: Path
) -> None:
    for number in range(5):
        record(objects, accepted_return(number, {COST: number}))
    first = compact(objects, 2025, FORM, catalogue, batch=2)
    assert len(first.parts) == 3
    assert compact(objects, 2025, FORM, catalogue, batch=2) == first
    record(objects, accepted_return(9, {COST: 9}))
    second = compact(objects, 2025, FORM, catalogue, batch=2)
    assert second.parts[:3] == first.parts
    assert len(second.parts) == 4
    assert rows_of(objects, second, tmp_path, "value::INTEGER") == [(0,), (1,), (2,), (3,), (4,), (9,)]
    assert parts_in(objects) == list(second.parts)


def test_compaction_deletes_nothing(objects: Objects, accepted_return: Returns, catalogue: FormCatalogue) -> None:
    documents = {}
    for number in range(3):
        record(objects, accepted_return(number, {COST: 1}))
        before = objects.names("")
        compact(objects, 2025, FORM, catalogue)
        assert set(before) <= set(objects.names(""))
        documents = {name: objects.read(name) for name in objects.names("facts/")}
    assert [from_bytes(data or b"").submission for data in documents.values()] == ["s0000", "s0001", "s0002"]


def test_which_events_count(objects: Objects, accepted_return: Returns, catalogue: FormCatalogue) -> None:
    accepted = [accepted_return(number, {COST: 1}, event=event) for number, event in ((1, 4), (1, 7), (2, 4), (3, 4))]
    for one in (*accepted, accepted_return(2, event=5, kind=FactKind.WITHDRAWN)):
        record(objects, one)
    facts = compact(objects, 2025, FORM, catalogue)
    assert dict(facts.live) == {one.event: one.revision_hash for one in (accepted[1], accepted[3])}
    assert dict(facts.dead) == dict.fromkeys(["s0001-0004", "s0002-0004"], facts.parts[0])


def test_nothing_recorded_is_nothing_compacted(objects: Objects, catalogue: FormCatalogue) -> None:
    assert compact(objects, 2025, FORM, catalogue) == Facts((), {}, {})
    assert objects.names("") == []


def test_two_compactions_at_once_hold_every_event_once(
    files: FileObjects, accepted_return: Returns, catalogue: FormCatalogue, tmp_path: Path
) -> None:
    for number in range(8):
        record(files, accepted_return(number, {COST: 1}))
    start = threading.Barrier(2)

    def one(batch: int) -> Facts:
        start.wait()
        return compact(files, 2025, FORM, catalogue, batch=batch)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, (3, 5))
    assert first == second
    events = [event for (event,) in rows_of(files, first, tmp_path, "event")]
    assert sorted(events) == recorded_events(files, 2025, FORM)
    assert list(first.parts) == parts_in(files)


def test_a_second_batch_of_nothing_but_withdrawals_is_a_part_of_its_own(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    """Neither holds a fact; as one file, the second withdrawal would never have counted."""
    for number in (1, 2):
        record(objects, accepted_return(number, {COST: 1}))
    compact(objects, 2025, FORM, catalogue)
    for number in (1, 2):
        record(objects, accepted_return(number, event=6, kind=FactKind.WITHDRAWN))
        facts = compact(objects, 2025, FORM, catalogue)
    assert len(facts.parts) == len(set(facts.parts)) == 3
    assert not facts.live
    assert compact(objects, 2025, FORM, catalogue) == facts


class Died(RuntimeError):
    """The process ended here."""


@pytest.mark.parametrize("point", range(5))
def test_a_compaction_that_died_anywhere_is_made_good_by_the_next(
    objects: Objects,
    accepted_return: Returns,
    catalogue: FormCatalogue,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    point: int,
) -> None:
    """Two batches write the part, its sums and its events each, before the pointer names them."""
    for number in range(2):
        record(objects, accepted_return(number, {COST: 1}))
    calls = iter(range(100))
    create = objects.create

    def create_until(name: str, data: bytes) -> bool:
        if next(calls) > point:
            raise Died
        return create(name, data)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "create", create_until)
        with pytest.raises(Died):
            compact(objects, 2025, FORM, catalogue, batch=1)
    assert parts_in(objects) == []
    facts = compact(objects, 2025, FORM, catalogue, batch=1)
    assert rows_of(objects, facts, tmp_path, "submission") == [("s0000",), ("s0001",)]
    assert len(facts.live) == 2


def test_a_compaction_that_died_before_the_pointer_is_made_good_by_the_next(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(objects, accepted_return(1, {COST: 1}))

    def dies(*_: object) -> bool:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(objects, "swap", dies)
        with pytest.raises(Died):
            compact(objects, 2025, FORM, catalogue)
    left = objects.names("compacted/")
    assert len(left) == 3
    facts = compact(objects, 2025, FORM, catalogue)
    assert objects.names("compacted/") == sorted([*left, POINTER]), "the same bytes under the same names"
    assert list(facts.live) == ["s0001-0005"]


def test_a_lost_part_is_an_error_and_not_a_smaller_total(
    objects: MemoryObjects, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    record(objects, accepted_return(1, {"gdp": 1}, form="region-st"))
    facts = compact(objects, 2025, "region-st", catalogue)
    del objects.held[facts.parts[0]]
    with pytest.raises(LookupError, match="missing from the object store"):
        read_cells(objects, facts)


def test_cells_of_an_offices_return_keep_value_status_and_note(
    objects: Objects, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    old = accepted_return(1, {"gdp": 1, "hnte_count": 2}, form="region-st", event=4)
    estimated = {"value": "7.50", "status": "estimated", "note": "快报"}
    for one in (old, accepted_return(1, {"gdp": estimated, "hnte_count": {}}, form="region-st", event=9)):
        record(objects, one)
    cells = read_cells(objects, compact(objects, 2025, "region-st", catalogue))
    assert cells == {
        ("990101", "gdp"): (Decimal("7.5"), "estimated", "快报"),
        ("990101", "hnte_count"): (None, "", ""),
    }
    assert read_cells(objects, compact(objects, 2024, "region-st", catalogue)) == {}
