"""The programs' door: `/api/v1`, tables by token, described by an OpenAPI document made from the code."""

from flask import Blueprint, Response, jsonify, redirect, render_template
from marshmallow import Schema, fields

from handlers.api_tokens import Answer, by_token, token_here
from handlers.context import zhibao
from handlers.problems import Problem, ProblemFound, types
from handlers.table_access import MIME, NotPublished, Reader, table_file, table_link
from indicators.definition import TableClass, shipped_tables
from indicators.tables import NoCollection, published
from workflows.permissions import Action, NotAllowed, may

door = Blueprint("api", __name__, url_prefix="/api/v1")


class TableEntry(Schema):
    """One published table of one year."""

    name = fields.String(metadata={"description": "table name"})
    year = fields.Integer(metadata={"description": "reference year"})
    version = fields.Integer(metadata={"description": "number of the version in force"})
    table_class = fields.String(data_key="class", metadata={"description": "open or restricted"})
    rows = fields.Integer()
    sha256 = fields.String(metadata={"description": "SHA-256 of the CSV"})
    marks = fields.List(fields.Dict(), metadata={"description": "sample, provisional"})


@door.get("/tables")
@by_token
def tables() -> Answer:
    """The published tables this token may read."""
    found = []
    for manifest in published(zhibao().objects, zhibao().frames.years()):
        table_class = shipped_tables()[manifest.name].table_class
        restricted = table_class is TableClass.RESTRICTED
        if may(reader().role, Action.READ_RESTRICTED_TABLES if restricted else Action.READ_TABLES):
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
        link = table_link(zhibao(), reader(), name, year, wanted)
        if link is not None:
            return redirect(link, 303)
        data = table_file(zhibao(), reader(), name, year, wanted)
    except NotAllowed as error:
        zh, en = (
            "这个令牌不能读这张表，请向省级统计机构申请。",
            "Ask the provincial office for a token that may read this table.",
        )
        raise ProblemFound(Problem.NOT_ALLOWED, zh, en) from error
    except (NoCollection, NotPublished) as error:
        zh, en = (
            "没有发布过这张表；GET /api/v1/tables 列出已发布的。",
            "No such table is published; GET /api/v1/tables lists what is.",
        )
        raise ProblemFound(Problem.NOT_FOUND, zh, en) from error
    return Response(data, mimetype=MIME[wanted])


def reader() -> Reader:
    """Who reads a table by token."""
    token = token_here()
    return Reader(f"token {token.id}", token.role, token.territory)


@door.get("/openapi.json")
def openapi() -> Answer:
    """The description of every route under `/api/v1`."""
    from handlers.api_description import describe

    return jsonify(describe())


@door.get("/")
@door.get("/docs")
def docs() -> str:
    """The same as a page to read."""
    from handlers.api_description import describe

    return render_template("api.html", described=describe(), problems=types())
