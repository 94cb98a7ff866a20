"""The function as AWS starts it: settings and keys from the parameter store, home in DynamoDB, S3 and SES."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from tests.aws import story
from tests.aws.world import home_on_aws
from tests.aws_server import LocalAws
from tests.handlers.lambda_events import http_api
from tests.handlers.world import World, open_year
from tests.journeys.grounds import settings_on_function

PATH = "/zhibao/production"
SENDER = "zhibao@zhibao.example"
RUN = """
import json, sys
from handlers import lambda_entry

class Context:
    aws_request_id = "11111111-2222"
    function_name = "zhibao-production"
    def get_remaining_time_in_millis(self): return 60_000

answers = [lambda_entry.handler(event, Context()) for event in json.load(sys.stdin)]
print("ANSWERS" + json.dumps(answers))
"""


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, LocalAws]]:
    """A home on AWS with two units, invited; its settings and keys lie in the parameter store."""
    with home_on_aws(tmp_path_factory.mktemp("function")) as (world, aws):
        world.clock.instant = datetime.now(UTC)  # the function has the machine's clock
        open_year(world, units=2)
        aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
        parameters = settings_on_function() | {
            "base_url": "http://localhost",
            "mail": "ses",
            "mail_from": SENDER,
            "secret_keys": " ".join(world.home.settings.secret_keys),
            "audit_key": world.home.settings.audit_key,
            "review_confirm": "link",
        }
        for name, value in parameters.items():
            aws.client("ssm").put_parameter(Name=f"{PATH}/{name}", Value=value, Type="SecureString")
        yield world, aws


def invoke(aws: LocalAws, *events: object) -> list[dict[str, object]]:
    """A fresh process that is told what Lambda tells one, and is given these events one after the other."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ZHIBAO_", "AWS_"))}
    told = {"AWS_LAMBDA_FUNCTION_NAME": "zhibao-production", "ZHIBAO_PARAMETERS": PATH, "HOME": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={**clean, **aws.environment, **told},
        input=json.dumps(events).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    (line,) = [line for line in done.stdout.decode().splitlines() if line.startswith("ANSWERS")]
    answers: list[dict[str, object]] = json.loads(line.removeprefix("ANSWERS"))
    return answers


def test_a_units_page_comes_from_the_table(grounds: tuple[World, LocalAws]) -> None:
    world, aws = grounds
    page, lost = invoke(
        aws, http_api(world.link("unit1@units.example", "f")), http_api(world.link("unit1@units.example", "f") + "x")
    )
    assert page["statusCode"] == 200
    assert "示例企业1号" in str(page["body"])
    assert lost["statusCode"] != 200


def test_a_pass_of_the_sweep_sends_what_was_promised(grounds: tuple[World, LocalAws]) -> None:
    world, aws = grounds
    store = world.home.store
    assert store.pending_count() == 0
    assert story.post_return(world, 2) == 303
    promised = store.pending_count()
    first, second = invoke(aws, {"zhibao": "sweep"}, {"zhibao": "sweep"})
    assert (first["effects"], first["postponed"]) == (promised, 0)
    assert second["effects"] == 0
    assert store.pending_count() == 0
    taken = requests.get(f"{aws.url}/moto-api/data.json", timeout=10).json()["ses"]["RawMessage"]
    assert len(taken) == first["letters"]
