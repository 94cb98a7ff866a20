"""A fresh home on either ground: one machine, or a stand-in for AWS (table and bucket) with mail to a Maildir."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.dynamodb.design import table_request
from tests.aws_server import REGION, LocalAws, local_aws
from tests.journeys.driver import Home

ON_ONE_MACHINE, ON_AWS = "one machine", "aws"
GROUNDS = [ON_ONE_MACHINE, pytest.param(ON_AWS, marks=pytest.mark.long)]
on_both_grounds = pytest.mark.parametrize("ground", GROUNDS, scope="module")
"""Of a module whose journeys are made on both."""
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


def settings_on_function() -> dict[str, str]:
    """The same ground, by the names of the parameter store."""
    return {"store": "dynamodb", "table": TABLE, "objects": "s3", "bucket": BUCKET}


def _ended(home: Home) -> Iterator[Home]:
    try:
        yield home
    finally:
        if home.server is not None:
            home.stop()


@dataclass(frozen=True, slots=True)
class Cloud:
    """What lies in the table and the bucket of a home on AWS, looked at from outside."""

    aws: LocalAws

    def pending(self) -> int:
        """How many promised letters and facts are still to come, and how many submissions are still to be counted."""
        return sum(self._count("due", f"PROMISES#{n}") + self._count("tally", f"TALLY#{n}") for n in range(4))

    def _count(self, index: str, partition: str) -> int:
        ask = {"TableName": TABLE, "IndexName": index, "KeyConditionExpression": f"{index}_pk = :p", "Select": "COUNT"}
        found = self.aws.client("dynamodb").query(**ask, ExpressionAttributeValues={":p": {"S": partition}})
        return int(found["Count"])

    def everything(self) -> dict[str, str]:
        """Every item but the sweep's lease, and the tag of every object."""
        table, bucket = self.aws.client("dynamodb"), self.aws.client("s3")
        items = [item for page in table.get_paginator("scan").paginate(TableName=TABLE) for item in page["Items"]]
        found = {f"{item['pk']['S']} {item['sk']['S']}": repr(sorted(item.items())) for item in items}
        found.pop("NOTES lease:sweep", None)
        pages = bucket.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return found | {one["Key"]: one["ETag"] for page in pages for one in page.get("Contents", ())}


def in_the_cloud(home: Home) -> Cloud | None:
    """The cloud a home stands in; None for one machine."""
    return Cloud(LocalAws(home.settings["AWS_ENDPOINT_URL"])) if "ZHIBAO_TABLE" in home.settings else None
