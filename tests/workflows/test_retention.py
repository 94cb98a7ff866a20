"""What is erased after its legal term, in two steps; nothing inside it ever; the chains verify all the same."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.sqlite.moving import SqliteMoving
from tests.workflows.small_year import PROVINCE, latest, live_through, step
from workflows.audit import verify
from workflows.bounces import stopped
from workflows.erasing import Kept
from workflows.evidence import evidence
from workflows.exporting import export_story
from workflows.machine.commands import DeclineDisposition
from workflows.retention import RetentionRefused, carry_out, plan, terms

YEARS = timedelta(days=2 * 366)


@pytest.fixture
def closed(world: Any) -> Any:
    """The small year, closed by the province on its last day."""
    live_through(world)
    collection = world.store.collection(2025, "kd-1")
    world.store.put_collection(replace(collection, closed_at=world.clock.now()))
    return world


def the_plan(world: Any, years: int = 2) -> Any:
    return plan(world.services, SqliteMoving(world.store), years)


def erase(world: Any, code: str, years: int = 2) -> Any:
    return carry_out(world.services, SqliteMoving(world.store), years, code, by="运维丁", why="期满")


def test_inside_the_legal_term_nothing_can_be_erased(closed: Any) -> None:
    assert the_plan(closed).doomed == ()
    closed.clock.moment += YEARS - timedelta(days=4)
    assert the_plan(closed).doomed == ()
    for years in (0, 1):
        with pytest.raises(RetentionRefused, match="第二十二条"):
            the_plan(closed, years)
    assert {term.years for term in terms().values()} == {2}


def test_an_open_collection_is_kept_however_old(world: Any) -> None:
    live_through(world)
    world.clock.moment += 10 * YEARS
    assert {one.kind for one in the_plan(world).doomed} <= {Kept.ADDRESSES}


def test_after_the_term_everything_goes_that_the_plan_named_and_leaves_a_mark(closed: Any) -> None:
    closed.clock.moment += YEARS
    found = the_plan(closed)
    key = closed.submission("E1").id
    words = [one.number for one in found.doomed if (one.kind, one.owner) == (Kept.WORDS, key)]
    assert found.counts[Kept.WORDS] > 5
    assert found.counts[Kept.DRAFTS] == found.counts[Kept.TRACES] == 2
    erase(closed, found.code)
    marks = closed.store.erasures(key)
    assert {(mark.by, mark.why, mark.at) for mark in marks} == {("运维丁", "期满", closed.clock.now())}
    assert [mark.number for mark in marks if mark.kind is Kept.WORDS] == words
    assert [closed.store.payload(key, number) for number in words] == [None] * len(words)
    assert closed.store.draft(key) is None
    assert {(trace.address, trace.device) for _, trace in closed.store.traces(key)} == {("", "")}
    assert the_plan(closed).doomed == ()


def test_chains_seals_and_days_verify_after_an_erasure_and_the_export_tells_of_it(closed: Any) -> None:
    closed.clock.moment += YEARS
    before = [(one.id, one.head) for one in closed.store.submissions("", 100).rows]
    erase(closed, the_plan(closed).code)
    assert verify(closed.services).faults == ()
    assert [(one.id, one.head) for one in closed.store.submissions("", 100).rows] == before
    told = json.loads(export_story(closed.services, closed.submission("E1").id, reader="t"))
    erased = [event for event in told["events"] if "erased" in event]
    assert erased
    assert {(event["words"], event["erased"]["by"], event["erased"]["why"]) for event in erased} == {
        (None, "运维丁", "期满")
    }
    assert told["found"] == ""
    assert {row.text for row in evidence(closed.services, 2025, "kd-1")} == {""}


def test_only_the_plan_that_was_printed_is_carried_out(closed: Any) -> None:
    closed.clock.moment += YEARS
    printed = the_plan(closed).code
    with pytest.raises(RetentionRefused, match="changed"):
        erase(closed, "0123456789")
    for by, why in (("", "期满"), ("运维丁", " ")):
        with pytest.raises(RetentionRefused, match="who erases"):
            carry_out(closed.services, SqliteMoving(closed.store), 2, printed, by=by, why=why)
    assert the_plan(closed).code == printed
    erase(closed, printed)


def test_a_return_with_which_something_happened_after_the_close_is_kept(world: Any) -> None:
    """An exception after the close begins the term anew for that return."""
    live_through(world)
    closed_at = world.clock.now()
    world.clock.moment += timedelta(days=30)
    step(world, "E3", DeclineDisposition("p2", PROVINCE, latest(world, "E3")))
    world.store.put_collection(replace(world.store.collection(2025, "kd-1"), closed_at=closed_at))
    world.clock.moment += YEARS - timedelta(days=10)
    owners = {one.owner for one in the_plan(world).doomed}
    assert world.submission("E1").id in owners
    assert world.submission("E3").id not in owners


def test_addresses_of_the_register_and_of_younger_collections_are_kept(closed: Any) -> None:
    store = closed.store
    old = store.person_of("gone@units.example")
    closed.clock.moment += YEARS
    doomed = [one.owner for one in the_plan(closed).doomed if one.kind is Kept.ADDRESSES]
    assert doomed == [old.id]
    erase(closed, the_plan(closed).code)
    assert store.person(old.id) is None
    assert store.person(store.person_of("e1@units.example").id) is not None
    assert stopped(closed.services, "gone@units.example") is None


def test_a_death_half_way_leaves_a_shorter_plan(closed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    closed.clock.moment += YEARS
    found, erase_some = the_plan(closed), type(closed.store).erase
    calls = []

    def dying(store: Any, marks: Any) -> None:
        if calls:
            raise KeyboardInterrupt
        calls.append(marks)
        erase_some(store, marks)

    monkeypatch.setattr("workflows.retention.BATCH", 3)
    with monkeypatch.context() as patch:
        patch.setattr(type(closed.store), "erase", dying)
        with pytest.raises(KeyboardInterrupt):
            erase(closed, found.code)
    rest = the_plan(closed)
    assert len(rest.doomed) == len(found.doomed) - 3
    erase(closed, rest.code)
    assert the_plan(closed).doomed == ()
    assert verify(closed.services).faults == ()
