"""A small year in which everything happens that a chain can hold: returns, queries, a withdrawal, an undone decision,
a reopening, dispositions, a move of the deadline, and a filer who never began.
"""

from datetime import timedelta
from typing import Any

from workflows.chain import Payload
from workflows.machine.commands import (
    Answer,
    Ask,
    ClaimCase,
    CloseQuery,
    Command,
    ConfirmDisposition,
    ConfirmWaiver,
    DeclineDisposition,
    GrantExtension,
    ProposeDisposition,
    ProposeExtension,
    ProposeWaiver,
    Remind,
    Reopen,
    Undo,
    Withdraw,
)
from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.routes import Body, ReviewLevel
from workflows.stepping import carry_out, prepare

COUNTY, CITY, PROVINCE = (
    Body(ReviewLevel.COUNTY, "990101"),
    Body(ReviewLevel.CITY, "990100"),
    Body(ReviewLevel.PROVINCE, "990000"),
)
LEVELS = ("county", "city", "province")


def step(world: Any, unit: str, command: Command, words: Payload | None = None) -> None:
    """One command on a unit's return, with the words that belong to it."""
    services = world.services
    carry_out(services, lambda: prepare(services, world.submission(unit), command, payload=words))


def latest(world: Any, unit: str) -> int:
    """Number of the event that happened last to a unit's return."""
    number: int = world.submission(unit).state.events
    return number


def overnight(world: Any) -> None:
    """Until nine the next morning, with the day that ended closed."""
    world.clock.ahead(days=1)
    assert world.sweeper.closing.run(world.clock.now(), lambda: True) == 1


def live_through(world: Any) -> None:
    """Five days of January 2026, each closed by the sweep but the last."""
    world.open()
    _first_day(world)
    overnight(world)
    _second_day(world)
    overnight(world)
    overnight(world)  # a day on which nothing moved
    _later(world)
    overnight(world)
    words = Payload.of("已电话核实，企业仍在整理资料。")
    step(world, "E3", ProposeDisposition("p1", PROVINCE, DispositionKind.REFUSED, words.hash), words)


def _first_day(world: Any) -> None:
    """E1 is sent, asked about, answered, waived, accepted, taken back, claimed, returned; E2 is sent and withdrawn."""
    world.file("E1")
    question, answer = Payload.of("人工费用为何为合计的一半以上？"), Payload.of("研发以人员为主。")
    revision = world.submission("E1").state.revision
    step(world, "E1", Ask("p-county", COUNTY, revision, "cost_labour", question.hash), question)
    asked = world.submission("E1").state.events
    step(world, "E1", Answer("p-e1", asked, answer.hash), answer)
    step(world, "E1", CloseQuery("p-county", COUNTY, asked))
    why, until = Payload.of("企业已更名，审核关系按旧名核对。"), world.clock.now() + timedelta(days=9)
    shown = (revision, world.submission("E1").state.revision_hash)
    step(world, "E1", ProposeWaiver("p-county", COUNTY, *shown, "R2", until, why.hash), why)
    step(world, "E1", ConfirmWaiver("p-city", CITY, latest(world, "E1")))
    world.accept("county")
    person = world.review_link("county").person
    step(world, "E1", Undo(person, COUNTY, revision, latest(world, "E1")))
    step(world, "E1", ClaimCase(person, COUNTY, revision, world.clock.now() + timedelta(hours=1)))
    world.accept("county")
    world.send_back("city", comment="合计与明细不符，请核实。")
    world.file("E2")
    step(world, "E2", Withdraw("p-e2", 1))


def _second_day(world: Any) -> None:
    """E1 comes back and is accepted by all; E2 is reminded."""
    world.file("E1", cost_total="130", cost_labour="70")
    for level in LEVELS:
        world.accept(level)
    text = Payload.of("年报将于3月10日截止，请按时报送（统计法第七条）。")
    step(world, "E2", Remind("t-7d", ("p-e2",), text.hash), text)


def _later(world: Any) -> None:
    """E1 is reopened and sent again; E2 goes out of scope; E3 gets an exception; E2's first finding was declined."""
    state, why = world.submission("E1").state, Payload.of("省级抽查发现口径有误，请核实。")
    reopening = Reopen("p-prov", PROVINCE, state.revision, state.revision_hash, "scope", ("cost_total",), why.hash)
    step(world, "E1", reopening, why)
    world.file("E1", cost_total="140", cost_labour="70")
    zone, found = Body(ReviewLevel.COUNTY, "990171"), Payload.of("已迁往外省。")
    step(world, "E2", ProposeDisposition("p1", zone, DispositionKind.LEFT_PROVINCE, found.hash), found)
    step(world, "E2", DeclineDisposition("p2", PROVINCE, latest(world, "E2")))
    found = Payload.of("主营业务不在调查范围。")
    step(world, "E2", ProposeDisposition("p1", zone, DispositionKind.OUT_OF_SCOPE, found.hash), found)
    step(world, "E2", ConfirmDisposition("p2", PROVINCE, latest(world, "E2")))
    why = Payload.of("系统故障，给予补报。")
    until = world.clock.now() + timedelta(days=30)
    step(world, "E3", ProposeExtension("p1", PROVINCE, ExtensionScope.FILING, until, why.hash), why)
    step(world, "E3", GrantExtension("p2", PROVINCE, latest(world, "E3")))
