"""Writes the pages that follow from the code: state table, form pages, OpenAPI document, JSON Schema of forms.

`python docs/generate.py` writes them; `tests/test_generated_docs.py` fails when one is stale.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from forms.definition import FormDefinition
from forms.definition_json_schema import json_schema
from forms.loading import shipped_forms
from handlers.api import describe
from workflows.commands import Accept, Command, Refusal, RefusalCode, Return, Save, Submit
from workflows.events import TYPES, DraftStarted, FilingExpected, LevelAccepted, Returned, Submitted
from workflows.machine import decide, evolve
from workflows.routes import Body, ReviewLevel, route_rules
from workflows.states import Stage, State

HERE = Path(__file__).parent
_AT = datetime(2026, 3, 1, tzinfo=UTC)
_ROUTE = (("county", "A"), ("city", "B"), ("province", "C"))
_BODIES = tuple(Body(ReviewLevel(level), region) for level, region in _ROUTE)


def pages() -> Mapping[str, str]:
    """File name → content of everything that is generated."""
    forms = shipped_forms()
    newest = [forms.in_force(form, 2100) for form in forms.forms]
    return {
        "review-machine.md": _machine(),
        "openapi.json": _json(describe()),
        "form-definition.schema.json": _json(json_schema()),
        **{f"form-pages/{definition.form}.md": _form(definition) for definition in newest},
    }


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _machine() -> str:
    return "\n".join(
        [
            "# The review machine",
            "",
            "Generated from `workflows/machine.py` by `docs/generate.py`; a test fails when it is stale.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "  [*] --> not_started: FilingExpected",
            *sorted({f"  {stage} --> {after}: {event}" for stage, _, event, after in _steps() if event}),
            "```",
            "",
            "## Stage × command",
            "",
            "Each cell was found by running the machine on that stage; `refused` is what it answers to the rest.",
            "",
            f"| stage | {' | '.join(_commands(State()))} |",
            f"|---|{'---|' * len(_commands(State()))}",
            *_rows(),
            "",
            "## Routes",
            "",
            *_routes(),
            "",
            "## Events",
            "",
            *(f"* `{name}`: {_first_line(kind.__doc__)}" for name, kind in TYPES.items()),
            "",
            "## Refusals",
            "",
            ", ".join(f"`{code.value}`" for code in RefusalCode),
            "",
        ]
    )


def _states() -> Iterator[State]:
    """One state of every stage, in review once at each level: what the machine's own events lead to."""
    state = evolve(State(), FilingExpected(_ROUTE), _AT)
    yield state
    yield evolve(state, DraftStarted("filler"), _AT)
    state = evolve(state, Submitted("filler", 1, "hash", "form/1", "rules", late=False), _AT)
    for number, body in enumerate(_BODIES):
        yield state
        yield evolve(state, Returned(f"r{number}", body.level, body.region, 1, "hash", "other", ("x",), ""), _AT)
        state = evolve(state, LevelAccepted(f"r{number}", body.level, body.region, 1, "hash"), _AT)
    yield state


def _commands(state: State) -> Mapping[str, Command]:
    body = state.turn or _BODIES[0]
    return {
        "Save": Save("filler"),
        "Submit": Submit("filler", "hash", "form/1", "rules", late=False),
        "Accept": Accept("another", body, state.revision),
        "Return": Return("another", body, state.revision, "other", ("x",), ""),
    }


def _steps() -> Iterator[tuple[str, str, str, str]]:
    """(stage, command, event or blank, stage after) for all that is not refused."""
    for state in _states():
        for name, command in _commands(state).items():
            outcome = decide(state, command, closed=False)
            if not isinstance(outcome, Refusal):
                after = state
                for event in outcome:
                    after = evolve(after, event, _AT)
                yield state.stage.value, name, type(outcome[-1]).__name__ if outcome else "", after.stage.value


def _rows() -> Iterator[str]:
    steps = list(_steps())
    for stage in Stage:
        cells = []
        for command in _commands(State()):
            found = {(event, after) for at, name, event, after in steps if (at, name) == (stage.value, command)}
            words = {f"{event} → {after}" if event else "the draft only" for event, after in found}
            cells.append(" or ".join(sorted(words)) or "refused")
        yield f"| `{stage.value}` | {' | '.join(cells)} |"


def _routes() -> Iterator[str]:
    """From `workflows/routes.yaml`."""
    for kind, rule in route_rules().items():
        levels = [level for level in rule["levels"] if level not in rule["skip"]]
        yield f"* {kind}: {' → '.join(levels)}"


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


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def main() -> None:
    """Write them all."""
    for name, content in pages().items():
        path = HERE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
