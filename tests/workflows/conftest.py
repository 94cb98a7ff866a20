"""A small invented province with its own codes, two invented forms, a clock that is set, and the real store."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forms.content import Content, SignOff
from forms.definition import (
    Approval,
    EditRule,
    FormDefinition,
    Header,
    Item,
    ItemKind,
    ItemType,
    Requirement,
    Section,
    Severity,
)
from forms.loading import FormCatalogue
from forms.values import Cell
from infra.sqlite.store import SqliteStore
from register.regions import Level, Region, Regions, ZoneRole
from register.seats import Role, StaffMember
from register.units import Size, Unit, UnitKind, UnitStatus
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.collections import Collection
from workflows.days import Closing
from workflows.deadlines import read_instant
from workflows.filing import Entry, submit
from workflows.links import FilingLink, Links, ReviewLink
from workflows.ports import Letter
from workflows.reviewing import Verdict, decide_case
from workflows.routes import ReviewLevel
from workflows.services import Services
from workflows.signing import SigningKey
from workflows.submissions import SealedRevision, Submission, Trace, submission_id
from workflows.sweep import Report, SubmissionAccepted, Sweep

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
KEY = "k" * 40
WHY = "研发全部委托外单位完成，本单位没有研发人员"
"""A true reason for R2, which fires where there are no labour costs."""
DAY_KEY = "ZGF5" * 10 + "ZGE="


@dataclass
class SetClock:
    """Stands still until somebody moves it, or lets it run: then each look at it takes a millisecond."""

    moment: datetime = START
    runs: bool = False

    def now(self) -> datetime:
        if self.runs:
            self.ahead(milliseconds=1)
        return self.moment

    def ahead(self, **step: float) -> None:
        self.moment += timedelta(**step)


@dataclass
class Post:
    """A post office that hands out what it was given to hand out, and fails when it is told to."""

    letters: list[Letter] = field(default_factory=list)
    before: Callable[[Letter], None] = lambda _: None

    def send(self, letter: Letter, _: datetime) -> None:
        self.before(letter)
        self.letters.append(letter)

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def to(self, email: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to_email == email]

    def about(self, words: str) -> list[Letter]:
        return [letter for letter in self.letters if words in letter.subject]


def _item(key: str, code: str, name: str, unit: str = "千元", *, starred: bool = False, decimals: int = 0) -> Item:
    return Item(
        key=key,
        code=code,
        name_zh=name,
        name_en=key,
        unit=unit,
        type=ItemType.DECIMAL if decimals else ItemType.INTEGER,
        decimals=decimals,
        kind=ItemKind.AMOUNT,
        parent=None,
        starred=starred,
        required=Requirement.NEVER if decimals else (Requirement.STARRED if starred else Requirement.ALWAYS),
        scope_zh="",
        note_zh="",
        depth=0,
    )


def _header(number: str, valid_until: date = date(2030, 12, 31)) -> Header:
    return Header(number, "示例省统计局", "Sample Province Bureau", "示例〔2026〕9号", valid_until, Approval.SAMPLE)


def _definition(
    form: str, kinds: set[str], header: Header, items: tuple[Item, ...], *rules: EditRule
) -> FormDefinition:
    return FormDefinition(
        form=form,
        title_zh=f"{form}调查表",
        title_en=f"Return {form}",
        first_year=2021,
        unit_kinds=frozenset(kinds),
        header=header,
        sections=(Section("一、费用", "1. Costs", items),),
        rules=rules,
    )


def _catalogue() -> FormCatalogue:
    costs = (
        _item("cost_total", "1", "费用合计"),
        _item("cost_labour", "2", "人工费用"),
        _item("cost_abroad", "3", "境外支出", starred=True),
    )
    part = EditRule(
        "R1",
        Severity.FATAL,
        "cost_labour <= cost_total",
        ("cost_labour", "cost_total"),
        "大于合计。",
        "Above total.",
        "test",
    )
    low = EditRule(
        "R2", Severity.QUERY, "cost_labour > 0", ("cost_labour",), "没有人工费用。", "No labour costs.", "test"
    )
    work = (_item("grants", "1", "专项经费", "万元", decimals=2), _item("parks", "2", "园区数", "个", decimals=2))
    return FormCatalogue(
        [
            _definition("kd-1", {"enterprise"}, _header("示例KD1表"), costs, part, low),
            _definition("ts-1", {"county", "city"}, _header("示例TS1表"), work),
            _definition("old-1", {"enterprise"}, _header("示例OLD1表", date(2026, 1, 4)), costs),
            _definition("eve-1", {"enterprise"}, _header("示例EVE1表", date(2026, 1, 5)), costs),
        ]
    )


REGIONS = Regions(
    [
        Region("990000", "示例省", "Sample Province", Level.PROVINCE, None),
        Region("990100", "甲市", "Jia City", Level.CITY, "990000"),
        Region("990200", "乙市", "Yi City", Level.CITY, "990000"),
        Region("990101", "甲一县", "Jiayi County", Level.COUNTY, "990100"),
        Region("990102", "甲二县", "Jia'er County", Level.COUNTY, "990100"),
        Region("990201", "乙一县", "Yiyi County", Level.COUNTY, "990200"),
        Region("990171", "甲高新区", "Jia Hi-tech Zone", Level.ZONE, "990100", ZoneRole.REVIEWING, ("990101",)),
        Region("990174", "自贸片区", "FTZ Area", Level.ZONE, "990101", ZoneRole.OVERLAY, ("990101",)),
    ]
)


def _enterprise(unit_id: str, region: str, body: str | None = None, **more: Any) -> Unit:
    name, email = f"{unit_id}科技有限公司", f"{unit_id.lower()}@units.example"
    return Unit(unit_id, name, UnitKind.ENTERPRISE, region, body, "3911", email, Size.SMALL, **more)


def _office(region: str, kind: UnitKind) -> Unit:
    return Unit(
        f"OFFICE{region}", f"{REGIONS[region].name_zh}科技局", kind, region, None, "", f"o{region}@units.example"
    )


UNITS = (
    _enterprise("E1", "990101"),
    _enterprise("E2", "990101", "990171"),
    _enterprise("E3", "990201", starred=True),
    _enterprise("E4", "990102", status=UnitStatus.CLOSED),
    _office("990101", UnitKind.COUNTY),
    _office("990200", UnitKind.CITY),
)


def _seat(region: str, number: int = 1, **term: date) -> StaffMember:
    return StaffMember(f"r{region}.{number}@seats.example", f"审核员{region}-{number}", Role.REVIEWER, region, **term)


STAFF = tuple(_seat(region) for region in ("990101", "990171", "990201", "990100", "990200", "990000"))


@dataclass
class World:
    """The province at work: each method is one step that one of its people takes."""

    services: Services
    clock: SetClock
    post: Post
    sweeper: Sweep
    accepted: list[SubmissionAccepted]

    @property
    def store(self) -> SqliteStore:
        store = self.services.store
        assert isinstance(store, SqliteStore)
        return store

    def open(self, form: str = "kd-1", *, due: str = "2026-03-10T24:00", close: str | None = None) -> Collection:
        calendar = Calendar(read_instant(due), read_instant(close) if close else None)
        return open_collection(self.services, year=2025, form=form, calendar=calendar)

    def submission(self, unit_id: str = "E1", form: str = "kd-1", year: int = 2025) -> Submission:
        key = submission_id(self.store.home_key(), year, form, unit_id)
        found = self.store.submission(key)
        assert found is not None
        return found

    def filing_link(self, unit_id: str = "E1", form: str = "kd-1") -> FilingLink:
        submission = self.submission(unit_id, form)
        return FilingLink(submission.id, self.store.person_of(self.services.address_of(submission)).id)

    def entry(self, base: int = 0, *, signed: bool = True, note: str = "", why: bool = True, **figures: str) -> Entry:
        figures = figures or {"cost_total": "120", "cost_labour": "70"}
        cells = {key: Cell(Decimal(text), note=note) for key, text in figures.items() if text}
        signoff = SignOff("张三", "李四", "王五", "0871-1", "2026-03-01") if signed else SignOff()
        reasons = {"R2": WHY} if why and figures.get("cost_labour") == "0" else {}
        return Entry(dict(figures), Content(cells, reasons, signoff), base)

    def file(self, unit_id: str = "E1", form: str = "kd-1", **figures: str) -> SealedRevision:
        link = self.filing_link(unit_id, form)
        draft = self.store.draft(link.submission)
        return submit(self.services, link, self.entry(draft.version if draft else 0, **figures), TRACE)

    def review_link(self, level: str, unit_id: str = "E1", form: str = "kd-1", number: int = 1) -> ReviewLink:
        state = self.submission(unit_id, form).state
        region = next(body.region for body in state.route if body.level == ReviewLevel(level))
        person = self.store.person_of(f"r{region}.{number}@seats.example")
        return ReviewLink(self.submission(unit_id, form).id, state.revision, level, region, person.id)

    def accept(self, level: str, unit_id: str = "E1", form: str = "kd-1") -> Submission:
        return decide_case(self.services, self.review_link(level, unit_id, form), Verdict(accept=True))

    def send_back(self, level: str, unit_id: str = "E1", comment: str = "", **verdict: Any) -> Submission:
        asked = {"reason": "arithmetic", "items": ("cost_total", "R1"), **verdict}
        return decide_case(
            self.services, self.review_link(level, unit_id), Verdict(accept=False, comment=comment, **asked)
        )

    def sweep(self) -> Report:
        return self.sweeper.run()

    def seats(self, *members: StaffMember) -> None:
        self.store.import_staff(members, self.clock.now())

    def units(self, *units: Unit) -> None:
        self.store.import_units(units, self.clock.now())


TRACE = Trace("submit", "web", "192.0.2.7", "test")


@pytest.fixture
def regions() -> Regions:
    """One province, two cities, three counties, one zone that reviews and one that only overlaps."""
    return REGIONS


@pytest.fixture
def unit_list() -> dict[str, Unit]:
    """Three enterprises at work, a closed one, a county's office and a city's, by id."""
    return {unit.unit_id: unit for unit in UNITS}


@pytest.fixture
def staff_list() -> tuple[StaffMember, ...]:
    """One reviewer for each seat but that of the second county."""
    return STAFF


@pytest.fixture
def seat() -> Callable[..., StaffMember]:
    """A holder of a region's seat, from and to the dates given."""
    return _seat


@pytest.fixture
def trace() -> Trace:
    """Where a save or a submit came from."""
    return TRACE


@pytest.fixture
def clock() -> SetClock:
    """Monday 5 January 2026, 09:00 in China."""
    return SetClock()


@pytest.fixture
def services(tmp_path: Path, clock: SetClock) -> Iterator[Services]:
    """The real store in an empty home, with the register imported."""
    store = SqliteStore(tmp_path / "home.sqlite3")
    store.import_regions(REGIONS, START)
    store.import_units(UNITS, START)
    store.import_staff(STAFF, START)
    yield Services(store, clock, Links([KEY], clock), _catalogue(), "http://zhibao.example")
    store.close()


@pytest.fixture
def world(services: Services, clock: SetClock) -> World:
    """The province with its post office; nothing is open yet."""
    post, accepted = Post(), list[SubmissionAccepted]()
    closing = Closing(services.store, lambda: SigningKey(DAY_KEY))
    sweeper = Sweep(services, post, accepted.append, once_by_id=False, closing=closing)
    return World(services, clock, post, sweeper, accepted)


@pytest.fixture
def reworded(world: World) -> Callable[..., None]:
    """Puts one unit of the register in force under other particulars."""

    def change(unit_id: str, **particulars: Any) -> None:
        world.units(*(replace(unit, **particulars) if unit.unit_id == unit_id else unit for unit in UNITS))

    return change
