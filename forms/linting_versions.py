"""Whether a layout follows from the one before as its code map says: keys are stable, and so is what they mean."""

from collections.abc import Mapping
from typing import Any

from forms.definition import FormDefinition
from forms.faults import Fault
from forms.language_types import Scope
from forms.linting import Found, items_of


def lint_versions(data: Mapping[str, Any], scope: Scope, before: FormDefinition | None) -> Found:
    """Every (path, message) of what the `follows` block and the layout before it contradict."""
    follows = data["follows"] or {"inserted": [], "dropped": []}
    paths = {item["key"]: path for path, item in items_of(data)}
    for index, key in enumerate(follows["inserted"]):
        if key not in paths:
            yield ("follows", "inserted", index), Fault.NO_SUCH_VERSION_ITEM.say(key=key)
    for index, key in enumerate(follows["dropped"]):
        if key in paths:
            yield ("follows", "dropped", index), Fault.CONTINUES_AND_DROPPED.say(key=key)
    if before is None:
        return
    earlier, now = _types(before.scope), _types(scope)
    for key in now.keys() - earlier.keys() - set(follows["inserted"]):
        yield (*paths[key], "key"), Fault.NOT_IN_CODE_MAP.say(key=key)
    for key in sorted(earlier.keys() - now.keys() - set(follows["dropped"])):
        yield ("follows",), Fault.DROPPED_SILENTLY.say(key=key)
    for key in earlier.keys() & now.keys():
        if (earlier[key].kind, earlier[key].unit) != (now[key].kind, now[key].unit):
            yield (*paths[key], "key"), Fault.MEANING_CHANGED.say(key=key)


def _types(scope: Scope) -> dict[str, Any]:
    """Every item and column by its key; a column's key is as lasting as an item's."""
    return {**scope.items, **{key: found for columns in scope.tables.values() for key, found in columns.items()}}
