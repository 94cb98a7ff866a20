"""Hit rates of rules: counted by the sweep, each sealed revision once, a while after it was sealed."""

from datetime import timedelta
from typing import Any

import pytest

from workflows import hits
from workflows.hits import LAG, RuleHits, rule_hits


@pytest.fixture
def opened(world: Any) -> Any:
    world.open()
    return world


def counted(world: Any) -> tuple[RuleHits, ...]:
    world.clock.ahead(minutes=5)
    world.sweep()
    return rule_hits(world.services, 2025)


def test_nothing_was_counted_yet(opened: Any) -> None:
    assert rule_hits(opened.services, 2025) == ()
    assert counted(opened) == ()
    assert opened.store.mark("hits:2025") is None, "a pass with nothing to count writes nothing"


def test_a_rule_that_fired_and_was_explained_is_counted_once_whatever_the_sweep_does(opened: Any) -> None:
    opened.file("E1", cost_total="10", cost_labour="0")
    opened.file("E2")
    assert counted(opened) == (RuleHits("kd-1", "R2", fired=1, asked=1, explained=1, changed=0),)
    written = opened.store.mark("hits:2025")
    assert counted(opened) == (RuleHits("kd-1", "R2", 1, 1, 1, 0),)
    assert opened.store.mark("hits:2025") == written


def test_a_seal_is_counted_a_while_after(opened: Any) -> None:
    opened.file("E1", cost_total="10", cost_labour="0")
    opened.sweep()
    assert rule_hits(opened.services, 2025) == ()
    opened.clock.moment += LAG + timedelta(seconds=1)
    opened.sweep()
    assert [row.fired for row in rule_hits(opened.services, 2025)] == [1]


@pytest.mark.parametrize(("labour", "changed", "fired"), [("5", 1, 1), ("0", 0, 2)])
def test_what_the_next_revision_changed_is_counted(opened: Any, labour: str, changed: int, fired: int) -> None:
    """The total is no figure of R2."""
    opened.file("E1", cost_total="10", cost_labour="0")
    first = counted(opened)
    assert [row.changed for row in first] == [0]
    opened.send_back("county")
    opened.file("E1", cost_total="11", cost_labour=labour)
    assert counted(opened) == (RuleHits("kd-1", "R2", fired, fired, fired, changed),)


def test_two_revisions_between_two_passes_are_both_counted(opened: Any) -> None:
    opened.file("E1", cost_total="10", cost_labour="0")
    opened.send_back("county")
    opened.file("E1", cost_total="10", cost_labour="3")
    assert counted(opened) == (RuleHits("kd-1", "R2", 1, 1, 1, 1),)


def test_a_round_goes_on_where_a_pass_was_ended(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "PAGE", 1)
    for unit in ("E1", "E2"):
        opened.file(unit, cost_total="10", cost_labour="0")
        opened.clock.ahead(seconds=1)
    opened.clock.ahead(minutes=5)
    answers = iter([True, False])
    hits.count_hits(opened.services, lambda: next(answers))
    assert [row.fired for row in rule_hits(opened.services, 2025)] == [1]
    hits.count_hits(opened.services, lambda: True)
    assert [row.fired for row in rule_hits(opened.services, 2025)] == [2]
    hits.count_hits(opened.services, lambda: True)
    assert [row.fired for row in rule_hits(opened.services, 2025)] == [2]
