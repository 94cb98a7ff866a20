"""A demo home of a few cities, made through the same scenes as `zhibao demo` but in a fraction of its time."""

from datetime import timedelta
from pathlib import Path

import pytest

from handlers.bootstrap import SystemClock, settings_from_environment, wire
from handlers.demo.clock import SteppingClock
from handlers.demo.enterprise_years import CLOSED_YEAR, OPEN_YEAR, play_closed_year, play_open_year
from handlers.demo.enterprises import enterprises
from handlers.demo.home import make_fresh
from handlers.demo.office_years import answers_by_office, play_office_year
from handlers.demo.people import office_id, offices, staff_csv, units_csv
from handlers.demo.shipped import reference_csv
from handlers.demo.stage import Stage, china
from handlers.demo.tabling import build_tables
from indicators.reference import import_reference
from register.shipped import yunnan_regions_csv
from tests.journeys.driver import Home
from workflows.registering import current_regions, import_regions, import_staff, import_units

OFFICE_YEAR = 2021
ENTERPRISES = 160
LONG_NAME = (
    "示例（合成）昆明市东川区铜都街道高新技术产业开发区"
    "稀贵金属新材料研究开发与检验检测认证服务股份有限公司曲靖第一分公司"
)
"""A unit's name may be this long: 60 characters."""


def make_small_home(home: Home) -> None:
    """Register, an office year, a closed and an open year of the first enterprises, and their tables."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment().items():
            patch.setenv(name, value)
        _play(home.root)


def _play(root: Path) -> None:
    now = SystemClock().now()
    make_fresh(root)
    clock = SteppingClock(china(f"{OFFICE_YEAR}-06-01T09:00"))
    installation = wire(settings_from_environment(), clock=clock, make=True)
    try:
        stage = Stage(installation, clock, progress=False)
        services = installation.services
        import_regions(services, yunnan_regions_csv(), "regions.csv")
        regions = current_regions(services, "regions.csv")
        units = enterprises(regions)[:ENTERPRISES]
        filing = {office_id(region) for year, region in answers_by_office() if year == OFFICE_YEAR}
        asked = [office for office in offices(regions) if office.unit_id in filing]
        text = units_csv([*asked, *units]).decode().replace(units[0].name, LONG_NAME)
        import_units(services, text.encode(), "units.csv")
        import_staff(services, staff_csv(regions), "staff.csv")
        play_office_year(stage, OFFICE_YEAR, regions)
        play_closed_year(stage, units)
        play_open_year(stage, units, now - timedelta(minutes=1))
        clock.reach(now)
        stage.sweep()
        import_reference(installation.objects, reference_csv(), "reference.csv", now)
        build_tables(stage, (OFFICE_YEAR, CLOSED_YEAR, OPEN_YEAR))
    finally:
        installation.close()
