"""Making the copies of state anew when the meaning of the fold has changed: the events are the truth, a state is their
fold. The first pass of a newer program's sweep does it, under the lease; one that dies is simply followed by another.
"""

from typing import TYPE_CHECKING

from infra.dynamodb import keys
from infra.dynamodb.design import shard_of
from infra.dynamodb.rows import state_values, tally_of
from infra.dynamodb.writes import Kind, Part, Value, Write, equal
from workflows.chain import GENESIS
from workflows.machine import evolve
from workflows.machine.duties import next_moment
from workflows.machine.evolving import VERSION
from workflows.machine.states import State
from workflows.submissions import Submission

if TYPE_CHECKING:
    from infra.dynamodb.store import DynamoStore

BATCH = 500
_MARK = "fold"


def refold(store: "DynamoStore") -> None:
    """Bring every stored state to this program's fold. A table without the mark was made by this program."""
    mark = store.mark(_MARK)
    if mark == str(VERSION):
        return
    cursor: str | None = "" if mark is not None else None
    while cursor is not None:
        page = store.submissions(cursor, BATCH)
        for submission in page.rows:
            _refold_one(store, submission)
        cursor = page.cursor or None
    store.set_mark(_MARK, str(VERSION))


def _refold_one(store: "DynamoStore", submission: Submission) -> None:
    """One that moves meanwhile is moved by a program that folds as this one does."""
    state, head = State(), GENESIS
    for event in store.events(submission.id):
        state, head = evolve(state, event.event(), event.at), event.hash
    identity = submission.identity
    collection = store.collection(identity.year, identity.form)
    if collection is None:
        raise LookupError(f"submission {submission.id} belongs to no collection")
    folded = Submission(identity, state, head)
    values, keeps = state_values(folded, next_moment(state, collection.calendar)), dict[str, Value]()
    if tally_of(folded) != tally_of(submission):
        values["tally_pk"], keeps["counted"] = keys.untallied(shard_of(submission.id)), tally_of(submission)
    condition = equal(version=submission.version)
    store.offer(Write(Kind.UPDATE, keys.state(submission.id), values, keeps, condition=condition, part=Part.STATE))
