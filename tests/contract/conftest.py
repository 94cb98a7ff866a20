"""What the contract suites share: a local stand-in for AWS, and a bucket of a test's own."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.aws_server import REGION, LocalAws, local_aws

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
