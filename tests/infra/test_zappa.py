"""Zappa with the shipped settings, against a local stand-in for AWS: deploy, status, update, undeploy."""

import json
import os
import shutil
import subprocess
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.aws_server import REGION, LocalAws, local_aws

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def zappa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Zappa in an environment of its own, as `make deploy` has it."""
    home = tmp_path_factory.mktemp("deploy") / "venv"
    venv.create(home, with_pip=True)
    pip = (str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes")
    subprocess.run((*pip, "-r", str(ROOT / "requirements-deploy.txt")), check=True, capture_output=True)
    return home / "bin" / "zappa"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with local_aws() as running:
        yield running


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(zappa: Path, aws: LocalAws, tmp_path: Path) -> Run:
    """Runs Zappa where the settings are, with a small package in the place of the real one."""
    shutil.copy(ROOT / "zappa_settings.json", tmp_path)
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "lambda_entry.py").write_text("def handler(event, context): return {}\n")
    shutil.make_archive(str(tmp_path / "package"), "zip", tmp_path, "handlers")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def zappa_run(*words: str, region: str = REGION) -> "subprocess.CompletedProcess[str]":
        environment = {**plain, **aws.environment, "AWS_DEFAULT_REGION": region}
        command = [str(zappa), *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return zappa_run


def make_role(aws: LocalAws, name: str, region: str = REGION) -> None:
    """What the stack of infra/template.yaml makes before Zappa comes."""
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("iam", region).create_role(RoleName=name, AssumeRolePolicyDocument=document)


def function(aws: LocalAws, name: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("lambda").get_function(FunctionName=name)
    return found


def test_a_stage_goes_its_whole_way(run: Run, aws: LocalAws) -> None:
    make_role(aws, "zhibao-production-function")
    client = aws.client("lambda")
    assert "Deployment complete" in run("deploy", "production", "--zip", "package.zip").stdout
    made = function(aws, "zhibao-production")["Configuration"]
    assert made["Handler"] == "handlers.lambda_entry.handler"
    assert made["Role"].endswith(":role/zhibao-production-function")
    assert made["Environment"]["Variables"] == {"ZHIBAO_PARAMETERS": "/zhibao/production"}
    assert (made["Timeout"], made["MemorySize"], made["Runtime"]) == (60, 1024, "python3.11")
    client.add_permission(
        FunctionName="zhibao-production",
        StatementId="front",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    assert "zhibao-production" in run("status", "production").stdout
    updated = run("update", "production", "--zip", "package.zip")
    assert "is live" in updated.stdout, updated.stderr
    policy = json.loads(client.get_policy(FunctionName="zhibao-production")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["front"], "the front may still call it"
    assert aws.client("events").list_rules()["Rules"] == [], "the schedule is the stack's"
    assert "Done!" in run("undeploy", "production", "--yes").stdout
    assert run("status", "production").returncode == 1
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        function(aws, "zhibao-production")


def test_the_tables_have_a_function_with_its_own_handler_and_a_quarter_of_an_hour(run: Run, aws: LocalAws) -> None:
    make_role(aws, "zhibao-production-tables")
    assert run("deploy", "production_tables", "--zip", "package.zip").returncode == 0
    made = function(aws, "zhibao-production-tables")
    configuration = made["Configuration"]
    assert (configuration["Handler"], configuration["Timeout"]) == ("handlers.lambda_tables.handler", 900)
    assert made["Concurrency"]["ReservedConcurrentExecutions"] == 1
    assert run("undeploy", "production_tables", "--yes").returncode == 0


def test_the_stage_for_china_deploys_in_its_own_partition(run: Run, aws: LocalAws) -> None:
    make_role(aws, "zhibao-china-function", "cn-northwest-1")
    deployed = run("deploy", "china", "--zip", "package.zip", region="cn-northwest-1")
    assert "Deployment complete" in deployed.stdout, deployed.stderr
    assert "arn:aws-cn:lambda:cn-northwest-1" in run("status", "china", region="cn-northwest-1").stdout
    assert run("undeploy", "china", "--yes", region="cn-northwest-1").returncode == 0
