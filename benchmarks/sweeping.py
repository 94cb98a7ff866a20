"""What the sweep costs for each submission that is due, beside how many are not.

`python -m benchmarks.sweeping --due 1000 --all 2000 20000`

A home with so many synthetic enterprises. The returns of the first year are due in seven days, those of the second year
(everybody else) in a year. One pass sends each of the first a reminder: decision, evidence, letter. Letters are counted
and not written to a disk, because what the Maildir costs is not the sweep's. Later passes find nothing to do; what such
an idle pass costs is printed too.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forms.loading import shipped_forms
from infra.sqlite.store import SqliteStore
from register.importing import read_regions
from register.regions import Level, Regions
from register.shipped import yunnan_regions_csv
from register.units import Size, Unit, UnitKind, make_synthetic_credit_code
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.links import Links
from workflows.ports import Letter
from workflows.services import Services
from workflows.sweep import Sweep

FORM, START = "107-2", datetime(2026, 1, 5, 1, tzinfo=UTC)
DUE_YEAR, OTHER_YEAR = 2024, 2025
IDLE_PASSES = 200


@dataclass
class HandClock:
    """Stands where it is put."""

    moment: datetime = START

    def now(self) -> datetime:
        """The instant it was put to."""
        return self.moment


@dataclass
class Counted:
    """A mailer that only counts."""

    letters: list[str] = field(default_factory=list)

    def send(self, letter: Letter, _at: datetime) -> None:
        """Take a letter."""
        self.letters.append(letter.id)

    def batch(self) -> AbstractContextManager[None]:
        """Nothing to be made to last."""
        return nullcontext()


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description="Cost of the sweep per due submission.")
    parser.add_argument("--due", type=int, default=1000)
    parser.add_argument("--all", type=int, nargs="+", default=[2000, 20_000], dest="sizes")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; one reminder per due submission")
    print("due      of       wall ms per due   CPU ms per due   CPU ms of an idle pass")
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory(prefix="zhibao-bench-") as folder:
            print(_line(Path(folder), arguments.due, size), flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def _line(folder: Path, due: int, size: int) -> str:
    clock, mailer = HandClock(), Counted()
    store = SqliteStore(folder / "home.sqlite3")
    services = Services(store, clock, Links(["k" * 40], clock), shipped_forms(), "http://127.0.0.1:8000")
    sweep = Sweep(services, mailer, lambda _told: None, once_by_id=True)
    store.import_regions(_regions(), START)
    _open(services, DUE_YEAR, range(due), timedelta(days=8))
    _open(services, OTHER_YEAR, range(due, size), timedelta(days=366))
    sweep.run()
    clock.moment = START + timedelta(days=1)
    mailer.letters.clear()
    wall, cpu = time.perf_counter(), time.process_time()
    report = sweep.run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if report.reminders != due or len(mailer.letters) != due:
        raise RuntimeError(f"{report.reminders} reminders and {len(mailer.letters)} letters, not {due}")
    idle = time.process_time()
    for _ in range(IDLE_PASSES):
        sweep.run()
    idle = (time.process_time() - idle) / IDLE_PASSES
    store.close()
    return f"{due:<9}{size:<9}{wall / due * 1000:<18.2f}{cpu / due * 1000:<17.2f}{idle * 1000:.2f}"


def _open(services: Services, year: int, numbers: Sequence[int], until_due: timedelta) -> None:
    services.store.import_units(_units(numbers), START)
    open_collection(services, year=year, form=FORM, calendar=Calendar(START + until_due))


def _units(numbers: Sequence[int]) -> Iterator[Unit]:
    counties = [region.code for region in _regions() if region.level is Level.COUNTY]
    for number in numbers:
        code, county = make_synthetic_credit_code(number), counties[number % len(counties)]
        mail = f"unit{number}@units.example"
        yield Unit(code, f"示例企业{number}号", UnitKind.ENTERPRISE, county, None, "3911", mail, Size.SMALL)


def _regions() -> Regions:
    return read_regions(yunnan_regions_csv(), "regions.csv")


if __name__ == "__main__":
    main()
