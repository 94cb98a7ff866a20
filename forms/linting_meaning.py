"""Whether the rules and conditions of a form mean anything: that each can hold and can fire, and all can hold at once.

This takes longer than loading a form should; `zhibao forms check` and the tests ask it, a server does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from forms.building import sentences_of
from forms.definition import Severity
from forms.definition_text import Path
from forms.faults import Fault
from forms.language_parsing import parse
from forms.language_tree import Condition, keys_of
from forms.language_types import Scope
from forms.linting import Found, items_of
from forms.satisfying import possible


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One expression of one rule, parsed, with its place in the file and what it is asked of."""

    path: Path
    rule: str
    fatal: bool
    for_each: str
    tree: Condition


def lint_meaning(data: Mapping[str, Any], scope: Scope) -> Found:
    """Every (path, message); the definition must have passed the other checks."""
    sentences = list(_sentences(data))
    yield from _alone(sentences, scope)
    yield from _repeated(sentences)
    for table in dict.fromkeys(sentence.for_each for sentence in sentences):
        fatal = [each for each in sentences if each.fatal and each.for_each == table]
        yield from _together(fatal, _asked(scope, table))
    yield from _conditions(data, scope)


def _asked(scope: Scope, table: str) -> Scope:
    return scope.of_row(table) if table else scope


def _sentences(data: Mapping[str, Any]) -> Iterator[_Sentence]:
    for index, rule in enumerate(data["rules"]):
        for number, sentence in sentences_of(rule):
            where: Path = ("parts", number - 1, "expression") if number else ("expression",)
            tree = parse(sentence["expression"], form=data["form"])
            fatal = rule["severity"] is Severity.FATAL
            yield _Sentence(("rules", index, *where), rule["id"], fatal, rule["for_each"], tree)


def _alone(sentences: Sequence[_Sentence], scope: Scope) -> Found:
    for sentence in sentences:
        asked = _asked(scope, sentence.for_each)
        if not possible([(sentence.tree, True)], asked):
            yield sentence.path, Fault.RULE_ALWAYS_FIRES.say()
        elif not possible([(sentence.tree, False)], asked):
            yield sentence.path, Fault.RULE_NEVER_FIRES.say()


def _repeated(sentences: Sequence[_Sentence]) -> Found:
    for one, other in combinations(sentences, 2):
        if one.tree == other.tree and one.for_each == other.for_each:
            yield other.path, Fault.RULE_REPEATED.say(one=one.rule, other=other.rule)


def _together(fatal: Sequence[_Sentence], scope: Scope) -> Found:
    """Two at a time, so that the message names both; then all, adding one at a time where all fail."""
    alone = [each for each in fatal if possible([(each.tree, True)], scope)]
    found = False
    for one, other in combinations(alone, 2):
        if set(keys_of(one.tree)).isdisjoint(keys_of(other.tree)):
            continue
        if not possible([(one.tree, True), (other.tree, True)], scope):
            yield other.path, Fault.RULES_CONTRADICT.say(one=one.rule, other=other.rule)
            found = True
    wanted = [(each.tree, True) for each in alone]
    if found or possible(wanted, scope):
        return
    for count, each in enumerate(alone, start=1):
        if not possible(wanted[:count], scope):
            yield each.path, Fault.RULES_CONTRADICT_TOGETHER.say(one=each.rule)
            return


def _conditions(data: Mapping[str, Any], scope: Scope) -> Found:
    faults = {
        "shown_when": (Fault.SHOWN_NEVER, Fault.SHOWN_ALWAYS),
        "required_when": (Fault.REQUIRED_WHEN_NEVER, Fault.REQUIRED_WHEN_ALWAYS),
    }
    for path, item in items_of(data):
        table = data["sections"][path[1]]["table"]["key"] if "columns" in path else ""
        for name, (never, always) in faults.items():
            if not item[name]:
                continue
            tree = parse(item[name], form=data["form"])
            if not possible([(tree, True)], _asked(scope, table)):
                yield (*path, name), never.say()
            elif not possible([(tree, False)], _asked(scope, table)):
                yield (*path, name), always.say()
