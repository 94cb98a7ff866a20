"""Opening a collection, however often it is interrupted, and closing it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from register.units import Unit
from workflows.calendars import Calendar
from workflows.collecting import CollectionRefused, close_collection, open_collection
from workflows.machine.states import Stage
from workflows.routes import Body, ReviewLevel
from workflows.services import Services
from workflows.submissions import Submission


def all_submissions(store: SqliteStore) -> list[Submission]:
    return list(store.submissions("", 1000).rows)


def invitations(world: Any) -> Counter[str]:
    return Counter(item.data["submission"] for item in world.store.pending(world.clock.now(), 1000))


def test_every_active_unit_the_form_is_for_is_expected_and_invited(world: Any) -> None:
    collection = world.open()
    assert (collection.expected, collection.opening_cursor, collection.form_version) == (3, None, "kd-1/2021")
    found = {one.identity.unit_id: one for one in all_submissions(world.store)}
    assert set(found) == {"E1", "E2", "E3"}
    assert {one.state.stage for one in found.values()} == {Stage.NOT_STARTED}
    assert invitations(world) == {one.id: 1 for one in found.values()}


def test_a_form_for_offices_asks_offices_only(world: Any) -> None:
    assert world.open("ts-1").expected == 2
    assert {one.identity.unit_id for one in all_submissions(world.store)} == {"OFFICE990101", "OFFICE990200"}


def test_a_form_whose_kind_of_unit_the_register_lacks_invites_nobody(world: Any, unit_list: dict[str, Unit]) -> None:
    world.units(unit_list["E1"])
    assert world.open("ts-1").expected == 0
    assert world.store.pending_count() == 0


def test_a_submission_knows_its_address_region_and_its_reviewing_body(world: Any) -> None:
    world.open()
    identity = world.submission("E2").identity
    places = (identity.region_code, identity.county_code, identity.city_code, identity.reviewing_body)
    assert places == ("990101", "990101", "990100", "990171")
    assert world.submission("E2").state.route[0] == Body(ReviewLevel.COUNTY, "990171")


@pytest.mark.parametrize("step", ["create", "put_collection", "units"])
@pytest.mark.parametrize("batch", [1, 2, 3, 4])
def test_an_opening_that_died_anywhere_goes_on_where_it_stopped(
    world: Any, monkeypatch: pytest.MonkeyPatch, step: str, batch: int
) -> None:
    monkeypatch.setattr("workflows.collecting.BATCH", 2)
    done, calls = getattr(world.store, step), []

    def dying(*arguments: Any) -> Any:
        calls.append(step)
        if len(calls) == batch:
            raise ConnectionError("killed")
        return done(*arguments)

    monkeypatch.setattr(world.store, step, dying)
    try:
        world.open()
    except ConnectionError:
        monkeypatch.setattr(world.store, step, done)
        assert world.open().opening_cursor is None
    assert world.store.collection(2025, "kd-1").expected == 3
    assert sorted(one.identity.unit_id for one in all_submissions(world.store)) == ["E1", "E2", "E3"]
    assert set(invitations(world).values()) == {1}
    assert [len(world.store.events(one.id)) for one in all_submissions(world.store)] == [1, 1, 1]


def test_an_interrupted_opening_goes_on_with_the_register_it_began_with(
    world: Any, monkeypatch: pytest.MonkeyPatch, unit_list: dict[str, Unit]
) -> None:
    def dying(_: Iterable[Any]) -> int:
        raise ConnectionError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "create", dying)
        with pytest.raises(ConnectionError):
            world.open()
    world.units(replace(unit_list["E1"], unit_id="E9"))
    world.open()
    assert {one.identity.unit_id for one in all_submissions(world.store)} == {"E1", "E2", "E3"}


def test_a_form_past_its_validity_is_refused(world: Any) -> None:
    with pytest.raises(CollectionRefused, match=r"2026-01-04.*17"):
        world.open("old-1")
    assert world.store.collections() == []


def test_a_form_is_valid_to_the_end_of_its_last_day_in_china(world: Any) -> None:
    world.clock.ahead(hours=15)
    with pytest.raises(CollectionRefused, match="有效期"):
        world.open("eve-1")
    world.clock.ahead(seconds=-1)
    assert world.open("eve-1").expected == 3


def test_an_unknown_form_is_refused_with_those_there_are(world: Any) -> None:
    with pytest.raises(CollectionRefused, match="kd-1"):
        world.open("kd-9")


@pytest.mark.parametrize("year", [2020, 25, 0, -2025, 20255, 2225])
def test_a_year_no_layout_is_for_is_refused(services: Services, year: int) -> None:
    calendar = Calendar(services.clock.now())
    with pytest.raises(CollectionRefused, match=str(year)):
        open_collection(services, year=year, form="kd-1", calendar=calendar)
    assert services.store.collections() == []


def test_an_open_collection_is_not_opened_again(world: Any) -> None:
    first = world.open()
    with pytest.raises(CollectionRefused, match="already open"):
        world.open(due="2027-01-01")
    assert world.store.collection(2025, "kd-1") == first
    assert set(invitations(world).values()) == {1}


def test_a_closed_collection_is_not_opened_again(world: Any) -> None:
    world.open()
    close_collection(world.services, 2025)
    with pytest.raises(CollectionRefused):
        world.open()


def test_nothing_opens_over_an_empty_register(tmp_path: Path, services: Services) -> None:
    store = SqliteStore(tmp_path / "empty.sqlite3")
    with pytest.raises(CollectionRefused, match="register is empty"):
        open_collection(replace(services, store=store), year=2025, form="kd-1", calendar=Calendar(services.clock.now()))
    store.close()


def test_closing_a_year_closes_each_of_its_forms_and_a_second_time_changes_nothing(world: Any) -> None:
    world.open()
    world.open("ts-1")
    closed = close_collection(world.services, 2025)
    assert {one.form for one in closed} == {"kd-1", "ts-1"}
    assert all(one.closed_at == world.clock.now() for one in closed)
    world.clock.ahead(days=1)
    assert close_collection(world.services, 2025) == closed
    assert all(one.is_closed(world.clock.now() - timedelta(days=99)) for one in closed)


def test_a_year_without_a_collection_cannot_be_closed(world: Any) -> None:
    with pytest.raises(CollectionRefused, match="2024"):
        close_collection(world.services, 2024)


def test_a_later_register_does_not_reach_into_an_open_collection(
    world: Any, reworded: Callable[..., None], unit_list: dict[str, Unit]
) -> None:
    world.open()
    reworded("E1", name="改名公司", region_code="990201")
    assert world.services.unit_of(world.submission("E1")) == unit_list["E1"]
    assert world.services.address_of(world.submission("E1")) == "e1@units.example"
