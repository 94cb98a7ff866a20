"""A build says in the store that it reads the accepted figures, so that an acceptance it may use is not taken back."""

import pytest

from handlers.frames import CollectionFrames
from tests.handlers.world import YEAR, World
from workflows.deadlines import to_text
from workflows.undoing import BUILDING, build_note


def test_a_build_is_noted_while_it_lasts_and_when_it_ended(world: World) -> None:
    frames, store = CollectionFrames(world.home.services), world.home.store
    with frames.building(YEAR):
        assert store.mark(build_note(YEAR)) == BUILDING
    assert store.mark(build_note(YEAR)) == to_text(world.clock.now())


def test_a_build_that_fails_has_ended_too(world: World) -> None:
    frames, store = CollectionFrames(world.home.services), world.home.store
    with pytest.raises(RuntimeError), frames.building(YEAR):
        raise RuntimeError
    assert store.mark(build_note(YEAR)) == to_text(world.clock.now())


def test_building_the_tables_leaves_the_note(world: World) -> None:
    world.home.store.set_mark(build_note(YEAR), "")
    world.home.workshop.build("response_rates", YEAR, world.clock.now())
    assert world.home.store.mark(build_note(YEAR)) == to_text(world.clock.now())
