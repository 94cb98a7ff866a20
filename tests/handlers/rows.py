"""A home whose enterprises file 107-1: one row per project, and what is typed into one."""

from pathlib import Path

from register.units import make_synthetic_credit_code
from tests.handlers.world import REGIONS, STAFF, YEAR, World, found
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant
from workflows.links import FilingLink
from workflows.registering import import_regions, import_staff, import_units
from workflows.submissions import Submission, submission_id

FORM = "107-1"
STARRED, PLAIN = 1, 2
"""Two units: the first has a star, the second has none."""
PROJECT = {
    "project_name": "高强度铝合金薄板轧制工艺研究",
    "project_source": "1",
    "project_form": "10",
    "project_output": "9",
    "project_goal": "3",
    "start_month": "203101",
    "end_month": "203112",
    "project_staff": "4",
    "project_person_months": "20",
    "project_cost": "1000",
    "project_cost_government": "10",
    "project_cost_basic": "30",
    "project_cost_basic_own": "20",
    "project_cost_basic_outsourced": "10",
}


def open_projects(folder: Path, units: int = 3) -> World:
    """The home with so many enterprises, those of odd number starred, its year open for 107-1 and 107-2."""
    world = found(folder)
    services = world.home.services
    import_regions(services, REGIONS.encode(), "regions.csv")
    header = "unit_id,name,kind,region_code,reviewing_body,industry_code,email,size,starred\n"
    rows = [
        f"{make_synthetic_credit_code(n)},示例企业{n}号,enterprise,990101,,3911,unit{n}@units.example,S,{n % 2}\n"
        for n in range(1, units + 1)
    ]
    import_units(services, (header + "".join(rows)).encode(), "units.csv")
    import_staff(services, STAFF.encode(), "staff.csv")
    for form in (FORM, "107-2"):
        open_collection(services, year=YEAR, form=form, calendar=Calendar(read_instant("2032-03-10T24:00")))
    world.sweep()
    return world


def project(number: int, **typed: str) -> dict[str, str]:
    """The inputs of one row."""
    cells = {**PROJECT, "project_name": f"{PROJECT['project_name']}之{number}", **typed}
    return {f"projects.{number}.{key}": text for key, text in cells.items()}


def submission(world: World, unit: int = STARRED, form: str = FORM) -> Submission:
    """The unit's return as it stands now."""
    key = submission_id(world.home.store.home_key(), YEAR, form, make_synthetic_credit_code(unit))
    there = world.home.store.submission(key)
    assert there is not None
    return there


def page_path(world: World, unit: int = STARRED, form: str = FORM) -> str:
    """The path of the unit's own page."""
    services = world.home.services
    link = FilingLink(submission(world, unit, form).id, services.store.person_of(f"unit{unit}@units.example").id)
    return f"/f/{services.links.sign(link)}"


def version(world: World, unit: int = STARRED, form: str = FORM) -> str:
    """The version of the draft that is stored, as a page carries it."""
    draft = world.home.store.draft(submission(world, unit, form).id)
    return str(draft.version if draft else 0)
