"""A home to measure on: 10,000 stored submissions of 107-2 over Yunnan's counties, and as many units still to file.

Every row is written by the product's own use cases, so `zhibao audit verify` holds; only the transactions are batched.
"""

import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from forms.fields import content_of, filing_form, form_from_raw, raw_inputs
from forms.loading import shipped_forms
from handlers.bootstrap import SystemClock, Zhibao, settings_from_environment, wire
from handlers.demo.acting import SIGN_OFF, filing_link, review_link
from handlers.demo.enterprises import TRADES
from handlers.demo.figures import figures_of
from handlers.demo.people import SEAT_WORDS, reviewer_address
from infra.settings import make_home
from infra.sqlite.store import SqliteStore
from register.regions import Level, Regions
from register.seats import Role, StaffMember
from register.shipped import yunnan_regions_csv
from register.units import Size, Unit, UnitKind, make_synthetic_credit_code
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.filing import Entry, save, submit
from workflows.registering import current_regions, import_regions
from workflows.reviewing import Verdict, decide_case
from workflows.services import Services
from workflows.submissions import Trace, submission_id

YEAR, FORM = 2025, "107-2"
TRACE = Trace("submit", "benchmark", "127.0.0.1", "benchmark")
KINDS_OF_RETURN = 100
"""So many different filled returns; every unit files one of them."""
MIX = (("draft", 15), ("county", 45), ("city", 15), ("province", 10), ("accepted", 15))
"""Where the stored submissions stand, per cent: a draft, waiting at a level, or accepted by all."""
_ACCEPTANCES = {"county": 0, "city": 1, "province": 2, "accepted": 3}


@dataclass(frozen=True, slots=True)
class Targets:
    """What the clients may ask for: paths of live links, and bodies of filled pages (without token and action)."""

    untouched: tuple[str, ...]
    """Filing links of units that have not begun."""
    drafts: tuple[str, ...]
    """Filing links with a saved draft; its version is 1."""
    waiting: tuple[str, ...]
    """Review links of returns that wait for their county."""
    bodies: tuple[bytes, ...]


class LoadingStore(SqliteStore):
    """The product's store with many transitions in one transaction; for one thread, and only to fill a home."""

    BATCH = 2000
    _inside = False
    _steps = 0

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Part of a batch: a refused step is undone alone, as in a transaction of its own."""
        if not self._inside:
            self._writer.execute("BEGIN IMMEDIATE")
            self._inside = True
        self._writer.execute("SAVEPOINT step")
        try:
            yield self._writer
        except BaseException:
            self._writer.execute("ROLLBACK TO step")
            raise
        finally:
            self._writer.execute("RELEASE step")
        self._steps += 1
        if self._steps % self.BATCH == 0:
            self.settle()

    def read(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Reads see the batch that is being written."""
        return self._writer.execute(sql, parameters).fetchall()

    def settle(self) -> None:
        """Commit the batch."""
        if self._inside:
            self._writer.execute("COMMIT")
            self._inside = False


def settings_for(folder: Path) -> dict[str, str]:
    """The environment of a server on this home; a review link alone decides, as in a demo home."""
    return {"ZHIBAO_HOME": str(folder), "ZHIBAO_REVIEW_CONFIRM": "link"}


def fill(folder: Path, *, stored: int, untouched: int) -> Targets:
    """Make the home and everything in it; its mail counts as delivered long ago."""
    make_home(folder)
    store = LoadingStore(folder / "zhibao.sqlite3")
    zhibao = wire(settings_from_environment(settings_for(folder)), clock=SystemClock(), store=store)
    try:
        units = _open_year(zhibao.services, stored + untouched)
        bodies, entries = filled_pages()
        for number, unit in enumerate(units[:stored]):
            _play(zhibao.services, unit, _standing(number), entries[number % len(entries)])
        _count_mail_as_delivered(zhibao)
        store.settle()
        return _targets(zhibao.services, units, stored, bodies)
    finally:
        zhibao.close()


def _open_year(services: Services, size: int) -> list[Unit]:
    import_regions(services, yunnan_regions_csv(), "regions.csv")
    regions = current_regions(services, "regions.csv")
    units = list(itertools.islice(_enterprises(regions), size))
    now = services.clock.now()
    services.store.import_units(units, now)
    services.store.import_staff(_staff(regions), now)
    open_collection(services, year=YEAR, form=FORM, calendar=Calendar(now + timedelta(days=90)))
    return units


def _enterprises(regions: Regions) -> Iterator[Unit]:
    """Enterprises, county after county and round again."""
    counties = [region for region in regions if region.level is Level.COUNTY]
    for serial, county in enumerate(itertools.cycle(counties), start=1):
        trade = TRADES[serial % len(TRADES)]
        yield Unit(
            unit_id=make_synthetic_credit_code(serial),
            name=f"示例（合成）{county.name_zh}{trade.word}{serial}号",
            kind=UnitKind.ENTERPRISE,
            region_code=county.code,
            reviewing_body=None,
            industry_code=trade.industry_code,
            email=f"qy{serial:06d}@enterprise.example",
            size=Size.MEDIUM,
        )


def _staff(regions: Regions) -> list[StaffMember]:
    """One holder of every seat."""
    return [
        StaffMember(reviewer_address(region), f"{SEAT_WORDS[region.level]}审核人", Role.REVIEWER, region.code)
        for region in regions
        if region.reviews
    ]


def filled_pages() -> tuple[tuple[bytes, ...], tuple[Entry, ...]]:
    """Filled pages as a browser posts them, and as the use case is given them."""
    definition = shipped_forms().in_force(FORM, YEAR)
    names = [
        name
        for field in filing_form(definition, starred=False)().item_fields
        for name in (field.name, f"{field.name}-status", f"{field.name}-note")
    ]
    code = make_synthetic_credit_code(1)
    model = Unit(code, "", UnitKind.ENTERPRISE, "", None, TRADES[0].industry_code, "", Size.MEDIUM)
    bodies, entries = [], []
    for number in range(KINDS_OF_RETURN):
        unit = replace(model, unit_id=make_synthetic_credit_code(number + 1))
        figures = {key: str(value) for key, value in figures_of(unit, YEAR, definition).items()}
        raw = {**dict.fromkeys(names, ""), **SIGN_OFF, "report_date": "2026-03-01", **figures}
        form = form_from_raw(definition, raw, starred=False)
        bodies.append(urlencode(raw).encode())
        entries.append(Entry(raw_inputs(form), content_of(form, definition), 0))
    return tuple(bodies), tuple(entries)


def _standing(number: int) -> str:
    """Where the submission with this number stands: a fixed mix, evenly spread over the counties."""
    place = number * 37 % 100
    for name, share in MIX:
        place -= share
        if place < 0:
            return name
    raise ValueError("the mix does not add up to 100")


def _play(services: Services, unit: Unit, standing: str, entry: Entry) -> None:
    """One unit's year so far, through the use cases."""
    link = filing_link(services, unit, YEAR, FORM)
    if standing == "draft":
        save(services, link, entry, TRACE)
        return
    submit(services, link, entry, TRACE)
    for _ in range(_ACCEPTANCES[standing]):
        submission = services.store.submission(link.submission)
        if submission is None:
            raise LookupError(link.submission)
        decide_case(services, review_link(services, submission), Verdict(accept=True))


def _count_mail_as_delivered(zhibao: Zhibao) -> None:
    """The letters of the months before are not what is measured; facts are made by the tables' own benchmark."""
    services = zhibao.services
    while items := services.store.pending(services.clock.now(), LoadingStore.BATCH):
        services.store.finish([item.id for item in items], [], services.clock.now())
    services.store.set_mark("greeted_on", f"{services.store.current('staff')}:{services.today()}")


def _targets(services: Services, units: Sequence[Unit], stored: int, bodies: tuple[bytes, ...]) -> Targets:
    standings: dict[str, list[Unit]] = {name: [] for name, _ in MIX}
    for number, unit in enumerate(units[:stored]):
        standings[_standing(number)].append(unit)
    return Targets(
        untouched=tuple(_filing_path(services, unit) for unit in units[stored:]),
        drafts=tuple(_filing_path(services, unit) for unit in standings["draft"]),
        waiting=tuple(_review_path(services, unit) for unit in standings["county"]),
        bodies=bodies,
    )


def _filing_path(services: Services, unit: Unit) -> str:
    return f"/f/{services.links.sign(filing_link(services, unit, YEAR, FORM))}"


def _review_path(services: Services, unit: Unit) -> str:
    submission = services.store.submission(submission_id(services.store.home_key(), YEAR, FORM, unit.unit_id))
    if submission is None:
        raise LookupError(unit.unit_id)
    return f"/r/{services.links.sign(review_link(services, submission))}"
