"""A newer program's fold on DynamoDB: the first pass of the sweep makes the copies of state anew from the events."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.dynamodb import keys
from infra.dynamodb.states import pack_state
from infra.dynamodb.store import DynamoStore
from infra.dynamodb.writes import THERE, update
from tests.aws import story
from tests.aws.world import home_on_aws
from tests.handlers.world import YEAR, World, open_year
from workflows.audit import verify
from workflows.machine.evolving import VERSION


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A return that waits at the county, as a program with another fold would have left it."""
    with home_on_aws(tmp_path_factory.mktemp("fold")) as (made, _):
        open_year(made, units=2)
        story.send(made, 1)
        yield made


def spoil(world: World) -> None:
    """A state that its events do not lead to."""
    store = world.home.store
    assert isinstance(store, DynamoStore)
    true = story.submission_of(world, 1)
    other = replace(true.state, rule_set="as an older program said it")
    gone = {"state": pack_state(other), "waiting_pk": None, "waiting_sk": None}
    store.write(update(keys.state(true.id), gone, THERE))


def test_a_state_of_an_older_fold_is_made_anew_with_its_places_in_the_lists(world: World) -> None:
    true = story.submission_of(world, 1)
    store = world.home.store
    spoil(world)
    assert store.inbox("990101", "", 9).rows == []
    assert [fault.where for fault in verify(world.home.services).faults] == [true.id]
    store.set_mark("fold", "0")
    world.sweep()
    assert store.mark("fold") == str(VERSION)
    assert store.submission(true.id) == true
    assert [one.id for one in store.inbox("990101", "", 9).rows] == [true.id]
    assert sum(one.count for one in store.progress(YEAR) if one.sent) == 1
    assert verify(world.home.services).faults == ()


def test_a_state_that_was_altered_otherwise_stays_as_evidence(world: World) -> None:
    """A pass under the same program touches nothing: verification finds what was done."""
    spoil(world)
    world.sweep()
    assert [fault.where for fault in verify(world.home.services).faults] == [story.submission_of(world, 1).id]
