"""Writes the pages that follow from the code: the state table, the form pages and the OpenAPI document.

`python -m docs.generate` writes them; `tests/test_generated_docs.py` fails when one is stale.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from docs.machine_page import machine_page
from forms.definition import FormDefinition
from forms.loading import shipped_forms
from handlers.api import describe

HERE = Path(__file__).parent


def pages() -> Mapping[str, str]:
    """File name → content of everything that is generated."""
    forms = shipped_forms()
    newest = [forms.in_force(form, 2100) for form in forms.forms]
    return {
        "review-machine.md": machine_page(),
        "openapi.json": json.dumps(describe(), ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        **{f"form-pages/{definition.form}.md": _form(definition) for definition in newest},
    }


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
        for item in section.items:
            name = "　" * item.depth + item.name_zh
            cells = (item.code, f"`{item.key}`", name, item.name_en, item.unit, item.kind.value, item.required.value)
            lines.append(f"| {' | '.join(cells)} |")
    if definition.rules:
        lines += [
            "",
            "## 审核关系 Edit rules",
            "",
            "| id | severity | expression | 说明 | source |",
            "|---|---|---|---|---|",
        ]
        for rule in definition.rules:
            cells = (rule.id, rule.severity.value, f"`{rule.expression}`", rule.message_zh, rule.source)
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
