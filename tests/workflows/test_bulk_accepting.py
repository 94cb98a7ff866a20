"""An inbox sorted as its holder asks, and many returns accepted at once: what has findings is held back for a look."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from register.seats import StaffMember
from register.units import Size, Unit, UnitKind
from workflows.asking import ask, close_query
from workflows.bulk_accepting import MOST, Accepted, Outcome, accept_many
from workflows.collecting import close_collection
from workflows.inboxes import Inbox, open_inbox
from workflows.links import InboxLink
from workflows.machine.refusals import RefusalCode
from workflows.permissions import NotAllowed
from workflows.ports import InboxOrder

UNITS = tuple(
    Unit(f"U{n}", f"U{n}厂", UnitKind.ENTERPRISE, "990101", None, "3911", f"u{n}@units.example", Size.SMALL)
    for n in range(4)
)


@pytest.fixture
def seat_at_work(world: Any) -> Any:
    """Four returns wait at the county; U1 has a finding (no labour costs)."""
    world.units(*UNITS)
    world.open()
    for number, unit in enumerate(UNITS):
        world.file(unit.unit_id, cost_total=str(100 * (number + 1)), cost_labour="0" if number == 1 else "50")
        world.clock.ahead(hours=30)
    return world


def link(world: Any, number: int = 1, region: str = "990101") -> InboxLink:
    return InboxLink(region, world.store.person_of(f"r{region}.{number}@seats.example").id)


def inbox(world: Any, order: InboxOrder = InboxOrder.AGE) -> Inbox:
    return open_inbox(world.services, link(world), "", order)


def all_picks(world: Any) -> list[tuple[str, str]]:
    return [(row.submission.id, row.submission.state.revision_hash) for row in inbox(world).rows]


def outcomes(found: tuple[Accepted, ...]) -> dict[str, Outcome]:
    return {one.unit_name: one.outcome for one in found}


def test_a_row_says_age_amount_and_findings(seat_at_work: Any) -> None:
    rows = {row.unit_name: row for row in inbox(seat_at_work).rows}
    assert (rows["U0厂"].days, rows["U0厂"].amount, rows["U0厂"].findings) == (5, Decimal(100), 0)
    assert (rows["U1厂"].findings, rows["U1厂"].pickable) == (1, False)
    assert (rows["U3厂"].days, rows["U3厂"].pickable) == (1, True)


@pytest.mark.parametrize(
    ("order", "expected"),
    [(InboxOrder.AGE, "U0U1U2U3"), (InboxOrder.AMOUNT, "U3U2U1U0")],
)
def test_rows_come_in_the_order_asked_for(seat_at_work: Any, order: InboxOrder, expected: str) -> None:
    assert "".join(row.unit_name[:2] for row in inbox(seat_at_work, order).rows) == expected


def test_most_and_fewest_findings_come_first(seat_at_work: Any) -> None:
    assert inbox(seat_at_work, InboxOrder.FINDINGS).rows[0].unit_name == "U1厂"
    assert inbox(seat_at_work, InboxOrder.CLEAN).rows[-1].unit_name == "U1厂"


def test_those_without_findings_are_accepted_each_in_its_own_step(seat_at_work: Any) -> None:
    found = outcomes(accept_many(seat_at_work.services, link(seat_at_work), all_picks(seat_at_work)))
    held = {"U1厂": Outcome.HELD}
    assert found == {"U0厂": Outcome.ACCEPTED, "U2厂": Outcome.ACCEPTED, "U3厂": Outcome.ACCEPTED, **held}
    assert [row.unit_name for row in inbox(seat_at_work).rows] == ["U1厂"]
    events = [seat_at_work.store.events(seat_at_work.submission(unit.unit_id).id)[-1].type for unit in UNITS]
    assert events == ["LevelAccepted", "Submitted", "LevelAccepted", "LevelAccepted"]


def test_what_has_a_query_is_held_back_until_it_is_closed(seat_at_work: Any) -> None:
    review = seat_at_work.review_link("county", "U0")
    number = ask(seat_at_work.services, review, "cost_total", "请说明").state.events
    rows = {row.unit_name: row for row in inbox(seat_at_work).rows}
    assert (rows["U0厂"].open_queries, rows["U0厂"].pickable) == (1, False)
    picks = all_picks(seat_at_work)[:1]
    assert outcomes(accept_many(seat_at_work.services, link(seat_at_work), picks)) == {"U0厂": Outcome.HELD}
    close_query(seat_at_work.services, review, number)
    assert outcomes(accept_many(seat_at_work.services, link(seat_at_work), picks)) == {"U0厂": Outcome.ACCEPTED}


def test_what_changed_since_it_was_listed_is_not_accepted(seat_at_work: Any) -> None:
    listed = all_picks(seat_at_work)[:1]
    seat_at_work.send_back("county", "U0")
    seat_at_work.file("U0", cost_total="101", cost_labour="50")
    (one,) = accept_many(seat_at_work.services, link(seat_at_work), listed)
    assert one.refusal is not None
    assert (one.outcome, one.refusal.code) == (Outcome.REFUSED, RefusalCode.OVERTAKEN)
    assert seat_at_work.submission("U0").state.decisions == ()


def test_what_another_of_the_seat_decided_names_him(seat_at_work: Any, seat: Callable[..., StaffMember]) -> None:
    seat_at_work.seats(seat("990101"), seat("990101", 2), seat("990100"), seat("990000"))
    listed = all_picks(seat_at_work)
    seat_at_work.accept("county", "U0")
    (one,) = accept_many(seat_at_work.services, link(seat_at_work, 2), listed[:1])
    assert one.refusal is not None
    assert (one.outcome, one.refusal.code, one.by) == (
        Outcome.REFUSED,
        RefusalCode.ALREADY_DECIDED,
        "审核员990101-1",
    )


def test_one_that_is_named_twice_counts_once_and_no_more_than_a_page(seat_at_work: Any) -> None:
    first = all_picks(seat_at_work)[0]
    assert len(accept_many(seat_at_work.services, link(seat_at_work), [first, first])) == 1
    many = [(f"nobody-{n}", "0") for n in range(MOST)]
    assert accept_many(seat_at_work.services, link(seat_at_work), [*many, *all_picks(seat_at_work)]) == ()


def test_his_own_filing_is_not_accepted_by_the_bulk(seat_at_work: Any, seat: Callable[..., StaffMember]) -> None:
    filler = StaffMember("u0@units.example", "兼职", seat("990101").role, "990101")
    seat_at_work.seats(seat("990101"), filler, seat("990100"), seat("990000"))
    own = InboxLink("990101", seat_at_work.store.person_of("u0@units.example").id)
    row = open_inbox(seat_at_work.services, own, "").rows[0]
    assert row.refusal is not None
    assert (row.refusal.code, row.pickable) == (RefusalCode.OWN_FILING, False)
    (one,) = accept_many(seat_at_work.services, own, all_picks(seat_at_work)[:1])
    assert one.refusal is not None
    assert one.refusal.code is RefusalCode.OWN_FILING


def test_after_the_close_nothing_is_accepted(seat_at_work: Any) -> None:
    close_collection(seat_at_work.services, 2025)
    assert [row.pickable for row in inbox(seat_at_work).rows] == [False] * 4
    found = accept_many(seat_at_work.services, link(seat_at_work), all_picks(seat_at_work)[:1])
    assert found[0].refusal is not None
    assert found[0].refusal.code is RefusalCode.COLLECTION_CLOSED


def test_a_return_that_never_passes_the_seat_is_passed_over(seat_at_work: Any) -> None:
    strange = link(seat_at_work, region="990201")
    assert accept_many(seat_at_work.services, strange, all_picks(seat_at_work)) == ()


def test_who_holds_the_seat_no_longer_neither_sees_nor_accepts(
    seat_at_work: Any, seat: Callable[..., StaffMember]
) -> None:
    own, listed = link(seat_at_work), all_picks(seat_at_work)
    seat_at_work.seats(seat("990101", 2), seat("990100"), seat("990000"))
    with pytest.raises(NotAllowed):
        open_inbox(seat_at_work.services, own, "")
    with pytest.raises(NotAllowed):
        accept_many(seat_at_work.services, own, listed)
