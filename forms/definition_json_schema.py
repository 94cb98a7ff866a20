"""The JSON Schema of a form definition file, made from the marshmallow schemas that read it: for editors of YAML."""

from typing import Any, Final

from forms.definition_schema import FormSchema

_COMPONENTS: Final = "#/components/schemas/"
_WRITTEN: Final = ["string", "number"]
"""A definition is read as text, so `code: 01` and `document_number: 1` need no quotes."""


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one file `forms/definitions/<form>/<first year>.yaml`."""
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
    spec = APISpec("form", "1", "3.1.0", plugins=[plugin])
    spec.components.schema("Form", schema=FormSchema)
    definitions = {name: _as_json_schema(found) for name, found in spec.to_dict()["components"]["schemas"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Zhibao form definition",
        **definitions.pop("Form"),
        "$defs": definitions,
    }


def _name_of(schema: Any) -> str:
    name = schema.__name__ if isinstance(schema, type) else type(schema).__name__
    return str(name).strip("_").removesuffix("Schema")


def _as_json_schema(found: Any) -> Any:
    """References and types as a file of its own has them; what OpenAPI alone knows is left out."""
    if isinstance(found, list):
        return [_as_json_schema(part) for part in found]
    if not isinstance(found, dict):
        return found
    kept = {name: _as_json_schema(part) for name, part in found.items() if name not in ("default", "readOnly")}
    if "$ref" in kept:
        kept["$ref"] = kept["$ref"].replace(_COMPONENTS, "#/$defs/")
    if "pattern" in kept:
        kept["pattern"] = "^" + kept["pattern"].removesuffix(r"\Z") + "$"
    if kept.get("type") == "string" and "enum" not in kept:
        kept["type"] = _WRITTEN
    return kept
