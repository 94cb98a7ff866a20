"""A seat's waiting work in SQLite is read from an index, in every order."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from workflows.ports import InboxOrder

SEAT = "990101"


class Noting(SqliteStore):
    """Notes the statements it reads by."""

    def __init__(self, path: Path) -> None:
        self.asked: list[str] = []
        super().__init__(path)

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        self.asked.append(sql)
        return super().read(sql, parameters)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Noting]:
    """An empty home."""
    made = Noting(tmp_path / "home.sqlite3")
    yield made
    made.close()


def test_each_order_is_read_from_an_index(store: Noting) -> None:
    for order in InboxOrder:
        plan = " ".join(str(row) for row in _plan(store, order))
        assert "USING INDEX" in plan, plan
        assert "TEMP B-TREE" not in plan, plan


def _plan(store: Noting, order: InboxOrder) -> list[tuple[object, ...]]:
    store.waiting(SEAT, order, "", 50)
    store.asked.clear()
    store.waiting(SEAT, order, "", 50)
    return store.read(f"EXPLAIN QUERY PLAN {store.asked[0]}", (SEAT, 50))
