"""The `InboxStore` port: a seat's waiting work in each order, page by page, on every adapter."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from register.units import UnitKind
from workflows.machine.events import FilingExpected, LevelAccepted, Submitted
from workflows.machine.states import State
from workflows.outlines import Outline
from workflows.ports import InboxOrder, Store
from workflows.submissions import Identity, Submission, Transition, advance

AT = datetime(2026, 3, 1, tzinfo=UTC)
SEAT = "990101"


def waiting(store: Store, name: str, hours: int, outline: Outline | None, seat: str = SEAT) -> Submission:
    """One submission that was sent so many hours after the first and waits for a seat."""
    identity = Identity(name, 2025, "kd-1", name, UnitKind.ENTERPRISE, seat, seat, "990100", seat)
    at = AT + timedelta(hours=hours)
    before = Submission(identity, State())
    expected, links = advance(before, (FilingExpected((("county", seat), ("city", "990100"))),), at)
    store.create([Transition(before, expected, at, links)])
    sent, links = advance(expected, (Submitted("p", 1, f"hash-{name}", "kd-1/2021", "r", late=False),), at)
    store.commit(Transition(expected, sent, at, links, outline=outline))
    return sent


@pytest.fixture
def seat(store: Store) -> Store:
    """Five returns: one from before outlines were kept, one without a figure, one at another seat."""
    waiting(store, "a", 5, Outline(Decimal("1200.50"), 0))
    waiting(store, "b", 1, Outline(Decimal("30000000000000000.07"), 3))
    waiting(store, "c", 3, Outline(None, 1))
    waiting(store, "d", 4, None)
    waiting(store, "e", 2, Outline(Decimal(0), 0), seat="990102")
    waiting(store, "f", 2, Outline(Decimal("1200.51"), 0))
    return store


def order_of(store: Store, order: InboxOrder, limit: int = 2) -> list[str]:
    """All rows, fetched page by page."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = store.waiting(SEAT, order, cursor, limit)
        found += [submission.id for submission, _ in page.rows]
        cursor = page.cursor or None
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (InboxOrder.AGE, "bfcda"),
        (InboxOrder.AMOUNT, "bfadc"),
        (InboxOrder.FINDINGS, "bcfda"),
        (InboxOrder.CLEAN, "adfcb"),
    ],
)
def test_each_order_is_whole_and_without_repeats_whatever_the_page(
    seat: Store, order: InboxOrder, expected: str, limit: int
) -> None:
    assert "".join(order_of(seat, order, limit)) == expected


def test_amounts_come_back_exactly_and_what_is_unknown_is_said_to_be(seat: Store) -> None:
    found = {submission.id: outline for submission, outline in seat.waiting(SEAT, InboxOrder.AGE, "", 50).rows}
    assert found["b"] == Outline(Decimal("30000000000000000.07"), 3)
    assert found["c"] == Outline(None, 1)
    assert found["d"] is None


def test_what_was_decided_waits_no_longer_and_keeps_its_outline_for_the_next_seat(seat: Store) -> None:
    before = seat.submission("a")
    assert before is not None
    decided = LevelAccepted("q", "county", SEAT, 1, "hash-a")
    after, links = advance(before, (decided,), AT)
    seat.commit(Transition(before, after, AT, links))
    assert "a" not in order_of(seat, InboxOrder.AMOUNT)
    ((_, outline),) = seat.waiting("990100", InboxOrder.AMOUNT, "", 50).rows
    assert outline == Outline(Decimal("1200.50"), 0)


@pytest.mark.parametrize("order", list(InboxOrder))
@pytest.mark.parametrize("cursor", ["x", "|", "nan|a", "1|", "a|b|c", "∞|", "'; DROP TABLE submissions|a"])
def test_a_cursor_that_was_tampered_with_fails_nothing(seat: Store, order: InboxOrder, cursor: str) -> None:
    assert len(seat.waiting(SEAT, order, cursor, 50).rows) <= 5
