"""The programs' door: `/api/v1`, tables by token, described by an OpenAPI document made from the code."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Blueprint, Response, g, jsonify, redirect, request
from marshmallow import Schema, fields
from werkzeug.wrappers import Response as BaseResponse

from handlers.context import services, zhibao
from handlers.table_access import MIME, NotPublished, Reader, table_file, table_link
from indicators.definition import TableClass, shipped_tables
from indicators.tables import NoCollection, published
from workflows.permissions import Action, NotAllowed, may
from workflows.tokens import read_token

door = Blueprint("api", __name__, url_prefix="/api/v1")
Parameters = ParamSpec("Parameters")
Answer = Response | BaseResponse | tuple[Response, int]


class TableEntry(Schema):
    """One published table of one year."""

    name = fields.String(metadata={"description": "table name"})
    year = fields.Integer(metadata={"description": "reference year"})
    version = fields.Integer(metadata={"description": "number of the version in force"})
    table_class = fields.String(data_key="class", metadata={"description": "open or restricted"})
    rows = fields.Integer()
    sha256 = fields.String(metadata={"description": "SHA-256 of the CSV"})
    marks = fields.List(fields.Dict(), metadata={"description": "sample, provisional"})


class ErrorBody(Schema):
    """What went wrong and what to do."""

    error = fields.String()
    advice = fields.String()


def by_token(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Only with a live token in `Authorization: Bearer`."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        token = read_token(services(), secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            answer = _error("no valid token", "send Authorization: Bearer <token>; zhibao token create makes one")
            answer.headers["WWW-Authenticate"] = 'Bearer realm="zhibao"'
            return answer, 401
        g.reader = Reader(f"token {token.id}", token.role, token.territory)
        return view(*args, **kwargs)

    guarded.by_token = True  # type: ignore[attr-defined]
    return guarded


@door.get("/tables")
@by_token
def tables() -> Answer:
    """The published tables this token may read."""
    found = []
    for manifest in published(zhibao().objects, zhibao().frames.years()):
        table_class = shipped_tables()[manifest.name].table_class
        restricted = table_class is TableClass.RESTRICTED
        if may(g.reader.role, Action.READ_RESTRICTED_TABLES if restricted else Action.READ_TABLES):
            entry = {
                "name": manifest.name,
                "year": manifest.year,
                "version": manifest.number,
                "table_class": table_class.value,
                "rows": manifest.body["rows"],
                "sha256": manifest.logical_hash,
                "marks": [mark for mark in manifest.marks if "region_code" not in mark],
            }
            found.append(entry)
    return jsonify(TableEntry(many=True).dump(found))


@door.get("/tables/<name>/<int:year>")
@door.get("/tables/<name>/<int:year>.<any(csv, json, parquet, xlsx):wanted>")
@by_token
def table(name: str, year: int, wanted: str = "json") -> Answer:
    """One table of one year."""
    try:
        link = table_link(zhibao(), g.reader, name, year, wanted)
        if link is not None:
            return redirect(link, 303)
        data = table_file(zhibao(), g.reader, name, year, wanted)
    except NotAllowed:
        return _error("this token may not read this table", "ask the provincial office for one that may"), 403
    except (NoCollection, NotPublished):
        advice = "GET /api/v1/tables lists what is; zhibao tables build makes one"
        return _error("no such table is published", advice), 404
    return Response(data, mimetype=MIME[wanted])


@door.get("/openapi.json")
def openapi() -> Answer:
    """This description."""
    return jsonify(describe())


def describe() -> dict[str, Any]:
    """The OpenAPI document; `docs/openapi.json` is this, and a test fails when it is stale."""
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    spec = APISpec(
        title="Zhibao 直报",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        info={"description": "Published tables of annual statistical returns."},
        security=[{"token": []}],
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.path(path="/api/v1/tables", operations={"get": _listing_operation()})
    for ending in ("", *(f".{name}" for name in MIME)):
        path = f"/api/v1/tables/{{name}}/{{year}}{ending}"
        spec.path(path=path, parameters=_table_parameters(), operations={"get": _table_operation()})
    return dict(spec.to_dict())


def _listing_operation() -> dict[str, Any]:
    listing = {"application/json": {"schema": {"type": "array", "items": TableEntry}}}
    return {
        "summary": "The published tables this token may read",
        "responses": {"200": {"description": "tables", "content": listing}, "401": _answer("no valid token")},
    }


def _table_parameters() -> list[dict[str, Any]]:
    return [
        {"in": "path", "name": "name", "required": True, "schema": {"enum": sorted(shipped_tables())}},
        {"in": "path", "name": "year", "required": True, "schema": {"type": "integer"}},
    ]


def _table_operation() -> dict[str, Any]:
    files: dict[str, Any] = {kind.partition(";")[0]: {"schema": {}} for kind in MIME.values()}
    elsewhere = {"description": "where the table lies, for five minutes (object storage)"}
    errors = {"401": _answer("no valid token"), "403": _answer("not for this token"), "404": _answer("not published")}
    return {
        "summary": "One table of one year",
        "responses": {"200": {"description": "the table", "content": files}, "303": elsewhere, **errors},
    }


def _answer(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": ErrorBody}}}


def _error(error: str, advice: str) -> Response:
    return jsonify(ErrorBody().dump({"error": error, "advice": advice}))
