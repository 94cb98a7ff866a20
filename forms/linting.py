"""What no schema can see: whether the items, tables, options and texts of a form definition fit each other."""

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from forms.definition_text import Path
from forms.faults import Fault
from forms.items import ItemType, Requirement
from forms.language_words import WORDS

RESERVED_KEYS: Final = (
    WORDS
    | {"action", "csrf_token", "unit_head", "statistician", "filler", "phone", "report_date"}
    | {"data", "errors", "form_errors", "meta", "process", "populate_obj", "post_process", "validate"}
    | {"asked", "definition", "starred", "explanations", "item_fields", "text_fields", "mistakes"}
    | {"row_mistakes", "table_fields"}
)
"""Names the rule language, the page's other inputs and the form classes need for themselves."""

Found = Iterator[tuple[Path, str]]

_HAN: Final = re.compile(r"[㐀-鿿]")


def lint_items(data: Mapping[str, Any]) -> Found:
    """Every (path, message) of what items, tables, options, keywords and texts contradict."""
    items = dict(items_of(data))
    yield from _repeated({path: item["key"] for path, item in items.items()} | _tables(data), "key", Fault.KEY_TWICE)
    yield from _codes(data)
    for path, item in items.items():
        beside = {other["key"]: other for place, other in items.items() if place[:-1] == path[:-1] or not _column(path)}
        yield from _item(path, item, beside)
        yield from _options(path, item, data["option_lists"])
    for number, section in enumerate(data["sections"]):
        if bool(section["items"]) == (section["table"] is not None):
            yield ("sections", number), Fault.ITEMS_OR_TABLE.say()
    yield from _lists(data, [item["options"] for item in items.values()])
    yield from _texts(data, items)


def items_of(data: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every item and every column of a table, with its path."""
    for number, section in enumerate(data["sections"]):
        for index, item in enumerate(section["items"]):
            yield ("sections", number, "items", index), item
        for index, column in enumerate(section["table"]["columns"] if section["table"] else ()):
            yield ("sections", number, "table", "columns", index), column


def _column(path: Path) -> bool:
    return "columns" in path


def _tables(data: Mapping[str, Any]) -> dict[Path, str]:
    sections = enumerate(data["sections"])
    return {("sections", number, "table"): section["table"]["key"] for number, section in sections if section["table"]}


def _codes(data: Mapping[str, Any]) -> Found:
    """A printed code stands once among the items, and once in each table."""
    items: dict[Path, str] = {}
    for number, section in enumerate(data["sections"]):
        items |= {("sections", number, "items", index): item["code"] for index, item in enumerate(section["items"])}
        columns = section["table"]["columns"] if section["table"] else ()
        places = {("sections", number, "table", "columns", index): item for index, item in enumerate(columns)}
        yield from _repeated({path: item["code"] for path, item in places.items()}, "code", Fault.CODE_TWICE)
    yield from _repeated(items, "code", Fault.CODE_TWICE)


def _repeated(values: Mapping[Path, str], name: str, fault: Fault) -> Found:
    seen: set[str] = set()
    for path, value in values.items():
        if value in seen:
            yield (*path, name), fault.say(value=value)
        seen.add(value)


def _item(path: Path, item: Mapping[str, Any], by_key: Mapping[str, Mapping[str, Any]]) -> Found:
    if item["key"] in RESERVED_KEYS or keyword.iskeyword(item["key"]):
        yield (*path, "key"), Fault.RESERVED_KEY.say(key=item["key"])
    if item["type"].is_figure:
        yield from _figure(path, item)
    else:
        yield from _label(path, item)
    if item["starred"] and item["required"] is Requirement.ALWAYS and not item["required_when"]:
        yield (*path, "required"), Fault.STARRED_ALWAYS.say()
    if not item["starred"] and item["required"] is Requirement.STARRED:
        yield (*path, "required"), Fault.STARRED_REQUIREMENT.say()
    if item["parent"] is not None:
        yield from _parent((*path, "parent"), item, by_key)


def _figure(path: Path, item: Mapping[str, Any]) -> Found:
    if not item["unit"]:
        yield path, Fault.FIGURE_WITHOUT_UNIT.say()
    if item["kind"] is None:
        yield path, Fault.FIGURE_WITHOUT_KIND.say()
    if item["type"] is ItemType.INTEGER and item["decimals"]:
        yield (*path, "decimals"), Fault.INTEGER_WITH_DECIMALS.say()
    if item["type"] is ItemType.DECIMAL and not item["decimals"]:
        yield (*path, "decimals"), Fault.DECIMAL_WITHOUT_DECIMALS.say()


def _label(path: Path, item: Mapping[str, Any]) -> Found:
    if item["unit"]:
        yield (*path, "unit"), Fault.UNIT_WITHOUT_FIGURE.say()
    if item["kind"] is not None:
        yield (*path, "kind"), Fault.KIND_WITHOUT_FIGURE.say()


def _parent(path: Path, item: Mapping[str, Any], by_key: Mapping[str, Mapping[str, Any]]) -> Found:
    parent = by_key.get(item["parent"])
    if parent is None:
        yield path, Fault.NO_SUCH_PARENT.say(key=item["parent"])
        return
    if parent["unit"] != item["unit"]:
        yield path, Fault.PARENT_UNIT.say(part=item["unit"], whole=parent["unit"])
    above: list[str] = [item["key"]]
    while parent is not None:
        if parent["key"] in above:
            yield path, Fault.PARENT_CYCLE.say(chain=" → ".join([*above, parent["key"]]))
            return
        above.append(parent["key"])
        parent = by_key.get(parent["parent"] or "")


def _options(path: Path, item: Mapping[str, Any], lists: Mapping[str, Any]) -> Found:
    named = item["options"]
    if item["type"] is ItemType.CHOICE and not named:
        yield path, Fault.CHOICE_WITHOUT_OPTIONS.say()
    if item["type"] is not ItemType.CHOICE and named:
        yield (*path, "options"), Fault.OPTIONS_WITHOUT_CHOICE.say()
    if item["type"] is ItemType.CHOICE and named and named not in lists:
        yield (*path, "options"), Fault.NO_SUCH_OPTIONS.say(name=named)


def _lists(data: Mapping[str, Any], used: Iterable[str]) -> Found:
    """Option lists nobody uses, options and keywords that stand twice."""
    named = set(used)
    for name, options in data["option_lists"].items():
        path: Path = ("option_lists", name)
        if name not in named:
            yield path, Fault.OPTIONS_UNUSED.say(name=name)
        codes = {(*path, index): option["code"] for index, option in enumerate(options)}
        yield from _repeated(codes, "code", Fault.OPTION_TWICE)
    for name, words in data["keywords"].items():
        seen: set[str] = set()
        for index, word in enumerate(words):
            if word in seen:
                yield ("keywords", name, index), Fault.KEYWORD_TWICE.say(word=word)
            seen.add(word)


def _texts(data: Mapping[str, Any], items: Mapping[Path, Mapping[str, Any]]) -> Found:
    """Names and messages are in both languages: Chinese has Chinese in it, English has none."""
    places = {("title",): data["title"], **items}
    places |= {("sections", number, "title"): section["title"] for number, section in enumerate(data["sections"])}
    for name, options in data["option_lists"].items():
        places |= {("option_lists", name, index): option for index, option in enumerate(options)}
    for index, rule in enumerate(data["rules"]):
        places[("rules", index)] = rule
        places |= {("rules", index, "parts", number): part for number, part in enumerate(rule["parts"])}
    for path, texts in places.items():
        if texts["zh"] and not _HAN.search(texts["zh"]):
            yield (*path, "zh"), Fault.NOT_CHINESE.say(text=texts["zh"])
        if _HAN.search(texts["en"]):
            yield (*path, "en"), Fault.NOT_TRANSLATED.say(text=texts["en"])
    for path, item in items.items():
        for zh, en in (("note", "note_en"), ("scope", "scope_en")):
            if _HAN.search(item[en]):
                yield (*path, en), Fault.NOT_TRANSLATED.say(text=item[zh])
