"""A fresh home with a free port for each journey, its server ended whatever happens."""

from collections.abc import Iterator

import pytest

from tests.journeys.driver import Home
from tests.journeys.grounds import ON_ONE_MACHINE, home_on
from tests.journeys.served_year import serve_two_years


@pytest.fixture(scope="module")
def ground() -> str:
    """One machine, unless a module is for both (`on_both_grounds`)."""
    return ON_ONE_MACHINE


@pytest.fixture(scope="module")
def home(ground: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home a module and ground; the module's own fixtures load its register and start its server."""
    with home_on(ground, tmp_path_factory.mktemp("journey")) as one:
        yield one


@pytest.fixture(scope="module")
def served(home: Home) -> Iterator[Home]:
    """A served home with an open year and a closed one."""
    serve_two_years(home)
    yield home
    assert home.stop() == 0
