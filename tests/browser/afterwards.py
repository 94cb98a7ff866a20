"""A small served home for what a filler meets after he has sent: each way his page can look, and how it comes about."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from register.units import make_synthetic_credit_code
from tests.asking import ask, close, dispose, extend, reopen
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.answering import answer_query
from workflows.collecting import close_collection
from workflows.links import FilingLink
from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.submissions import Submission, submission_id
from workflows.withdrawing import withdraw

QUESTION = "本年研发费用比上年增长85%，请核实统计范围是否有变化。"
ANSWER = "去年新设了研发部门，三月起并入本表，情况属实。"
COMMENT = "论文数与上年口径似有不同，请核对。"
FIGURES = {"papers": "7", "rd_staff_total": "0"}
UNIT = 1


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[World]:
    """A home with one open year behind a server; the first unit has sent its return."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"ZHIBAO_BASE_URL": f"http://127.0.0.1:{port}", **settings}.items():
            patch.setenv(name, value)
        world = found(folder / "home")
    open_year(world)
    world.file(UNIT, **FIGURES)
    server = make_server("127.0.0.1", port, world.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        world.home.close()


def submission(world: World, unit: int = UNIT) -> Submission:
    """The unit's return as it stands now."""
    key = submission_id(world.home.store.home_key(), YEAR, "107-2", make_synthetic_credit_code(unit))
    there = world.home.store.submission(key)
    assert there is not None
    return there


def link_of(world: World, unit: int = UNIT) -> FilingLink:
    """The unit's own link."""
    person = world.home.store.person_of(f"unit{unit}@units.example").id
    return FilingLink(submission(world, unit).id, person)


def address(world: World, unit: int = UNIT) -> str:
    """The address of the unit's own page."""
    return world.home.services.url("f", world.home.services.links.sign(link_of(world, unit)))


def asked(world: World, level: str = "county", item: str = "rd_cost_total") -> int:
    """A level asks about an item; the number of the query."""
    return ask(world.home.services, submission(world), level, item, QUESTION)


def _queried(world: World) -> str:
    """Open, answered and closed queries on one return."""
    asked(world)
    answered, closed = asked(world, "city", "papers"), asked(world, "province", "papers")
    answer_query(world.home.services, link_of(world), answered, ANSWER)
    close(world.home.services, submission(world), closed)
    return address(world)


def _returned(world: World) -> str:
    asked(world, "city")
    world.review(UNIT, "990101", decision="return", reason_code="scope", items="papers", comment=COMMENT)
    return address(world)


def _reopened(world: World) -> str:
    for region in ("990101", "990100", "990000"):
        world.review(UNIT, region)
    reopen(world.home.services, submission(world), ("papers",), COMMENT)
    return address(world)


def _withdrawn(world: World) -> str:
    withdraw(world.home.services, link_of(world), 1)
    return address(world)


def _disposed(kind: DispositionKind) -> Callable[[World], str]:
    def happen(world: World) -> str:
        dispose(world.home.services, submission(world, 2), kind)
        return address(world, 2)

    return happen


def _extended(world: World) -> str:
    close_collection(world.home.services, year=YEAR)
    extend(world.home.services, submission(world, 2), ExtensionScope.FILING, world.clock.now() + timedelta(days=3))
    return address(world, 2)


def _review_extended(world: World) -> str:
    asked(world)
    close_collection(world.home.services, year=YEAR)
    extend(world.home.services, submission(world), ExtensionScope.REVIEW, world.clock.now() + timedelta(days=3))
    return address(world)


STANDS: Mapping[str, Callable[[World], str]] = {
    "sent": address,
    "queried": _queried,
    "returned": _returned,
    "reopened": _reopened,
    "withdrawn": _withdrawn,
    "refused": _disposed(DispositionKind.REFUSED),
    "closed_down": _disposed(DispositionKind.CLOSED),
    "extended": _extended,
    "review_extended": _review_extended,
}
"""How the page can stand, and what brings it there; each answers the address to open."""

PEOPLES_OWN = (QUESTION, ANSWER, COMMENT, *SIGN_OFF.values(), "示例企业1号", "示例企业2号")
"""What stays Chinese on an English page: what people wrote, and names."""
