"""Register snapshots, people and collections in SQLite."""

import itertools
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from infra.sqlite.database import Database
from infra.sqlite.register_rows import (
    STAFF,
    UNIT,
    collection_from,
    collection_values,
    region_from,
    region_values,
    staff_from,
    staff_values,
    unit_from,
    unit_values,
)
from register.regions import Regions
from register.seats import StaffMember
from register.units import Unit
from workflows.collections import Collection
from workflows.deadlines import to_text
from workflows.ports import Page, Person

BATCH = 5000


class RegisterTables(Database):
    """The `RegisterStore` and `CollectionStore` ports over SQLite."""

    _regions_cache: dict[str, Regions]
    _regions_lock = threading.Lock()

    def import_regions(self, regions: Regions, at: datetime) -> str:
        """A new snapshot of all regions, in force at once."""
        rows = [region_values(region) for region in regions]
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
                db.executemany(
                    f"INSERT INTO units VALUES ({marks})", [(snapshot, *unit_values(unit)) for unit in batch]
                )
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
                [(snapshot, number, *staff_values(member)) for number, member in enumerate(staff)],
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
            cache[snapshot] = Regions(region_from(row) for row in rows)
        found: Regions = cache[snapshot]
        return found

    def unit(self, snapshot: str, unit_id: str) -> Unit | None:
        """One unit of a snapshot."""
        row = self.read_one(f"SELECT {UNIT} FROM units WHERE snapshot = ? AND unit_id = ?", (snapshot, unit_id))
        return unit_from(row) if row else None

    def units(self, snapshot: str, after: str, limit: int) -> Page[Unit]:
        """Units of a snapshot by id."""
        rows = self.read(
            f"SELECT {UNIT} FROM units WHERE snapshot = ? AND unit_id > ? ORDER BY unit_id LIMIT ?",
            (snapshot, after, limit),
        )
        return Page([unit_from(row) for row in rows], rows[-1][0] if len(rows) == limit else "")

    def unit_kinds(self, snapshot: str) -> frozenset[str]:
        """Which kinds of unit the snapshot holds."""
        return frozenset(row[0] for row in self.read("SELECT DISTINCT kind FROM units WHERE snapshot = ?", (snapshot,)))

    def holders(self, region_code: str, day: date) -> Sequence[StaffMember]:
        """Who reviews at this region on that day."""
        rows = self.read(
            f"SELECT {STAFF} FROM staff WHERE snapshot = ? AND region_code = ? AND role = 'reviewer' ORDER BY number",
            (self.current("staff"), region_code),
        )
        return [member for member in map(staff_from, rows) if member.serves_on(day)]

    def staff_by_email(self, email: str) -> Sequence[StaffMember]:
        """Every role a person has now or at another time."""
        rows = self.read(
            f"SELECT {STAFF} FROM staff WHERE snapshot = ? AND email = ? ORDER BY number",
            (self.current("staff"), email),
        )
        return [staff_from(row) for row in rows]

    def staff(self) -> Sequence[StaffMember]:
        """Everybody of the snapshot in force."""
        rows = self.read(f"SELECT {STAFF} FROM staff WHERE snapshot = ? ORDER BY number", (self.current("staff"),))
        return [staff_from(row) for row in rows]

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
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO collections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                collection_values(collection),
            )

    def collection(self, year: int, form: str) -> Collection | None:
        """One year × form."""
        row = self.read_one("SELECT * FROM collections WHERE year = ? AND form = ?", (year, form))
        return collection_from(row) if row else None

    def collections(self, year: int | None = None) -> Sequence[Collection]:
        """All collections, or those of one year, newest year first."""
        if year is None:
            return [collection_from(row) for row in self.read("SELECT * FROM collections ORDER BY year DESC, form")]
        return [
            collection_from(row) for row in self.read("SELECT * FROM collections WHERE year = ? ORDER BY form", (year,))
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
