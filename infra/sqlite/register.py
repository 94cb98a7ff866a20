"""Register snapshots, people and collections in SQLite."""

import itertools
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from infra.codec import calendar_from_text, calendar_to_text
from infra.sqlite.database import Database
from register.regions import Level, Region, Regions, ZoneRole
from register.seats import Role, StaffMember
from register.units import Size, Unit, UnitKind, UnitStatus
from workflows.calendars import Calendar
from workflows.collections import Collection
from workflows.deadlines import from_text, to_text
from workflows.ports import Page, Person

BATCH = 5000
_UNIT = "unit_id, name, kind, region_code, reviewing_body, industry_code, email, size, starred, group_id, status"
_STAFF = "email, name, role, region_code, valid_from, valid_to"


class RegisterTables(Database):
    """The `RegisterStore` and `CollectionStore` ports over SQLite."""

    _regions_cache: dict[str, Regions]
    _regions_lock = threading.Lock()

    def import_regions(self, regions: Regions, at: datetime) -> str:
        """A new snapshot of all regions, in force at once."""
        rows = [
            (
                region.code,
                region.name_zh,
                region.name_en,
                region.level,
                region.parent_code,
                region.zone_role,
                "|".join(region.host_codes),
            )
            for region in regions
        ]
        with self.transaction() as db:
            snapshot = _new_snapshot(db, "regions", at)
            db.executemany("INSERT INTO regions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [(snapshot, *row) for row in rows])
            _put_in_force(db, "regions", snapshot, len(rows))
        return snapshot

    def import_units(self, units: Iterable[Unit], at: datetime) -> tuple[str, int]:
        """Written in batches; in force only when the last one is in. An error on the way takes all of it out again."""
        with self.transaction() as db:
            snapshot = _new_snapshot(db, "units", at)
        try:
            size = self._write_units(snapshot, units)
        except BaseException:
            self._forget_units(snapshot)
            raise
        self._meet_units(snapshot)
        with self.transaction() as db:
            _put_in_force(db, "units", snapshot, size)
        return snapshot, size

    def _write_units(self, snapshot: str, units: Iterable[Unit]) -> int:
        size, stream, marks = 0, iter(units), ", ".join("?" * 12)
        while batch := list(itertools.islice(stream, BATCH)):
            size += len(batch)
            with self.transaction() as db:
                db.executemany(f"INSERT INTO units VALUES ({marks})", [(snapshot, *_unit_row(unit)) for unit in batch])
        return size

    def _meet_units(self, snapshot: str) -> None:
        """Only once the whole file is known to be good: a refused file leaves no address behind."""
        after = ""
        while rows := self.read(
            "SELECT unit_id, email FROM units WHERE snapshot = ? AND unit_id > ? ORDER BY unit_id LIMIT ?",
            (snapshot, after, BATCH),
        ):
            with self.transaction() as db:
                _meet(db, (row[1] for row in rows))
            after = rows[-1][0]

    def _forget_units(self, snapshot: str) -> None:
        with self.transaction() as db:
            db.execute("DELETE FROM units WHERE snapshot = ?", (snapshot,))
            db.execute("DELETE FROM snapshots WHERE id = ?", (snapshot,))

    def import_staff(self, staff: Sequence[StaffMember], at: datetime) -> str:
        """A new snapshot of who holds which seat from when to when."""
        with self.transaction() as db:
            snapshot = _new_snapshot(db, "staff", at)
            db.executemany(
                "INSERT INTO staff VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(snapshot, number, *_staff_row(member)) for number, member in enumerate(staff)],
            )
            _meet(db, (member.email for member in staff))
            _put_in_force(db, "staff", snapshot, len(staff))
        return snapshot

    def current(self, kind: str) -> str | None:
        """The snapshot in force."""
        row = self.read_one("SELECT snapshot FROM pointers WHERE kind = ?", (kind,))
        return str(row[0]) if row else None

    def regions(self, snapshot: str) -> Regions:
        """All regions of a snapshot; kept in memory, because a snapshot never changes."""
        with self._regions_lock:
            cache = self.__dict__.setdefault("_regions_cache", {})
        if snapshot not in cache:
            rows = self.read(
                "SELECT code, name_zh, name_en, level, parent_code, zone_role, host_codes FROM regions"
                " WHERE snapshot = ? ORDER BY code",
                (snapshot,),
            )
            cache[snapshot] = Regions(_region(row) for row in rows)
        found: Regions = cache[snapshot]
        return found

    def unit(self, snapshot: str, unit_id: str) -> Unit | None:
        """One unit of a snapshot."""
        row = self.read_one(f"SELECT {_UNIT} FROM units WHERE snapshot = ? AND unit_id = ?", (snapshot, unit_id))
        return _unit(row) if row else None

    def units(self, snapshot: str, after: str, limit: int) -> Page[Unit]:
        """Units of a snapshot by id."""
        rows = self.read(
            f"SELECT {_UNIT} FROM units WHERE snapshot = ? AND unit_id > ? ORDER BY unit_id LIMIT ?",
            (snapshot, after, limit),
        )
        return Page([_unit(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

    def unit_kinds(self, snapshot: str) -> frozenset[str]:
        """Which kinds of unit the snapshot holds."""
        return frozenset(row[0] for row in self.read("SELECT DISTINCT kind FROM units WHERE snapshot = ?", (snapshot,)))

    def holders(self, region_code: str, day: date) -> Sequence[StaffMember]:
        """Who reviews at this region on that day."""
        rows = self.read(
            f"SELECT {_STAFF} FROM staff WHERE snapshot = ? AND region_code = ? AND role = 'reviewer' ORDER BY number",
            (self.current("staff"), region_code),
        )
        return [member for member in map(_staff, rows) if member.serves_on(day)]

    def staff_by_email(self, email: str) -> Sequence[StaffMember]:
        """Every role a person has now or at another time."""
        rows = self.read(
            f"SELECT {_STAFF} FROM staff WHERE snapshot = ? AND email = ? ORDER BY number",
            (self.current("staff"), email),
        )
        return [_staff(row) for row in rows]

    def staff(self) -> Sequence[StaffMember]:
        """Everybody of the snapshot in force."""
        rows = self.read(f"SELECT {_STAFF} FROM staff WHERE snapshot = ? ORDER BY number", (self.current("staff"),))
        return [_staff(row) for row in rows]

    def person_of(self, email: str) -> Person:
        """The person behind an address."""
        address = email.lower()
        row = self.read_one("SELECT id FROM people WHERE email = ?", (address,))
        if row is None:
            with self.transaction() as db:
                _meet(db, [email])
                row = db.execute("SELECT id FROM people WHERE email = ?", (address,)).fetchone()
        return Person(str(row[0]), address)

    def person(self, person_id: str) -> Person | None:
        """The address behind an opaque id, unless it was erased."""
        row = self.read_one("SELECT id, email FROM people WHERE id = ?", (person_id,))
        return Person(*row) if row else None

    def put_collection(self, collection: Collection) -> None:
        """Insert or replace one year × form."""
        calendar = collection.calendar
        values = (
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
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO collections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def collection(self, year: int, form: str) -> Collection | None:
        """One year × form."""
        row = self.read_one("SELECT * FROM collections WHERE year = ? AND form = ?", (year, form))
        return _collection(row) if row else None

    def collections(self, year: int | None = None) -> Sequence[Collection]:
        """All collections, or those of one year, newest year first."""
        if year is None:
            return [_collection(row) for row in self.read("SELECT * FROM collections ORDER BY year DESC, form")]
        return [
            _collection(row) for row in self.read("SELECT * FROM collections WHERE year = ? ORDER BY form", (year,))
        ]


def _new_snapshot(db: sqlite3.Connection, kind: str, at: datetime) -> str:
    snapshot = secrets.token_hex(8)
    db.execute("INSERT INTO snapshots VALUES (?, ?, ?, 0, 0)", (snapshot, kind, to_text(at)))
    return snapshot


def _put_in_force(db: sqlite3.Connection, kind: str, snapshot: str, size: int) -> None:
    db.execute("UPDATE snapshots SET complete = 1, size = ? WHERE id = ?", (size, snapshot))
    db.execute("INSERT OR REPLACE INTO pointers VALUES (?, ?)", (kind, snapshot))


def _meet(db: sqlite3.Connection, emails: Iterable[str]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO people VALUES (?, ?)", [(secrets.token_hex(8), email.lower()) for email in emails]
    )


def _unit_row(unit: Unit) -> tuple[object, ...]:
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


def _unit(row: tuple[Any, ...]) -> Unit:
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


def _staff_row(member: StaffMember) -> tuple[object, ...]:
    return (
        member.email.lower(),
        member.name,
        member.role,
        member.region_code,
        member.valid_from.isoformat() if member.valid_from else None,
        member.valid_to.isoformat() if member.valid_to else None,
    )


def _staff(row: tuple[Any, ...]) -> StaffMember:
    start, end = (date.fromisoformat(text) if text else None for text in row[4:6])
    return StaffMember(row[0], row[1], Role(row[2]), row[3], start, end)


def _region(row: tuple[Any, ...]) -> Region:
    zone_role = ZoneRole(row[5]) if row[5] else None
    hosts = tuple(row[6].split("|")) if row[6] else ()
    return Region(row[0], row[1], row[2], Level(row[3]), row[4], zone_role, hosts)


def _calendar(row: tuple[Any, ...]) -> Calendar:
    """A collection opened before calendars had more than two times has these two, and the defaults."""
    if row[11]:
        return calendar_from_text(row[11])
    return Calendar(from_text(row[3]), from_text(row[4]) if row[4] else None)


def _collection(row: tuple[Any, ...]) -> Collection:
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
