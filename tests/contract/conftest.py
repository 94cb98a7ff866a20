"""What the contract suites share: a local stand-in for AWS, a bucket of a test's own, and a home on each ground."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from infra.dynamodb.design import table_request
from infra.dynamodb.store import DynamoStore
from infra.file_objects import FileObjects
from infra.payload_keys import HomeKeys
from infra.sqlite.store import SqliteStore
from tests.aws_server import REGION, LocalAws, local_aws
from workflows.ports import Store

OpenHome = Callable[[str], Store]

_NUMBERS = count()


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    """One stand-in for all tests of this process."""
    with local_aws() as running:
        yield running


@pytest.fixture
def in_aws(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The program takes the stand-in for AWS."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return aws


@pytest.fixture
def bucket(in_aws: LocalAws) -> str:
    """An empty bucket."""
    name = f"zhibao-test-{next(_NUMBERS)}"
    in_aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture(params=["sqlite", "sqlite encrypted", "dynamodb"])
def open_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenHome]:
    """Opens a home of the test by its name, as another process would, on each ground."""
    if request.param != "dynamodb":
        keys = HomeKeys([bytes(32)]) if request.param == "sqlite encrypted" else None
        yield lambda name: SqliteStore(tmp_path / f"{name}.sqlite3", keys)
        return
    dynamodb, number = request.getfixturevalue("in_aws").client("dynamodb"), next(_NUMBERS)
    made: set[str] = set()

    def open_table(name: str) -> Store:
        table = f"zhibao-{number}-{name}"
        if table not in made:
            dynamodb.create_table(**table_request(table))
            made.add(table)
        return DynamoStore(table, FileObjects(tmp_path / "objects"))

    yield open_table
    for table in made:
        dynamodb.delete_table(TableName=table)


@pytest.fixture
def open_again(open_home: OpenHome) -> Callable[[], Store]:
    """Opens the one home of a test, as another process would."""
    return lambda: open_home("home")


@pytest.fixture
def store(open_again: Callable[[], Store]) -> Iterator[Store]:
    """An empty home."""
    opened = open_again()
    yield opened
    opened.close()


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How often a race is run: the stand-in for DynamoDB answers one request at a time, SQLite is raced for real."""
    return 5 if request.node.callspec.params["open_home"] == "dynamodb" else 50
