"""What the page tests share: one small world a module."""

from collections.abc import Iterator

import pytest

from tests.handlers.world import YEAR, World, found, open_year


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One home for the tests of a module, with its tables built."""
    made = found(tmp_path_factory.mktemp("pages"))
    open_year(made)
    made.file(1, papers="7")
    assert [made.review(1, region) for region in ("990101", "990100", "990000")] == [303] * 3
    made.file(2)
    made.home.workshop.build(None, YEAR, made.clock.now())
    yield made
    made.home.close()
