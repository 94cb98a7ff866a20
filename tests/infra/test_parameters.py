"""Settings from the parameter store, and the call that starts the tables: against a local stand-in for AWS."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra import table_starter
from infra.parameters import with_parameters
from infra.settings import MIN_KEY_LENGTH, read_settings
from infra.table_starter import TableStarter
from tests.aws_server import LocalAws, local_aws


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with local_aws() as running:
        yield running


def test_what_a_path_of_parameters_holds_becomes_settings(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    ssm, key = aws.client("ssm"), "k" * MIN_KEY_LENGTH
    ssm.put_parameter(Name="/zhibao/x/secret_keys", Value=key, Type="SecureString")
    for name, value in {"bucket": "b", "objects": "s3", "base_url": "https://zhibao.example", "mail": "ses"}.items():
        ssm.put_parameter(Name=f"/zhibao/x/{name}", Value=value, Type="String")
    for number in range(12):  # more than one page of answers
        ssm.put_parameter(Name=f"/zhibao/x/other_{number}", Value="-", Type="String")
    ssm.put_parameter(Name="/zhibao/other/bucket", Value="not ours", Type="String")
    found = read_settings(with_parameters({"ZHIBAO_PARAMETERS": "/zhibao/x", "ZHIBAO_MAIL": "maildir"}))
    assert (found.secret_keys, found.aws.bucket, found.base_url) == ((key,), "b", "https://zhibao.example")
    assert found.mail == "maildir", "a variable goes before a parameter"


def test_without_a_path_the_environment_is_left_alone() -> None:
    environment = {"ZHIBAO_BUCKET": "b"}
    assert with_parameters(environment) is environment


def test_the_tables_are_started_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Any]] = []

    class Lambda:
        def invoke(self, **request: Any) -> None:
            calls.append(request)

    monkeypatch.setattr(table_starter, "client", lambda _service: Lambda())
    TableStarter("zhibao-production-tables")(2025, "2026-01-05T00:00:00.000000Z")
    assert calls == [
        {
            "FunctionName": "zhibao-production-tables",
            "InvocationType": "Event",
            "Payload": b'{"zhibao": "tables", "year": 2025, "since": "2026-01-05T00:00:00.000000Z"}',
        }
    ]
