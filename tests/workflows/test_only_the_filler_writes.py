"""No code path outside the filler's use case can write a value: who makes drafts, revisions and sendings, read from the
program itself. (The file refuses the rest: tests/infra/test_only_the_unit_writes.py.)
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("forms", "handlers", "indicators", "infra", "register", "workflows")
SECTION = "workflows/section_filing.py"
"""A colleague saves the section that the filler handed to him; he seals and sends nothing."""
MADE_BY = {
    "Draft": {"workflows/filing.py", SECTION, "infra/sqlite/submissions.py", "infra/dynamodb/rows.py"},
    "SealedRevision": {"workflows/filing.py", "infra/sqlite/rows.py", "infra/dynamodb/rows.py"},
    "Submit": {"workflows/filing.py"},
    "Save": {"workflows/filing.py", SECTION},
    "Submitted": {"workflows/machine/outcomes.py"},
    "Transition": {"workflows/stepping.py", "workflows/collecting.py"},
}
"""Who may make what carries a figure, or the step that writes it. A store makes what it reads."""
FILLERS_DOORS = {
    "handlers/filing.py",
    "handlers/keeping.py",
    "handlers/filing_api.py",
    "workflows/sending_once.py",
    "handlers/offline.py",
    "handlers/demo/acting.py",
    "workflows/importing_returns.py",
}
"""Who may call the use cases that save and send: the filler's page, his files and his program, the example years played
through it, and the operator's import of drafts, which each unit seals itself.
"""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the product."""
    for package in PRODUCT:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def called(tree: ast.Module) -> set[str]:
    """The last name of everything that is called, or passed on to be called."""
    names = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return names | {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }


def taken_from(tree: ast.Module, module: str) -> set[str]:
    """The names a module takes from another one; `*` for the module itself."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and f"{node.module}.{'filing'}" == module:
            names |= {"*" for alias in node.names if alias.name == "filing"}
        elif isinstance(node, ast.Import):
            names |= {"*" for alias in node.names if alias.name == module}
    return names


@pytest.mark.parametrize("name", MADE_BY)
def test_only_the_filling_makes_what_carries_a_figure(name: str) -> None:
    makers = {path for path, tree in modules() if name in called(tree)}
    assert makers == MADE_BY[name]


def test_only_a_fillers_door_calls_saving_and_sending() -> None:
    doors = {path for path, tree in modules() if taken_from(tree, "workflows.filing") & {"save", "submit", "*"}}
    assert doors == FILLERS_DOORS


@pytest.mark.parametrize("name", ["draft", "revision"])
def test_only_the_filling_hands_figures_to_a_step(name: str) -> None:
    """`prepare` passes on what a step writes: nobody else gives it a draft or a revision."""
    givers = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in {"prepare", "Transition", "replace"}
        and any(word.arg == name for word in node.keywords)
    }
    assert givers == {"workflows/filing.py"} | ({SECTION} if name == "draft" else set())


def test_a_reviewers_command_has_no_field_for_a_figure() -> None:
    """What a seat or the office may say is opaque ids, places, codes and hashes (DESIGN §2, law 1)."""
    from dataclasses import fields

    from workflows.machine.commands import Actor
    from workflows.machine.table import RULES

    said = {field.name for command, rule in RULES.items() if Actor.FILLER not in rule.by for field in fields(command)}
    words = {
        "person",
        "people",
        "body",
        "revision",
        "revision_hash",
        "reason",
        "items",
        "item",
        "kind",
        "scope",
        "rule",
    }
    places = {"query", "decision", "proposal", "extension", "waiver", "route", "step", "until", "expires"}
    hashes = {"comment_hash", "question_hash", "reason_hash", "text_hash"}
    found = {"fatal", "unexplained", "firm", "missing_children", "in_a_table"}
    assert said == words | places | hashes | found
