"""Cold start: a fresh process imports the packaged function and answers its first page, beside a bare Flask app.

Both packages are made the same way (`infra.package`: same wheels, same bytecode) and unpacked into read-only folders;
both answer the same HTTP API event through the same adapter. The two take turns, and each figure is a median.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra import package
from infra.settings import make_home

ROUNDS = 15
Times = dict[str, list[tuple[float, float]]]
"""What was loaded → milliseconds by the clock and of CPU, one pair a process."""
PAGES = {"home page": "/", "sign-in page": "/signin", "a filler's link (invalid)": "/f/x"}
BARE = """
from flask import Flask
from handlers.lambda_http import front_of, serve
app = Flask("bare")
@app.get("/")
def page():
    return "<!doctype html><html lang='en'><title>bare</title><p>" + "a line of text " * 40 + "</p></html>"
def handler(event, context):
    return serve(app, event, front_of(event))
"""
PROBE = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
event = json.loads(sys.argv[3])
class Context:
    aws_request_id = "bench"
began, worked = time.perf_counter(), time.process_time()
from importlib import import_module
handler = getattr(import_module(sys.argv[2]), "handler")
answer = handler(event, Context())
print((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000, answer["statusCode"])
"""


@dataclass(frozen=True, slots=True)
class Function:
    """An unpacked function: where it lies, and the module whose `handler` the runtime would ask for."""

    folder: Path
    module: str


def cold_start_report(*, quick: bool) -> str:
    """The section of the report."""
    rounds = 3 if quick else ROUNDS
    with tempfile.TemporaryDirectory(prefix="zhibao-cold-") as name:
        folder = Path(name)
        zhibao, bare = _unpacked(folder)
        home = folder / "home"
        _home(home)
        times: Times = {page: [] for page in (*PAGES, "bare")}
        for _ in range(rounds):
            times["bare"].append(_once(bare, "/", home))
            for page, path in PAGES.items():
                times[page].append(_once(zhibao, path, home))
        shutil.rmtree(zhibao.folder)
    return "\n".join(_lines(times, rounds))


def _unpacked(folder: Path) -> tuple[Function, Function]:
    """The whole package, and a bare one of Flask and the adapter alone; neither can be written to."""
    if not package.PACKAGE.exists():
        package.build(package.PACKAGE)
    whole, bare = folder / "zhibao", folder / "bare"
    shutil.unpack_archive(package.PACKAGE, whole)
    bare.mkdir()
    for name in ("flask", "werkzeug", "jinja2", "markupsafe", "itsdangerous", "click", "blinker"):
        shutil.copytree(whole / name, bare / name)
        for info in whole.glob(f"{name}-*.dist-info"):
            shutil.copytree(info, bare / info.name)
    (bare / "handlers").mkdir()
    for file in ("__init__.py", "lambda_http.py"):
        shutil.copyfile(whole / "handlers" / file, bare / "handlers" / file)
    (bare / "bare_function.py").write_text(BARE, encoding="utf-8")
    package.compile_all(bare)
    for path in [*whole.rglob("*"), *bare.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return Function(whole, "handlers.lambda_entry"), Function(bare, "bare_function")


def _home(home: Path) -> None:
    """An empty home on this machine: the function has neither network nor credentials here."""
    make_home(home)
    subprocess.run(
        [str(Path(sys.executable).with_name("zhibao")), "init"],
        env={"ZHIBAO_HOME": str(home)},
        check=True,
        capture_output=True,
    )


def _once(function: Function, path: str, home: Path) -> tuple[float, float]:
    """Milliseconds by the clock and of CPU of one fresh process, without the interpreter's own start."""
    context = {"http": {"method": "GET", "sourceIp": "192.0.2.1"}, "stage": "$default"}
    event = {"version": "2.0", "rawPath": path, "headers": {"host": "localhost"}, "requestContext": context}
    command = [_interpreter(), "-I", "-S", "-B", "-c", PROBE, str(function.folder), function.module, json.dumps(event)]
    result = subprocess.run(command, env={"ZHIBAO_HOME": str(home)}, capture_output=True, text=True, check=True)
    clock, cpu, _status = map(float, result.stdout.split())
    return clock, cpu


def _interpreter() -> str:
    """The interpreter itself: a virtual environment would lend the function its libraries."""
    return str(Path(sys.executable).resolve())


def _lines(times: Times, rounds: int) -> list[str]:
    bare, bare_cpu = (statistics.median(column) for column in zip(*times["bare"], strict=True))
    lines = [
        "## Cold start of the function\n",
        f"Import and first page in a fresh process, package unpacked into a read-only folder; medians of {rounds},"
        " milliseconds. The bar is twice the bare application; other work on the machine distorts CPU time least."
        " On Lambda the store's client comes on top (boto3:"
        " about as long as the bare application), and the times themselves are this machine's, not Lambda's"
        " (not verified there).\n",
        "| first page | ms | ratio to bare | CPU ms | ratio to bare |",
        "|---|---:|---:|---:|---:|",
    ]
    for page, found in times.items():
        clock, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        lines.append(f"| {page} | {clock:.0f} | {clock / bare:.2f}× | {cpu:.0f} | {cpu / bare_cpu:.2f}× |")
    return [*lines, ""]
