"""Objects in S3: what is particular to it. Faults on the way, encryption, and links that work for a while."""

from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from infra import aws_clients
from infra.s3_objects import TRIES, S3Objects
from tests.aws_server import LocalAws


def error(code: str, status: int) -> ClientError:
    """The answer of S3 to a request it does not carry out."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")


class Faulty:
    """A client whose next writes fail: before they are applied, or after, with the answer lost."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.faults: list[tuple[Exception, bool]] = []
        self.writes: list[dict[str, Any]] = []

    def put_object(self, **request: Any) -> Any:
        self.writes.append(request)
        if not self.faults:
            return self.inner.put_object(**request)
        fault, applied = self.faults.pop(0)
        if applied:
            self.inner.put_object(**request)
        raise fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.fixture
def objects(bucket: str) -> S3Objects:
    return S3Objects(bucket, wait=lambda _seconds: None)


@pytest.fixture
def faulty(objects: S3Objects) -> Faulty:
    found = Faulty(objects.writing)
    objects.__dict__["writing"] = found
    return found


PASSING = [
    error("ConditionalRequestConflict", 409),
    error("SlowDown", 503),
    error("ServiceUnavailable", 503),
    error("InternalError", 500),
    error("RequestTimeout", 400),
    ReadTimeoutError(endpoint_url="s3"),
    EndpointConnectionError(endpoint_url="s3"),
]


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_write_that_did_not_get_through_is_repeated(objects: S3Objects, faulty: Faulty, fault: Exception) -> None:
    faulty.faults = [(fault, False), (fault, False)]
    assert objects.create("a", b"1") is True
    assert objects.read("a") == b"1"


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_write_whose_answer_was_lost_is_ours_once(objects: S3Objects, faulty: Faulty, fault: Exception) -> None:
    faulty.faults = [(fault, True)]
    assert objects.create("a", b"1") is True
    found = objects.read_with_tag("a")
    assert found is not None
    faulty.faults = [(fault, True)]
    assert objects.swap("a", b"2", found[1]) is True
    assert objects.read("a") == b"2"
    assert objects.create("a", b"3") is False


def test_an_equal_write_of_somebody_else_is_not_taken_for_ours(objects: S3Objects, faulty: Faulty, bucket: str) -> None:
    """Both write the same bytes, ours does not get through: exactly one of us is told that he won."""
    faulty.faults = [(error("SlowDown", 503), False)]
    other = S3Objects(bucket)

    def other_writes(_seconds: float) -> None:
        other.create("a", b"same")

    objects.wait = other_writes
    assert objects.create("a", b"same") is False


def test_a_lost_pointer_is_not_swapped(objects: S3Objects) -> None:
    assert objects.swap("p", b"1", '"0123"') is False
    assert objects.read("p") is None


def test_an_outage_that_lasts_is_an_error_and_never_an_empty_store(objects: S3Objects, faulty: Faulty) -> None:
    faulty.faults = [(error("SlowDown", 503), False)] * TRIES
    with pytest.raises(ClientError, match="SlowDown"):
        objects.create("a", b"1")
    assert len(faulty.writes) == TRIES


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "InvalidRequest"])
def test_what_no_repetition_mends_is_told_at_once(objects: S3Objects, faulty: Faulty, code: str) -> None:
    faulty.faults = [(error(code, 403), False)]
    with pytest.raises(ClientError, match=code):
        objects.create("a", b"1")
    assert len(faulty.writes) == 1


def test_a_bucket_that_is_not_there_is_an_error_and_never_an_empty_store(in_aws: LocalAws) -> None:
    objects = S3Objects("zhibao-nowhere")
    for use in (lambda: objects.read("a"), lambda: objects.names(""), lambda: objects.create("a", b"")):
        with pytest.raises(ClientError, match="NoSuchBucket"):
            use()


def test_every_write_is_conditional_and_encrypted(objects: S3Objects, faulty: Faulty, bucket: str) -> None:
    objects.create("a", b"1")
    found = objects.read_with_tag("a")
    assert found is not None
    objects.swap("a", b"2", found[1])
    assert [write.get("IfNoneMatch") or write.get("IfMatch") for write in faulty.writes] == ["*", found[1]]
    assert {write["ServerSideEncryption"] for write in faulty.writes} == {"AES256"}
    keyed = S3Objects(bucket, kms_key="alias/zhibao")
    keyed.create("b", b"1")
    described = objects.s3.head_object(Bucket=bucket, Key="b")
    assert (described["ServerSideEncryption"], described["SSEKMSKeyId"]) == ("aws:kms", "alias/zhibao")


def test_a_link_fetches_the_object_under_its_name_and_says_how_long(objects: S3Objects) -> None:
    objects.create("tables/x.csv", "年,数\r\n".encode())
    link = objects.download_link("tables/x.csv", "x-2025.csv", "text/csv; charset=utf-8")
    assert link is not None
    assert "X-Amz-Expires=300" in link
    assert "AWS4-HMAC-SHA256" in link
    answer = requests.get(link, timeout=10)
    assert answer.content.decode() == "年,数\r\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x-2025.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_nothing_of_the_adapter_deletes(objects: S3Objects) -> None:
    names = {name for name in vars(S3Objects) if not name.startswith("_")}
    assert names == {"create", "read", "read_with_tag", "swap", "names", "download_link", "s3", "writing"}


def test_a_client_is_made_once_for_all(in_aws: LocalAws) -> None:
    assert aws_clients.client("s3", attempts=1) is aws_clients.client("s3", attempts=1)
