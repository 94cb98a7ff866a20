"""What a first page must not wait for: libraries and rooms it has no use for. Asserted by name, not by time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.settings import make_home

HEAVY = {
    "boto3",
    "botocore",
    "duckdb",
    "xlsxwriter",
    "defusedxml",
    "python_calamine",
    "aws_lambda_powertools",
    "apispec",
}
OF_ONE_MACHINE = {"waitress", "tqdm", "handlers.cli", "handlers.commands", "handlers.demo", "handlers.serving"}
PROBE = """
import json, sys
from importlib import import_module
answer = import_module("handlers.lambda_entry").handler(json.loads(sys.argv[1]), None)
assert answer["statusCode"] < 500, answer["body"]
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(path: str, home: Path) -> set[str]:
    """The modules a fresh process holds after its first page."""
    context = {"http": {"method": "GET", "sourceIp": "192.0.2.1"}, "stage": "$default"}
    event = {"version": "2.0", "rawPath": path, "headers": {"host": "localhost"}, "requestContext": context}
    environment = {"PATH": os.environ["PATH"], "ZHIBAO_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PROBE, json.dumps(event)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(result.stdout))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a key and nothing else."""
    folder = tmp_path_factory.mktemp("home")
    make_home(folder)
    (folder / "zhibao.sqlite3").touch()
    return folder


@pytest.mark.parametrize("path", ["/", "/healthz", "/signin", "/f/broken", "/r/broken", "/c/broken"])
def test_no_page_of_a_unit_or_a_reviewer_waits_for_the_cloud_or_the_tables(home: Path, path: str) -> None:
    found = loaded_by(path, home)
    assert found & (HEAVY | OF_ONE_MACHINE) == set()
    assert not found & {"handlers.office", "handlers.tables", "handlers.api", "indicators.tables", "indicators.formats"}


def test_the_home_page_waits_for_nothing_of_the_trade(home: Path) -> None:
    waited_for = loaded_by("/", home) - {"workflows", "workflows.signing"}  # the settings look at the audit key's form
    assert not {name.split(".")[0] for name in waited_for} & {"workflows", "forms", "indicators", "register"}


def test_one_machine_never_loads_the_cloud(home: Path) -> None:
    script = "import sys; from handlers.app import create_app; from handlers.bootstrap import *\n"
    script += "create_app(wire(settings_from_environment())); import handlers.cli; print(*sys.modules)"
    environment = {"PATH": os.environ["PATH"], "ZHIBAO_HOME": str(home)}
    command = [sys.executable, "-c", script]
    result = subprocess.run(
        command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert set(result.stdout.split()) & {"boto3", "botocore", "aws_lambda_powertools"} == set()
