"""The SQLite store and a dictionary go through the same steps: after each, everything they can be asked is the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from forms.loading import FormCatalogue
from infra.sqlite.store import SqliteStore
from register.units import UnitKind
from tests.explorer.cast import AFTER, ASPECTS, AT, BEFORE, MOVED, ROUTE, STRAIGHT, Bounds
from tests.explorer.offers import offers
from tests.side_by_side.memory_store import MemoryStore
from workflows.calendars import Calendar
from workflows.chain import Payload
from workflows.collections import Collection
from workflows.links import Links
from workflows.machine import decide
from workflows.machine.commands import Circumstances, Command, PassDeadline, Save, Submit
from workflows.machine.events import FilingExpected
from workflows.machine.refusals import Refusal
from workflows.machine.states import State
from workflows.ports import DraftConflict, LetterRecord, StateConflict
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare
from workflows.submissions import Draft, Identity, SealedRevision, Submission, Trace, Transition, advance

UNITS = ("a", "b", "c", "d")
ROUTES = (ROUTE, MOVED, STRAIGHT, ROUTE)
BOUNDS = Bounds(revisions=99, questions=9, reopenings=99, exceptions=2, aspects=frozenset(ASPECTS))
REGIONS = sorted({body.region for route in ROUTES for body in route})
TRACE = Trace("save", "web", "192.0.2.7", "test")
COUNTED = {"commands": 0, "taken": 0}


class StillClock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.moment = AT

    def now(self) -> datetime:
        return self.moment


class SideBySide(RuleBasedStateMachine):
    """One history, kept twice."""

    @initialize()
    def open_a_collection(self) -> None:
        self.folder = TemporaryDirectory()
        self.clock = StillClock()
        self.file, self.memory = SqliteStore(Path(self.folder.name) / "home.sqlite3"), MemoryStore()
        self.stores: tuple[Any, Any] = (self.file, self.memory)
        self.old: list[Submission] = []
        calendar = Calendar(AT + timedelta(days=10), AT + timedelta(days=40))
        for store in self.stores:
            store.put_collection(Collection(2025, "f", "f/1", calendar, "r", "u", AT))
            assert store.create([self._opening(unit) for unit in range(len(UNITS))]) == len(UNITS)

    def _opening(self, unit: int) -> Transition:
        route = ROUTES[unit]
        first = route[0].region
        identity = Identity(UNITS[unit], 2025, "f", f"U{unit}", UnitKind.ENTERPRISE, first, first, "990100", first)
        before = Submission(identity, State())
        after, links = advance(before, (FilingExpected(tuple((b.level.value, b.region) for b in route)),), AT)
        return Transition(before=before, after=after, at=AT, events=links, next_at=AT + timedelta(days=3))

    def _services(self, store: Any) -> Services:
        return Services(store, self.clock, Links(["k" * 40], self.clock), FormCatalogue([]), "http://zhibao.example")

    @rule(unit=st.integers(0, 3), pick=st.integers(0, 10_000), willing=st.booleans(), changed=st.booleans())
    def somebody_asks(self, unit: int, pick: int, *, willing: bool, changed: bool) -> None:
        """Any command, or one of those that will be taken."""
        state = self._filed(unit).state
        closed = self._is_closed()
        commands = list(offers(state, AFTER if changed else BEFORE, BOUNDS, 0, self.clock.moment))
        if willing:
            now = Circumstances(self.clock.moment, closed)
            commands = [one for one in commands if not isinstance(decide(state, one, now), Refusal)] or commands
        self._both(UNITS[unit], commands[pick % len(commands)])

    def _is_closed(self) -> bool:
        collection = self.memory.collection(2025, "f")
        assert collection is not None
        return collection.is_closed(self.clock.moment)

    def _both(self, key: str, command: Command) -> None:
        """One command, carried out in both homes from what each of them holds."""
        COUNTED["commands"] += 1
        payload = Payload("字", f"{COUNTED['commands']:032x}")
        results = [self._carried_out(store, key, command, payload) for store in self.stores]
        assert results[0] == results[1]
        COUNTED["taken"] += isinstance(results[0], Transition)

    def _carried_out(self, store: Any, key: str, command: Command, payload: Payload) -> object:
        services = self._services(store)

        def make() -> Transition:
            submission = store.submission(key)
            written = self._written(store, submission, command)
            return prepare(services, submission, command, payload=payload, **written)

        try:
            return carry_out(services, make)
        except CommandRefused as refused:
            return refused.refusal

    def _written(self, store: Any, submission: Submission, command: Command) -> dict[str, Any]:
        """What the filler's use cases write beside the event."""
        if not isinstance(command, (Save, Submit)):
            return {}
        draft = store.draft(submission.id)
        base = draft.version if draft else 0
        written: dict[str, Any] = {
            "draft": Draft(base + 1, {"costs": str(base)}, self.clock.moment),
            "draft_before": base,
            "trace": TRACE,
        }
        if isinstance(command, Submit):
            number = submission.state.revision + 1
            content = f"{submission.id}{number}".encode()
            written["revision"] = SealedRevision(
                submission.id, number, command.revision_hash, content, self.clock.moment
            )
        return written

    @rule(unit=st.integers(0, 3))
    def somebody_reads(self, unit: int) -> None:
        """And will act on what he read, much later."""
        self.old.append(self._filed(unit))

    def _filed(self, unit: int) -> Submission:
        submission = self.file.submission(UNITS[unit])
        assert submission is not None
        return submission

    @rule(pick=st.integers(0, 99), base=st.integers(0, 3))
    def somebody_acts_on_what_he_read(self, pick: int, base: int) -> None:
        if not self.old:
            return
        before = self.old.pop(pick % len(self.old))
        draft = Draft(base + 1, {"late": "1"}, self.clock.moment)
        after, links = advance(before, (), self.clock.moment)
        stale = Transition(before, after, self.clock.moment, links, draft=draft, draft_before=base, trace=TRACE)
        if before.state.stage not in {"not_started", "draft", "returned", "reopened"}:
            return
        results = [_raised(partial(store.commit, stale)) for store in self.stores]
        assert results[0] == results[1]

    @rule(hours=st.integers(1, 200))
    def time_passes(self, hours: int) -> None:
        self.clock.moment += timedelta(hours=hours)

    @rule()
    def the_sweep_looks_at_what_is_due(self) -> None:
        for one in self.memory.due(self.clock.moment, "", 2).rows:
            self._both(one.id, PassDeadline())
            later = self.clock.moment + timedelta(days=1)
            for store in self.stores:
                store.reschedule(store.submission(one.id), later)
                store.reschedule(one, None) if one.version != store.submission(one.id).version else None

    @rule(keep=st.integers(0, 4), hours=st.integers(-5, 30))
    def the_sweep_waits_for_the_digest(self, keep: int, hours: int) -> None:
        items = self.memory.pending(self.clock.moment, keep)
        for store in self.stores:
            store.defer({one.id: self.clock.moment + timedelta(hours=hours) for one in items})

    @rule(keep=st.integers(0, 4), give_up=st.booleans())
    def the_sweep_keeps_promises(self, keep: int, *, give_up: bool) -> None:
        items = self.memory.pending(self.clock.moment, keep)
        records = [LetterRecord(f"letter-{one.id}", one.id, "p", self.clock.moment, "sent") for one in items]
        for store in self.stores:
            if give_up and items:
                store.postpone(items[0].id, self.clock.moment + timedelta(hours=1), "mail")
            else:
                store.finish([one.id for one in items], records, self.clock.moment)
            store.enqueue(items)
        names = [record.letter for record in records] + ["never"]
        assert dict(self.file.letter_outcomes(names)) == dict(self.memory.letter_outcomes(names))

    @invariant()
    def both_say_the_same(self) -> None:
        if not hasattr(self, "stores"):
            return
        first, second = (self._all_that_is_told(store) for store in self.stores)
        for what, says in first.items():
            assert says == second[what], what

    def _all_that_is_told(self, store: Any) -> dict[str, object]:
        now = self.clock.moment
        told: dict[str, object] = {
            "submissions": pages(lambda cursor: store.submissions(cursor, 3)),
            "due": pages(lambda cursor: store.due(now, cursor, 2)),
            "proposals": pages(lambda cursor: store.proposals(2025, cursor, 2)),
            "progress": sorted(store.progress(2025), key=repr),
            "sealed": list(store.sealed(2025, {}, "", 9).rows),
            "returned": list(store.sealed(2025, {"stage": "returned"}, "", 9).rows),
            "pending": list(store.pending(now, 999)),
            "promised": store.pending_count(),
            "tries": [store.attempts(one.id) for one in store.pending(now, 99)],
        }
        told |= {region: pages(lambda cursor, at=region: store.inbox(at, cursor, 1)) for region in REGIONS}
        for key in UNITS:
            chain = list(store.events(key))
            revisions = [store.revision(key, number) for number in range(4)]
            words = [store.payload(key, event.number) for event in chain]
            told[key] = (chain, revisions, words, store.draft(key), list(store.traces(key)))
        return told

    def teardown(self) -> None:
        if hasattr(self, "stores"):
            self.file.close()
            self.folder.cleanup()


def pages(read: Callable[[str], Any]) -> list[Any]:
    """All rows of a paged read."""
    rows, cursor = [], ""
    while True:
        page = read(cursor)
        rows += page.rows
        cursor = page.cursor
        if not cursor:
            return rows


def _raised(act: Callable[[], object]) -> object:
    """What came of it: nothing, or the conflict and what it shows."""
    try:
        act()
    except StateConflict as conflict:
        return ("state", str(conflict))
    except DraftConflict as conflict:
        return ("draft", conflict.stored)
    return None


def through(histories: int, length: int) -> tuple[int, int]:
    """Commands given and taken over that many histories."""
    before = dict(COUNTED)
    bounds = settings(
        max_examples=histories,
        stateful_step_count=length,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    run_state_machine_as_test(SideBySide, settings=bounds)
    return COUNTED["commands"] - before["commands"], COUNTED["taken"] - before["taken"]


def test_the_store_does_what_a_dictionary_does() -> None:
    commands, taken = through(25, 40)
    assert commands >= 100
    assert taken >= 40


@pytest.mark.long
def test_the_store_does_what_a_dictionary_does_through_ten_thousand_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands, taken = through(500, 100)
    with capsys.disabled():
        print(f"\n{commands} commands side by side, {taken} taken", end=" ")
    assert commands >= 10_000
