"""Killed before and after every write of a step and of the sweep: what stands afterwards is what stood before the step
or what stands after it, letters and facts are there once, and SMTP repeats no more than one letter, under its own id.
"""

import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from tests.killing.mortal import Moments, in_a_life, open_home
from tests.workflows.conftest import REGIONS, STAFF, START, UNITS, Post, SetClock, World
from workflows.calendars import Calendar
from workflows.chain import GENESIS, Payload, link_hash
from workflows.collecting import open_collection
from workflows.machine import commands as c
from workflows.machine import evolve
from workflows.machine.commands import Command
from workflows.machine.states import DispositionKind, State
from workflows.reviewing import Verdict, decide_case
from workflows.stepping import carry_out, prepare
from workflows.submissions import Submission

COUNTS = """
SELECT (SELECT count(*) FROM submissions), (SELECT count(*) FROM events), (SELECT count(*) FROM drafts),
(SELECT count(*) FROM revisions), (SELECT count(*) FROM payloads), (SELECT count(*) FROM traces)
"""
SAMPLE = 7
"""Of the moments, every how many-th is tried in every run; all of them in the long one."""
Act = Callable[[World], object]


@dataclass(frozen=True)
class Deed:
    """One step of somebody, and what has to be done before it."""

    name: str
    before: tuple[Act, ...]
    act: Act


def give(command: Callable[[State], Command], words: str = "") -> Act:
    """A command given to the first unit's submission."""

    def act(world: World) -> object:
        def make() -> Any:
            found = world.submission()
            payload = Payload.of(words) if words else None
            return prepare(world.services, found, command(found.state), payload=payload)

        return carry_out(world.services, make)

    return act


def file(world: World) -> object:
    return world.file("E1")


def accept(level: str) -> Act:
    return lambda world: world.accept(level)


def send_back(world: World) -> object:
    verdict = Verdict(accept=False, reason="arithmetic", items=("cost_total",), comment="请核对")
    return decide_case(world.services, world.review_link("county"), verdict)


def undo(state: State) -> Command:
    last = state.standing[-1]
    return c.Undo(last.person, last.body, state.revision, last.event_number)


def confirm(state: State) -> Command:
    assert state.disposition is not None
    return c.ConfirmDisposition("office-2", state.route[-1], state.disposition.event_number)


def reopen(state: State) -> Command:
    words = ("arithmetic", ("cost_total",), "hash")
    return c.Reopen("office-1", state.route[-1], state.revision, state.revision_hash, *words)


ACCEPTED = (file, accept("county"), accept("city"), accept("province"))
PROPOSED = give(
    lambda state: c.ProposeDisposition("office-1", state.route[-1], DispositionKind.DUPLICATE, "hash"), "重"
)
DEEDS = (
    Deed("sending", (), file),
    Deed("returning", (file,), send_back),
    Deed("accepting for the province", ACCEPTED[:3], ACCEPTED[3]),
    Deed("undoing the last acceptance", ACCEPTED, give(undo)),
    Deed("confirming a disposition", (*ACCEPTED, PROPOSED), give(confirm)),
    Deed("reopening", ACCEPTED, give(reopen, "请核对")),
)


@dataclass
class Home:
    """A home in a folder, ready for the deed."""

    root: Path
    at: datetime
    smtp: bool

    def world(self, moments: Moments) -> World:
        services, sweep = open_home(self.root, moments, self.at, smtp=self.smtp)
        clock = services.clock
        assert isinstance(clock, SetClock)
        return World(services, clock, Post(), sweep, accepted=[])

    def live(self, deed: Deed, last: int) -> tuple[int, list[str]]:
        """Do the deed and sweep, and die at the moment `last`."""

        def act(moments: Moments) -> None:
            world = self.world(moments)
            deed.act(world)
            world.sweep()

        return in_a_life(act, last)

    def rows(self) -> Mapping[str, object]:
        """What stands in the file, but for what is drawn by lot (nonces, and hashes of what holds one)."""
        with closing(sqlite3.connect(self.root / "home.sqlite3")) as file:
            rows: dict[str, object] = {"counts": file.execute(COUNTS).fetchone()}
            rows["state"] = file.execute("SELECT id, version, stage, waiting_at, next_at FROM submissions").fetchall()
            rows["types"] = file.execute("SELECT submission, number, type FROM events").fetchall()
            rows["promised"] = sorted(file.execute("SELECT id FROM outbox").fetchall())
        return rows

    def left_undone(self) -> list[str]:
        """Promises that were not kept."""
        with closing(sqlite3.connect(self.root / "home.sqlite3")) as file:
            return [key for (key,) in file.execute("SELECT id FROM outbox WHERE done_at IS NULL ORDER BY id")]

    def post(self) -> Counter[str]:
        """Letters delivered, by id."""
        if self.smtp:
            notes = self.root / "relay"
            return Counter(notes.read_text().split()) if notes.exists() else Counter()
        return Counter(path.name for path in (self.root / "mail" / "new").iterdir())

    def facts(self) -> list[str]:
        return sorted(path.name for path in (self.root / "objects").rglob("*.json"))

    def settle(self, deed: Deed, before: Mapping[str, object]) -> None:
        """Start again: do the deed if it was not done, sweep, and find everything in order."""
        world = self.world(Moments())
        try:
            if self.rows() == before:
                deed.act(world)
            world.sweep()
            for submission in world.store.submissions("", 99).rows:
                assert replayed(world.store, submission.id) == submission
        finally:
            world.store.close()


def replayed(store: SqliteStore, key: str) -> Submission:
    """What the chain of a submission leads to, each link checked."""
    state, head = State(), GENESIS
    for number, link in enumerate(store.events(key), start=1):
        assert link.hash == link_hash(key, number, link.at, link.type, link.data, head)
        state, head = evolve(state, link.event(), link.at), link.hash
    return Submission(store.identity(key), state, head)


def prepared(root: Path, deed: Deed, *, smtp: bool) -> Home:
    """A home in which all that comes before the deed is done and swept."""
    root.mkdir()
    store = SqliteStore(root / "home.sqlite3")
    store.import_regions(REGIONS, START)
    store.import_units(UNITS[:1], START)
    store.import_staff(STAFF, START)
    store.close()
    home = Home(root, START, smtp)
    world = home.world(Moments())
    open_collection(world.services, year=2025, form="kd-1", calendar=Calendar(START + timedelta(days=60)))
    for act in deed.before:
        act(world)
    world.sweep()
    world.store.close()
    return home


def killed_everywhere(deed: Deed, folder: Path, *, smtp: bool, every: int) -> int:
    """Kill at each `every`-th moment of the deed and its sweep. How many moments there were."""
    home = prepared(folder / "home", deed, smtp=smtp)
    before = home.rows()
    whole = copy(home, folder / "whole")
    code, moments = whole.live(deed, 0)
    assert code == 0
    assert before != whole.rows()
    assert whole.left_undone() == []
    for last in range(1, len(moments) + 1, every):
        name = f"killed at {last} of {len(moments)}: {moments[last - 1]}"
        one = copy(home, folder / "one")
        assert one.live(deed, last)[0] == -signal.SIGKILL, name
        left = one.rows()
        assert left in (before, whole.rows()), name
        one.settle(deed, before)
        assert one.rows() == whole.rows(), name
        assert one.left_undone() == whole.left_undone(), name
        assert one.facts() == whole.facts(), name
        assert set(one.post()) == set(whole.post()), name
        repeated = [letter for letter, count in one.post().items() if count > 1]
        assert len(repeated) <= (1 if smtp else 0), name
        shutil.rmtree(one.root)
    return len(moments)


def copy(home: Home, to: Path) -> Home:
    shutil.copytree(home.root, to)
    return Home(to, home.at, home.smtp)


@pytest.mark.parametrize("smtp", [False, True], ids=["maildir", "smtp"])
def test_a_death_at_some_write_leaves_before_or_after(tmp_path: Path, *, smtp: bool) -> None:
    assert killed_everywhere(DEEDS[2], tmp_path, smtp=smtp, every=SAMPLE) > 20


@pytest.mark.long
@pytest.mark.parametrize("smtp", [False, True], ids=["maildir", "smtp"])
@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.name)
def test_a_death_at_any_write_leaves_before_or_after(
    deed: Deed, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, smtp: bool
) -> None:
    count = killed_everywhere(deed, tmp_path, smtp=smtp, every=1)
    with capsys.disabled():
        print(f"\n{deed.name}: killed at {count} moments", end=" ")
    assert count > 20
