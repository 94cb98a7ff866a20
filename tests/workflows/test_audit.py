"""Verifying a home: a clean one passes, and whatever was altered behind the program's back is found."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from workflows.audit import first_fault, verify
from workflows.chain import link_hash

TRIGGERS = ("revisions_are_sealed", "revisions_are_kept", "events_are_sealed", "events_are_kept")


@pytest.fixture
def history(world: Any) -> Any:
    """E1 was returned once by the city and then accepted; E2 is in review; E3 has not begun."""
    world.open()
    world.file("E1")
    world.accept("county")
    world.send_back("city", comment="请核对")
    world.file("E1", cost_total="130", cost_labour="70")
    for level in ("county", "city", "province"):
        world.accept(level)
    world.file("E2")
    return world


@pytest.fixture
def tampered(history: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Runs SQL on a copy of the home without its triggers, and opens the copy."""
    opened: list[SqliteStore] = []

    def alter(sql: str, *parameters: Any) -> Any:
        path = tmp_path / f"copy-{len(opened)}.sqlite3"
        with closing(sqlite3.connect(history.store.path)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
            for trigger in TRIGGERS:
                target.execute(f"DROP TRIGGER {trigger}")
            changed = target.execute(sql, parameters).rowcount
            assert changed == 1
            target.commit()
        opened.append(SqliteStore(path))
        return replace(history.services, store=opened[-1])

    yield alter
    for store in opened:
        store.close()


def test_a_clean_home_verifies_and_is_counted(history: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.audit.BATCH", 2)
    result = verify(history.services)
    assert (result.submissions, result.events, result.revisions, result.faults) == (3, 11, 3, ())


def test_verifying_changes_nothing(history: Any) -> None:
    before = history.store.path.read_bytes()
    verify(history.services)
    assert history.store.path.read_bytes() == before


def test_an_empty_home_verifies(world: Any) -> None:
    assert verify(world.services).submissions == 0


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET at = '2026-02-02T00:00:00.000000Z' WHERE submission = ? AND number = ?",
        "UPDATE events SET type = 'DraftStarted' WHERE submission = ? AND number = ?",
        "UPDATE events SET previous = hash WHERE submission = ? AND number = ?",
        "UPDATE events SET hash = previous WHERE submission = ? AND number = ?",
        "UPDATE events SET number = 99 WHERE submission = ? AND number = ?",
    ],
)
def test_an_altered_event_is_found_at_its_place(history: Any, tampered: Any, number: int, sql: str) -> None:
    key = history.submission("E1").id
    (fault,) = verify(tampered(sql, key, number)).faults
    assert (fault.submission, fault.number) == (key, number)


@pytest.mark.parametrize(
    ("number", "field", "value"),
    [
        (1, "route", [["province", "990000"]]),
        (2, "person", "somebody"),
        (2, "late", True),
        (2, "revision_hash", "0" * 64),
        (3, "person", "somebody"),
        (4, "reason", "other"),
        (4, "items", ["cost_labour"]),
        (4, "comment_hash", "0" * 64),
        (6, "level", "city"),
        (8, "region", "990100"),
    ],
)
def test_altered_event_data_is_found(history: Any, tampered: Any, number: int, field: str, value: Any) -> None:
    key = history.submission("E1").id
    data = {**history.store.events(key)[number - 1].data, field: value}
    services = tampered("UPDATE events SET data = ? WHERE submission = ? AND number = ?", json.dumps(data), key, number)
    (fault,) = verify(services).faults
    assert (fault.submission, fault.number, fault.what) == (key, number, "the chain is broken")


def test_an_event_forged_together_with_its_hash_breaks_the_link_after_it(history: Any, tampered: Any) -> None:
    event = history.store.events(history.submission("E1").id)[2]
    data = {**event.data, "person": "somebody"}
    forged = link_hash(event.submission, event.number, event.at, event.type, data, event.previous)
    services = tampered(
        "UPDATE events SET data = ?, hash = ? WHERE submission = ? AND number = 3",
        json.dumps(data),
        forged,
        event.submission,
    )
    (fault,) = verify(services).faults
    assert (fault.submission, fault.number) == (event.submission, 4)


@pytest.mark.parametrize("number", range(1, 9))
def test_a_removed_event_is_found(history: Any, tampered: Any, number: int) -> None:
    key = history.submission("E1").id
    services = tampered("DELETE FROM events WHERE submission = ? AND number = ?", key, number)
    assert [fault.submission for fault in verify(services).faults] == [key]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", "returned"),
        ("late", True),
        ("revision", 1),
        ("revision_hash", "0" * 64),
        ("filers", ["somebody"]),
        ("decisions", []),
        ("route", [["province", "990000"]]),
        ("events", 7),
        ("since", "2026-01-01T00:00:00.000000Z"),
    ],
)
def test_an_altered_state_is_found(history: Any, tampered: Any, field: str, value: Any) -> None:
    key = history.submission("E1").id
    change = "UPDATE submissions SET state = json_set(state, ?, json(?)) WHERE id = ?"
    services = tampered(change, f"$.{field}", json.dumps(value), key)
    (fault,) = verify(services).faults
    assert (fault.submission, "state" in fault.what) == (key, True)


def test_a_head_that_is_not_the_chains_is_found(history: Any, tampered: Any) -> None:
    key = history.submission("E2").id
    services = tampered("UPDATE submissions SET head = ? WHERE id = ?", "0" * 64, key)
    assert [fault.submission for fault in verify(services).faults] == [key]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE submissions SET unit_id = 'E3' WHERE id = ?",
        "UPDATE submissions SET year = 2024 WHERE id = ?",
        "UPDATE submissions SET form = 'ts-1' WHERE id = ?",
    ],
)
def test_a_submission_put_under_another_name_is_found(history: Any, tampered: Any, sql: str) -> None:
    key = history.submission("E2").id
    assert [fault.submission for fault in verify(tampered(sql, key)).faults] == [key]


@pytest.mark.parametrize("number", [1, 2])
def test_a_sealed_figure_that_was_altered_is_found(history: Any, tampered: Any, number: int) -> None:
    revision = history.store.revision(history.submission("E1").id, number)
    forged = revision.content.replace(b'"70"', b'"71"')
    services = tampered(
        "UPDATE revisions SET content = ? WHERE submission = ? AND number = ?", forged, revision.submission, number
    )
    (fault,) = verify(services).faults
    assert fault.what == "the sealed revision was altered"
    hashed = tampered(
        "UPDATE revisions SET content = ?, hash = ? WHERE submission = ? AND number = ?",
        forged,
        hashlib.sha256(forged).hexdigest(),
        revision.submission,
        number,
    )
    (fault,) = verify(hashed).faults
    assert fault.what == "the sealed revision is not the one that was sent"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM revisions WHERE submission = ? AND number = 1",
        "UPDATE revisions SET number = 7 WHERE submission = ? AND number = 1",
        "UPDATE revisions SET sealed_at = '2026-01-01T00:00:00.000000Z' WHERE submission = ? AND number = 1",
    ],
)
def test_a_seal_removed_moved_or_redated_is_found(history: Any, tampered: Any, sql: str) -> None:
    key = history.submission("E1").id
    (fault,) = verify(tampered(sql, key)).faults
    assert (fault.submission, fault.number) == (key, 2)


def test_the_words_of_a_return_that_were_altered_are_found(history: Any, tampered: Any) -> None:
    key = history.submission("E1").id
    (fault,) = verify(tampered("UPDATE payloads SET text = '请改成 130' WHERE submission = ?", key)).faults
    assert (fault.submission, fault.number) == (key, 4)


def test_a_chain_still_verifies_once_the_words_of_a_return_were_erased(history: Any, tampered: Any) -> None:
    key = history.submission("E1").id
    assert verify(tampered("DELETE FROM payloads WHERE submission = ?", key)).faults == ()


def test_a_fault_in_one_submission_is_not_one_in_another(history: Any, tampered: Any) -> None:
    key = history.submission("E1").id
    services = tampered("UPDATE events SET hash = 'x' WHERE submission = ? AND number = 3", key)
    assert first_fault(services, history.submission("E2")) is None
    assert verify(services).submissions == 3


@pytest.mark.parametrize("table", ["events", "revisions"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET hash = 'x'", "DELETE FROM {}"])
def test_the_home_itself_lets_no_event_and_no_seal_be_altered(history: Any, table: str, sql: str) -> None:
    with closing(sqlite3.connect(history.store.path)) as database, pytest.raises(sqlite3.IntegrityError, match="never"):
        database.execute(sql.format(table))
