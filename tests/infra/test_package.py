"""What goes to Lambda: only what runs there, in bytecode that is used as it is, answering without network or rights."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import package
from infra.package import FORBIDDEN, GLIBC, MOST_UNZIPPED, MOST_ZIPPED, PackageRefused
from infra.settings import make_home
from tests.handlers.lambda_events import http_api, rest_api

UNCHECKED_HASH = 1
"""The flag of a .pyc that is never compared with its source (PEP 552)."""


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    """A folder with our own code, as it is packed."""
    package.stage_ours(tmp_path)
    return tmp_path


def test_our_own_code_is_staged_without_what_serves_one_machine(staging: Path) -> None:
    names = {path.relative_to(staging).as_posix() for path in staging.rglob("*") if path.is_file()}
    for needed in (
        "handlers/lambda_entry.py",
        "handlers/lambda_tables.py",
        "handlers/templates/base.html",
        "handlers/static/zhibao.css",
        "workflows/routes.yaml",
        "forms/definitions/107-2/2021.yaml",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("handlers/demo", "handlers/commands", "infra/package"))]
    assert {Path(name).suffix for name in names} <= package.SHIPPED | {""}
    assert {name.split("/")[0] for name in names} == {*package.OURS, "zhibao-0.1.0.dist-info"}


def test_what_somebody_left_in_our_folders_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    shutil.copytree(package.ROOT / "register", root / "register")
    for folder in set(package.OURS) - {"register"}:
        (root / folder).mkdir()
    for stray in ("register/units-2025.xlsx", "register/secret_keys", "register/home.sqlite3", "register/.env"):
        (root / stray).touch()
    for file in ("pyproject.toml", "LICENSE"):
        shutil.copy(package.ROOT / file, root)
    monkeypatch.setattr(package, "ROOT", root)
    package.stage_ours(tmp_path / "staging")
    assert {path.suffix for path in (tmp_path / "staging" / "register").rglob("*") if path.is_file()} == {".py", ".csv"}


@pytest.mark.parametrize(
    "name", ["var/x.py", "a/tests/test_x.py", "handlers/secret_keys", "x.sqlite3", "mail/new/1", ".env", "a/b.key"]
)
def test_what_must_not_leave_the_house_is_refused(staging: Path, name: str) -> None:
    package.check(staging, "python3.11")
    path = staging / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    with pytest.raises(PackageRefused, match="must not be in the package"):
        package.check(staging, "python3.11")


def test_a_library_that_the_runtime_could_not_load_is_refused(staging: Path) -> None:
    (staging / "fast.so").write_bytes(b"\x7fELF GLIBC_2.17 GLIBC_2.28 ")
    package.check(staging, "python3.12")
    with pytest.raises(PackageRefused, match=r"glibc 2\.28; python3\.11 has 2\.26"):
        package.check(staging, "python3.11")


def test_bytecode_of_another_python_is_not_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zappa_settings.json").write_text('{"base": {"runtime": "python3.9"}}')
    monkeypatch.setattr(package, "ROOT", tmp_path)
    with pytest.raises(PackageRefused, match=r"python3\.9"):
        package.build(tmp_path / "dist" / "x.zip")


def test_the_stages_name_a_runtime_we_know() -> None:
    assert json.loads((package.ROOT / "zappa_settings.json").read_text())["base"]["runtime"] in GLIBC


# The whole package, built once


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, as `make package` builds it."""
    target = tmp_path_factory.mktemp("dist") / "zhibao.zip"
    package.build(target)
    return target


@pytest.fixture(scope="session")
def task(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package unpacked, as Lambda does it: nobody may write there."""
    folder = tmp_path_factory.mktemp("task") / "task"
    shutil.unpack_archive(built, folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


PROBE = """
import json, socket, sys
def refuse(*_): raise AssertionError("a page reached for the network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
sys.path.insert(0, sys.argv[1])
from handlers.lambda_entry import handler
print(json.dumps([handler(event, None) for event in json.loads(sys.argv[2])]))
"""


@pytest.fixture(scope="session")
def ask(task: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[dict[str, Any]]]:
    """Has a fresh process answer events from the package alone: no network, no credentials, no library of ours."""
    home = tmp_path_factory.mktemp("home")
    make_home(home)
    (home / "zhibao.sqlite3").touch()

    def answers(*events: dict[str, Any]) -> list[dict[str, Any]]:
        interpreter = str(Path(sys.executable).resolve())
        command = [interpreter, "-I", "-S", "-c", PROBE, str(task), json.dumps(events)]
        result = subprocess.run(command, env={"ZHIBAO_HOME": str(home)}, capture_output=True, text=True, check=True)
        found: list[dict[str, Any]] = json.loads(result.stdout)
        return found

    return answers


@pytest.mark.long
def test_the_package_is_within_the_limits_and_holds_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(built) as archive:
        entries = archive.infolist()
    assert built.stat().st_size < MOST_ZIPPED
    assert sum(entry.file_size for entry in entries) < MOST_UNZIPPED
    assert [entry.filename for entry in entries if FORBIDDEN.search(entry.filename)] == []
    tops = {entry.filename.split("/")[0] for entry in entries}
    assert not tops & {
        "tests",
        "benchmarks",
        "docs",
        "var",
        "pytest",
        "zappa",
        "setuptools",
        "pip",
        "waitress",
        "babel",
    }
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.long
def test_every_module_has_bytecode_that_is_used_as_it_is(task: Path) -> None:
    for source in task.rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == UNCHECKED_HASH, source


@pytest.mark.long
def test_every_page_is_compiled_already(task: Path) -> None:
    pages = list((task / "handlers" / "templates").rglob("*.html"))
    assert len(list((task / "handlers" / "compiled").iterdir())) == len(pages) > 10


@pytest.mark.long
def test_the_unpacked_function_answers_both_gateways_and_writes_nothing(
    task: Path, ask: Callable[..., list[dict[str, Any]]]
) -> None:
    def state() -> str:
        files = sorted(str(path.relative_to(task)) for path in task.rglob("*"))
        return hashlib.sha256("\n".join(files).encode()).hexdigest()

    before = state()
    events = [
        make(path) for path in ("/", "/healthz", "/signin", "/static/zhibao.css") for make in (http_api, rest_api)
    ]
    for answer in ask(*events):
        assert answer["statusCode"] == 200
    chinese, english = ask(http_api("/", query="lang=zh"), http_api("/", query="lang=en"))
    assert "从填报到汇总" in chinese["body"]
    assert 'lang="en"' in english["body"], "the catalogue is in the package"
    assert "Statistics Law" in english["body"]
    assert state() == before


@pytest.mark.long
def test_a_unit_s_link_is_answered_without_reading_a_definition(
    task: Path, ask: Callable[..., list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The forms come compiled, and are those of the definitions beside them."""
    assert ask(http_api("/f/x"))[0]["statusCode"] == 404
    (home := tmp_path / "home").mkdir()
    make_home(home)
    (home / "zhibao.sqlite3").touch()
    script = "import json, sys; sys.path.insert(0, sys.argv[1])\n"
    script += "from handlers.lambda_entry import handler\nhandler(json.loads(sys.argv[2]), None)\n"
    script += "print(sorted({'yaml', 'forms.loading', 'forms.severities', 'boto3', 'duckdb', 'workflows.sweep',"
    script += " 'workflows.moving'} & set(sys.modules)))"
    command = [str(Path(sys.executable).resolve()), "-I", "-S", "-B", "-c", script, str(task)]
    event = json.dumps(http_api("/f/x"))
    done = subprocess.run([*command, event], env={"ZHIBAO_HOME": str(home)}, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.long
def test_the_second_function_is_in_the_package_with_all_it_needs(task: Path) -> None:
    script = f"import sys; sys.path.insert(0, {str(task)!r})\n"
    script += "import handlers.lambda_tables, duckdb, xlsxwriter, boto3, indicators.tables\n"
    script += "for name in ('dynamodb', 's3', 'sesv2', 'ssm', 'lambda', 'kms'):\n"
    script += "    boto3.client(name, region_name='cn-northwest-1')\n"
    script += "print(duckdb.sql('select 1').fetchall())"
    command = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", script]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[(1,)]\n"


@pytest.mark.long
def test_a_wrong_setting_ends_the_start_by_name(task: Path) -> None:
    script = f"import sys; sys.path.insert(0, {str(task)!r}); import handlers.lambda_entry as e; e.handler"
    command = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", script]
    environment = {"AWS_LAMBDA_FUNCTION_NAME": "zhibao-production"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    for name in ("ZHIBAO_STORE", "ZHIBAO_OBJECTS", "ZHIBAO_MAIL", "ZHIBAO_SECRET_KEYS"):
        assert name in result.stderr
