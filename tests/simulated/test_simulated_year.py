"""A year in simulated time: whoever is written to acts on it, and at the close nothing is left lying anywhere."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulated.province import AWAY, Province
from tests.simulated.year import CLOSE, DUE, Year
from workflows.audit import verify, verify_days
from workflows.calendars import defaults
from workflows.deadlines import CHINA
from workflows.delivering import SubmissionAccepted
from workflows.machine.events import LevelAccepted, Returned
from workflows.machine.states import Stage
from workflows.submissions import Submission

THINGS = (
    "filed",
    "withdrawn",
    "accepted",
    "accepted in bulk",
    "returned",
    "undone",
    "asked",
    "answered",
    "content with an answer",
    "disposed",
    "reopened",
)


def lived(home: Path, size: int) -> Year:
    year, started = Year(home, Province(size)), time.perf_counter()
    year.run()
    print(f"\n{size} submissions in {time.perf_counter() - started:.0f} s: {dict(year.people.done)}")
    print(f"sweep: {dict(year.work)}; troubles: {dict(year.post.troubles)}")
    return year


@pytest.fixture(
    scope="module",
    params=[pytest.param(300, id="300"), pytest.param(20_000, id="20000", marks=pytest.mark.long)],
)
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    found = lived(tmp_path_factory.mktemp("year"), request.param)
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def submissions(year: Year) -> list[Submission]:
    found: list[Submission] = []
    cursor: str | None = ""
    while cursor is not None:
        page = year.store.submissions(cursor, 500)
        found += page.rows
        cursor = page.cursor or None
    return found


def test_each_submission_is_accepted_or_disposed_of(year: Year, submissions: list[Submission]) -> None:
    assert len(submissions) == year.province.size
    stages = Counter(one.state.stage for one in submissions)
    print(f"at the close: {dict(stages)}")
    assert set(stages) == {Stage.ACCEPTED, Stage.DISPOSED}


def test_everything_that_happens_in_a_year_has_happened(year: Year) -> None:
    assert [thing for thing in THINGS if not year.people.done[thing]] == []
    assert year.work["reminders"]
    assert year.post.troubles["would not take a letter"]


def test_no_letter_was_sent_twice_under_one_id(year: Year) -> None:
    assert len(year.post.ids) > 5 * year.province.size
    assert [key for key, times in year.post.ids.items() if times > 1] == []


def test_no_letter_is_left_waiting(year: Year) -> None:
    assert year.store.pending_count() == 0


def test_quiet_hours_are_kept(year: Year) -> None:
    quiet = {
        one.region: (one.quiet_from, one.quiet_until)
        for one in year.province.settings()
        if one.quiet_from is not None and one.quiet_until is not None
    }
    to_quiet_seats = [
        (at, quiet[region])
        for at, address, _ in year.post.taken
        if address.endswith("@seats.example") and (region := address.split("@")[0].split(".")[1]) in quiet
    ]
    assert len(to_quiet_seats) > 100
    assert year.work["deferred"]
    hours = [(at.astimezone(CHINA).hour, *bounds) for at, bounds in to_quiet_seats]
    assert [hour for hour, begin, end in hours if hour >= begin or hour < end] == []


def test_nobody_gets_more_reminders_in_an_hour_than_is_allowed(year: Year) -> None:
    reminders = Counter((address, at.replace(minute=0)) for at, address, subject in year.post.taken if "催" in subject)
    assert reminders
    assert max(reminders.values()) <= int(defaults()["letters_per_hour"])


def test_a_stand_in_decides_on_his_days_and_on_no_other(year: Year, submissions: list[Submission]) -> None:
    stand_ins = {
        year.store.person_of(member.email).id: member.region_code
        for member in year.province.staff()
        if member.email.startswith("s.")
    }
    days = [
        recorded.at.astimezone(CHINA).date()
        for one in submissions
        for recorded in year.store.events(one.id)
        if isinstance(event := recorded.event(), LevelAccepted | Returned) and event.person in stand_ins
    ]
    assert days
    assert AWAY[0] <= min(days)
    assert max(days) <= AWAY[1]


def test_the_tables_are_told_of_each_acceptance_that_stands(year: Year, submissions: list[Submission]) -> None:
    told = {(one.submission.id, one.revision) for one in year.told if isinstance(one, SubmissionAccepted)}
    standing = {(one.id, one.state.accepted.revision) for one in submissions if one.state.accepted is not None}
    assert len(standing) > 0.8 * year.province.size
    assert standing <= told


def test_whoever_files_after_the_due_time_is_marked_late(submissions: list[Submission]) -> None:
    sent = [one for one in submissions if one.state.first_sent_at is not None]
    late = [one for one in sent if one.state.first_sent_at and one.state.first_sent_at >= DUE]
    assert late
    assert {one.id for one in sent if one.state.late} == {one.id for one in late}
    assert all(one.state.first_sent_at < CLOSE for one in sent if one.state.first_sent_at)


def test_every_chain_and_every_signed_day_verifies(year: Year) -> None:
    result = verify(year.services)
    assert result.submissions == year.province.size
    assert result.faults == ()
    assert verify_days(year.services) == ()
