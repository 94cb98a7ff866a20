"""The whole story of `zhibao demo`: a fresh home, the register, the example years, the tables."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from handlers.bootstrap import SystemClock, Zhibao, settings_from_environment, wire
from handlers.demo import telling
from handlers.demo.clock import SteppingClock
from handlers.demo.comparing import Comparison
from handlers.demo.enterprise_years import (
    CLOSED_YEAR,
    OPEN_YEAR,
    opening_before,
    play_closed_year,
    play_open_year,
)
from handlers.demo.enterprises import enterprises
from handlers.demo.home import DemoRefused, make_fresh
from handlers.demo.leads import Leads, leads
from handlers.demo.office_years import office_years, play_office_year
from handlers.demo.people import offices, staff_csv, units_csv
from handlers.demo.shipped import contradictions, printed_checks, reference_csv
from handlers.demo.stage import Stage, china
from handlers.demo.tabling import build_tables, figures_of_tables, wording
from indicators.reference import import_reference
from infra.settings import Settings
from register.regions import Regions
from register.shipped import yunnan_regions_csv
from workflows.registering import current_regions, import_regions, import_staff, import_units

BEGINNING = "2016-01-04T09:00"
EARLIEST_PRESENT = "2025-06-01"


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What was made: the tables by year (name and rows), the comparisons, live links, the time taken."""

    home: Path
    tables: Mapping[int, list[tuple[str, int]]]
    comparisons: Sequence[Comparison]
    leads: Leads
    seconds: float


def run_demo(home: Path, out: Callable[[str], None], *, progress: bool) -> DemoResult:
    """Make a demo home afresh, play the example years through the use cases, and tell what came out.

    Raises `DemoRefused`, and then nothing was touched.
    """
    started = time.monotonic()
    now = SystemClock().now()
    settings = _settings(home, now)
    make_fresh(home)
    clock = SteppingClock(china(BEGINNING))
    installation = wire(settings, clock=clock, make=True)
    try:
        stage = Stage(installation, clock, progress)
        _play(stage, now)
        built = build_tables(stage, _years())
        comparisons = _tell(installation, built, out)
    finally:
        installation.close()
    found = _live_leads(home)
    return DemoResult(home, built, comparisons, found, time.monotonic() - started)


def _settings(home: Path, now: datetime) -> Settings:
    """The settings of the environment, for this home; only what a demo can use. Raises `DemoRefused`."""
    settings = settings_from_environment({**os.environ, "ZHIBAO_HOME": str(home)})
    if settings.mail != "maildir":
        raise DemoRefused(
            "ZHIBAO_MAIL: 示例的信只放进本机信箱，请去掉这个设置 (a demo's letters stay in the local mailbox: unset it)"
        )
    if opening_before(now) < china(EARLIEST_PRESENT):
        raise DemoRefused(f"本机时钟是 {now:%Y-%m-%d}，早于示例年份，请校准 (the clock of this machine is wrong)")
    return settings


def _years() -> tuple[int, ...]:
    return (*office_years(), CLOSED_YEAR, OPEN_YEAR)


def _play(stage: Stage, now: datetime) -> None:
    """Register and years in the order of time; the reference series as they are known at present."""
    regions = _import_register(stage)
    units = enterprises(regions)
    for year in office_years():
        play_office_year(stage, year, regions)
    play_closed_year(stage, units)
    play_open_year(stage, units, now)
    stage.clock.reach(now)
    stage.sweep()
    import_reference(stage.zhibao.objects, reference_csv(), "reference.csv", now)


def _import_register(stage: Stage) -> Regions:
    services = stage.services
    import_regions(services, yunnan_regions_csv(), "regions.csv")
    regions = current_regions(services, "regions.csv")
    import_units(services, units_csv([*offices(regions), *enterprises(regions)]), "units.csv")
    import_staff(services, staff_csv(regions), "staff.csv")
    return regions


def _tell(
    installation: Zhibao, built: Mapping[int, list[tuple[str, int]]], out: Callable[[str], None]
) -> list[Comparison]:
    figures = figures_of_tables(installation, office_years())
    words = wording(installation, OPEN_YEAR)
    comparisons = [figures.compare(check) for check in printed_checks()]
    telling.tell_tables(out, built)
    telling.tell_headlines(out, figures, words)
    telling.tell_comparisons(out, comparisons, figures, words)
    telling.tell_contradictions(out, contradictions(), figures, words)
    telling.tell_where_to_look(out, installation.settings.base_url)
    return comparisons


def _live_leads(home: Path) -> Leads:
    """Links signed by the machine's own clock, valid from now."""
    installation = wire(_settings(home, SystemClock().now()))
    try:
        return leads(installation.services, OPEN_YEAR)
    finally:
        installation.close()
