"""Use cases of a collection: opening it (a resumable job) and closing it."""

import re
from dataclasses import replace

from forms.catalogue import FormNotFound
from forms.definition import FormDefinition
from register.errors import UnknownRegionError
from register.regions import Level, Regions
from register.units import Unit, UnitStatus
from workflows.calendars import Calendar
from workflows.collections import Collection
from workflows.deadlines import CHINA
from workflows.machine.duties import next_moment
from workflows.machine.events import FilingExpected
from workflows.machine.states import State
from workflows.routes import RouteError, route_of
from workflows.services import Services
from workflows.submissions import Identity, OutboxItem, Submission, Transition, advance, submission_id

BATCH = 500
_EMPTY_REGISTER = "名录库还是空的：先导入 regions 和 units (the register is empty)"


class CollectionRefused(ValueError):
    """The collection may not be opened, closed or changed as asked; the text says why and what to do."""


def open_collection(services: Services, *, year: int, form: str, calendar: Calendar) -> Collection:
    """Open one form for one year: freeze the register, expect every unit it is for, promise their invitations.

    A job in batches: killed half-way, the same call goes on where it stopped. Raises `CollectionRefused`.
    """
    definition = check_opening(services, year, form)
    existing = services.store.collection(year, form)
    if existing is not None:
        return _expect_units(services, existing)
    regions, units = services.store.current("regions"), services.store.current("units")
    if regions is None or units is None:
        raise CollectionRefused(_EMPTY_REGISTER)
    _check_routes(services, definition, regions, units)
    collection = Collection(
        year=year,
        form=form,
        form_version=definition.version,
        calendar=calendar,
        regions_snapshot=regions,
        units_snapshot=units,
        opened_at=services.clock.now(),
        opening_cursor="",
    )
    services.store.put_collection(collection)
    return _expect_units(services, collection)


def check_opening(services: Services, year: int, form: str) -> FormDefinition:
    """Whether this form can be opened, or its opening gone on with; nothing is written. Raises `CollectionRefused`."""
    existing = services.store.collection(year, form)
    if existing is not None:
        if existing.opening_cursor is None:
            raise CollectionRefused(f"{year} 年 {form} 已经开过 (already open)")
        return services.forms.by_version(existing.form_version)
    if services.store.current("regions") is None or services.store.current("units") is None:
        raise CollectionRefused(_EMPTY_REGISTER)
    return _definition_for(services, year, form)


def close_collection(services: Services, year: int) -> tuple[Collection, ...]:
    """Close every form of a year. After this nothing moves. Raises `CollectionRefused` when there is none."""
    collections = services.store.collections(year)
    if not collections:
        raise CollectionRefused(f"没有 {year} 年的年报 (no collection of {year})")
    now = services.clock.now()
    closed = tuple(c if c.closed_at else replace(c, closed_at=now) for c in collections)
    for collection in closed:
        services.store.put_collection(collection)
    return closed


def _definition_for(services: Services, year: int, form: str) -> FormDefinition:
    """The layout in force for the reference year, whose approval still stands today (统计法 17)."""
    if not re.fullmatch(r"(19|20|21)\d\d", str(year)):
        raise CollectionRefused(f"“{year}” 不是年份 (not a year)")
    try:
        definition = services.forms.in_force(form, year)
    except FormNotFound as error:
        raise CollectionRefused(str(error)) from error
    today = services.clock.now().astimezone(CHINA).date()
    if definition.header.valid_until < today:
        raise CollectionRefused(
            f"{form}: 有效期至 {definition.header.valid_until}，已过期，统计法第17条不许再用 (form no longer valid)"
        )
    return definition


def _expect_units(services: Services, collection: Collection) -> Collection:
    definition = services.forms.by_version(collection.form_version)
    regions = services.store.regions(collection.regions_snapshot)
    cursor: str | None = collection.opening_cursor or ""
    while cursor is not None:
        page = services.store.units(collection.units_snapshot, cursor, BATCH)
        wanted = [unit for unit in page.rows if _is_asked(unit, definition)]
        services.store.create([_expectation(services, collection, unit, regions) for unit in wanted])
        cursor = page.cursor or None
        collection = replace(collection, opening_cursor=cursor, expected=collection.expected + len(wanted))
        services.store.put_collection(collection)
    return collection


def _check_routes(services: Services, definition: FormDefinition, regions_snapshot: str, units_snapshot: str) -> None:
    """Every expected unit must have somebody to review it, before anything is written. Raises `CollectionRefused`."""
    regions = services.store.regions(regions_snapshot)
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.units(units_snapshot, cursor, BATCH)
        for unit in page.rows:
            if _is_asked(unit, definition):
                _check_route(unit, regions)
        cursor = page.cursor or None


def _check_route(unit: Unit, regions: Regions) -> None:
    try:
        route_of(unit, regions)
    except (RouteError, UnknownRegionError) as error:
        raise CollectionRefused(
            f"{unit.unit_id}: 名录库里的所在地或审核机构已不在行政区划中，请先更正再导入 units (no route: {error})"
        ) from error


def _is_asked(unit: Unit, definition: FormDefinition) -> bool:
    return unit.kind.value in definition.unit_kinds and unit.status is UnitStatus.ACTIVE


def _expectation(services: Services, collection: Collection, unit: Unit, regions: Regions) -> Transition:
    """The first event of a submission, and the promise of its invitation."""
    key = submission_id(services.store.home_key(), collection.year, collection.form, unit.unit_id)
    route = route_of(unit, regions)
    before = Submission(identity_of(key, collection, unit, regions), State())
    event = FilingExpected(tuple((body.level.value, body.region) for body in route))
    now = services.clock.now()
    after, links = advance(before, (event,), now)
    invitation = OutboxItem(f"{links[0].id}.invitation", "invitation", {"submission": key}, now)
    next_at = next_moment(after.state, collection.calendar)
    return Transition(before=before, after=after, at=now, events=links, outbox=(invitation,), next_at=next_at)


def identity_of(key: str, collection: Collection, unit: Unit, regions: Regions) -> Identity:
    """What a submission is of, from the collection's own register snapshot. Raises `RouteError`."""
    lineage = {region.level: region.code for region in regions.lineage(unit.region_code)}
    return Identity(
        id=key,
        year=collection.year,
        form=collection.form,
        unit_id=unit.unit_id,
        unit_kind=unit.kind,
        region_code=unit.region_code,
        county_code=lineage.get(Level.COUNTY, ""),
        city_code=lineage.get(Level.CITY, ""),
        reviewing_body=route_of(unit, regions)[0].region,
    )
