"""A fresh home with a free port for each journey, its server ended whatever happens."""

from collections.abc import Iterator

import pytest

from tests.journeys.driver import Home
from tests.journeys.served_year import serve_two_years


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home a module; the module's own fixtures load its register and start its server."""
    one = Home(tmp_path_factory.mktemp("journey"))
    yield one
    if one.server is not None:
        one.stop()


@pytest.fixture(scope="module")
def served(home: Home) -> Iterator[Home]:
    """A served home with an open year and a closed one."""
    serve_two_years(home)
    yield home
    assert home.stop() == 0
