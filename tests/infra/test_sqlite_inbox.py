"""A seat's waiting work in SQLite is read from an index, in every order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.sqlite.store import SqliteStore
from workflows.ports import InboxOrder

SEAT = "990101"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty home."""
    made = SqliteStore(tmp_path / "home.sqlite3")
    yield made
    made.close()


def test_each_order_is_read_from_an_index(store: SqliteStore) -> None:
    for order in InboxOrder:
        plan = " ".join(str(row) for row in _plan(store, order))
        assert "USING INDEX" in plan, plan
        assert "TEMP B-TREE" not in plan, plan


def _plan(store: SqliteStore, order: InboxOrder) -> list[tuple[object, ...]]:
    asked: list[str] = []
    store.waiting(SEAT, order, "", 50)
    read = store.read
    store.read = lambda sql, values=(): (asked.append(sql), read(sql, values))[1]  # type: ignore[method-assign]
    store.waiting(SEAT, order, "", 50)
    store.read = read  # type: ignore[method-assign]
    return read(f"EXPLAIN QUERY PLAN {asked[0]}", (SEAT, 50))
