"""A whole country's register on one machine: import, opening killed half-way and gone on with, a sweep, an inbox.

`python -m benchmarks.province --units 6000 600000`

Each stage runs in a process of its own, so that its peak memory is its own; the home is on disk, with full syncs. 1,000
returns of another year are due; 40 returns of the large year wait at one county. What the sweep and the inbox cost must
not grow with the number of units.
"""

import argparse
import os
import resource
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from benchmarks.sweeping import FORM, START, Counted, HandClock
from handlers.app import create_app
from handlers.bootstrap import Zhibao, settings_from_environment, wire
from handlers.demo.acting import filing_link
from handlers.demo.people import SEAT_WORDS, reviewer_address
from register.regions import Level
from register.seats import Role, StaffMember
from register.shipped import yunnan_regions_csv
from register.units import make_synthetic_credit_code
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.filing import submit
from workflows.links import InboxLink
from workflows.ports import InboxOrder
from workflows.registering import current_regions, import_regions, import_units

DUE_YEAR, LARGE_YEAR = 2024, 2025
DUE, WAITING, LOOKS = 1000, 40, 50
HEADER = "unit_id,name,kind,region_code,reviewing_body,industry_code,email,size\n"
"""Of a register file."""


def main() -> None:
    """One column for each size, or one stage of one home."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, nargs="+", default=[6000, 600_000])
    parser.add_argument("--stage", choices=sorted(_STAGES))
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.stage:
        _run_stage(arguments.stage, arguments.folder, arguments.units[0])
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; seconds unless said otherwise, peak memory in MB\n")
    print(
        "| units | import | MB | opening, killed half-way | gone on with | MB | sweep of 1,000 due | MB |"
        " idle pass ms | inbox query ms | inbox page ms | MB | file MB |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for units in arguments.units:
        with tempfile.TemporaryDirectory(prefix="zhibao-bench-", dir=arguments.folder) as folder:
            print(_line(Path(folder), units), flush=True)
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


def _line(folder: Path, units: int) -> str:
    _stage("prepare", folder, units)
    imported = _stage("import", folder, units)
    killed = _killed_opening(folder, units)
    resumed = _stage("open", folder, units)
    _stage("deliver", folder, units)
    swept, looked = _stage("sweep", folder, units), _stage("inbox", folder, units)
    size = sum(path.stat().st_size for path in folder.glob("home/zhibao.sqlite3*")) / 1e6
    cells = [
        f"{units:,}",
        *(f"{value:.1f}" for value in (imported[0],)),
        f"{imported[-1]:.0f}",
        f"{killed:.1f}",
        f"{resumed[0]:.1f}",
        f"{resumed[-1]:.0f}",
        f"{swept[0]:.2f}",
        f"{swept[-1]:.0f}",
        f"{swept[1] * 1000:.2f}",
        f"{looked[0] * 1000:.2f}",
        f"{looked[1] * 1000:.1f}",
        f"{looked[-1]:.0f}",
        f"{size:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _stage(name: str, folder: Path, units: int) -> list[float]:
    """Run a stage to its end; what it measured, peak memory last."""
    done = subprocess.run(_command(name, folder, units), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    return [float(word) for word in done.stdout.split()]


def _killed_opening(folder: Path, units: int) -> float:
    """Open, and kill the process when half of the units are expected; seconds until then."""
    began = time.perf_counter()
    opening = subprocess.Popen(_command("open", folder, units), stdout=subprocess.DEVNULL)
    with closing(sqlite3.connect(f"file:{folder / 'home' / 'zhibao.sqlite3'}?mode=ro", uri=True)) as file:
        while _expected(file) < units // 2:
            if opening.poll() is not None:
                raise RuntimeError("the opening ended before it was killed")
            time.sleep(0.25)  # counting costs the one who writes something, too
    opening.send_signal(signal.SIGKILL)
    opening.wait()
    return time.perf_counter() - began


def _expected(file: sqlite3.Connection) -> int:
    sql = "SELECT count(*) FROM submissions WHERE year = ? AND form = ?"
    found: int = file.execute(sql, (LARGE_YEAR, FORM)).fetchone()[0]
    return found


def _command(stage: str, folder: Path, units: int) -> list[str]:
    own = ["--stage", stage, "--folder", str(folder), "--units", str(units)]
    return [sys.executable, "-m", "benchmarks.province", *own]


def _run_stage(name: str, folder: Path, units: int) -> None:
    """One stage; prints what it measured and its own peak memory in MB."""
    os.environ |= {"ZHIBAO_HOME": str(folder / "home"), "ZHIBAO_REVIEW_CONFIRM": "link"}
    clock, mailer = HandClock(), Counted()
    home = wire(settings_from_environment(), clock=clock, mailer=lambda _: mailer, make=True)
    try:
        measured = _STAGES[name](home, folder, units)
    finally:
        home.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(*measured, peak)


def _prepare(home: Zhibao, folder: Path, units: int) -> list[float]:
    """Regions, seats, the collection of which 1,000 are due, and the file of the large register."""
    services = home.services
    import_regions(services, yunnan_regions_csv(), "regions.csv")
    regions = current_regions(services, "regions.csv")
    staff = [
        StaffMember(reviewer_address(region), SEAT_WORDS[region.level], Role.REVIEWER, region.code)
        for region in regions
        if region.reviews
    ]
    services.store.import_staff(staff, START)
    counties = [region.code for region in regions if region.level is Level.COUNTY]
    import_units(services, "".join(_rows(counties, 0, DUE)).encode(), "units.csv")
    open_collection(services, year=DUE_YEAR, form=FORM, calendar=Calendar(START + timedelta(days=8)))
    home.sweep.run()
    with (folder / "units.csv").open("w", encoding="utf-8") as file:
        file.writelines(_rows(counties, DUE, DUE + units))
    return []


def _rows(counties: list[str], first: int, end: int) -> Iterator[str]:
    yield HEADER
    for number in range(first, end):
        code, county = make_synthetic_credit_code(number), counties[number % len(counties)]
        yield f"{code},示例企业{number}号,enterprise,{county},,3911,unit{number}@units.example,S\n"


def _import(home: Zhibao, folder: Path, units: int) -> list[float]:
    data, began = (folder / "units.csv").read_bytes(), time.perf_counter()
    if import_units(home.services, data, "units.csv") != units:
        raise RuntimeError("not all units were imported")
    return [time.perf_counter() - began]


def _open(home: Zhibao, _folder: Path, units: int) -> list[float]:
    began = time.perf_counter()
    made = open_collection(home.services, year=LARGE_YEAR, form=FORM, calendar=Calendar(START + timedelta(days=366)))
    if made.expected != units:
        raise RuntimeError(f"{made.expected} are expected, not {units}")
    return [time.perf_counter() - began]


def _deliver(home: Zhibao, folder: Path, units: int) -> list[float]:
    """Invitations count as mailed long ago; some returns of one county are sent."""
    from benchmarks.home import TRACE, filled_pages

    services, store = home.services, home.store
    with closing(sqlite3.connect(folder / "home" / "zhibao.sqlite3")) as file:
        file.execute("UPDATE outbox SET done_at = created_at WHERE done_at IS NULL")
        file.commit()
    _, entries = filled_pages()
    snapshot = store.current("units") or ""
    county = _county(home)
    cursor, sent = "", 0
    while sent < WAITING:
        page = store.units(snapshot, cursor, 1000)
        for unit in page.rows:
            if unit.region_code == county and sent < WAITING:
                submit(services, filing_link(services, unit, LARGE_YEAR, FORM), entries[sent % len(entries)], TRACE)
                sent += 1
        cursor = page.cursor
    home.sweep.run()
    return [units]


def _county(home: Zhibao) -> str:
    regions = current_regions(home.services, "regions.csv")
    return next(region.code for region in regions if region.level is Level.COUNTY)


def _sweep(home: Zhibao, _folder: Path, _units: int) -> list[float]:
    clock = home.services.clock
    if not isinstance(clock, HandClock):
        raise TypeError("the clock of a benchmark is put by hand")
    clock.moment = START + timedelta(days=1)
    began = time.perf_counter()
    report = home.sweep.run()
    seconds = time.perf_counter() - began
    if report.reminders != DUE:
        raise RuntimeError(f"{report.reminders} reminders, not {DUE}")
    began = time.perf_counter()
    for _ in range(LOOKS):
        home.sweep.run()
    return [seconds, (time.perf_counter() - began) / LOOKS]


def _inbox(home: Zhibao, _folder: Path, _units: int) -> list[float]:
    """The query and the whole page, each the median of some looks."""
    county, store = _county(home), home.store
    person = store.person_of(store.holders(county, home.services.today())[0].email)
    client = create_app(home).test_client()
    path = f"/i/{home.services.links.sign(InboxLink(county, person.id))}"

    def look() -> None:
        if client.get(path).text.count("示例企业") < WAITING:
            raise RuntimeError("the inbox does not show what waits")

    def ask() -> None:
        if len(store.waiting(county, InboxOrder.AGE, "", 50).rows) != WAITING:
            raise RuntimeError("not what waits at the county")

    return [_median(ask), _median(look)]


def _median(act: Callable[[], None]) -> float:
    act()
    seconds = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


_STAGES: dict[str, Callable[[Zhibao, Path, int], list[float]]] = {
    "prepare": _prepare,
    "import": _import,
    "open": _open,
    "deliver": _deliver,
    "sweep": _sweep,
    "inbox": _inbox,
}


if __name__ == "__main__":
    main()
