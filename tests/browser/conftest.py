"""Chromium, one demo home with its server, and windows of every size and language: what the journeys share."""

import shutil
import warnings
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.looks import LOOKS, Look
from tests.browser.projects import Projects, served_projects
from tests.browser.small_home import make_small_home
from tests.browser.town import Town
from tests.browser.windows import Window, Windows
from tests.journeys.driver import Home

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NOT_RUN = "Chromium not found: browser journeys NOT run"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; where there is none that is said in the summary, not passed over."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(NOT_RUN, stacklevel=1)
        pytest.skip(NOT_RUN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def homes(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Home]:
    """A demo home and its twin, whose review links ask for a mailed code on a new device.

    Chromium is asked for first: without it nothing is made.
    """
    plain = Home(tmp_path_factory.mktemp("town"))
    careful = Home(tmp_path_factory.mktemp("careful"), settings={"ZHIBAO_REVIEW_CONFIRM": "device"})
    make_small_home(plain)
    shutil.copytree(plain.root, careful.root)
    return plain, careful


@pytest.fixture(scope="session")
def town(homes: tuple[Home, Home]) -> Iterator[Town]:
    """The one demo home of all journeys, served."""
    yield from _served(homes[0])


@pytest.fixture(scope="session")
def careful_town(homes: tuple[Home, Home]) -> Iterator[Town]:
    """The home that confirms devices, served."""
    yield from _served(homes[1])


def _served(home: Home) -> Iterator[Town]:
    home.start()
    town = Town(home)
    try:
        yield town
    finally:
        town.close()
        home.stop()


@pytest.fixture(params=LOOKS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    """Phone and desk, Chinese and English."""
    found: Look = request.param
    return found


@pytest.fixture
def windows(chromium: Browser) -> Iterator[Windows]:
    """Opens windows; at the end none may have complained in its console or asked another host."""
    opened = Windows(chromium)
    yield opened
    opened.close()


@pytest.fixture
def window(windows: Windows, town: Town, look: Look) -> Window:
    """One window on the town in the look of the test."""
    return windows.open(town.base, look)


@pytest.fixture(scope="session")
def projects(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Projects]:
    """A home of enterprises that file 107-1, served."""
    with served_projects(tmp_path_factory.mktemp("projects") / "home") as served:
        yield served
