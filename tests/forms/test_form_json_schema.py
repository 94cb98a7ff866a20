"""The JSON Schema that editors use: it takes what the loader takes, and sees the plain mistakes."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from forms.definition_json_schema import json_schema

SCHEMA: Final = json_schema()
HERE: Final = Path(__file__).parent
FORMS: Final = sorted((HERE.parents[1] / "forms" / "definitions").glob("*/2*.yaml"))
VALID: Final = [*sorted((HERE / "examples" / "valid").glob("*.yaml")), *FORMS]
PLAIN_MISTAKES: Final = (
    "unknown_name",
    "missing",
    "not_a_list",
    "not_a_mapping",
    "not_one_of",
    "out_of_range",
    "bad_key",
)
TYPES: Final = {"string": str, "number": int | float, "integer": int, "boolean": bool, "array": list, "object": dict}


def faults(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """What a value breaks of a schema: the words of JSON Schema that ours uses, and no others."""
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], where)
    if "anyOf" in schema:
        return [] if any(not faults(value, part, where) for part in schema["anyOf"]) else [f"{where}: none of anyOf"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not one of {schema['enum']}"]
    wanted = schema.get("type", [])
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if kinds and not any(value is None if kind == "null" else isinstance(value, TYPES[kind]) for kind in kinds):
        return [f"{where}: {value!r} is not {wanted}"]
    return [*bounds(value, schema, where), *below(value, schema, where)]


def bounds(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    found = []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{where}: {value!r} does not match")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{where}: {value} is out of range")
    if isinstance(value, list) and len(value) < schema.get("minItems", 0):
        found.append(f"{where}: too few")
    return found


def below(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    if isinstance(value, list):
        return [
            fault for index, part in enumerate(value) for fault in faults(part, schema["items"], f"{where}/{index}")
        ]
    if not isinstance(value, dict):
        return []
    found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
    others = schema.get("additionalProperties", True)
    for name, part in value.items():
        if name in schema.get("properties", {}):
            found += faults(part, schema["properties"][name], f"{where}/{name}")
        elif isinstance(others, dict):
            found += faults(part, others, f"{where}/{name}")
        elif not others:
            found.append(f"{where}: {name} is unknown")
    return found


def read(file: Path) -> Any:
    """As an editor reads YAML, dates being texts."""
    return json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")), default=str))


@pytest.mark.parametrize("file", VALID, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_what_the_loader_takes_the_schema_takes(file: Path) -> None:
    assert faults(read(file), SCHEMA) == []


@pytest.mark.parametrize("name", PLAIN_MISTAKES)
def test_a_plain_mistake_is_seen_in_the_editor(name: str) -> None:
    assert faults(read(HERE / "examples" / "invalid" / f"{name}.yaml"), SCHEMA)
