"""The OpenAPI document of `/api/v1`, made from the form definitions, the schemas and the problems in use."""

from collections.abc import Mapping
from typing import Any, Final

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from forms.loading import shipped_forms
from forms.schemas import filing_schema, json_schema, schema_name
from handlers.api import TableEntry
from handlers.api_answers import ANSWERS, FAULT
from handlers.problems import MEDIA_TYPE, Problem, type_names
from handlers.table_access import MIME
from indicators.definition import shipped_tables

_SUBMISSION: Final = "/api/v1/submissions/{submission_id}"


def told(zh: str, en: str, name: str = "description") -> dict[str, str]:
    """A text of the document in both languages, and each by itself for the page."""
    return {name: f"{zh} {en}", "x-zh": zh, "x-en": en}


_ALWAYS: Final = (Problem.NO_TOKEN, Problem.TOO_LARGE, Problem.UNEXPECTED)
_OWN: Final = (Problem.NOT_ALLOWED, Problem.NOT_FOUND)
_WRITE: Final = (
    *_OWN,
    Problem.MALFORMED,
    Problem.REFUSED_NOW,
    Problem.DRAFT_CHANGED,
    Problem.NOT_JSON,
    Problem.UNFIT,
    Problem.NO_VERSION,
    Problem.TOO_MANY,
)
_VERSION_PARAMETER: Final = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    **told('草稿的版本，还没有草稿时是 "0"。', 'Version of the draft, "0" where there is none.'),
    "schema": {"type": "string", "pattern": '^"(0|[1-9][0-9]{0,8})"$'},
}
_KEY_PARAMETER: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    **told(
        "每次报送一个新键；两天内重发，答复相同。",
        "A new key for each sending; sent again within two days: same answer.",
    ),
    "schema": {"type": "string", "pattern": r"^[!#-\[\]-~]{8,128}$"},
}


def describe() -> dict[str, Any]:
    """The OpenAPI document; `docs/openapi.json` is this, and a test fails when it is stale."""
    spec = APISpec(
        title="Zhibao 直报",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": "读取汇总表；企业自己的系统填报。 Tables of annual returns, and filing by program."},
        security=[{"token": []}],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _problem_schema())
    for name, schema in ANSWERS.items():
        spec.components.schema(name, schema)
    for layout in shipped_forms().layouts:
        head = {"title": f"{layout.title_zh} {layout.first_year}", "description": layout.title_en}
        spec.components.schema(schema_name(layout), head | json_schema(filing_schema(layout, starred=True)))
    _describe_tables(spec)
    _describe_filing(spec)
    spec.path(
        path="/api/v1/openapi.json", operations={"get": _public("这份说明", "This description", "application/json")}
    )
    spec.path(
        path="/api/v1/docs", operations={"get": _public("同一份说明，供人阅读", "The same, to read", "text/html")}
    )
    return dict(spec.to_dict())


def _describe_tables(spec: APISpec) -> None:
    listing = {"application/json": {"schema": {"type": "array", "items": TableEntry}}}
    found = {"200": {"description": "tables", "content": listing}, **_problems(())}
    operation = {
        "summary": "已发布的汇总表 The published tables this token may read",
        "tags": ["tables"],
        "responses": found,
    }
    spec.path(path="/api/v1/tables", operations={"get": operation})
    for ending in ("", *(f".{name}" for name in MIME)):
        path = f"/api/v1/tables/{{name}}/{{year}}{ending}"
        spec.path(path=path, parameters=_table_parameters(), operations={"get": _table_operation(ending)})


def _table_parameters() -> list[dict[str, Any]]:
    year = {"type": "integer", "minimum": 1000, "maximum": 9999}
    return [
        {"in": "path", "name": "name", "required": True, "schema": {"enum": sorted(shipped_tables())}},
        {"in": "path", "name": "year", "required": True, "schema": year},
    ]


def _table_operation(ending: str) -> dict[str, Any]:
    kind = MIME[ending.removeprefix(".") or "json"].partition(";")[0]
    files = {**told("汇总表", "The table"), "content": {kind: {"schema": {}}}}
    elsewhere = told("汇总表所在的地址，五分钟内有效", "Where the table lies, for five minutes")
    return {
        **told("一年的一张汇总表", "One table of one year", "summary"),
        "tags": ["tables"],
        "responses": {"200": files, "303": elsewhere, **_problems((*_OWN,))},
    }


def _describe_filing(spec: APISpec) -> None:
    year = {"in": "query", "name": "year", "required": True, "schema": {"type": "string", "pattern": "^[12][0-9]{3}$"}}
    listing = {"type": "array", "items": _ref("Submission")}
    spec.path(
        path="/api/v1/submissions",
        parameters=[year],
        operations={
            "get": _get(
                ("本单位一年的报送", "What the unit files in a year"), listing, (Problem.NOT_ALLOWED, Problem.UNFIT)
            )
        },
    )
    for path, (summary, name) in _READS.items():
        parameters = [_id_parameter()]
        if "{number}" in path:
            number = {"type": "integer", "minimum": 1, "maximum": 999_999}
            parameters.append({"in": "path", "name": "number", "required": True, "schema": number})
        spec.path(path=_SUBMISSION + path, parameters=parameters, operations={"get": _get(summary, _ref(name), _OWN)})
    spec.path(path=f"{_SUBMISSION}/draft", operations={"put": _saving()})
    spec.path(path=f"{_SUBMISSION}/submit", parameters=[_id_parameter()], operations={"post": _sending()})


_READS: Final[Mapping[str, tuple[tuple[str, str], str]]] = {
    "": (("报送的现状", "Where a submission stands"), "State"),
    "/form": (("报表定义", "The form definition as data"), "Form"),
    "/form/schema": (("填报内容的 JSON Schema", "JSON Schema of a return"), "JsonSchema"),
    "/draft": (("草稿和审核结果", "The draft and its findings"), "Draft"),
    "/revisions/{number}": (("已报送的一版", "A sealed revision"), "Revision"),
    "/revisions/{number}/receipt": (("回执", "The receipt"), "Receipt"),
}


def _saving() -> dict[str, Any]:
    found = _answer(_ref("Draft")) | {"headers": {"ETag": {"schema": {"type": "string"}}}}
    return {
        **told("保存整份草稿", "Save the draft, whole", "summary"),
        "tags": ["filing"],
        "parameters": [_VERSION_PARAMETER],
        "requestBody": _body(),
        "responses": {"200": found, **_problems(_WRITE)},
    }


def _sending() -> dict[str, Any]:
    found = _answer(_ref("Sealed")) | {"headers": {"Location": {"schema": {"type": "string"}}}}
    return {
        **told("封存并报送", "Seal and send a return", "summary"),
        "tags": ["filing"],
        "parameters": [_KEY_PARAMETER, _VERSION_PARAMETER],
        "requestBody": _body(),
        "responses": {"201": found, **_problems((*_WRITE, Problem.NO_KEY, Problem.NOT_READY, Problem.KEY_REUSED))},
    }


def _body() -> dict[str, Any]:
    forms = [_ref(schema_name(layout)) for layout in shipped_forms().layouts]
    return {"required": True, "content": {"application/json": {"schema": {"anyOf": forms}}}}


def _id_parameter() -> dict[str, Any]:
    shape = {"type": "string", "pattern": "^[a-z2-7]{26}$"}
    return {"in": "path", "name": "submission_id", "required": True, "schema": shape}


def _get(summary: tuple[str, str], schema: Mapping[str, Any], problems: tuple[Problem, ...]) -> dict[str, Any]:
    found = {"200": _answer(schema), **_problems(problems)}
    return {**told(*summary, "summary"), "tags": ["filing"], "responses": found}


def _public(zh: str, en: str, kind: str) -> dict[str, Any]:
    found = {**told("说明", "The description"), "content": {kind: {"schema": {}}}}
    return {**told(zh, en, "summary"), "tags": ["description"], "security": [], "responses": {"200": found}}


def _answer(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {**told("成功", "Done"), "content": {"application/json": {"schema": dict(schema)}}}


def _problems(more: tuple[Problem, ...]) -> dict[str, Any]:
    """Each status once, with the problems that it may be."""
    found: dict[str, Any] = {}
    for status in sorted({problem.status for problem in (*_ALWAYS, *more)}):
        named = [problem for problem in (*_ALWAYS, *more) if problem.status == status]
        content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
        words = told("；".join(one.zh for one in named), "; ".join(one.en for one in named))
        found[str(status)] = {**words, "content": content}
    return found


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    named = {"type": {"enum": sorted(type_names())}, "status": {"type": "integer"}, "reference": text}
    words = dict.fromkeys(("title", "title_en", "detail", "detail_en"), text)
    return {
        "type": "object",
        "description": "RFC 9457",
        "properties": {**named, **words, "errors": {"type": "array", "items": FAULT}},
        "required": ["type", "status", *words],
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
