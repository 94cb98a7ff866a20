"""The servers under load: the same measurements on Zhibao and on the bare application, one after the other."""

import itertools
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

from benchmarks import servers
from benchmarks.home import fill, settings_for
from benchmarks.load import Client, Job, Outcome, Session
from benchmarks.servers import Server
from benchmarks.traffic import MIX, Traffic, get, post, sessions
from workflows.deadlines import to_text

CONNECTIONS = 20
P99_LIMIT = 200.0
"""Milliseconds."""
DRAIN_SECONDS = 600.0
BARE_BODY = b"x" * 3800
"""As long as a filled 107-2."""
PAGES = ("form page", "review page", "page")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure."""

    stored: int
    untouched: int
    rate: float
    seconds: float
    closed_seconds: float
    step_seconds: float
    steps: int


FULL = Plan(stored=10_000, untouched=12_000, rate=30, seconds=60, closed_seconds=8, step_seconds=10, steps=16)
QUICK = Plan(stored=400, untouched=600, rate=30, seconds=4, closed_seconds=1, step_seconds=2, steps=2)


@dataclass(slots=True)
class Measured:
    """What one server did: the open loop, the highest rate, the closed loops by kind."""

    open_loop: Outcome
    server_cpu: float
    """Share of one core in the open loop, per cent."""
    highest_rate: float
    closed: dict[str, Outcome] = field(default_factory=dict)
    drained: dict[str, float] = field(default_factory=dict)
    """Answers a second until the last letter they promised was delivered, too."""
    longest_mail: float = 0.0
    """Seconds from a transition to the delivery of its slowest letter, in the open loop."""
    unexpected: Counter[str] = field(default_factory=Counter)
    verified: str = ""


def measure_zhibao(folder: Path, plan: Plan, say: Callable[[str], None]) -> Measured:
    """Make a home, serve it, load it, and verify afterwards that every chain still holds."""
    home, began = folder / "home", time.perf_counter()
    targets = fill(home, stored=plan.stored, untouched=plan.untouched)
    say(f"home with {plan.stored} submissions made in {time.perf_counter() - began:.0f} s")
    traffic = Traffic(targets)
    with servers.running(*servers.zhibao(home, settings_for(home))) as server:
        client = Client(server.port, sessions(server.port, targets))
        client.open_loop(traffic.mixed(), plan.rate, 2)
        _drain(home)
        since = datetime.now(UTC)
        measured = _open(client, server, traffic.mixed, plan)
        _drain(home)
        measured.longest_mail = _longest_mail(home, since)
        say(f"open loop at {plan.rate:g}/s done")
        measured.highest_rate = _highest_rate(client, traffic.mixed, plan, plan.rate, say)
        _drain(home)
        for kind in ("form page", "review page", "save", "submit", "decide"):
            outcome = client.closed_loop(traffic.only(kind), CONNECTIONS, plan.closed_seconds)
            measured.closed[kind] = outcome
            measured.drained[kind] = outcome.answered / (outcome.seconds + _drain(home))
            say(f"closed loop, {kind}: {outcome.rate:.0f}/s")
    _gather(measured)
    measured.verified = _verify(home)
    return measured


def measure_bare(folder: Path, plan: Plan, say: Callable[[str], None]) -> Measured:
    """The same on the bare application."""
    with servers.running(*servers.bare(folder)) as server:
        client = Client(server.port, [Session()])
        client.open_loop(_bare_mixed(), plan.rate, 2)
        measured = _open(client, server, _bare_mixed, plan)
        measured.highest_rate = _highest_rate(client, _bare_mixed, plan, plan.rate * 10, say)
        for kind in ("page", "transaction"):
            measured.closed[kind] = client.closed_loop(_bare_only(kind), CONNECTIONS, plan.closed_seconds)
            say(f"bare closed loop, {kind}: {measured.closed[kind].rate:.0f}/s")
    _gather(measured)
    return measured


def _open(client: Client, server: Server, mixed: Callable[[], Iterator[Job]], plan: Plan) -> Measured:
    cpu = server.cpu_seconds()
    outcome = client.open_loop(mixed(), plan.rate, plan.seconds)
    return Measured(outcome, (server.cpu_seconds() - cpu) / outcome.seconds * 100, plan.rate)


def _highest_rate(
    client: Client, mixed: Callable[[], Iterator[Job]], plan: Plan, rate: float, say: Callable[[str], None]
) -> float:
    """The highest rate tried at which 99 of 100 answers came within the limit, all of them as expected."""
    held, factor = 0.0, 1.3
    for _ in range(plan.steps):
        outcome = client.open_loop(mixed(), rate, plan.step_seconds)
        p99 = outcome.percentile(99)
        good = p99 < P99_LIMIT and not outcome.unexpected
        say(f"{rate:.0f}/s: p99 {p99:.0f} ms{'' if good else ', too slow'}")
        if good:
            held = rate
        elif factor < 1.2 or not held:
            break
        else:
            factor = 1.1  # one more try between the last two
        rate = held * factor
    return held


def _bare_mixed() -> Iterator[Job]:
    """Pages and transactions in the proportion of the mix."""
    deck = ["page" if kind in PAGES else "transaction" for kind, share in MIX for _ in range(share)]
    draw = Random(1)
    while True:
        draw.shuffle(deck)
        yield from (_bare_job(kind) for kind in deck)


def _bare_only(kind: str) -> Iterator[Job]:
    return (_bare_job(kind) for _ in itertools.count())


def _bare_job(kind: str) -> Job:
    if kind == "page":
        return Job(kind, partial(get, "/"), 200)
    return Job(kind, lambda session: post("/", session, BARE_BODY), 201)


def _gather(measured: Measured) -> None:
    for outcome in (measured.open_loop, *measured.closed.values()):
        measured.unexpected.update(outcome.unexpected)


def _ask(home: Path, sql: str, parameters: tuple[object, ...] = ()) -> float:
    with closing(sqlite3.connect(f"file:{home / 'zhibao.sqlite3'}?mode=ro", uri=True)) as connection:
        return float(connection.execute(sql, parameters).fetchone()[0] or 0)


def _drain(home: Path) -> float:
    """Seconds until nothing waits in the outbox. Raises `RuntimeError` when the mail does not go out."""
    began = time.perf_counter()
    while _ask(home, "SELECT count(*) FROM outbox WHERE done_at IS NULL"):
        if time.perf_counter() - began > DRAIN_SECONDS:
            raise RuntimeError("the outbox was not drained")
        time.sleep(0.1)
    return time.perf_counter() - began


def _longest_mail(home: Path, since: datetime) -> float:
    sql = "SELECT max(julianday(done_at) - julianday(created_at)) * 86400 FROM outbox WHERE created_at >= ?"
    return _ask(home, sql, (to_text(since),))


def _verify(home: Path) -> str:
    """What `zhibao audit verify` says of all that was written under load. Raises when a chain does not hold."""
    program = Path(sys.executable).with_name("zhibao")
    command = [str(program), "audit", "verify"]
    environment = {**os.environ, **settings_for(home)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    return result.stdout.strip()
