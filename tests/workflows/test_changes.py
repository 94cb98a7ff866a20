"""A reviewer of a corrected return sees what changed since his last look, and decides on exactly what he was shown."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from forms.content import Content, SignOff
from forms.values import BLANK, Cell, Status
from workflows.changes import Changes, changes_since_last_look
from workflows.filing import Entry, submit
from workflows.machine.refusals import RefusalCode
from workflows.reviewing import Verdict, decide_case, open_case
from workflows.stepping import CommandRefused

SIGNED = SignOff("张三", "李四", "王五", "0871-1", "2026-03-01")


def seen(world: Any, level: str) -> Changes | None:
    link = world.review_link(level)
    case = open_case(world.services, link)
    return changes_since_last_look(world.services, link, case.submission, case.definition, case.content)


def send(world: Any, trace: Any, explanations: dict[str, str] | None = None, **cells: Cell) -> None:
    link = world.filing_link()
    draft = world.store.draft(link.submission)
    content = Content({"cost_total": Cell(Decimal(100)), **cells}, explanations or {}, SIGNED)
    submit(world.services, link, Entry({}, content, draft.version if draft else 0), trace)


def test_a_first_revision_has_nothing_to_compare(world: Any) -> None:
    world.open()
    world.file()
    assert seen(world, "county") is None


def test_only_the_changed_cells_are_named_with_what_stood_before(world: Any) -> None:
    world.open()
    world.file(cost_total="120", cost_labour="70")
    world.send_back("county")
    world.file(cost_total="120", cost_labour="80")
    found = seen(world, "county")
    assert found is not None
    assert (found.since, found.looked) == (1, True)
    assert found.before() == {"cost_labour": Cell(Decimal(70))}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BLANK, Cell(Decimal(0))),
        (Cell(Decimal(5)), Cell(Decimal(5), Status.ESTIMATED)),
        (Cell(Decimal(5)), Cell(Decimal(5), note="含委外")),
        (Cell(status=Status.UNKNOWN), Cell(status=Status.NOT_APPLICABLE)),
    ],
    ids=["blank and zero", "a status", "a note", "two ways of no figure"],
)
def test_blank_zero_status_and_note_are_told_apart(world: Any, trace: Any, before: Cell, after: Cell) -> None:
    world.open()
    send(world, trace, cost_labour=Cell(Decimal(1)), cost_abroad=before)
    world.send_back("county")
    send(world, trace, cost_labour=Cell(Decimal(1)), cost_abroad=after)
    found = seen(world, "county")
    assert found is not None
    assert found.before() == {"cost_abroad": before}


def test_another_explanation_is_told_too(world: Any, trace: Any) -> None:
    world.open()
    send(world, trace, {"R2": "全部外包"}, cost_labour=Cell(Decimal(0)))
    world.send_back("county")
    send(world, trace, {"R2": "人员费用由母公司列支"}, cost_labour=Cell(Decimal(0)))
    found = seen(world, "county")
    assert found is not None
    assert (found.cells, found.explanations) == ((), ("R2",))


def test_a_seat_that_has_seen_an_earlier_revision_is_shown_all_that_changed_since(world: Any) -> None:
    world.open()
    world.file(cost_total="120", cost_labour="70")
    world.accept("county")
    world.send_back("city")
    world.file(cost_total="120", cost_labour="80")
    world.send_back("county")
    world.file(cost_total="130", cost_labour="80")
    world.accept("county")
    city = seen(world, "city")
    assert city is not None
    assert (city.since, set(city.before())) == (1, {"cost_total", "cost_labour"})
    county = seen(world, "county")
    assert county is not None
    assert (county.since, set(county.before())) == (2, {"cost_total"})


def test_a_seat_that_never_looked_is_shown_the_revision_before(world: Any) -> None:
    world.open()
    world.file(cost_total="120", cost_labour="70")
    world.send_back("county")
    world.file(cost_total="120", cost_labour="80")
    world.accept("county")
    found = seen(world, "city")
    assert found is not None
    assert (found.since, found.looked) == (1, False)


def test_a_decision_on_other_content_than_the_link_shows_is_overtaken(world: Any) -> None:
    world.open()
    first = world.file()
    world.send_back("county")
    second = world.file(cost_total="121", cost_labour="70")
    verdict = Verdict(accept=True, revision_hash=first.hash)
    with pytest.raises(CommandRefused) as caught:
        decide_case(world.services, world.review_link("county"), verdict)
    assert caught.value.refusal.code is RefusalCode.OVERTAKEN
    assert world.submission().state.decisions == ()
    decide_case(world.services, world.review_link("county"), replace(verdict, revision_hash=second.hash))
    assert [one.revision_hash for one in world.submission().state.decisions] == [second.hash]
