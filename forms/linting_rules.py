"""Whether the rules and conditions of a form definition can be read, and fit the names they use."""

from collections.abc import Iterator, Mapping
from typing import Any

from forms.building import sentences_of
from forms.definition_text import Path
from forms.faults import Fault
from forms.items import ItemType
from forms.language import RuleError, compile_rule, compile_tree
from forms.language_functions import Kind
from forms.language_parsing import parse
from forms.language_tree import Call, FiguresFit, keys_of, walk
from forms.language_types import Scope, Type
from forms.language_units import unit_named
from forms.linting import Found, items_of


def scope_of(data: Mapping[str, Any], others: Mapping[str, Scope]) -> Scope:
    """What the rules of checked or still faulty data can name; a faulty item is taken for what it nearly is."""
    lists = {name: tuple(option["code"] for option in options) for name, options in data["option_lists"].items()}
    items: dict[str, Type] = {}
    tables: dict[str, dict[str, Type]] = {}
    for path, item in items_of(data):
        if "columns" in path:
            table = data["sections"][path[1]]["table"]["key"]
            tables.setdefault(table, {})[item["key"]] = _type(item, lists)
        else:
            items[item["key"]] = _type(item, lists)
    keywords = {name: tuple(words) for name, words in data["keywords"].items()}
    figures = tuple(key for key, found in items.items() if found.kind is Kind.NUMBER)
    return Scope(items, tables, others, keywords, figures)


def _type(item: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]]) -> Type:
    kind: ItemType = item["type"]
    if kind.is_figure:
        return Type(Kind.NUMBER, unit_named(item["unit"]) if item["unit"] else None, item["decimals"])
    return Type(Kind(kind.value), options=lists.get(item["options"], ()))


def lint_rules(data: Mapping[str, Any], scope: Scope) -> Found:
    """Every (path, message) of rules, conditions of items, and keyword lists."""
    ids: dict[str, int] = {}
    for index, rule in enumerate(data["rules"]):
        if rule["id"] in ids:
            yield ("rules", index, "id"), Fault.RULE_TWICE.say(value=rule["id"])
        ids[rule["id"]] = index
        yield from lint_rule(("rules", index), rule, scope, data["form"])
    yield from _conditions(data, scope)
    yield from _keywords(data)


def lint_rule(path: Path, rule: Mapping[str, Any], scope: Scope, form: str) -> Found:
    """What is wrong with one rule, a sentence at a time."""
    if bool(rule["parts"]) == bool(rule["expression"]):
        yield path, Fault.EXPRESSION_OR_PARTS.say()
        return
    for name in ("zh", "en"):
        if not rule["parts"] and not rule[name]:
            yield path, Fault.MISSING.say()
    table = rule["for_each"]
    if table and table not in scope.tables:
        yield (*path, "for_each"), Fault.NO_SUCH_TABLE.say(table=table)
        return
    asked = scope.of_row(table) if table else scope
    for number, sentence in sentences_of(rule):
        place = (*path, "parts", number - 1, "expression") if number else (*path, "expression")
        try:
            tree = parse(sentence["expression"], form=form)
            compile_tree(tree, sentence["expression"], asked)
        except RuleError as error:
            yield place, f"{rule['id']}: {error}"
            continue
        if not any("." not in key and key != "year" for key in keys_of(tree)) and not _speaks_of_all(tree):
            yield place, Fault.RULE_NAMES_NOTHING.say()


def _speaks_of_all(tree: Any) -> bool:
    """The check of all figures, and the check of the sign-off block, name no single item."""
    signed = any(key.startswith("signoff.") for key in keys_of(tree))
    return signed or any(isinstance(node, FiguresFit) for node in walk(tree))


def _conditions(data: Mapping[str, Any], scope: Scope) -> Found:
    """required_when and shown_when: readable, and nothing waits for itself to be shown."""
    waits: dict[str, tuple[str, ...]] = {}
    for path, item in items_of(data):
        asked = scope.of_row(data["sections"][path[1]]["table"]["key"]) if "columns" in path else scope
        for name in ("required_when", "shown_when"):
            if not item[name]:
                continue
            try:
                rule = compile_rule(item[name], asked, form=data["form"])
            except RuleError as error:
                yield (*path, name), str(error)
                continue
            if name == "shown_when":
                waits[item["key"]] = rule.items
    for path, item in items_of(data):
        yield from _waiting((*path, "shown_when"), item["key"], waits)


def _waiting(path: Path, key: str, waits: Mapping[str, tuple[str, ...]]) -> Found:
    if key in waits.get(key, ()):
        yield path, Fault.SHOWN_BY_ITSELF.say()
        return
    chain = next(_cycles(key, [key], waits), None)
    if chain is not None:
        yield path, Fault.SHOWN_CYCLE.say(chain=" → ".join(chain))


def _cycles(key: str, above: list[str], waits: Mapping[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """The ways that lead from an item back to it."""
    for wanted in waits.get(key, ()):
        if wanted == above[0]:
            yield [*above, wanted]
        elif wanted not in above:
            yield from _cycles(wanted, [*above, wanted], waits)


def _keywords(data: Mapping[str, Any]) -> Found:
    used: set[str] = set()
    for rule in data["rules"]:
        for _, sentence in sentences_of(rule):
            try:
                tree = parse(sentence["expression"], form=data["form"])
            except RuleError:
                continue
            used |= {node.word for node in walk(tree) if isinstance(node, Call)}
    for name in data["keywords"]:
        if name not in used:
            yield ("keywords", name), Fault.KEYWORDS_UNUSED.say(name=name)
