"""All tables of a year beside the plain query no such table can do without, over the same facts in the same run.

`python -m benchmarks.tables --sizes 1000 10000 100000`

So many synthetic filings of 107-2, spread over Yunnan's counties and the 20 industry sections, and one region-st of
every county and city. Fact documents are written straight as files (the store would sync each one), then compacted by
the product. Each measurement is a process of its own: wall and CPU time of the work without the start of Python, peak
memory with it. On a busy machine the ratio of CPU times is the one to look at.
`tables` is everything `zhibao tables build` does after the register was read: finding new documents, all three tables,
their files, manifests and the root over the revision hashes, written and synced. `plain` is one DuckDB GROUP BY over
the same Parquet that fetches its rows and does nothing else: no names, no zones, no sections' totals, no formatting,
no files. `tables` starts from sums that compaction keeps beside each part; making them is in `compact`.
"""

import argparse
import hashlib
import itertools
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from forms.definition import FormDefinition
from forms.loading import shipped_forms
from indicators.compaction import compact
from indicators.facts import AcceptedReturn, FactKind, document_name, to_bytes
from indicators.ports import REGION_FORM, CollectionFrame, ProgressRow
from indicators.tables import Workshop
from infra.file_objects import FileObjects
from register.importing import read_regions
from register.industries import sections_by_division
from register.regions import Level, Regions
from register.shipped import yunnan_regions_csv

Measure = dict[str, float]
YEAR, FORM = 2025, "107-2"
ROUNDS = 3
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLAIN = (
    "SELECT region_code, industry_section, item, sum(value), count(value)"
    " FROM read_parquet('{folder}/*.parquet') GROUP BY ALL"
)


class OneFrame:
    """The `Frames` port for one year."""

    def __init__(self, frame: CollectionFrame) -> None:
        self._frame = frame

    def building(self, year: int) -> AbstractContextManager[None]:
        """Nobody undoes anything here."""
        return nullcontext()

    def frame(self, year: int) -> CollectionFrame | None:
        """The frame, in its year."""
        return self._frame if year == self._frame.year else None

    def years(self) -> Sequence[int]:
        """The one year."""
        return (self._frame.year,)


def main() -> None:
    """Measure each size, or do one measured step in a child process."""
    parser = argparse.ArgumentParser(description="Time and memory of the tables, beside a plain query.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--step", choices=sorted(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--filings", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(_measured(STEPS[arguments.step], arguments.folder, arguments.filings)))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; median of {ROUNDS}; wall s, CPU s, peak MiB")
    print("filings  facts    compact              tables               plain                tables/plain wall, CPU")
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory(prefix="zhibao-bench-") as name:
            print(_line(Path(name), size), flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def _line(folder: Path, size: int) -> str:
    _write_documents(folder, size)
    compaction = _child("compact", folder, size)
    rounds: dict[str, list[Measure]] = {"tables": [], "plain": []}
    for _, step in itertools.product(range(ROUNDS), rounds):
        shutil.rmtree(folder / "tables", ignore_errors=True)
        rounds[step].append(_child(step, folder, size))
    tables, plain = _middle(rounds["tables"]), _middle(rounds["plain"])
    facts = size * len(shipped_forms().in_force(FORM, YEAR).items)
    costs = "".join(f"{one['wall']:8.2f} {one['cpu']:6.2f} {one['peak']:5.0f}" for one in (compaction, tables, plain))
    return f"{size:<9}{facts:<9}{costs}{tables['wall'] / plain['wall']:9.2f} {tables['cpu'] / plain['cpu']:6.2f}"


def _middle(measures: Sequence[Measure]) -> Measure:
    """Median times, the highest peak."""
    times = {name: statistics.median(one[name] for one in measures) for name in ("wall", "cpu")}
    return {**times, "peak": max(one["peak"] for one in measures)}


def _child(step: str, folder: Path, size: int) -> Measure:
    arguments = ["--step", step, "--folder", str(folder), "--filings", str(size)]
    command = [sys.executable, "-m", "benchmarks.tables", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measure: Measure = json.loads(done.stdout)
    return measure


def _measured(step: Callable[[Path, CollectionFrame], None], folder: Path, size: int) -> Measure:
    """Wall and CPU seconds of the step, and the peak of the whole process in MiB."""
    frame = _frame(size)
    wall, cpu = time.perf_counter(), time.process_time()
    step(folder, frame)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _compact(folder: Path, _: CollectionFrame) -> None:
    for form in (FORM, REGION_FORM):
        compact(FileObjects(folder), YEAR, form, shipped_forms())


def _tables(folder: Path, frame: CollectionFrame) -> None:
    Workshop(FileObjects(folder), OneFrame(frame), shipped_forms()).build(None, YEAR, NOW)


def _plain(folder: Path, _: CollectionFrame) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(PLAIN.format(folder=folder / "compacted" / str(YEAR) / FORM)).fetchall()


STEPS: Mapping[str, Callable[[Path, CollectionFrame], None]] = {"compact": _compact, "tables": _tables, "plain": _plain}


def _regions() -> Regions:
    return read_regions(yunnan_regions_csv(), "regions.csv")


def _frame(size: int) -> CollectionFrame:
    """A closed year: everything sent and accepted."""
    regions, forms = _regions(), shipped_forms()
    counties = [region.code for region in regions if region.level is Level.COUNTY]
    counts = Counter(county for county, _ in zip(itertools.cycle(counties), range(size), strict=False))
    offices = [region.code for region in regions if region.level in {Level.COUNTY, Level.CITY}]
    rows = [(FORM, code, count) for code, count in counts.items()] + [(REGION_FORM, code, 1) for code in offices]
    return CollectionFrame(
        year=YEAR,
        regions=regions,
        versions={form: forms.in_force(form, YEAR).version for form in (FORM, REGION_FORM)},
        samples=frozenset({FORM, REGION_FORM}),
        provisional=False,
        progress=[
            ProgressRow(form, code, code, "accepted", "", late=False, sent=True, excepted=False, count=count)
            for form, code, count in rows
        ],
    )


def _write_documents(folder: Path, size: int) -> None:
    """Fact documents as the store would have them."""
    draw = random.Random(20260601)
    regions, forms = _regions(), shipped_forms()
    counties = [region.code for region in regions if region.level is Level.COUNTY]
    divisions = {section: division for division, section in sections_by_division().items()}
    for form in (FORM, REGION_FORM):
        (folder / document_name(YEAR, form, "x")).parent.mkdir(parents=True)
    enterprises = forms.in_force(FORM, YEAR)
    for number, county in zip(range(size), itertools.cycle(counties), strict=False):
        industry = f"{draw.choice(list(divisions.values()))}10"
        _write(folder, _accepted(enterprises, number, county, industry, draw))
    places = (region.code for region in regions if region.level in {Level.COUNTY, Level.CITY})
    for number, place in enumerate(places):
        _write(folder, _accepted(forms.in_force(REGION_FORM, YEAR), size + number, place, "", draw))


def _write(folder: Path, accepted: AcceptedReturn) -> None:
    (folder / document_name(YEAR, accepted.form, accepted.event)).write_bytes(to_bytes(accepted))


def _accepted(
    definition: FormDefinition, number: int, region: str, industry: str, draw: random.Random
) -> AcceptedReturn:
    submission = hashlib.sha256(str(number).encode()).hexdigest()[:26]
    return AcceptedReturn(
        event=f"{submission}-0005",
        kind=FactKind.ACCEPTED,
        submission=submission,
        year=YEAR,
        form=definition.form,
        form_version=definition.version,
        unit=f"U{number}",
        unit_kind="enterprise" if industry else "county",
        region_code=region,
        reviewing_body=region,
        industry_code=industry,
        size="M" if industry else "",
        group_id="",
        starred=False,
        revision=1,
        revision_hash=hashlib.sha256(f"revision {number}".encode()).hexdigest(),
        accepted_at="2026-03-01T02:03:04.000000+00:00",
        cells=dict(_cells(definition, draw)),
    )


def _cells(definition: FormDefinition, draw: random.Random) -> Iterator[tuple[str, Mapping[str, str]]]:
    for key, item in definition.items.items():
        figure = Decimal(draw.randrange(1_000_000)).scaleb(-item.decimals)
        yield key, ({} if item.starred else {"value": str(figure)})


if __name__ == "__main__":
    main()
