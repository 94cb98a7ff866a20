"""What every store must do, whatever it stands on: one suite over all adapters, one section for each port."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from register.regions import Level, Region, Regions, ZoneRole
from register.seats import Role, StaffMember
from register.units import Size, Unit, UnitKind, UnitStatus
from tests.contract.conftest import OpenHome
from workflows.calendars import Calendar
from workflows.chain import Payload
from workflows.collections import Collection
from workflows.machine.events import DraftStarted, Event, FilingExpected, LevelAccepted, Submitted
from workflows.machine.states import State
from workflows.ports import ApiToken, DraftConflict, LetterRecord, Page, StateConflict, Store
from workflows.submissions import (
    Draft,
    Identity,
    OutboxItem,
    SealedRevision,
    SentUnder,
    Submission,
    Trace,
    Transition,
    advance,
)

AT = datetime(2026, 1, 5, 1, 2, 3, 456789, tzinfo=UTC)


def pages(read: Callable[[str], Page[Any]]) -> list[Any]:
    """All rows of a paged read, and proof that the cursor comes to an end."""
    rows, cursor, turns = [], "", 0
    while True:
        page = read(cursor)
        rows += page.rows
        turns += 1
        assert turns < 50
        if not page.cursor:
            return rows
        cursor = page.cursor


# The register

REGIONS = Regions(
    [
        Region("990000", "示例省", "Sample Province", Level.PROVINCE, None),
        Region("990100", "甲市", "Jia City", Level.CITY, "990000"),
        Region("990171", "高新区", "Zone", Level.ZONE, "990100", ZoneRole.REVIEWING, ("990100", "990000")),
    ]
)


def unit(number: int, **more: Any) -> Unit:
    email = f"U{number}@Units.example"
    return replace(Unit(f"U{number}", f"单位{number}", UnitKind.ENTERPRISE, "990100", None, "3911", email), **more)


def test_a_new_home_is_empty_and_has_a_key_of_its_own(store: Store) -> None:
    assert [store.current(kind) for kind in ("regions", "units", "staff")] == [None] * 3
    assert (store.staff(), store.holders("990100", AT.date()), store.staff_by_email("x@x")) == ([], [], [])
    assert (store.collections(), store.collection(2025, "f"), store.submission("s")) == ([], None, None)
    assert (store.draft("s"), store.revision("s", 1), store.events("s"), store.traces("s")) == (None, None, [], [])
    assert (store.pending(AT, 9), store.pending_count(), store.progress(2025), store.payload("s", 1)) == (
        [],
        0,
        [],
        None,
    )
    assert (store.tokens(), store.token_by_digest("d"), store.person("p"), store.mark("m")) == ([], None, None, None)
    assert len(store.home_key()) == 32


def test_the_homes_key_stays_and_no_two_homes_share_one(open_home: OpenHome) -> None:
    first = open_home("home")
    key = first.home_key()
    first.close()
    again, other = open_home("home"), open_home("other")
    assert again.home_key() == key != other.home_key()
    again.close()
    other.close()


def test_regions_come_back_as_they_were_and_old_snapshots_stay(store: Store) -> None:
    first = store.import_regions(REGIONS, AT)
    second = store.import_regions(Regions([REGIONS["990000"]]), AT)
    assert list(store.regions(first)) == list(REGIONS)
    assert len(store.regions(second)) == 1
    assert store.current("regions") == second != first


def test_a_unit_comes_back_with_all_its_particulars(store: Store) -> None:
    full = unit(1, reviewing_body="990171", size=Size.LARGE, starred=True, group_id="G1", status=UnitStatus.CLOSED)
    office = unit(2, kind=UnitKind.COUNTY, industry_code="")
    snapshot, count = store.import_units([full, office], AT)
    assert (count, store.current("units")) == (2, snapshot)
    assert [store.unit(snapshot, each.unit_id) for each in (full, office)] == [full, office]
    assert store.unit(snapshot, "U9") is None
    assert store.unit("no such snapshot", "U1") is None
    assert store.unit_kinds(snapshot) == {"enterprise", "county"}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
def test_units_are_paged_by_id_each_once(store: Store, limit: int) -> None:
    everyone = [unit(number) for number in range(1, 7)]
    snapshot, _ = store.import_units(reversed(everyone), AT)
    store.import_units([unit(9)], AT)
    assert pages(lambda cursor: store.units(snapshot, cursor, limit)) == everyone


def test_a_unit_import_that_fails_leaves_the_old_register_in_force(store: Store) -> None:
    def broken() -> Iterator[Unit]:
        yield unit(1)
        raise ValueError("line 3")

    before, _ = store.import_units([unit(7)], AT)
    with pytest.raises(ValueError, match="line 3"):
        store.import_units(broken(), AT)
    assert store.current("units") == before
    assert pages(lambda cursor: store.units(before, cursor, 9)) == [unit(7)]


def member(number: int, role: Role = Role.REVIEWER, region: str = "990100", **term: Any) -> StaffMember:
    return StaffMember(f"s{number}@seats.example", f"员{number}", role, region, **term)


def test_a_seat_is_held_by_its_reviewers_of_that_day(store: Store) -> None:
    day = date(2026, 1, 5)
    staff = [
        member(1),
        member(2, valid_from=day, valid_to=day),
        member(3, valid_from=day + timedelta(days=1)),
        member(4, valid_to=day - timedelta(days=1)),
        member(5, Role.OFFICE),
        member(6, region="990171"),
    ]
    store.import_staff(staff, AT)
    assert store.staff() == staff
    assert store.holders("990100", day) == staff[:2]
    store.import_staff(staff[2:3], AT)
    assert store.holders("990100", day) == []


def test_every_role_of_an_address_is_found_whatever_its_case(store: Store) -> None:
    upper = replace(member(1, Role.AUDITOR), email="S1@Seats.example")
    store.import_staff([member(1), member(2), upper], AT)
    assert [found.role for found in store.staff_by_email("s1@seats.example")] == [Role.REVIEWER, Role.AUDITOR]


def test_one_address_is_one_person_with_an_opaque_id(store: Store) -> None:
    store.import_units([unit(1)], AT)
    store.import_staff([replace(member(1), email="u1@units.example")], AT)
    person = store.person_of("U1@UNITS.example")
    assert person == store.person_of("u1@units.example") == store.person(person.id)
    assert (person.email, "u1" in person.id) == ("u1@units.example", False)
    assert store.person_of("new@x.example") == store.person_of("new@x.example") != person


def collection(year: int, form: str, **more: Any) -> Collection:
    calendar = Calendar(AT, AT + timedelta(days=9))
    return replace(Collection(year, form, f"{form}/2021", calendar, "r", "u", AT, "U3", 5, AT), **more)


def test_collections_come_back_newest_year_first(store: Store) -> None:
    full, bare = (
        collection(2025, "a"),
        collection(2024, "b", calendar=Calendar(AT), opening_cursor=None, closed_at=None),
    )
    for one in (bare, collection(2025, "c"), full):
        store.put_collection(one)
    assert store.collection(2025, "a") == full
    assert store.collections() == [full, collection(2025, "c"), bare]
    assert store.collections(2024) == [bare]
    store.put_collection(replace(full, expected=6))
    assert [one.expected for one in store.collections(2025)] == [6, 5]


# Submissions

ROUTE = (("county", "990171"), ("city", "990100"))


def fresh(key: str, **identity: Any) -> Submission:
    of = Identity(key, 2025, "kd-1", f"U-{key}", UnitKind.ENTERPRISE, "990100", "", "990100", "990171")
    return Submission(replace(of, **identity), State())


def step(before: Submission, *events: Event, at: datetime = AT, **more: Any) -> Transition:
    after, links = advance(before, events, at)
    return Transition(before=before, after=after, at=at, events=links, **more)


def promise(name: str, at: datetime = AT) -> OutboxItem:
    return OutboxItem(name, "kind", {"submission": name, "revision": 1, "text": "中文"}, at)


def expect(store: Store, key: str, **identity: Any) -> Submission:
    opening = step(fresh(key, **identity), FilingExpected(ROUTE), outbox=(promise(f"{key}.invitation"),))
    assert store.create([opening]) == 1
    return opening.after


def seal(store: Store, before: Submission, at: datetime = AT, *, late: bool = False) -> Submission:
    number = before.state.revision + 1
    revision = SealedRevision(before.id, number, f"hash-{number}", b"\x00{}\xff", at)
    event = Submitted("filler", number, revision.hash, "kd-1/2021", "rules", late)
    sealing = step(before, event, at=at, revision=revision)
    store.commit(sealing)
    return sealing.after


def accept(store: Store, before: Submission, at: datetime = AT) -> Submission:
    turn = before.state.turn
    assert turn is not None
    state = before.state
    event = LevelAccepted(f"p-{turn.region}", turn.level, turn.region, state.revision, state.revision_hash)
    deciding = step(before, event, at=at)
    store.commit(deciding)
    return deciding.after


def test_creating_a_submission_twice_creates_it_once(store: Store) -> None:
    openings = [
        step(fresh(key), FilingExpected(ROUTE), outbox=(promise(f"{key}.invitation"),)) for key in ("a", "b", "c")
    ]
    assert store.create(openings[:2]) == 2
    moved = seal(store, openings[0].after)
    assert store.create(openings) == 1
    assert store.submission("a") == moved
    assert [len(store.events(key)) for key in ("a", "b", "c")] == [2, 1, 1]
    assert store.pending_count() == 3


def test_one_step_writes_all_that_belongs_to_it(store: Store) -> None:
    before = expect(store, "a")
    payload, trace, draft = Payload.of("字"), Trace("submit", "web", "192.0.2.1", "phone"), Draft(1, {"a": "1."}, AT)
    revision = SealedRevision("a", 1, "h", b"\x00sealed", AT)
    event = Submitted("filler", 1, "h", "kd-1/2021", "rules", late=True)
    sealing = step(
        before,
        event,
        payloads=((2, payload),),
        outbox=(promise("a.receipt"),),
        revision=revision,
        draft=draft,
        draft_before=0,
        trace=trace,
    )
    store.commit(sealing)
    assert store.submission("a") == sealing.after
    assert list(store.events("a"))[1:] == list(sealing.events)
    assert store.events("a")[1].event() == event
    assert (store.revision("a", 1), store.draft("a"), store.payload("a", 2)) == (revision, draft, payload)
    assert store.traces("a") == [(AT, trace)]
    assert [item.id for item in store.pending(AT, 9)] == ["a.invitation", "a.receipt"]


def test_of_two_steps_from_one_state_the_second_writes_nothing(store: Store) -> None:
    before = expect(store, "a")
    store.commit(step(before, DraftStarted("one")))
    loser = step(
        before,
        Submitted("two", 1, "h", "v", "r", late=False),
        outbox=(promise("a.lost"),),
        revision=SealedRevision("a", 1, "h", b"x", AT),
        draft=Draft(1, {"x": "y"}, AT),
        draft_before=0,
        trace=Trace("submit", "web", "", ""),
    )
    with pytest.raises(StateConflict):
        store.commit(loser)
    assert (store.revision("a", 1), store.draft("a"), store.traces("a")) == (None, None, [])
    assert ([event.type for event in store.events("a")], store.pending_count()) == (
        ["FilingExpected", "DraftStarted"],
        1,
    )


def test_the_key_of_a_sending_is_kept_with_its_revision_until_it_expires(store: Store) -> None:
    key = SentUnder("key-1", "b" * 64, AT + timedelta(hours=1), revision=1)
    sealed = {"revision": SealedRevision("a", 1, "h", b"x", AT), "sent_under": key}
    store.commit(step(expect(store, "a"), Submitted("one", 1, "h", "v", "r", late=False), **sealed))
    assert store.sent_under("a", "key-1", AT) == key
    assert store.sent_under("a", "key-1", AT + timedelta(hours=1)) is None
    assert store.sent_under("a", "key-2", AT) is store.sent_under("b", "key-1", AT) is None


def test_a_step_that_conflicts_keeps_no_key(store: Store) -> None:
    before = expect(store, "a")
    store.commit(step(before, DraftStarted("one")))
    key = SentUnder("key-1", "b" * 64, AT + timedelta(hours=1), revision=1)
    sealed = {"revision": SealedRevision("a", 1, "h", b"x", AT), "sent_under": key}
    with pytest.raises(StateConflict):
        store.commit(step(before, Submitted("two", 1, "h", "v", "r", late=False), **sealed))
    assert store.sent_under("a", "key-1", AT) is None


def test_a_key_that_has_expired_can_be_used_again(store: Store) -> None:
    before, at = expect(store, "a"), AT
    for number in (1, 2):
        key = SentUnder("key-1", "b" * 64, at + timedelta(hours=1), revision=number)
        event = Submitted("one", number, "h", "v", "r", late=False)
        sealing = step(before, event, at=at, revision=SealedRevision("a", number, "h", b"x", at), sent_under=key)
        store.commit(sealing)
        assert store.sent_under("a", "key-1", at) == key
        before, at = sealing.after, at + timedelta(hours=2)


def test_a_step_on_a_submission_that_is_not_there_conflicts(store: Store) -> None:
    with pytest.raises(StateConflict):
        store.commit(step(fresh("ghost"), DraftStarted("one")))
    with pytest.raises(StateConflict):
        store.commit(step(fresh("ghost"), draft=Draft(1, {}, AT), draft_before=0))
    assert (store.events("ghost"), store.draft("ghost")) == ([], None)


def test_a_draft_saved_elsewhere_conflicts_and_the_whole_step_is_undone(store: Store) -> None:
    before = expect(store, "a")
    first = Draft(1, {"a": "1"}, AT)
    started = step(before, DraftStarted("one"), draft=first, draft_before=0)
    store.commit(started)
    for claimed in (0, 2):
        stale = step(
            started.after,
            Submitted("one", 1, "h", "v", "r", late=False),
            draft=Draft(claimed + 1, {"a": "2"}, AT),
            draft_before=claimed,
            outbox=(promise("a.lost"),),
        )
        with pytest.raises(DraftConflict) as caught:
            store.commit(stale)
        assert caught.value.stored == first
    assert (store.submission("a"), store.draft("a"), store.pending_count()) == (started.after, first, 1)
    store.commit(step(started.after, draft=Draft(2, {"a": "3"}, AT), draft_before=1))
    assert store.draft("a") == Draft(2, {"a": "3"}, AT)


def test_a_draft_that_was_never_there_conflicts_with_none(store: Store) -> None:
    with pytest.raises(DraftConflict) as caught:
        store.commit(step(expect(store, "a"), draft=Draft(5, {}, AT), draft_before=4))
    assert caught.value.stored is None


def test_saving_a_draft_needs_the_submission_unmoved(store: Store) -> None:
    before = expect(store, "a")
    seal(store, before)
    with pytest.raises(StateConflict):
        store.commit(step(before, draft=Draft(1, {}, AT), draft_before=0))
    assert store.draft("a") is None


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_all_submissions_are_paged_by_id_each_once(store: Store, limit: int) -> None:
    found = [expect(store, key) for key in ("d", "a", "c", "b")]
    rows = pages(lambda cursor: store.submissions(cursor, limit))
    assert rows == sorted(found, key=lambda one: one.id)


@pytest.mark.parametrize("limit", [1, 2, 4, 5, 9])
def test_sealed_returns_are_paged_newest_first_though_many_share_an_instant(store: Store, limit: int) -> None:
    minutes = {"a": 0, "b": 1, "c": 1, "d": 1, "e": 2}
    for key, minute in minutes.items():
        seal(store, expect(store, key), AT + timedelta(minutes=minute))
    expect(store, "unsent")
    seal(store, expect(store, "other", year=2024))
    rows = pages(lambda cursor: store.sealed(2025, {}, cursor, limit))
    assert [row.id for row in rows] == ["e", "d", "c", "b", "a"]


def test_sealed_returns_are_filtered_by_each_attribute(store: Store) -> None:
    places = {"form": "x", "unit_id": "U7", "county_code": "990101", "city_code": "990200", "reviewing_body": "990200"}
    for name, value in places.items():
        seal(store, expect(store, name, **{name: value}))
    accept(store, accept(store, seal(store, expect(store, "stage"))))
    for name, value in {**places, "stage": "accepted"}.items():
        assert [row.id for row in store.sealed(2025, {name: value}, "", 9).rows] == [name]
    both = {"form": "kd-1", "unit_id": "U7"}
    assert [row.id for row in store.sealed(2025, both, "", 9).rows] == ["unit_id"]
    with pytest.raises(ValueError, match="filters"):
        store.sealed(2025, {"late = 1 OR form": "x"}, "", 9)


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_an_inbox_holds_what_waits_for_the_seat_oldest_first(store: Store, limit: int) -> None:
    for key, minute in {"a": 3, "b": 1, "c": 2, "d": 1}.items():
        seal(store, expect(store, key), AT + timedelta(minutes=minute))
    accept(store, seal(store, expect(store, "passed")), AT + timedelta(minutes=9))
    expect(store, "unsent")
    rows = pages(lambda cursor: store.inbox("990171", cursor, limit))
    assert [row.id for row in rows] == ["b", "d", "c", "a"]
    assert [row.id for row in store.inbox("990100", "", 9).rows] == ["passed"]
    assert store.inbox("990000", "", 9).rows == []


def test_progress_counts_every_submission_once_where_it_stands(store: Store) -> None:
    expect(store, "a")
    seal(store, expect(store, "b"), late=True)
    seal(store, expect(store, "c"), late=True)
    accept(store, seal(store, expect(store, "d")))
    accept(store, accept(store, seal(store, expect(store, "e", region_code="990171"))))
    expect(store, "f", year=2024)
    counts = {
        (one.stage, one.level, one.waiting_at, one.region_code, one.late, one.sent): one.count
        for one in store.progress(2025)
    }
    assert counts == {
        ("not_started", "", "", "990100", False, False): 1,
        ("in_review", "county", "990171", "990100", True, True): 2,
        ("in_review", "city", "990100", "990100", False, True): 1,
        ("accepted", "", "", "990171", False, True): 1,
    }


# The outbox


def test_promises_come_in_the_order_they_were_made_and_once(store: Store) -> None:
    store.enqueue([promise("b"), promise("a")])
    store.enqueue([replace(promise("b"), kind="other"), promise("c")])
    assert store.pending(AT, 9) == [promise("b"), promise("a"), promise("c")]
    assert [item.id for item in store.pending(AT, 2)] == ["b", "a"]
    assert store.pending(AT - timedelta(microseconds=1), 9) == []
    assert store.pending_count() == 3


def test_a_promise_kept_is_gone_and_made_again_stays_gone(store: Store) -> None:
    store.enqueue([promise("a"), promise("b")])
    store.finish(["a"], [], AT)
    store.enqueue([promise("a")])
    assert [item.id for item in store.pending(AT + timedelta(days=1), 9)] == ["b"]
    assert store.pending_count() == 1


def test_a_promise_put_off_comes_again_at_its_time(store: Store) -> None:
    store.enqueue([promise("a"), promise("b")])
    later = AT + timedelta(seconds=30)
    store.postpone("a", later, "mail" * 999)
    assert [item.id for item in store.pending(later - timedelta(microseconds=1), 9)] == ["b"]
    assert [item.id for item in store.pending(later, 9)] == ["b", "a"]
    store.postpone("a", later, "mail")
    assert [store.attempts(name) for name in ("a", "b", "unknown")] == [2, 0, 0]
    assert store.pending_count() == 2


def test_the_first_record_of_a_letter_stands(store: Store) -> None:
    sent, again = LetterRecord("l1", "a", "p", AT, "sent"), LetterRecord("l1", "a", "p", AT, "refused")
    store.record_letters([sent])
    store.record_letters([again, LetterRecord("l2", "a", "p", AT, "refused: 550")])
    store.enqueue([promise("a")])
    store.finish(["a"], [again, LetterRecord("l3", "a", "p", AT, "sent")], AT)
    expected = {"l1": "sent", "l2": "refused: 550", "l3": "sent"}
    assert store.letter_outcomes(["l1", "l2", "l3", "l4", "'"]) == expected
    assert store.letter_outcomes([]) == {}


def test_marks_and_counters_are_kept(store: Store) -> None:
    store.set_mark("m", "1")
    store.set_mark("m", "二")
    assert (store.mark("m"), store.mark("n")) == ("二", None)
    assert [store.count_up("c") for _ in range(12)] == list(range(1, 13))
    assert store.count_up("d") == 1
    assert store.mark("c") is None


def test_a_counter_counts_every_thread(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: store.count_up("c"), range(40)))
    assert sorted(numbers) == list(range(1, 41))


def test_one_sweep_runs_at_a_time_and_the_next_waits_for_it(open_again: Callable[[], Store]) -> None:
    inside, seen = [0], list[int]()
    lock = threading.Lock()

    def sweep(store: Store) -> None:
        with store.sweeping():
            with lock:
                inside[0] += 1
                seen.append(inside[0])
            threading.Event().wait(0.005)
            with lock:
                inside[0] -= 1

    homes = [open_again(), open_again()]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sweep, homes * 8))
    assert seen == [1] * 16
    for home in homes:
        home.close()


def test_the_lease_is_given_back_when_a_pass_fails(store: Store) -> None:
    with pytest.raises(RuntimeError), store.sweeping():
        raise RuntimeError
    with store.sweeping():
        assert store.pending_count() == 0


# Access


def test_tokens_come_back_newest_first_and_a_revocation_replaces(store: Store) -> None:
    old = ApiToken("t1", "d1", "office", "990000", AT, AT + timedelta(days=1))
    new = ApiToken("t2", "d2", "enterprise", "U1", AT + timedelta(hours=1), AT + timedelta(days=2))
    for token in (old, new):
        store.put_token(token)
    revoked = replace(old, revoked_at=AT)
    store.put_token(revoked)
    assert store.tokens() == [new, revoked]
    assert [store.token_by_digest(digest) for digest in ("d1", "d2", "d3")] == [revoked, new, None]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_restricted_reads_are_recorded_in_order(store: Store, limit: int) -> None:
    rows = [(f"who{n}", "enterprise_totals/2025", AT + timedelta(seconds=n)) for n in range(3)]
    for who, what, at in rows:
        store.record_read(who, what, at)
    assert pages(lambda cursor: store.reads(cursor, limit)) == rows


def test_what_was_written_is_there_when_the_home_is_opened_again(open_again: Callable[[], Store]) -> None:
    first = open_again()
    first.import_regions(REGIONS, AT)
    first.put_collection(collection(2025, "a"))
    sealed = seal(first, expect(first, "a"))
    first.close()
    second = open_again()
    assert second.submission("a") == sealed
    assert second.collection(2025, "a") == collection(2025, "a")
    assert second.pending_count() == 1
    second.close()


def race(steps: Sequence[Callable[[], None]]) -> list[bool]:
    """Run all at once; which of them did not conflict."""
    barrier = threading.Barrier(len(steps))

    def run(one: Callable[[], None]) -> bool:
        barrier.wait()
        try:
            one()
        except (StateConflict, DraftConflict):
            return False
        return True

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_of_sixteen_racing_decisions_exactly_one_wins_each_time(store: Store, rounds: int) -> None:
    for number in range(rounds):
        before = seal(store, expect(store, f"s{number:02d}"))
        event = LevelAccepted("p", "county", "990171", 1, "hash-1")
        tries = [
            step(before, event, at=AT + timedelta(seconds=n), outbox=(promise(f"{before.id}.{n}"),)) for n in range(16)
        ]
        won = race([partial(store.commit, one) for one in tries])
        assert won.count(True) == 1
        winner = tries[won.index(True)]
        assert store.submission(before.id) == winner.after
        assert list(store.events(before.id))[2:] == list(winner.events)
    assert store.pending_count() == 2 * rounds


def test_of_sixteen_racing_saves_exactly_one_wins(store: Store) -> None:
    before = expect(store, "a")
    for version in range(10):
        drafts = [Draft(version + 1, {"a": str(n)}, AT) for n in range(16)]
        tries = [step(before, draft=draft, draft_before=version) for draft in drafts]
        won = race([partial(store.commit, one) for one in tries])
        assert won.count(True) == 1
        assert store.draft("a") == drafts[won.index(True)]
