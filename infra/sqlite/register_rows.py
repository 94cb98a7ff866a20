"""Rows of the register and of collections: how each is written and read; the two are inverses of each other."""

from datetime import date
from typing import Any

from infra.codec import calendar_from_text, calendar_to_text
from register.regions import Level, Region, ZoneRole
from register.seats import Role, StaffMember
from register.units import Size, Unit, UnitKind, UnitStatus
from workflows.calendars import Calendar
from workflows.collections import Collection
from workflows.deadlines import from_text, to_text

REGION = "code, name_zh, name_en, level, parent_code, zone_role, host_codes"
UNIT = "unit_id, name, kind, region_code, reviewing_body, industry_code, email, size, starred, group_id, status"
COLLECTION = (
    "year, form, form_version, due, close, regions_snapshot, units_snapshot, opened_at, opening_cursor, expected,"
    " closed_at, calendar"
)
STAFF = "email, name, role, region_code, valid_from, valid_to"


def region_values(region: Region) -> tuple[object, ...]:
    """A row of `regions`, after the snapshot."""
    hosts = "|".join(region.host_codes)
    return (region.code, region.name_zh, region.name_en, region.level, region.parent_code, region.zone_role, hosts)


def unit_values(unit: Unit) -> tuple[object, ...]:
    """A row of `units`, after the snapshot."""
    return (
        unit.unit_id,
        unit.name,
        unit.kind,
        unit.region_code,
        unit.reviewing_body,
        unit.industry_code,
        unit.email,
        unit.size,
        int(unit.starred),
        unit.group_id,
        unit.status,
    )


def unit_from(row: tuple[Any, ...]) -> Unit:
    """The inverse of `unit_values`."""
    size = Size(row[7]) if row[7] else None
    return Unit(
        unit_id=row[0],
        name=row[1],
        kind=UnitKind(row[2]),
        region_code=row[3],
        reviewing_body=row[4],
        industry_code=row[5],
        email=row[6],
        size=size,
        starred=bool(row[8]),
        group_id=row[9],
        status=UnitStatus(row[10]),
    )


def staff_values(member: StaffMember) -> tuple[object, ...]:
    """A row of `staff`, after snapshot and number."""
    return (
        member.email.lower(),
        member.name,
        member.role,
        member.region_code,
        member.valid_from.isoformat() if member.valid_from else None,
        member.valid_to.isoformat() if member.valid_to else None,
    )


def staff_from(row: tuple[Any, ...]) -> StaffMember:
    """The inverse of `staff_values`."""
    start, end = (date.fromisoformat(text) if text else None for text in row[4:6])
    return StaffMember(row[0], row[1], Role(row[2]), row[3], start, end)


def region_from(row: tuple[Any, ...]) -> Region:
    """The inverse of `region_values`."""
    zone_role = ZoneRole(row[5]) if row[5] else None
    hosts = tuple(row[6].split("|")) if row[6] else ()
    return Region(row[0], row[1], row[2], Level(row[3]), row[4], zone_role, hosts)


def _calendar(row: tuple[Any, ...]) -> Calendar:
    """A collection opened before calendars had more than two times has these two, and the defaults."""
    if row[11]:
        return calendar_from_text(row[11])
    return Calendar(from_text(row[3]), from_text(row[4]) if row[4] else None)


def collection_from(row: tuple[Any, ...]) -> Collection:
    """The inverse of `collection_values`."""
    return Collection(
        year=row[0],
        form=row[1],
        form_version=row[2],
        calendar=_calendar(row),
        regions_snapshot=row[5],
        units_snapshot=row[6],
        opened_at=from_text(row[7]),
        opening_cursor=row[8],
        expected=row[9],
        closed_at=from_text(row[10]) if row[10] else None,
    )


def collection_values(collection: Collection) -> tuple[object, ...]:
    """A row of `collections`; due and close are copies of the calendar's."""
    calendar = collection.calendar
    return (
        collection.year,
        collection.form,
        collection.form_version,
        to_text(calendar.due),
        to_text(calendar.close) if calendar.close else None,
        collection.regions_snapshot,
        collection.units_snapshot,
        to_text(collection.opened_at),
        collection.opening_cursor,
        collection.expected,
        to_text(collection.closed_at) if collection.closed_at else None,
        calendar_to_text(calendar),
    )
