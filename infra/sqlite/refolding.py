"""Making the copies of state anew when the meaning of the fold has changed: the events are the truth, a state is their
fold. Runs once when a newer program first opens an older file; killed half-way, the next start goes on.
"""

import sqlite3
from typing import TYPE_CHECKING

from infra.sqlite.steps import new_state
from workflows.chain import GENESIS
from workflows.machine import evolve
from workflows.machine.duties import next_moment
from workflows.machine.evolving import VERSION
from workflows.machine.states import State
from workflows.submissions import Submission

if TYPE_CHECKING:
    from infra.sqlite.store import SqliteStore

BATCH = 500
_MARK = "fold"


def refold(store: "SqliteStore") -> None:
    """Bring every stored state to this program's fold."""
    if store.mark(_MARK) == str(VERSION):
        return
    after = ""
    while rows := store.read("SELECT id FROM submissions WHERE id > ? ORDER BY id LIMIT ?", (after, BATCH)):
        with store.transaction() as db:
            for (key,) in rows:
                _refold_one(store, db, key)
        after = rows[-1][0]
    store.set_mark(_MARK, str(VERSION))


def _refold_one(store: "SqliteStore", db: sqlite3.Connection, key: str) -> None:
    state, head = State(), GENESIS
    for event in store.events(key):
        state, head = evolve(state, event.event(), event.at), event.hash
    identity = store.identity(key)
    collection = store.collection(identity.year, identity.form)
    if collection is None:
        raise LookupError(f"submission {key} belongs to no collection")
    new_state(Submission(identity, state, head), next_moment(state, collection.calendar), was=state.events).changes(db)
