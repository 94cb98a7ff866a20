"""What no schema can see: whether the parts of a form definition fit each other."""

import keyword
from collections.abc import Iterator, Mapping
from typing import Any, Final

from forms.definition import ItemType, Requirement
from forms.definition_text import Path
from forms.language import RuleError, compile_rule

RESERVED_KEYS: Final = frozenset(
    {"implies", "action", "csrf_token", "unit_head", "statistician", "filler", "phone", "report_date"}
    | {"data", "errors", "form_errors", "meta", "process", "populate_obj", "post_process", "validate"}
    | {"asked", "definition", "starred", "explanations", "item_fields", "text_fields", "mistakes"}
)
"""Names the rule language, the page's other inputs and the form classes need for themselves."""

Found = Iterator[tuple[Path, str]]


def lint(data: Mapping[str, Any]) -> Found:
    """Every (path, message) of a structurally sound definition that its parts contradict."""
    items = dict(_items(data))
    yield from _repeated({path: item["key"] for path, item in items.items()}, "key")
    yield from _repeated({path: item["code"] for path, item in items.items()}, "code")
    by_key = {item["key"]: item for item in items.values()}
    for path, item in items.items():
        yield from _item(path, item, by_key)
    yield from _repeated({("rules", index): rule["id"] for index, rule in enumerate(data["rules"])}, "id")
    yield from _rules(data, {key: item["unit"] for key, item in by_key.items()})


def _items(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, section in enumerate(data["sections"]):
        for index, item in enumerate(section["items"]):
            yield ("sections", number, "items", index), item


def _repeated(values: Mapping[Path, str], name: str) -> Found:
    seen: set[str] = set()
    for path, value in values.items():
        if value in seen:
            yield (*path, name), f"{name} {value!r} is used twice"
        seen.add(value)


def _item(path: Path, item: Mapping[str, Any], by_key: Mapping[str, Mapping[str, Any]]) -> Found:
    if item["key"] in RESERVED_KEYS or keyword.iskeyword(item["key"]):
        yield (*path, "key"), f"{item['key']!r} is reserved; choose another key"
    if item["type"] is ItemType.INTEGER and item["decimals"]:
        yield (*path, "decimals"), "an integer item has no decimals; say type: decimal"
    if item["type"] is ItemType.DECIMAL and not item["decimals"]:
        yield (*path, "decimals"), "a decimal item says how many decimals it takes, 1 to 6"
    if item["starred"] and item["required"] is Requirement.ALWAYS:
        yield (*path, "required"), "a starred item is asked of starred units only; say required: starred"
    if not item["starred"] and item["required"] is Requirement.STARRED:
        yield (*path, "required"), "required: starred belongs to a starred item"
    if item["parent"] is not None:
        yield from _parent((*path, "parent"), item, by_key)


def _parent(path: Path, item: Mapping[str, Any], by_key: Mapping[str, Mapping[str, Any]]) -> Found:
    parent = by_key.get(item["parent"])
    if parent is None:
        yield path, f"the form has no item {item['parent']!r}"
        return
    if parent["unit"] != item["unit"]:
        yield path, f"a part in {item['unit']} of a whole in {parent['unit']}: units of measure differ"
    above: list[str] = [item["key"]]
    while parent is not None:
        if parent["key"] in above:
            yield path, f"an item is part of itself: {' → '.join([*above, parent['key']])}"
            return
        above.append(parent["key"])
        parent = by_key.get(parent["parent"] or "")


def _rules(data: Mapping[str, Any], units: Mapping[str, str]) -> Found:
    for index, rule in enumerate(data["rules"]):
        try:
            compile_rule(rule["expression"], units)
        except RuleError as error:
            yield ("rules", index, "expression"), f"rule {rule['id']}, {error}"
