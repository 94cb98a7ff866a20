"""Use cases of the register: importing a new snapshot of regions, units or staff, all or nothing."""

from register.importing import read_regions, read_staff, read_units
from register.problems import ImportProblems, Problem
from register.regions import Regions
from workflows.services import Services


def import_regions(services: Services, data: bytes, file: str) -> int:
    """Put a new list of regions in force; how many. Raises `ImportProblems`."""
    regions = read_regions(data, file)
    services.store.import_regions(regions, services.clock.now())
    return len(regions)


def import_units(services: Services, data: bytes, file: str) -> int:
    """Put a new list of units in force; how many. Raises `ImportProblems`, and then the old list stays."""
    units = read_units(data, file, current_regions(services, file))
    _, count = services.store.import_units(units, services.clock.now())
    return count


def import_staff(services: Services, data: bytes, file: str) -> int:
    """Put a new list of staff in force; how many. Those who take a waiting seat are written to by the next sweep."""
    staff = read_staff(data, file, current_regions(services, file))
    services.store.import_staff(staff, services.clock.now())
    return len(staff)


def current_regions(services: Services, file: str) -> Regions:
    """The regions in force. Raises `ImportProblems` when none were imported yet."""
    snapshot = services.store.current("regions")
    if snapshot is None:
        expected = "先导入行政区划：zhibao import regions FILE.csv (regions come first)"
        raise ImportProblems([Problem(file, 1, "region_code", "", expected)], 1)
    return services.store.regions(snapshot)
