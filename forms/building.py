"""From the checked data of a definition file to the definition: items with their indent, tables, rules."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from forms.definition import (
    CodeMap,
    EditRule,
    FormDefinition,
    Header,
    Item,
    Option,
    OptionList,
    Requirement,
    Section,
    Table,
)
from forms.items import ItemKind
from forms.language import referenced
from forms.language_types import Scope
from forms.language_words import LAST, NAMESPACES


def build_definition(data: Mapping[str, Any], others: Mapping[str, Scope]) -> FormDefinition:
    """The definition that checked data describe; `others` are the unit's other forms that rules may name."""
    lists = {name: _option_list(name, options) for name, options in data["option_lists"].items()}
    follows = data["follows"] or {"inserted": (), "dropped": ()}
    return FormDefinition(
        form=data["form"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        first_year=data["first_year"],
        unit_kinds=frozenset(data["unit_kinds"]),
        header=build_header(data["header"]),
        sections=tuple(_section(section, lists) for section in data["sections"]),
        rules=build_rules(data["rules"], data["form"]),
        keywords={name: tuple(words) for name, words in data["keywords"].items()},
        other_forms=others,
        code_map=CodeMap(tuple(follows["inserted"]), tuple(follows["dropped"])),
    )


def build_header(data: Mapping[str, Any]) -> Header:
    """The header. Raises ValueError as `Header` does."""
    valid_until: date = data["valid_until"]
    return Header(
        form_number=data["form_number"],
        issuer_zh=data["issuer"]["zh"],
        issuer_en=data["issuer"]["en"],
        document_number=data["document_number"],
        valid_until=valid_until,
        approval=data["approval"],
    )


def _option_list(name: str, options: Sequence[Mapping[str, Any]]) -> OptionList:
    return OptionList(name, tuple(Option(option["code"], option["zh"], option["en"]) for option in options))


def _section(data: Mapping[str, Any], lists: Mapping[str, OptionList]) -> Section:
    table = None
    if data["table"] is not None:
        described = data["table"]
        table = Table(described["key"], tuple(_items(described["columns"], lists)), described["max_rows"])
    return Section(data["title"]["zh"], data["title"]["en"], tuple(_items(data["items"], lists)), table)


def _items(listed: Iterable[Mapping[str, Any]], lists: Mapping[str, OptionList]) -> Iterator[Item]:
    """Items with their indent: a part is indented only where it stands under its whole, not away from it."""
    above: list[str] = []
    for item in listed:
        parent = item["parent"]
        above = above[: above.index(parent) + 1] if parent in above else []
        yield _item(item, lists, depth=len(above))
        above = [*above, item["key"]]


def _item(data: Mapping[str, Any], lists: Mapping[str, OptionList], *, depth: int) -> Item:
    same = ("key", "code", "unit", "type", "decimals", "parent", "starred", "required_when", "shown_when")
    return Item(
        name_zh=data["zh"],
        name_en=data["en"],
        scope_zh=data["scope"],
        scope_en=data["scope_en"],
        note_zh=data["note"],
        note_en=data["note_en"],
        kind=data["kind"] or ItemKind.LABEL,
        options=lists.get(data["options"]),
        required=Requirement.WHEN if data["required_when"] else data["required"],
        depth=depth,
        **{name: data[name] for name in same},
    )


def build_rules(rules: Iterable[Mapping[str, Any]], form: str) -> tuple[EditRule, ...]:
    """One EditRule an expression, in the order of their ids: a rule of several sentences becomes several."""
    built = [_rule(rule, sentence, number, form) for rule in rules for number, sentence in sentences_of(rule)]
    return tuple(sorted(built, key=lambda rule: (rule.id, rule.part)))


def sentences_of(rule: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    """(part number, expression with its texts): 0 for the one of a plain rule, from 1 for parts."""
    return list(enumerate(rule["parts"], start=1)) if rule["parts"] else [(0, rule)]


def _rule(rule: Mapping[str, Any], sentence: Mapping[str, Any], number: int, form: str) -> EditRule:
    named = referenced(sentence["expression"], form=form)
    return EditRule(
        id=rule["id"],
        severity=rule["severity"],
        expression=sentence["expression"],
        items=tuple(key for key in named if "." not in key and key != "year"),
        message_zh=sentence["zh"],
        message_en=sentence["en"],
        source=rule["source"],
        part=number,
        for_each=rule["for_each"],
        forms=_forms_of(named),
        needs_last_year=any(key.startswith(LAST) for key in named),
    )


def _forms_of(named: Iterable[str]) -> tuple[str, ...]:
    """The other forms among what a rule names."""
    spaces = (key.removeprefix(LAST).rpartition(".")[0] for key in named)
    return tuple(dict.fromkeys(space for space in spaces if space and space not in NAMESPACES))
