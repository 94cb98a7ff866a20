"""Verifying a home: a clean one passes, and whatever was altered behind the program's back is found and named."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from tests.workflows.small_year import live_through
from workflows.audit import verify, verify_days, verify_one
from workflows.chain import link_hash


@pytest.fixture
def history(world: Any) -> Any:
    """E1 was returned once by the city and then accepted; E2 is in review; E3 has not begun. Nothing is signed yet."""
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
def year(world: Any) -> Any:
    """The small year, its first four days signed."""
    live_through(world)
    return world


@pytest.fixture
def altered(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Runs SQL on a copy of a home without its triggers, and opens the copy."""
    opened: list[SqliteStore] = []

    def alter(world: Any, *statements: str, **parameters: Any) -> Any:
        path = tmp_path / f"copy-{len(opened)}.sqlite3"
        with closing(sqlite3.connect(world.store.path)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
            for (trigger,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                target.execute(f"DROP TRIGGER {trigger}")
            for statement in statements:
                sql = statement.format(**parameters)
                given = {name: parameters[name] for name in re.findall(r":([a-z]+)", sql) if name in parameters}
                assert target.execute(sql, given).rowcount, sql
            target.commit()
        opened.append(SqliteStore(path))
        return replace(world.services, store=opened[-1])

    yield alter
    for store in opened:
        store.close()


def where(services: Any) -> list[tuple[str, int]]:
    return [(fault.where, fault.number) for fault in verify(services).faults]


# Clean homes


def test_a_clean_home_verifies_and_is_counted(history: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.audit.verifying.BATCH", 2)
    result = verify(history.services)
    assert (result.submissions, result.events, result.revisions, result.faults) == (3, 11, 3, ())


def test_a_whole_year_with_everything_that_happens_verifies(year: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.audit.signed_days.PAGE", 1)
    monkeypatch.setattr("workflows.audit.signed_days.BATCH", 1)
    result = verify(year.services)
    assert (result.submissions, result.days, result.signed_until, result.faults) == (3, 4, "2026-01-08", ())
    assert verify_days(year.services) == ()


def test_verifying_changes_nothing(year: Any) -> None:
    before = year.store.path.read_bytes()
    verify(year.services)
    assert year.store.path.read_bytes() == before


def test_an_empty_home_verifies(world: Any) -> None:
    assert verify(world.services).faults == ()


def test_the_home_itself_lets_nothing_that_was_sealed_be_altered(year: Any) -> None:
    with closing(sqlite3.connect(year.store.path)) as database:
        for table, column in (("events", "hash"), ("revisions", "hash"), ("days", "root"), ("day_heads", "head")):
            for sql in ("UPDATE {} SET {} = 'x'", "DELETE FROM {}"):
                with pytest.raises(sqlite3.IntegrityError, match="never"):
                    database.execute(sql.format(table, column))
        with pytest.raises(sqlite3.IntegrityError, match="no further head"):
            database.execute("INSERT INTO day_heads VALUES ('2026-01-05', 9, 's', 1, 'h')")


# The chain


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-02-02T00:00:00.000000Z'",
        "type = 'DraftStarted'",
        "previous = hash",
        "hash = previous",
        "number = 99",
        "data = '{'",
        "data = '[]'",
        "at = 'soon'",
        "number = 'x'",
    ],
)
def test_an_altered_event_is_found_at_its_place(history: Any, altered: Any, number: int, change: str) -> None:
    key = history.submission("E1").id
    services = altered(
        history, "UPDATE events SET {change} WHERE submission = :key AND number = :n", key=key, n=number, change=change
    )
    assert where(services)[0] == (key, number)


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
def test_altered_event_data_is_found(history: Any, altered: Any, number: int, field: str, value: Any) -> None:
    key = history.submission("E1").id
    data = {**history.store.events(key)[number - 1].data, field: value}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    sql = "UPDATE events SET data = :text WHERE submission = :key AND number = :n"
    (fault,) = verify(altered(history, sql, text=text, key=key, n=number)).faults
    assert (fault.where, fault.number, fault.what) == (key, number, "the chain is broken")


def test_an_event_forged_together_with_its_hash_breaks_the_link_after_it(history: Any, altered: Any) -> None:
    event = history.store.events(history.submission("E1").id)[2]
    data = {**event.data, "person": "somebody"}
    forged = link_hash(event.submission, event.number, event.at, event.type, data, event.previous)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    sql = "UPDATE events SET data = :text, hash = :forged WHERE submission = :key AND number = 3"
    assert where(altered(history, sql, text=text, forged=forged, key=event.submission)) == [(event.submission, 4)]


@pytest.mark.parametrize("number", range(1, 9))
def test_a_removed_event_is_found(history: Any, altered: Any, number: int) -> None:
    key = history.submission("E1").id
    services = altered(history, "DELETE FROM events WHERE submission = :key AND number = :n", key=key, n=number)
    assert where(services)[0] == (key, min(number, 7))


@pytest.mark.parametrize("number", range(1, 8))
def test_two_swapped_events_are_found(history: Any, altered: Any, number: int) -> None:
    key = history.submission("E1").id
    move = "UPDATE events SET number = :{} WHERE submission = :key AND number = :{}"
    swap = (move.format("away", "n"), move.format("n", "next"), move.format("next", "away"))
    assert where(altered(history, *swap, key=key, n=number, next=number + 1, away=99)) == [(key, number)]


def test_the_last_event_removed_with_everything_that_names_it_is_found_by_the_signed_day(
    year: Any, altered: Any
) -> None:
    """Whoever can write the state, the head and the copies too cannot take back what a day has signed."""
    submission = year.submission("E1")
    number = submission.state.events
    before = year.store.events(submission.id)[number - 2]
    services = altered(
        year,
        "DELETE FROM events WHERE submission = :key AND number = :n",
        "UPDATE submissions SET head = :head WHERE id = :key",
        key=submission.id,
        n=number,
        head=before.hash,
    )
    assert where(services)[0][0] == submission.id
    assert year.store.covering(submission.id, number) is not None


# The state and its copies


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
def test_an_altered_state_is_found(history: Any, altered: Any, field: str, value: Any) -> None:
    key = history.submission("E1").id
    sql = "UPDATE submissions SET state = json_set(state, :field, json(:value)) WHERE id = :key"
    (fault,) = verify(altered(history, sql, field=f"$.{field}", value=json.dumps(value), key=key)).faults
    assert (fault.where, "state" in fault.what) == (key, True)


@pytest.mark.parametrize(
    "change",
    [
        "stage = 'returned'",
        "level = 'city'",
        "waiting_at = '990100'",
        "waiting_at = NULL",
        "since = '2026-01-01T00:00:00.000000Z'",
        "late = 1",
        "sent = 0",
        "sealed_at = NULL",
        "next_at = NULL",
        "next_at = '2027-01-01T00:00:00.000000Z'",
        "proposal = 'disposition'",
        "amount = '121'",
        "amount = '01'",
        "amount = ''",
        "findings = 7",
        "findings = NULL",
        "version = 7",
        "head = 'x'",
        "unit_kind = 'county'",
        "region_code = '990102'",
        "county_code = '990102'",
        "city_code = '990200'",
        "reviewing_body = '990101'",
        "unit_id = 'E3'",
        "year = 2024",
        "form = 'ts-1'",
        "state = '{'",
        "state = '[]'",
        "unit_kind = 'x'",
    ],
)
def test_a_copied_column_that_does_not_follow_is_found(history: Any, altered: Any, change: str) -> None:
    key = history.submission("E2").id
    services = altered(history, "UPDATE submissions SET {change} WHERE id = :key", key=key, change=change)
    assert key in [place for place, _ in where(services)]


def test_what_the_calendar_waits_for_may_be_put_off_once_it_has_come(history: Any, altered: Any) -> None:
    """The sweep looks again tomorrow when nobody holds the seat; not next year."""
    sql = "UPDATE submissions SET next_at = :moment WHERE next_at IS NOT NULL"
    history.clock.ahead(days=90)
    assert verify(altered(history, sql, moment="2026-04-06T01:00:00.000000Z")).faults == ()
    assert len(verify(altered(history, sql, moment="2027-04-06T01:00:00.000000Z")).faults) == 2


# Seals and words


@pytest.mark.parametrize("number", [1, 2])
def test_a_sealed_figure_that_was_altered_is_found(history: Any, altered: Any, number: int) -> None:
    revision = history.store.revision(history.submission("E1").id, number)
    forged = revision.content.replace(b'"70"', b'"71"')
    sql = "UPDATE revisions SET content = :forged, hash = coalesce(:hash, hash) WHERE submission = :key AND number = :n"
    given = {"forged": forged, "key": revision.submission, "n": number}
    (fault,) = verify(altered(history, sql, hash=None, **given)).faults
    assert fault.what == "the sealed revision was altered"
    (fault,) = verify(altered(history, sql, hash=hashlib.sha256(forged).hexdigest(), **given)).faults
    assert fault.what == "the sealed revision is not the one that was sent"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM revisions WHERE submission = :key AND number = 1",
        "UPDATE revisions SET number = 7 WHERE submission = :key AND number = 1",
        "UPDATE revisions SET sealed_at = '2026-01-01T00:00:00.000000Z' WHERE submission = :key AND number = 1",
    ],
)
def test_a_seal_removed_moved_or_redated_is_found(history: Any, altered: Any, sql: str) -> None:
    key = history.submission("E1").id
    assert where(altered(history, sql, key=key)) == [(key, 2)]


def test_a_seal_nobody_sent_is_found(history: Any, altered: Any) -> None:
    key = history.submission("E1").id
    sql = "INSERT INTO revisions SELECT submission, 3, hash, content, sealed_at FROM revisions WHERE submission = :key"
    assert where(altered(history, f"{sql} AND number = 2", key=key)) == [(key, 8)]


def test_words_that_were_altered_are_found_whatever_they_belong_to(year: Any, altered: Any) -> None:
    """Comments, questions, answers, reasons and reminders are bound to their events alike."""
    for key, number in year.store.read("SELECT submission, number FROM payloads"):
        sql = "UPDATE payloads SET text = '请改成 130' WHERE submission = :key AND number = :n"
        assert where(altered(year, sql, key=key, n=number)) == [(key, number)]


def test_words_that_are_missing_without_the_mark_of_an_erasure_are_found(year: Any, altered: Any) -> None:
    """Erased with a mark, all of it verifies: tests/workflows/test_retention.py."""
    for key, number in year.store.read("SELECT submission, number FROM payloads"):
        sql = "DELETE FROM payloads WHERE submission = :key AND number = :n"
        assert where(altered(year, sql, key=key, n=number)) == [(key, number)]


@pytest.mark.parametrize("table", ["payloads", "events", "revisions", "drafts", "traces", "moves"])
def test_a_row_that_belongs_to_nothing_is_found(year: Any, altered: Any, table: str) -> None:
    key = year.submission("E3" if table == "moves" else "E1").id
    services = altered(year, "UPDATE {table} SET submission = 'nobody' WHERE submission = :key", key=key, table=table)
    assert "nobody" in [place for place, _ in where(services)]


# Whole submissions and days


def test_a_dropped_submission_is_found_by_its_collection(history: Any, altered: Any) -> None:
    key = history.submission("E3").id
    everywhere = ("DELETE FROM submissions WHERE id = :key", "DELETE FROM events WHERE submission = :key")
    faults = verify(altered(history, *everywhere, "DELETE FROM moves WHERE submission = :key", key=key)).faults
    assert [(fault.where, fault.what) for fault in faults] == [
        ("kd-1 2025", "3 submissions were expected, 2 can be read")
    ]


def test_a_dropped_submission_is_found_by_the_days_that_name_it(year: Any, altered: Any) -> None:
    key = year.submission("E1").id
    tables = ("events", "revisions", "payloads", "drafts", "traces")
    delete = "DELETE FROM {} WHERE submission = :key"
    sql = [delete.format(table) for table in tables]
    dropped = ("DELETE FROM submissions WHERE id = :key", "UPDATE collections SET expected = expected - 1", *sql)
    faults = verify(altered(year, *dropped, key=key)).faults
    assert [(fault.where, fault.what) for fault in faults] == [
        (key, "rows of day_heads belong to nothing that is there")
    ]
    heads = verify(altered(year, *dropped, "DELETE FROM day_heads WHERE submission = :key", key=key)).faults
    assert {fault.where for fault in heads} == {"2026-01-05", "2026-01-06", "2026-01-08"}


@pytest.mark.parametrize("day", ["2026-01-05", "2026-01-06", "2026-01-07"])
def test_a_dropped_day_is_found(year: Any, altered: Any, day: str) -> None:
    faults = verify(altered(year, "DELETE FROM days WHERE day = :day", day=day)).faults
    assert faults


def test_the_last_day_dropped_is_found_by_the_chains_that_moved_on_it(year: Any, altered: Any) -> None:
    dropped = ("DELETE FROM days WHERE day = :day", "DELETE FROM day_heads WHERE day = :day")
    faults = verify(altered(year, *dropped, day="2026-01-08")).faults
    assert {fault.where for fault in faults} >= {year.submission(unit).id for unit in ("E1", "E2")}


def test_a_day_signed_again_by_another_key_is_found(year: Any, altered: Any) -> None:
    """A forger with a key of his own: the old key still names the first day it signed."""
    faults = verify(altered(year, "UPDATE audit_keys SET public = :key", key="00" * 32)).faults
    assert {fault.where for fault in faults} >= {"2026-01-05", "2026-01-08"}


def test_a_fault_in_one_submission_is_not_one_in_another(history: Any, altered: Any) -> None:
    key = history.submission("E1").id
    services = altered(history, "UPDATE events SET hash = 'x' WHERE submission = :key AND number = 3", key=key)
    assert verify_one(services, history.submission("E2").id) is None
    assert verify(services).submissions == 3
