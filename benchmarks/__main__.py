"""`make bench`: servers under load, tables, signed days, sweep, checks; one report, figures beside the bare one's."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cold_start import cold_start_report
from benchmarks.http import FULL, QUICK, measure_bare, measure_zhibao
from benchmarks.report import http_report

REPORT = Path("docs/benchmark.md")
SYNCS = 200
PARTS = ["all", "checks", "cold-start", "http", "tables", "days", "sweep", "province"]


def main() -> None:
    """Run the parts and print the report; `--write` keeps it in docs/benchmark.md."""
    options = _options()
    plan = QUICK if options.quick else FULL
    sections = [_machine(options.folder)]
    if options.part in {"all", "http"}:
        with tempfile.TemporaryDirectory(prefix="zhibao-bench-", dir=options.folder) as folder:
            bare = measure_bare(Path(folder), plan, _say)
            zhibao = measure_zhibao(Path(folder), plan, _say)
        sections.append(http_report(zhibao, bare, plan))
    if options.part in {"all", "tables"}:
        sections.append(_child("Tables", "benchmarks.tables", *(["--sizes", "1000"] if options.quick else [])))
    if options.part in {"all", "days"}:
        sections.append(_child("Signed days", "benchmarks.days", *(["--chains", "1000"] if options.quick else [])))
    if options.part in {"all", "sweep"}:
        quick = ["--due", "50", "--all", "100", "500"] if options.quick else []
        sections.append(_child("Sweep", "benchmarks.sweeping", *quick))
    if options.part in {"all", "province"}:
        sizes = ["6000", "12000"] if options.quick else ["6000", "600000"]
        sections.append(_child("A whole country's register", "benchmarks.province", "--units", *sizes))
    if options.part in {"all", "checks"}:
        sections.append(_child("Checks", "benchmarks.checks", *(["--filings", "2000"] if options.quick else [])))
    if options.part in {"all", "cold-start"}:
        sections.append(cold_start_report(quick=options.quick))
    sections.append(f"Load average at the end: {_load()}.\n")
    report = "\n".join(sections)
    print(report)
    if options.write:
        REPORT.write_text(report, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: its figures mean nothing")
    parser.add_argument("--part", choices=PARTS, default="all")
    parser.add_argument("--write", action="store_true", help=f"keep the report in {REPORT}")
    parser.add_argument("--folder", type=Path, help="where the homes are made (default: the temporary folder)")
    return parser.parse_args()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _machine(folder: Path | None) -> str:
    now = datetime.now(UTC)
    return (
        "# Benchmark\n\n"
        f"Made by `make bench` on {now:%Y-%m-%d %H:%M} UTC: {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, {platform.system()} {platform.machine()},"
        f" one full sync of 4 KB {_sync_ms(folder):.2f} ms. Load average at the start: {_load()}.\n"
    )


def _load() -> str:
    return ", ".join(f"{value:.2f}" for value in os.getloadavg())


def _sync_ms(folder: Path | None) -> float:
    """Milliseconds of one write and fsync on the disk that is measured on."""
    with tempfile.TemporaryFile(dir=folder) as handle:
        began = time.perf_counter()
        for _ in range(SYNCS):
            os.write(handle.fileno(), b"x" * 4096)
            os.fsync(handle.fileno())
        return (time.perf_counter() - began) / SYNCS * 1000


def _child(title: str, module: str, *arguments: str) -> str:
    """A benchmark of its own, in a process of its own: it measures its memory and its processor time."""
    command = [sys.executable, "-m", module, *arguments]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    return f"## {title}\n\n```\n{result.stdout.strip()}\n```\n"


if __name__ == "__main__":
    main()
