"""The invariants of the review machine (DESIGN §5) over any sequence of commands, refused ones included."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.codec import state_from_text, state_to_text
from workflows.chain import GENESIS, RecordedEvent, link_hash, record
from workflows.machine import decide, evolve
from workflows.machine.commands import Accept, Circumstances, Command, Return, Save, Submit
from workflows.machine.events import FilingExpected, LevelAccepted, Returned, Submitted
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Stage, State
from workflows.routes import Body, ReviewLevel

BODIES = [
    Body(ReviewLevel.COUNTY, "990101"),
    Body(ReviewLevel.COUNTY, "990171"),
    Body(ReviewLevel.CITY, "990100"),
    Body(ReviewLevel.PROVINCE, "990000"),
]
ROUTES = st.sampled_from([(0, 2, 3), (1, 2, 3), (0, 3), (2, 3), (3,)]).map(
    lambda stops: tuple(BODIES[stop] for stop in stops)
)
PEOPLE = st.sampled_from(["ann", "bo", "cai", "du"])
COMMANDS = st.one_of(
    st.builds(Save, PEOPLE),
    st.builds(
        Submit, PEOPLE, st.sampled_from(["h1", "h2", "h3"]), st.just("kd-1/2021"), st.just("rules"), st.booleans()
    ),
    st.builds(Accept, PEOPLE, st.sampled_from(BODIES), st.integers(0, 3), st.sampled_from(["h1", "h2", "h3"])),
    st.builds(
        Return,
        PEOPLE,
        st.sampled_from(BODIES),
        st.integers(0, 3),
        st.sampled_from(["h1", "h2", "h3"]),
        st.sampled_from(["", "other"]),
        st.sampled_from([(), ("R1",)]),
        st.just("c"),
    ),
)
START = datetime(2026, 3, 1, tzinfo=UTC)
OPEN = Circumstances(START)
Step = tuple[State, Command, bool, tuple[RecordedEvent, ...], State]


def play(route: tuple[Body, ...], script: list[tuple[Command, bool]]) -> tuple[list[RecordedEvent], list[Step]]:
    """Run a script from the opening; the whole chain, and each step with the states around it."""
    opening = FilingExpected(tuple((body.level.value, body.region) for body in route))
    chain = [record(opening, submission="s", number=1, at=START, previous=GENESIS)]
    state, steps = evolve(State(), opening, START), list[Step]()
    for count, (command, closed) in enumerate(script):
        before, at, links = state, START + timedelta(minutes=count), list[RecordedEvent]()
        outcome = decide(state, command, Circumstances(START, closed))
        for event in () if isinstance(outcome, Refusal) else outcome:
            links.append(record(event, submission="s", number=state.events + 1, at=at, previous=chain[-1].hash))
            chain.append(links[-1])
            state = evolve(state, event, at)
        steps.append((before, command, closed, tuple(links), state))
    return chain, steps


def helpful(state: State, choice: int) -> Command:
    """A command that the state will take, so that histories get further than refusals."""
    turn = state.turn
    if turn is None:
        return Submit("ann", f"h{state.revision + 1}", "kd-1/2021", "rules", late=bool(choice % 2))
    person = f"reviewer-{turn.region}"
    if choice % 4 == 0:
        return Return(person, turn, state.revision, state.revision_hash, "other", ("R1",), "c")
    return Accept(person, turn, state.revision, state.revision_hash)


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[Body, ...], list[tuple[Command, bool]]]:
    """A route and a script in which commands that help and commands that are refused are mixed."""
    route = draw(ROUTES)
    script: list[tuple[Command, bool]] = []
    choices = draw(st.lists(st.one_of(st.integers(0, 7), COMMANDS), max_size=25))
    closes_at = draw(st.integers(5, 40))
    for count, choice in enumerate(choices):
        if isinstance(choice, int):
            _, steps = play(route, script)
            state = steps[-1][4] if steps else State(route=route)
            script.append((helpful(state, choice), count >= closes_at))
        else:
            script.append((choice, count >= closes_at))
    return route, script


History = tuple[tuple[Body, ...], list[tuple[Command, bool]]]


@settings(max_examples=150, deadline=None)
@given(histories())
def test_every_history_keeps_the_invariants(history: History) -> None:
    keeps_the_invariants(history)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_thousands_of_histories_keep_the_invariants(history: History) -> None:
    keeps_the_invariants(history)


def keeps_the_invariants(history: History) -> None:
    route, script = history
    chain, steps = play(route, script)
    replaying_the_chain_gives_the_state(chain, steps, route)
    for before, command, closed, links, after in steps:
        only_the_filler_makes_revisions(command, links)
        acceptance_needs_every_lower_level_on_the_same_hash(before, links, route)
        a_new_revision_voids_earlier_decisions(before, links, after)
        a_return_names_reason_and_items_and_reaches_the_filler(links, after)
        nobody_decides_on_his_own_filing_nor_twice(before, links)
        the_same_decision_twice_is_once(before, command, links, after)
        if closed:
            assert (links, after) == ((), before)
        assert after.turn is not None or after.editable or after.stage is Stage.ACCEPTED


def replaying_the_chain_gives_the_state(chain: list[RecordedEvent], steps: list[Step], route: tuple[Body, ...]) -> None:
    state, head = State(), GENESIS
    for number, link in enumerate(chain, start=1):
        assert (link.number, link.previous) == (number, head)
        assert link.hash == link_hash("s", number, link.at, link.type, link.data, head)
        state, head = evolve(state, link.event(), link.at), link.hash
    assert state.route == route
    if steps:
        assert state == steps[-1][4]
    assert state_from_text(state_to_text(state)) == state


def only_the_filler_makes_revisions(command: Command, links: tuple[RecordedEvent, ...]) -> None:
    if any(link.type == "Submitted" for link in links):
        assert isinstance(command, Submit)


def acceptance_needs_every_lower_level_on_the_same_hash(
    before: State, links: tuple[RecordedEvent, ...], route: tuple[Body, ...]
) -> None:
    for link in links:
        event = link.event()
        if isinstance(event, LevelAccepted):
            lower = route[: [body.level.value for body in route].index(event.level)]
            assert [(d.accepted, d.level, d.region) for d in before.decisions] == [
                (True, b.level, b.region) for b in lower
            ]
            assert {d.revision_hash for d in before.decisions} <= {event.revision_hash}
            assert (event.revision, event.revision_hash) == (before.revision, before.revision_hash)


def a_new_revision_voids_earlier_decisions(before: State, links: tuple[RecordedEvent, ...], after: State) -> None:
    for link in links:
        if isinstance(link.event(), Submitted):
            assert after.decisions == ()
            assert after.revision == before.revision + 1
            assert after.turn == after.route[0]


def a_return_names_reason_and_items_and_reaches_the_filler(links: tuple[RecordedEvent, ...], after: State) -> None:
    for link in links:
        event = link.event()
        if isinstance(event, Returned):
            assert event.reason
            assert event.items
            assert after.editable


def nobody_decides_on_his_own_filing_nor_twice(before: State, links: tuple[RecordedEvent, ...]) -> None:
    for link in links:
        event = link.event()
        if isinstance(event, (LevelAccepted, Returned)):
            assert event.person not in before.filers
            assert event.person not in {decision.person for decision in before.decisions}


def the_same_decision_twice_is_once(
    before: State, command: Command, links: tuple[RecordedEvent, ...], after: State
) -> None:
    if links and isinstance(command, (Accept, Return)):
        again = decide(after, command, OPEN)
        assert isinstance(again, Refusal)
        assert again.code is RefusalCode.ALREADY_DECIDED
        assert again.decision == after.standing[len(before.decisions)]


@settings(max_examples=100, deadline=None)
@given(histories())
def test_from_every_reachable_state_acceptance_is_reachable(
    history: tuple[tuple[Body, ...], list[tuple[Command, bool]]],
) -> None:
    route, script = history
    _, steps = play(route, [(command, False) for command, _ in script])
    state = (
        steps[-1][4]
        if steps
        else evolve(State(), FilingExpected(tuple((b.level.value, b.region) for b in route)), START)
    )
    wanted = {decision.person for decision in state.decisions} | set(state.filers)
    for step in range(12):
        if state.stage is Stage.ACCEPTED:
            break
        turn = state.turn
        command: Command = Submit("new", "hx", "kd-1/2021", "rules", late=False)
        if turn is not None:
            person = next(f"fresh-{step}-{n}" for n in range(9) if f"fresh-{step}-{n}" not in wanted)
            command = Accept(person, turn, state.revision, state.revision_hash)
        outcome = decide(state, command, OPEN)
        assert not isinstance(outcome, Refusal)
        for event in outcome:
            state = evolve(state, event, START)
    assert state.stage is Stage.ACCEPTED
