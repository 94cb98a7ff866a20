"""A fresh home on either ground: one machine, or a stand-in for AWS (table and bucket) with mail to a Maildir."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.dynamodb.design import table_request
from tests.aws_server import REGION, LocalAws, local_aws
from tests.journeys.driver import Home

ON_AWS = "aws"
GROUNDS = ["one machine", pytest.param(ON_AWS, marks=pytest.mark.long)]
"""The journeys that are made on both."""
TABLE = BUCKET = "zhibao-journey"


@contextmanager
def home_on(ground: str, folder: Path) -> Iterator[Home]:
    """A home in a folder of its own; its server is ended whatever happens."""
    if ground == ON_AWS:
        with local_aws() as aws:
            yield from _ended(Home(folder, settings=settings_on(aws)))
    else:
        yield from _ended(Home(folder))


def settings_on(aws: LocalAws) -> dict[str, str]:
    """The settings of a home there, whose table and bucket are made here."""
    aws.client("dynamodb").create_table(**table_request(TABLE))
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    ground = {"STORE": "dynamodb", "TABLE": TABLE, "OBJECTS": "s3", "BUCKET": BUCKET}
    return {**aws.environment, **{f"ZHIBAO_{name}": value for name, value in ground.items()}}


def _ended(home: Home) -> Iterator[Home]:
    try:
        yield home
    finally:
        if home.server is not None:
            home.stop()
