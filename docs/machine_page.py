"""The page of the review machine, made from its table, its guards and by running it (`docs/review-machine.md`)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from workflows.machine import decide, evolve
from workflows.machine.commands import (
    Accept,
    Answer,
    Ask,
    Circumstances,
    ClaimCase,
    CloseQuery,
    Command,
    ConfirmDisposition,
    ConfirmWaiver,
    DeclineDisposition,
    GrantExtension,
    Move,
    PassDeadline,
    ProposeDisposition,
    ProposeExtension,
    ProposeWaiver,
    Reinstate,
    Remind,
    Reopen,
    Return,
    Save,
    Submit,
    Undo,
    Withdraw,
)
from workflows.machine.events import TYPES, FilingExpected
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import DispositionKind, ExtensionScope, Stage, State
from workflows.machine.table import RULES
from workflows.routes import Body, ReviewLevel, route_rules

_AT = datetime(2026, 3, 1, tzinfo=UTC)
_NOW = Circumstances(_AT)
_ROUTE = tuple(Body(level, region) for level, region in zip(ReviewLevel, ("A", "B", "C"), strict=True))
_PROVINCE = _ROUTE[-1]
_DEPTH = 9


def machine_page() -> str:
    """The whole page."""
    steps = sorted(_steps())
    return "\n".join(
        [
            "# The review machine",
            "",
            "Generated from `workflows/machine/` by `docs/generate.py`; a test fails when it is stale.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "  [*] --> not_started: FilingExpected",
            *sorted({f"  {before} --> {after}: {event}" for before, _, event, after in steps if before != after}),
            "```",
            "",
            "## Command × who × stages × guards",
            "",
            "`RULES` in `workflows/machine/table.py`, row by row. Guards are met in this order; the first that says no",
            "is the answer.",
            "",
            "| command | by | in the stages | under the guards |",
            "|---|---|---|---|",
            *_rules(),
            "",
            "## Stage × command",
            "",
            "Each cell was found by running the machine on every state it reaches in that stage within"
            f" {_DEPTH} steps of one unit; blank: refused.",
            "",
            *_matrix(steps),
            "",
            "## Guards",
            "",
            *_guards(),
            "",
            "## Routes",
            "",
            *_routes(),
            "",
            "## Events",
            "",
            *(f"* `{name}`: {_first_sentence(kind.__doc__)}" for name, kind in TYPES.items()),
            "",
            "## Refusals",
            "",
            ", ".join(f"`{code.value}`" for code in RefusalCode),
            "",
        ]
    )


def _commands(state: State) -> Iterator[Command]:
    """One command of every kind, such as would be taken where one can be."""
    turn = state.turn or _ROUTE[0]
    person = f"seat-{turn.region}"
    query = state.queries[-1].number if state.queries else 0
    last = state.standing[-1] if state.standing else None
    shown = (state.revision, state.revision_hash)
    words = ("other", ("item",), "hash")
    yield Save("filler")
    yield Submit("filler", f"hash-{state.revision + 1}", "form/1", "rules", late=False)
    yield Withdraw("filler", state.revision)
    yield Answer("filler", query, "hash")
    yield Accept(person, turn, *shown)
    yield Return(person, turn, *shown, *words)
    yield Ask(person, turn, state.revision, "item", "hash")
    yield CloseQuery(person, state.queries[-1].body if state.queries else turn, query)
    yield ClaimCase(person, turn, state.revision, _AT + timedelta(minutes=30))
    decided = (last.person, last.body, state.revision, last.event_number) if last else (person, turn, state.revision, 0)
    yield Undo(*decided)
    yield Reopen("office", _PROVINCE, *shown, *words)
    for kind in (DispositionKind.DUPLICATE, DispositionKind.REFUSED):
        yield ProposeDisposition("office", _PROVINCE, kind, "hash")
    yield ProposeWaiver(person, turn, *shown, "R1", _AT + timedelta(days=7), "hash")
    yield ConfirmWaiver("seat-B", _ROUTE[1], state.waivers[-1].event_number if state.waivers else 0)
    proposal = state.disposition.event_number if state.disposition else 0
    yield ConfirmDisposition("office-2", _PROVINCE, proposal)
    yield DeclineDisposition("office-2", _PROVINCE, proposal)
    yield Reinstate("office", _PROVINCE, "hash")
    yield ProposeExtension("office", _PROVINCE, ExtensionScope.FILING, _AT + timedelta(days=7), "hash")
    yield GrantExtension("office-2", _PROVINCE, state.extension.event_number if state.extension else 0)
    yield Move("office", _PROVINCE, (Body(ReviewLevel.COUNTY, "D"), *_ROUTE[1:]))
    yield Remind("-7d", ("filler",), "hash")
    yield PassDeadline()


def _steps() -> set[tuple[str, str, str, str]]:
    """(stage, command, events, stage after) for all that is not refused, over the states within reach."""
    start = evolve(State(), FilingExpected(tuple((body.level.value, body.region) for body in _ROUTE)), _AT)
    seen, border, found = {start}, [start], set[tuple[str, str, str, str]]()
    for _ in range(_DEPTH):
        reached: list[State] = []
        for state in border:
            for command in _commands(state):
                outcome = decide(state, command, _NOW)
                if isinstance(outcome, Refusal):
                    continue
                after = state
                for event in outcome:
                    after = evolve(after, event, _AT)
                names = ", ".join(type(event).__name__ for event in outcome)
                found.add((state.stage.value, type(command).__name__, names, after.stage.value))
                if after not in seen and _is_telling(state, after):
                    seen.add(after)
                    reached.append(after)
        border = reached
    return found


def _is_telling(before: State, after: State) -> bool:
    """Followed further: what changed the stage, the turn, a query or a proposal; the page needs no more."""
    told_before = (before.stage, before.turn, len(before.queries), before.disposition, before.extension, before.waivers)
    told_after = (after.stage, after.turn, len(after.queries), after.disposition, after.extension, after.waivers)
    return told_before != told_after and after.revision <= 2 and len(after.queries) <= 1 and after.extension is None


def _rules() -> Iterator[str]:
    for command, rule in RULES.items():
        by = ", ".join(sorted(actor.value for actor in rule.by))
        stages = "any" if rule.stages == frozenset(Stage) else ", ".join(s.value for s in Stage if s in rule.stages)
        guards = "<br>".join(_in_words(guard.__name__) for guard in rule.guards)
        yield f"| **{command.__name__}** {_first_sentence(command.__doc__)} | {by} | {stages} | {guards} |"


def _matrix(steps: list[tuple[str, str, str, str]]) -> Iterator[str]:
    yield f"| command | {' | '.join(f'`{stage.value}`' for stage in Stage)} |"
    yield f"|---|{'---|' * len(Stage)}"
    for command in RULES:
        cells = []
        for stage in Stage:
            there = [(names, after) for at, name, names, after in steps if (at, name) == (stage, command.__name__)]
            cells.append("<br>".join(sorted({_cell(stage, names, after) for names, after in there})))
        yield f"| {command.__name__} | {' | '.join(cells)} |"


def _cell(stage: Stage, names: str, after: str) -> str:
    if not names:
        return "the draft only"
    return names if after == stage else f"{names} → {after}"


def _guards() -> Iterator[str]:
    guards = {guard.__name__: guard for rule in RULES.values() for guard in rule.guards}
    for name, guard in guards.items():
        yield f"* {_in_words(name)}: {_first_sentence(guard.__doc__)}"


def _routes() -> Iterator[str]:
    """From `workflows/routes.yaml`."""
    for kind, rule in route_rules().items():
        levels = [level for level in rule["levels"] if level not in rule["skip"]]
        yield f"* {kind}: {' → '.join(levels)}"


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())
