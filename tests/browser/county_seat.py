"""A county's seat with thirty returns waiting, served in this process so that each request is counted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from waitress import create_server

from forms.definition import EditRule, FormDefinition, Severity
from forms.loading import FormCatalogue, shipped_forms
from handlers.app import create_app
from handlers.bootstrap import Zhibao
from tests.handlers.world import World, found, open_year
from workflows.links import InboxLink

RETURNS = 30
WITH_FINDINGS = (4, 9, 14, 19, 24)
"""The returns on which a rule fires that asks for a look."""
COUNTY = "reviewer990101@staff.example"
LOOK = EditRule(
    "Q1",
    Severity.QUERY,
    "papers <= 100",
    ("papers",),
    "科技论文超过 100 篇，请核实。",
    "More than 100 papers; please check.",
    "test",
)


@dataclass
class Seat:
    """The seat's home, its address, and every request that its people's browsers made of the pages."""

    world: World
    base: str = ""
    asked: list[str] = field(default_factory=list)

    def inbox(self) -> str:
        """The address of the county's inbox for its one holder."""
        person = self.world.home.store.person_of(COUNTY).id
        return f"{self.base}/i/{self.world.home.services.links.sign(InboxLink('990101', person))}"

    def review(self, unit: int) -> str:
        """The address in the newest request to review a unit's return."""
        return self.base + self.world.link(COUNTY, "r", f"示例企业{unit}号")


@contextmanager
def county_seat(folder: Path, returns: int = RETURNS) -> Iterator[Seat]:
    """Thirty returns wait at the county, five of them with a finding."""
    world = _with_a_rule_to_look_at(found(folder))
    open_year(world, returns)
    for unit in range(1, returns + 1):
        papers = "300" if unit in WITH_FINDINGS else str(unit)
        amounts = {"rd_cost_total": str(1234 * unit), "rd_cost_other": str(1234 * unit), "rd_src_own": str(1234 * unit)}
        world.file(unit, papers=papers, **amounts, **{"explanation-Q1": "含往年论文"})
        world.clock.move(timedelta(hours=7))
    seat = Seat(world)

    def counted(environ: Any, start: Any) -> Any:
        seat.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return world.app(environ, start)

    server = create_server(counted, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    seat.base = f"http://127.0.0.1:{server.effective_port}"
    try:
        yield seat
    finally:
        server.close()
        thread.join(timeout=60)
        world.home.close()


def _with_a_rule_to_look_at(world: World) -> World:
    """The same home under forms of which one has a rule that is no error."""
    forms = [_with_rule(shipped) for shipped in _definitions()]
    home = world.home
    services = replace(home.services, forms=FormCatalogue(forms))
    sweep = replace(home.sweep, services=services)
    home = replace(home, services=services, make_sweep=lambda: sweep)
    return _served_by(world, home)


def _definitions() -> list[FormDefinition]:
    catalogue = shipped_forms()
    return [catalogue.in_force("107-2", 2031), catalogue.in_force("region-st", 2031)]


def _with_rule(definition: FormDefinition) -> FormDefinition:
    if definition.form != "107-2":
        return definition
    return replace(definition, rules=(*definition.rules, LOOK))


def _served_by(world: World, home: Zhibao) -> World:
    world.home, world.app = home, create_app(home)
    return world
