"""For every pair of commands that can meet on one submission: sixteen people press at once; what happened happened in
some order, neither of the two twice over, nothing was lost, and whoever lost to a decision is told whose it was.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from infra.sqlite.store import SqliteStore
from tests.explorer.cast import AT
from tests.races.meetings import ALL_KINDS, NOW, Meeting, meetings
from tests.races.sixteen import PEOPLE, Came, Round, opened_home, raced
from workflows.machine import decide, evolve
from workflows.machine.commands import Accept, Return
from workflows.machine.refusals import Refusal, RefusalCode

ROUNDS = 100
SAMPLE = ("Accept × Return", "Accept × Accept", "Submit × Submit", "Accept × Undo", "ConfirmDisposition × Submit")


def test_every_command_meets_others() -> None:
    found = meetings()
    assert {type(command).__name__ for meeting in found for command in meeting.commands} == ALL_KINDS
    assert len(found) >= 165


def test_of_sixteen_who_press_at_once_each_effect_is_there_once(tmp_path: Path) -> None:
    found = [meeting for meeting in meetings() if meeting.name in SAMPLE]
    assert len(found) == len(SAMPLE)
    race(found, 5, tmp_path)


@pytest.mark.long
def test_every_pair_of_commands_races_a_hundred_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = meetings()
    seconds = race(found, ROUNDS, tmp_path)
    with capsys.disabled():
        rounds = ROUNDS * len(found)
        print(f"\n{len(found)} pairs, {rounds} rounds of {PEOPLE} people: {rounds / seconds:.0f} rounds/s", end=" ")


def race(found: Sequence[Meeting], times: int, folder: Path) -> float:
    """Race each pair so many times and look at what is left. Seconds it took."""
    rounds = [Round(f"r{number:03d}-{time_:03d}", one) for number, one in enumerate(found) for time_ in range(times)]
    path = folder / "home.sqlite3"
    opened_home(path, rounds)
    began = time.monotonic()
    came = raced(path, rounds)
    seconds = time.monotonic() - began
    by_round: dict[int, list[Came]] = defaultdict(list)
    for one in came:
        by_round[one.round].append(one)
    store = SqliteStore(path)
    for count, one in enumerate(rounds):
        assert len(by_round[count]) == PEOPLE
        looks_right(store, one, by_round[count])
    store.close()
    return seconds


def looks_right(store: SqliteStore, one: Round, came: Sequence[Came]) -> None:
    """One round: its history is one that sixteen people who came one after the other could have made."""
    meeting, what = one.meeting, f"{one.meeting.name} on {one.key}"
    added = list(store.events(one.key))[len(meeting.events) :]
    written = [digest for each in came for digest in each.hashes]
    assert sorted(written) == sorted(link.hash for link in added), f"{what}: an effect was lost, or came of nobody"
    author = {digest: each for each in came for digest in each.hashes}
    state = meeting.state
    for link in added:
        outcome = decide(state, meeting.by(author[link.hash].number), NOW)
        assert outcome == (link.event(),), f"{what}: an effect that its turn did not allow"
        state = evolve(state, link.event(), AT)
    stored = store.submission(one.key)
    assert stored is not None
    assert stored.state == state, what
    happens_once(meeting, [author[link.hash] for link in added], what)
    losers_are_told(meeting, came, what)


def happens_once(meeting: Meeting, authors: Sequence[Came], what: str) -> None:
    """One of two that exclude each other; else neither again until the other has changed what it found."""
    if meeting.exclusive:
        assert len(authors) == 1, f"{what}: {len(authors)} effects of two that exclude each other"
    if type(meeting.commands[0]) is not type(meeting.commands[1]):
        for first, second in pairwise(authors):
            assert first.number % 2 != second.number % 2, f"{what}: the same command took effect twice"


def losers_are_told(meeting: Meeting, came: Sequence[Came], what: str) -> None:
    """Who wanted to decide and found a decision there learns whose it is."""
    if not all(isinstance(command, (Accept, Return)) for command in meeting.commands):
        return
    (winner,) = (each for each in came if each.hashes)
    person = getattr(meeting.by(winner.number), "person", "")
    for loser in (each for each in came if not each.hashes):
        assert isinstance(loser.refusal, Refusal), what
        assert loser.refusal.code is RefusalCode.ALREADY_DECIDED, what
        assert loser.refusal.decision is not None, what
        assert loser.refusal.decision.person == person, what
