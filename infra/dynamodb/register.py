"""Register snapshots and collections in DynamoDB: a snapshot is written in batches, then one pointer is swapped."""

import itertools
import json
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from infra.codec import calendar_from_text, calendar_to_text
from infra.dynamodb import keys
from infra.dynamodb.design import EXPIRES
from infra.dynamodb.people import PeopleItems
from infra.dynamodb.rows import compact
from infra.dynamodb.writes import THERE, Item, Key, Value, put, update
from register.regions import Level, Region, Regions, ZoneRole
from register.seats import Role, StaffMember
from register.units import Size, Unit, UnitKind, UnitStatus
from workflows.collections import Collection
from workflows.deadlines import from_text, to_text
from workflows.ports import Page

REGIONS_IN_AN_ITEM = 500
_UNIT = ("name", "region_code", "reviewing_body", "industry_code", "email", "group_id")
_BY_REGION, _BY_EMAIL = "REGION#", "EMAIL#"


class RegisterItems(PeopleItems):
    """The `RegisterStore` and `CollectionStore` ports over DynamoDB."""

    _regions: dict[str, Regions]
    _regions_lock = threading.Lock()

    def import_regions(self, regions: Regions, at: datetime) -> str:
        """A new snapshot of all regions, in force at once."""
        snapshot, rows = secrets.token_hex(8), [region_row(region) for region in regions]
        parts = range(0, len(rows), REGIONS_IN_AN_ITEM)
        self.batch_put(
            ((f"REGIONS#{snapshot}", f"{first:06d}"), {"rows": compact(rows[first : first + REGIONS_IN_AN_ITEM])})
            for first in parts
        )
        self._put_in_force("regions", snapshot, at, size=len(rows))
        return snapshot

    def import_units(self, units: Iterable[Unit], at: datetime) -> tuple[str, int]:
        """Written in batches; in force only when the last one is in and everybody in it is known."""
        snapshot, size, kinds = secrets.token_hex(8), 0, set[str]()

        def counted() -> Iterator[tuple[Key, dict[str, Any]]]:
            nonlocal size
            for unit in units:
                size += 1
                kinds.add(unit.kind.value)
                yield (f"UNITS#{snapshot}", unit.unit_id), unit_values(unit)

        try:
            self.batch_put(counted())
        except BaseException:
            self._forget_units(snapshot)
            raise
        self.meet(item["email"] for item in self.query(f"UNITS#{snapshot}"))
        self._put_in_force("units", snapshot, at, size=size, kinds="|".join(sorted(kinds)))
        return snapshot, size

    def _forget_units(self, snapshot: str) -> None:
        """Rows of a file that was refused expire: nothing names them, and they hold addresses."""
        expired = {EXPIRES: int(time.time())}
        for item in self.query(f"UNITS#{snapshot}"):
            self.offer(update((item["pk"], item["sk"]), expired, THERE))

    def import_staff(self, staff: Sequence[StaffMember], at: datetime) -> str:
        """A new snapshot of who holds which seat from when to when; each term is found by region and by address."""
        snapshot = secrets.token_hex(8)
        self.batch_put(staff_items(snapshot, enumerate(staff)))
        self.meet(member.email for member in staff)
        self._put_in_force("staff", snapshot, at, size=len(staff))
        return snapshot

    def _put_in_force(self, kind: str, snapshot: str, at: datetime, *, size: int, kinds: str = "") -> None:
        made: dict[str, Value | None] = {"kind": kind, "created_at": to_text(at), "size": size, "kinds": kinds}
        self.write(put((f"SNAPSHOT#{snapshot}", keys.ONLY), made))
        self.write(put((keys.POINTERS, kind), {"snapshot": snapshot}))

    def current(self, kind: str) -> str | None:
        """The snapshot in force."""
        item = self.get((keys.POINTERS, kind))
        return str(item["snapshot"]) if item else None

    def regions(self, snapshot: str) -> Regions:
        """All regions of a snapshot; kept in memory, because a snapshot never changes."""
        with self._regions_lock:
            cache = self.__dict__.setdefault("_regions", {})
        if snapshot not in cache:
            parts = self.query(f"REGIONS#{snapshot}")
            rows = sorted(itertools.chain.from_iterable(json.loads(item["rows"]) for item in parts))
            cache[snapshot] = Regions(region_from(row) for row in rows)
        found: Regions = cache[snapshot]
        return found

    def unit(self, snapshot: str, unit_id: str) -> Unit | None:
        """One unit of a snapshot."""
        item = self.get((f"UNITS#{snapshot}", unit_id)) if unit_id else None
        return unit_from(item) if item else None

    def units(self, snapshot: str, after: str, limit: int) -> Page[Unit]:
        """Units of a snapshot by id."""
        items = itertools.islice(self.query(f"UNITS#{snapshot}", after=after, page=limit), limit)
        rows = [unit_from(item) for item in items]
        return Page(rows, rows[-1].unit_id if len(rows) == limit else "")

    def unit_kinds(self, snapshot: str) -> frozenset[str]:
        """Which kinds of unit the snapshot holds."""
        item = self.get((f"SNAPSHOT#{snapshot}", keys.ONLY))
        return frozenset(item["kinds"].split("|")) if item and item["kinds"] else frozenset()

    def holders(self, region_code: str, day: date) -> Sequence[StaffMember]:
        """Who reviews at this region on that day."""
        members = self._staff(f"{_BY_REGION}{region_code}#")
        return [one for one in members if one.role is Role.REVIEWER and one.serves_on(day)]

    def staff_by_email(self, email: str) -> Sequence[StaffMember]:
        """Every role a person has now or at another time."""
        return self._staff(f"{_BY_EMAIL}{email}#")

    def staff(self) -> Sequence[StaffMember]:
        """Everybody of the snapshot in force."""
        return self._staff(_BY_REGION)

    def _staff(self, prefix: str) -> list[StaffMember]:
        snapshot = self.current("staff")
        items = list(self.query(f"STAFF#{snapshot}", prefix)) if snapshot else []
        return [member_from(item) for item in sorted(items, key=lambda item: int(item["number"]))]

    def put_collection(self, collection: Collection) -> None:
        """Insert or replace one year × form."""
        closed = to_text(collection.closed_at) if collection.closed_at else None
        values: dict[str, Value | None] = {
            "year": collection.year,
            "form": collection.form,
            "form_version": collection.form_version,
            "calendar": calendar_to_text(collection.calendar),
            "regions_snapshot": collection.regions_snapshot,
            "units_snapshot": collection.units_snapshot,
            "opened_at": to_text(collection.opened_at),
            "opening_cursor": collection.opening_cursor,
            "expected": collection.expected,
            "closed_at": closed,
        }
        self.write(put((keys.COLLECTIONS, f"{collection.year}#{collection.form}"), values))

    def collection(self, year: int, form: str) -> Collection | None:
        """One year × form."""
        item = self.get((keys.COLLECTIONS, f"{year}#{form}"))
        return collection_from(item) if item else None

    def collections(self, year: int | None = None) -> Sequence[Collection]:
        """All collections, or those of one year, newest year first."""
        prefix = f"{year}#" if year is not None else ""
        found = [collection_from(item) for item in self.query(keys.COLLECTIONS, prefix)]
        return sorted(found, key=lambda one: (-one.year, one.form))


def region_row(region: Region) -> list[Any]:
    """One of the rows of an item of regions."""
    role = region.zone_role.value if region.zone_role else None
    hosts = "|".join(region.host_codes)
    return [region.code, region.name_zh, region.name_en, region.level.value, region.parent_code, role, hosts]


def region_from(row: list[Any]) -> Region:
    """The inverse of `region_row`."""
    code, name_zh, name_en, level, parent, role, hosts = row
    host_codes = tuple(hosts.split("|")) if hosts else ()
    return Region(code, name_zh, name_en, Level(level), parent, ZoneRole(role) if role else None, host_codes)


def unit_values(unit: Unit) -> dict[str, Any]:
    """The item of a unit."""
    return {
        **{name: getattr(unit, name) for name in _UNIT},
        "kind": unit.kind.value,
        "size": unit.size.value if unit.size else None,
        "starred": int(unit.starred),
        "status": unit.status.value,
    }


def unit_from(item: Item) -> Unit:
    """The inverse of `unit_values`."""
    size = Size(item["size"]) if "size" in item else None
    kind, status, starred = UnitKind(item["kind"]), UnitStatus(item["status"]), bool(item["starred"])
    text: dict[str, Any] = {name: item.get(name) for name in _UNIT}
    return Unit(unit_id=item["sk"], kind=kind, size=size, starred=starred, status=status, **text)


def staff_items(snapshot: str, staff: Iterable[tuple[int, StaffMember]]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The items of some terms under their numbers: each by region and by address."""
    for number, member in staff:
        email = member.email.lower()
        values = {
            "number": number,
            "email": email,
            "name": member.name,
            "role": member.role.value,
            "region_code": member.region_code,
            "valid_from": member.valid_from.isoformat() if member.valid_from else None,
            "valid_to": member.valid_to.isoformat() if member.valid_to else None,
        }
        for way in (f"{_BY_REGION}{member.region_code}", f"{_BY_EMAIL}{email}"):
            yield (f"STAFF#{snapshot}", f"{way}#{number:06d}"), values


def member_from(item: Item) -> StaffMember:
    """The term an item holds."""
    start, end = (date.fromisoformat(item[name]) if name in item else None for name in ("valid_from", "valid_to"))
    return StaffMember(item["email"], item["name"], Role(item["role"]), item["region_code"], start, end)


def collection_from(item: Item) -> Collection:
    """The collection an item holds."""
    return Collection(
        year=item["year"],
        form=item["form"],
        form_version=item["form_version"],
        calendar=calendar_from_text(item["calendar"]),
        regions_snapshot=item["regions_snapshot"],
        units_snapshot=item["units_snapshot"],
        opened_at=from_text(item["opened_at"]),
        opening_cursor=item.get("opening_cursor"),
        expected=item["expected"],
        closed_at=from_text(item["closed_at"]) if "closed_at" in item else None,
    )
