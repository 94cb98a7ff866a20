"""Figures that moved unlike those of similar units are ranked for their reviewers by effect on the total (S02)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from forms.outliers import Moved, Outlier, outliers
from forms.statistical_settings import OutlierSettings, statistical_settings
from infra.bulk_edits import DuckdbEdits
from register.units import Size, Unit, UnitKind
from workflows import outlying
from workflows.bulk_accepting import Outcome, accept_many
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant
from workflows.filing import open_desk, submit
from workflows.inboxes import open_ranked
from workflows.inboxes import review_link as inbox_review_link
from workflows.links import FilingLink, InboxLink
from workflows.outlying import find_outliers, ranked_for
from workflows.reviewing import Verdict, decide_case, open_case
from workflows.submissions import Trace, submission_id

NUMBERS = range(12)
UNITS = tuple(
    Unit(f"U{n:02}", f"U{n}厂", UnitKind.ENTERPRISE, "990101", None, "3911", f"u{n}@units.example", Size.SMALL)
    for n in NUMBERS
)
YEAR = 2026


class InMemory:
    """The same edit, one figure at a time."""

    def outliers(self, rows: Iterable[Moved], settings: OutlierSettings) -> Sequence[Outlier]:
        return outliers(rows, settings)


@pytest.fixture
def two_years(world: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Twelve works were accepted for 2025 and sent 2026; the labour costs of two moved unlike those of the others."""
    chosen = replace(
        statistical_settings(),
        form="kd-1",
        outliers=replace(statistical_settings().outliers, items=("cost_labour",)),
    )
    monkeypatch.setattr(outlying, "statistical_settings", lambda: chosen)
    world.units(*UNITS)
    world.open()
    for unit in UNITS:
        world.file(unit.unit_id, cost_total="900000", cost_labour=str(1000 + int(unit.unit_id[1:])))
        for level in ("county", "city", "province"):
            world.accept(level, unit.unit_id)
    calendar = Calendar(read_instant("2027-03-10T24:00"))
    open_collection(world.services, year=YEAR, form="kd-1", calendar=calendar)
    for unit in UNITS:
        number = int(unit.unit_id[1:])
        send(world, unit.unit_id, {3: 400_000, 7: 90_000}.get(number, 1100 + number))
    return world


def send(world: Any, unit: str, labour: int) -> None:
    key = submission_id(world.store.home_key(), YEAR, "kd-1", unit)
    link = FilingLink(key, world.filing_link(unit).person)
    desk = open_desk(world.services, link)
    entry = world.entry(desk.draft.version if desk.draft else 0, cost_total="900000", cost_labour=str(labour))
    submit(world.services, link, entry, Trace("submit", "web", "", ""), desk)


def seat(world: Any) -> InboxLink:
    return InboxLink("990101", world.store.person_of("r990101.1@seats.example").id)


def names(world: Any) -> list[str]:
    return [row.unit_name for row in open_ranked(world.services, seat(world)).rows]


@pytest.mark.parametrize("bulk", [InMemory(), DuckdbEdits()], ids=["python", "duckdb"])
def test_the_greatest_effect_on_the_total_comes_first(two_years: Any, bulk: Any) -> None:
    assert find_outliers(two_years.services, bulk, YEAR) == 2
    assert names(two_years) == ["U3厂", "U7厂"]
    for region in ("990101", "990100", "990000"):
        assert [each.items for each in ranked_for(two_years.services, YEAR, region)] == [("cost_labour",)] * 2


def test_before_anybody_asked_nothing_is_ranked(two_years: Any) -> None:
    assert names(two_years) == []


def test_the_reviewer_is_told_the_item_and_no_figure_but_the_units_own(two_years: Any) -> None:
    find_outliers(two_years.services, InMemory(), YEAR)
    case = open_case(two_years.services, review_link(two_years, "U03"))
    (finding,) = case.outlying
    assert (finding.rule_id, finding.items) == ("S02", ("cost_labour",))
    assert not re.search(r"[0-9]{3,}", finding.zh + finding.en)


def review_link(world: Any, unit: str) -> Any:
    key = submission_id(world.store.home_key(), YEAR, "kd-1", unit)
    return inbox_review_link(seat(world), world.store.submission(key))


def test_a_new_revision_is_not_spoken_of_before_it_was_looked_at(two_years: Any) -> None:
    find_outliers(two_years.services, InMemory(), YEAR)
    back = Verdict(accept=False, reason="arithmetic", items=("cost_labour",))
    decide_case(two_years.services, review_link(two_years, "U03"), back)
    assert names(two_years) == ["U7厂"]
    send(two_years, "U03", 1104)
    assert names(two_years) == ["U7厂"]
    assert find_outliers(two_years.services, InMemory(), YEAR) == 1
    assert names(two_years) == ["U7厂"]


def test_what_is_ranked_is_held_back_from_a_bulk_acceptance(two_years: Any) -> None:
    find_outliers(two_years.services, InMemory(), YEAR)
    picks = []
    for unit in ("U03", "U04"):
        key = submission_id(two_years.store.home_key(), YEAR, "kd-1", unit)
        picks.append((key, two_years.store.submission(key).state.revision_hash))
    held, taken = accept_many(two_years.services, seat(two_years), picks)
    assert (held.outcome, taken.outcome) == (Outcome.HELD, Outcome.ACCEPTED)


def test_both_ways_of_asking_find_the_same(two_years: Any) -> None:
    rows = [
        Moved(f"s{n}", "cost_labour", "39", "S", "9901", Decimal(1000 + n) * (50 if n == 5 else 1), Decimal(1000))
        for n in range(40)
    ]
    settings = statistical_settings().outliers
    plain, bulk = outliers(rows, settings), DuckdbEdits().outliers(rows, settings)
    assert (
        [(each.unit, each.item) for each in bulk]
        == [(each.unit, each.item) for each in plain]
        == [("s5", "cost_labour")]
    )
    assert bulk[0].score == pytest.approx(plain[0].score)
