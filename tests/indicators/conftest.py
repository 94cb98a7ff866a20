"""A small province, its frame and returns, and an object store in memory for what is not about files."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from forms.loading import FormCatalogue, shipped_forms
from indicators.definition import TableDefinition, shipped_tables
from indicators.facts import AcceptedReturn, FactKind
from indicators.ports import REGION_FORM, CollectionFrame, Objects, ProgressRow
from indicators.reference import ReferenceSeries, ReferenceValue
from indicators.region_table import Cells, RegionYear, region_indicators
from indicators.tables import Workshop
from register.regions import Level, Region, Regions, ZoneRole

AT = datetime(2026, 6, 1, tzinfo=UTC)
ENTERPRISES = "107-2"


class MemoryObjects:
    """The `Objects` port in memory, for one thread."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def create(self, name: str, data: bytes) -> bool:
        if name in self.held:
            return False
        self.held[name] = data
        return True

    def read(self, name: str) -> bytes | None:
        return self.held.get(name)

    def read_with_tag(self, name: str) -> tuple[bytes, str] | None:
        data = self.held.get(name)
        return None if data is None else (data, hashlib.sha256(data).hexdigest())

    def swap(self, name: str, data: bytes, expected_tag: str | None) -> bool:
        present = self.read_with_tag(name)
        if (present[1] if present else None) != expected_tag:
            return False
        self.held[name] = data
        return True

    def names(self, prefix: str, after: str = "", limit: int = 1000) -> list[str]:
        return sorted(name for name in self.held if name.startswith(prefix) and name > after)[:limit]

    def download_link(self, name: str, filename: str, media_type: str) -> str | None:
        return None


class YearFrames:
    """The `Frames` port over some frames."""

    def __init__(self, *frames: CollectionFrame) -> None:
        self._frames = {frame.year: frame for frame in frames}
        self.noted: list[str] = []

    def frame(self, year: int) -> CollectionFrame | None:
        return self._frames.get(year)

    def years(self) -> Sequence[int]:
        return sorted(self._frames, reverse=True)

    @contextmanager
    def building(self, year: int) -> Iterator[None]:
        self.noted.append(f"begins {year}")
        yield
        self.noted.append(f"ends {year}")


@pytest.fixture
def objects() -> MemoryObjects:
    """An empty store."""
    return MemoryObjects()


@pytest.fixture(scope="session")
def new_objects() -> Callable[[], Objects]:
    """Makes empty stores."""
    return MemoryObjects


@pytest.fixture(scope="session")
def at() -> datetime:
    """The moment of building."""
    return AT


@pytest.fixture(scope="session")
def catalogue() -> FormCatalogue:
    """The shipped forms."""
    return shipped_forms()


@pytest.fixture(scope="session")
def definitions() -> Mapping[str, TableDefinition]:
    """The shipped tables."""
    return shipped_tables()


@pytest.fixture(scope="session")
def regions() -> Regions:
    """甲市 with three counties and a reviewing zone on 甲一, 乙市 with one county."""
    return Regions(
        [
            Region("990000", "示例省", "Sample", Level.PROVINCE, None),
            Region("990100", "甲市", "Jia", Level.CITY, "990000"),
            Region("990101", "甲一区", "Jia 1", Level.COUNTY, "990100"),
            Region("990102", "甲二区", "Jia 2", Level.COUNTY, "990100"),
            Region("990103", "甲三县", "Jia 3", Level.COUNTY, "990100"),
            Region("990171", "甲高新区", "Jia Zone", Level.ZONE, "990100", ZoneRole.REVIEWING, ("990101",)),
            Region("990200", "乙市", "Yi", Level.CITY, "990000"),
            Region("990201", "乙一县", "Yi 1", Level.COUNTY, "990200"),
        ]
    )


@pytest.fixture(scope="session")
def frame_of(regions: Regions, catalogue: FormCatalogue) -> Callable[..., CollectionFrame]:
    """Makes the frame of a year; `offices` are the regions whose own return is expected."""

    def make(year: int = 2025, *, offices: Iterable[str] = (), **more: Any) -> CollectionFrame:
        progress = tuple(
            ProgressRow(REGION_FORM, code, code, "accepted", "", late=False, sent=True, excepted=False, count=1)
            for code in offices
        )
        versions = {form: catalogue.in_force(form, 2025).version for form in (ENTERPRISES, REGION_FORM)}
        known: dict[str, Any] = {"regions": regions, "versions": versions, "samples": frozenset(versions)}
        return CollectionFrame(**{"year": year, "provisional": False, "progress": progress, **known, **more})

    return make


@pytest.fixture(scope="session")
def accepted_return(catalogue: FormCatalogue) -> Callable[..., AcceptedReturn]:
    """Makes the document of one acceptance; the unit's number is in its submission, event and hash."""

    def make(number: int = 1, cells: Mapping[str, Any] | None = None, **more: Any) -> AcceptedReturn:
        form = str(more.pop("form", ENTERPRISES))
        event = int(more.pop("event", 5))
        said = cells or {}
        filed = {key: cell if isinstance(cell, dict) else {"value": str(cell)} for key, cell in said.items()}
        submission = f"s{number:04d}"
        known = AcceptedReturn(
            event=f"{submission}-{event:04d}",
            kind=FactKind.ACCEPTED,
            submission=submission,
            year=2025,
            form=form,
            form_version=catalogue.in_force(form, 2025).version,
            unit=f"U{number}",
            unit_kind="enterprise",
            region_code="990101",
            reviewing_body="990101",
            industry_code="3911" if form == ENTERPRISES else "",
            size="M",
            group_id="",
            starred=False,
            revision=1,
            revision_hash=hashlib.sha256(f"{submission} {event}".encode()).hexdigest(),
            accepted_at="2026-03-01T00:00:00.000000+00:00",
            cells=filed,
        )
        return replace(known, **more)

    return make


@pytest.fixture(scope="session")
def reference_of() -> Callable[..., ReferenceSeries]:
    """A snapshot from (series, region, year, value, unit)."""

    def make(*rows: tuple[str, str, int, str, str]) -> ReferenceSeries:
        values = [
            ReferenceValue(series, code, year, Decimal(value), unit, "年鉴", "统计年鉴", date(2026, 1, 1))
            for series, code, year, value, unit in rows
        ]
        return ReferenceSeries("f" * 64, {(one.series, one.region_code, one.year): one for one in values})

    return make


@pytest.fixture(scope="session")
def region_year(frame_of: Callable[..., CollectionFrame], catalogue: FormCatalogue) -> Callable[..., RegionYear]:
    """One year's cells; a cell is `region item` → value; who filed was expected if nothing else is said."""

    def make(
        filed: Mapping[str, str | None],
        *,
        year: int = 2025,
        offices: Iterable[str] | None = None,
        reference: ReferenceSeries | None = None,
        before: Iterable[RegionYear] = (),
        **more: Any,
    ) -> RegionYear:
        cells: Cells = {
            (name.split()[0], name.split()[1]): (None if value is None else Decimal(value), "", "")
            for name, value in filed.items()
        }
        expected = {code for code, _ in cells} if offices is None else offices
        earlier = {one.frame.year: one for one in before}
        return RegionYear(
            frame_of(year, offices=sorted(expected), **more),
            catalogue.in_force(REGION_FORM, 2025),
            cells,
            reference or ReferenceSeries("", {}),
            earlier.get,
        )

    return make


@pytest.fixture(scope="session")
def region_rows(definitions: Mapping[str, TableDefinition]) -> Callable[[RegionYear], dict[str, dict[str, str]]]:
    """The rows of `region_indicators` by region code."""

    def rows(year: RegionYear) -> dict[str, dict[str, str]]:
        table = region_indicators(year, definitions["region_indicators"], ())
        return {record["region_code"]: record for record in table.records()}

    return rows


@pytest.fixture(scope="session")
def workshop_of(catalogue: FormCatalogue) -> Callable[..., Workshop]:
    """A workshop over a store and frames."""

    def make(objects: Objects, *frames: CollectionFrame) -> Workshop:
        return Workshop(objects, YearFrames(*frames), catalogue)

    return make
