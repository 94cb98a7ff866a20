"""Writes the pages that follow from the code: state table, form pages, OpenAPI document, JSON Schema of forms.

`python -m docs.generate` writes them; `tests/test_generated_docs.py` fails when one is stale.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from docs.cost_page import cost_page
from docs.machine_page import machine_page
from forms.definition import FormDefinition
from forms.definition_json_schema import json_schema
from forms.loading import shipped_forms
from handlers.api_description import describe

HERE = Path(__file__).parent


def pages() -> Mapping[str, str]:
    """File name → content of everything that is generated."""
    forms = shipped_forms()
    newest = [forms.in_force(form, 2100) for form in forms.forms]
    return {
        "review-machine.md": machine_page(),
        "cost.md": cost_page(),
        "openapi.json": _json(describe()),
        "form-definition.schema.json": _json(json_schema()),
        **{f"form-pages/{definition.form}.md": _form(definition) for definition in newest},
    }


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _form(definition: FormDefinition) -> str:
    header = definition.header
    lines = [
        f"# {definition.title_zh} · {definition.title_en}",
        "",
        f"Generated from `forms/definitions/{definition.form}/{definition.first_year}.yaml` by `docs/generate.py`.",
        "",
        f"{header.form_number} · {header.issuer_zh} · {header.document_number} · 有效期至 {header.valid_until}"
        f" · approval: {header.approval.value}",
        "",
        "| code | key | 指标 | item | 计量单位 | kind | required |",
        "|---|---|---|---|---|---|---|",
    ]
    for section in definition.sections:
        lines.append(f"| | | **{section.title_zh}** | **{section.title_en}** | | | |")
        if section.table:
            lines.append(
                f"| | `{section.table.key}` | 每行一个，最多 {section.table.max_rows} 行 | one row each | | | |"
            )
        for item in section.table.columns if section.table else section.items:
            name = "　" * item.depth + item.name_zh
            unit = item.unit or item.type.value
            cells = (item.code, f"`{item.key}`", name, item.name_en, unit, item.kind.value, item.required.value)
            lines.append(f"| {' | '.join(cells)} |")
    if definition.rules:
        lines += [
            "",
            "## 审核关系 Edit rules",
            "",
            "| id | severity | asked of | expression | 说明 | source |",
            "|---|---|---|---|---|---|",
        ]
        for rule in definition.rules:
            asked = f"each row of `{rule.for_each}`" if rule.for_each else "the form"
            cells = (rule.id, rule.severity.value, asked, f"`{rule.expression}`", rule.message_zh, rule.source)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Write them all."""
    for name, content in pages().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
