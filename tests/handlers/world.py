"""A small home behind the real application, and its people."""

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from handlers.app import create_app
from handlers.bootstrap import Zhibao, wire
from infra.settings import DEMO_MARK, make_home, read_settings
from register.units import make_synthetic_credit_code
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant
from workflows.links import SignInLink
from workflows.ports import Letter
from workflows.registering import import_regions, import_staff, import_units
from workflows.tokens import create_token

YEAR = 2031
REGIONS = """code,name_zh,name_en,level,parent_code,zone_role,host_codes
990000,示例省,Sample Province,province,,,
990100,示例市,Sample City,city,990000,,
990101,示例县,Sample County,county,990100,,
990200,远市,Far City,city,990000,,
"""
STAFF = """email,name,role,region_code
office@staff.example,省局甲,office,990000
office2@staff.example,省局辛,office,990000
city@staff.example,市局乙,office,990100
auditor@staff.example,巡查丙,auditor,990000
operator@staff.example,运维丁,operator,990000
far-office@staff.example,远局,office,990200
far-auditor@staff.example,远查,auditor,990200
far-operator@staff.example,远运,operator,990200
far-reviewer@staff.example,远审,reviewer,990200
reviewer990101@staff.example,县审戊,reviewer,990101
reviewer990100@staff.example,市审己,reviewer,990100
reviewer990000@staff.example,省审庚,reviewer,990000
"""
SIGN_OFF = {"unit_head": "赵一", "statistician": "钱二", "filler": "孙三", "phone": "0000"}
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class MovableClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = datetime(2032, 1, 15, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The instant it shows."""
        return self.instant

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.instant += by


@dataclass(slots=True)
class Post:
    """A mail transport that keeps what it is given."""

    once_by_id = False
    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter, _at: datetime) -> None:
        """Keep the letter."""
        self.letters.append(letter)

    def batch(self) -> AbstractContextManager[None]:
        """Nothing is made to last together."""
        return nullcontext()


@dataclass(slots=True)
class World:
    """A home with three enterprises: the first is accepted, the second waits at the county, the third was invited."""

    home: Zhibao
    app: Flask
    clock: MovableClock
    post: Post

    def client(self) -> FlaskClient:
        """A browser nobody has used."""
        return self.app.test_client()

    def csrf(self, client: FlaskClient, path: str = "/signin") -> dict[str, str]:
        """The CSRF field of this browser."""
        found = _CSRF.search(client.get(path).text)
        assert found is not None, path
        return {"csrf_token": found[1]}

    def signed_in(self, email: str) -> FlaskClient:
        """A browser of a member of staff, after the button was pressed."""
        person = self.home.store.person_of(email).id
        client, path = self.client(), f"/s/{self.home.services.links.sign(SignInLink(person))}"
        assert client.post(path, data=self.csrf(client, path)).status_code == 303
        return client

    def token(self, role: str, territory: str, days: int = 30) -> str:
        """An API token."""
        return create_token(self.home.services, role=role, territory=territory, days=days)[0]

    def sweep(self) -> None:
        """Deliver what was promised."""
        report = self.home.sweep.run()
        assert report.failed == []

    def link(self, email: str, door: str, subject: str = "") -> str:
        """The path of the newest link to an address through a door."""
        found = [one.link for one in self.post.letters if one.to_email == email and subject in one.subject]
        return "/" + [link for link in found if f"/{door}/" in link][-1].split("/", 3)[3]

    def file(self, unit: int, client: FlaskClient | None = None, **figures: str) -> str:
        """Send a unit's return with zeros and these figures; the path of its receipt."""
        browser = client or self.client()
        path = self.link(f"unit{unit}@units.example", "f")
        definition = self.home.forms.in_force("107-2", YEAR)
        data = {**dict.fromkeys(definition.items, "0"), **SIGN_OFF, **figures, "action": "submit"}
        answer = browser.post(path, data={**data, **self.csrf(browser)})
        assert answer.status_code == 303, answer.text
        self.sweep()
        return answer.headers["Location"]

    def review(self, unit: int, region: str, client: FlaskClient | None = None, **values: str) -> int:
        """Decide on a unit's return for a seat; the status."""
        browser = client or self.client()
        path = self.link(f"reviewer{region}@staff.example", "r", f"示例企业{unit}号")
        answer = browser.post(path, data={"decision": "accept", **values, **self.csrf(browser)})
        self.sweep()
        return answer.status_code


def found(folder: Path) -> World:
    """An empty home, marked as a demo so that the local mailbox page is there too."""
    make_home(folder)
    (folder / DEMO_MARK).touch()
    settings = read_settings({"ZHIBAO_HOME": str(folder), "ZHIBAO_BASE_URL": "http://localhost"})
    clock, post = MovableClock(), Post()
    home = wire(settings, clock=clock, mailer=lambda _: post, make=True)
    return World(home, create_app(home), clock, post)


def open_year(world: World, units: int = 3) -> None:
    """Register, staff, and one collection of so many enterprises whose invitations went out."""
    services = world.home.services
    import_regions(services, REGIONS.encode(), "regions.csv")
    header = "unit_id,name,kind,region_code,reviewing_body,industry_code,email,size,starred\n"
    rows = [
        f"{make_synthetic_credit_code(n)},示例企业{n}号,enterprise,990101,,3911,unit{n}@units.example,S,1\n"
        for n in range(1, units + 1)
    ]
    import_units(services, (header + "".join(rows)).encode(), "units.csv")
    import_staff(services, STAFF.encode(), "staff.csv")
    open_collection(services, year=YEAR, form="107-2", calendar=Calendar(read_instant("2032-03-10T24:00")))
    world.sweep()
