"""A pass that is told to end leaves the rest for the next, and forgets nothing of what it did."""

from typing import Any


def test_a_pass_that_is_ended_marks_what_it_kept_and_the_next_keeps_the_rest(world: Any) -> None:
    world.sweep()
    world.open()
    promised = world.store.pending_count()
    answers = iter([True])
    first = world.sweeper.run(lambda: next(answers, False))
    assert (first.effects, first.letters) == (1, 1)
    assert world.store.pending_count() == promised - 1
    second = world.sweeper.run()
    assert second.effects == promised - 1
    assert len({letter.id for letter in world.post.letters}) == len(world.post.letters) == promised


def test_a_pass_that_may_not_begin_does_nothing(world: Any) -> None:
    world.sweep()
    world.open()
    promised = world.store.pending_count()
    assert world.sweeper.run(lambda: False).effects == 0
    assert world.store.pending_count() == promised > 0
