"""Every stage under every command: where it leads, or the refusal (machine_table.yaml)."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
import yaml

from tests.workflows.machine_cases import CLOSED, COMMANDS, OPEN, STATES, after, prepared
from workflows.machine import decide
from workflows.machine.commands import Actor, Command, GrantExtension, ProposeExtension
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import Stage
from workflows.machine.table import RULES, Rule

_TEXT = Path(__file__).with_name("machine_table.yaml").read_text(encoding="utf-8")
TABLE: Mapping[str, list[str]] = yaml.safe_load(_TEXT)
STAGES = [Stage(name) for name in TABLE["stages"]]
CELLS = list(product(COMMANDS, STATES))
EXCEPTIONS = {ProposeExtension, GrantExtension}


def expected(kind: type[Command], stage: Stage) -> str:
    """What the table says."""
    return TABLE[kind.__name__][STAGES.index(stage)]


def found(kind: type[Command], stage: Stage, rules: Mapping[type[Command], Rule] = RULES) -> str:
    """What the machine says."""
    state = prepared(STATES[stage], kind)
    command = COMMANDS[kind](state)
    outcome = decide(state, command, OPEN, rules=rules)
    if isinstance(outcome, Refusal):
        return outcome.code.value
    return str(after(state, command).stage.value).upper()


def test_the_table_has_every_command_and_every_stage() -> None:
    assert STAGES == list(STATES) == list(Stage)
    assert set(COMMANDS) == set(RULES) == set(get_args(Command))
    assert set(TABLE) - {"stages"} == {kind.__name__ for kind in RULES}


@pytest.mark.parametrize(("kind", "stage"), CELLS)
def test_each_stage_answers_each_command_as_the_table_says(kind: type[Command], stage: Stage) -> None:
    assert found(kind, stage) == expected(kind, stage)


@pytest.mark.parametrize(("kind", "stage"), CELLS)
def test_a_stage_taken_from_a_row_is_missed(kind: type[Command], stage: Stage) -> None:
    """What a row lets through only a cell of the table can show; no law asks that anything be possible."""
    rule = RULES[kind]
    if stage in rule.stages:
        fewer = {**RULES, kind: replace(rule, stages=rule.stages - {stage})}
        assert found(kind, stage, fewer) != expected(kind, stage) or expected(kind, stage) == "disposed"


@pytest.mark.parametrize(("kind", "stage"), CELLS)
def test_after_the_close_only_exceptions_are_spoken_of(kind: type[Command], stage: Stage) -> None:
    state = prepared(STATES[stage], kind)
    outcome = decide(state, COMMANDS[kind](state), CLOSED)
    if kind in EXCEPTIONS:
        assert not isinstance(outcome, Refusal)
    else:
        assert outcome == Refusal(RefusalCode.COLLECTION_CLOSED)


def test_who_may_give_a_command() -> None:
    by = {kind.__name__: {actor.value for actor in rule.by} for kind, rule in RULES.items()}
    assert [name for name, actors in by.items() if Actor.FILLER in actors] == ["Save", "Submit", "Withdraw", "Answer"]
    assert [name for name, actors in by.items() if Actor.SWEEP in actors] == ["Remind", "PassDeadline"]
    assert all(actors == {"filler"} for actors in by.values() if "filler" in actors)
    assert by["Accept"] == by["Return"] == by["Ask"] == by["CloseQuery"] == by["ClaimCase"] == {"seat"}
    assert (by["ProposeWaiver"], by["ConfirmWaiver"]) == ({"seat"}, {"seat", "office"})
    assert by["Move"] == {"office"}
    assert by["Reopen"] == by["Undo"] == by["ConfirmDisposition"] == by["GrantExtension"] == {"seat", "office"}
