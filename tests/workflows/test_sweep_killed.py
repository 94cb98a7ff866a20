"""A sweep that the system kills between writing a reminder down and sending its letter: nothing lost, nothing twice."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.maildir import Maildir, read_mailbox
from workflows.deadlines import read_instant, to_text
from workflows.machine.events import Reminded
from workflows.sweep import Sweep

ROOT = Path(__file__).parents[2]
STEP = read_instant("2026-03-10T24:00") - timedelta(days=7)
DYING = """
import os, signal, sys
from pathlib import Path
from infra.maildir import Maildir
from infra.sqlite.store import SqliteStore
from tests.workflows.conftest import KEY, SetClock, _catalogue
from workflows.deadlines import from_text
from workflows.links import Links
from workflows.services import Services
from workflows.sweep import Sweep

home, moment, place, count = Path(sys.argv[1]), from_text(sys.argv[2]), sys.argv[3], int(sys.argv[4])
left = [count]

def dying(where, act):
    def acted(*arguments):
        if where == place:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return act(*arguments)
    return acted

class Box(Maildir):
    send = dying("before a letter", Maildir.send)
    _deliver = dying("before the letters appear", Maildir._deliver)

class Store(SqliteStore):
    commit = dying("before a step", SqliteStore.commit)
    finish = dying("before the mark", SqliteStore.finish)
    defer = dying("after the mark", SqliteStore.defer)

store, clock = Store(home / "home.sqlite3"), SetClock(moment)
services = Services(store, clock, Links([KEY], clock), _catalogue(), "http://zhibao.example")
Sweep(services, Box(home / "mail", "zhibao@zhibao.example"), print, once_by_id=True).run()
"""
PLACES = {
    "before a step": 2,
    "before a letter": 2,
    "before the letters appear": 1,
    "before the mark": 1,
    "after the mark": 1,
}


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_sweep_is_followed_by_one_that_finishes(world: Any, tmp_path: Path, place: str) -> None:
    world.open()
    world.sweep()
    command = [sys.executable, "-c", DYING, str(tmp_path), to_text(STEP), place, str(PLACES[place])]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    world.clock.moment = STEP
    box = Maildir(tmp_path / "mail", "zhibao@zhibao.example")
    sweep = Sweep(world.services, box, world.accepted.append, once_by_id=True)
    sweep.run()
    sweep.run()
    received = list(read_mailbox(box.root))
    assert sorted(one.to.split("<")[1] for one in received) == [f"e{n}@units.example>" for n in (1, 2, 3)]
    for unit in ("E1", "E2", "E3"):
        events = [recorded.event() for recorded in world.store.events(world.submission(unit).id)]
        assert [event.step for event in events if isinstance(event, Reminded)] == ["-7d"]
    assert world.store.pending_count() == 0
