"""The small home of tests/handlers/world.py on the stand-in for AWS: store in DynamoDB, objects in S3, letters kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from handlers.app import create_app
from handlers.bootstrap import wire
from infra.settings import make_home, read_settings
from tests.aws_server import LocalAws, local_aws
from tests.handlers.world import MovableClock, Post, World
from tests.journeys.grounds import settings_on


@contextmanager
def home_on_aws(folder: Path) -> Iterator[tuple[World, LocalAws]]:
    """An empty home; every client of this process takes the stand-in for AWS."""
    with local_aws() as aws, pytest.MonkeyPatch.context() as patch:
        make_home(folder)
        more = {"ZHIBAO_HOME": str(folder), "ZHIBAO_BASE_URL": "http://localhost", "ZHIBAO_REVIEW_CONFIRM": "link"}
        environment = {**settings_on(aws), **more}
        for name, value in environment.items():
            patch.setenv(name, value)
        clock, post = MovableClock(), Post()
        home = wire(read_settings(environment), clock=clock, mailer=lambda _: post)
        yield World(home, create_app(home), clock, post), aws
        home.close()
