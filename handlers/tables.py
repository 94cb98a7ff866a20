"""The tables' door for people: what is published, to look at and to download; building them anew."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from forms.definition import Item
from handlers.context import services, zhibao
from handlers.signing_in import Answer, requires, staff
from handlers.table_access import MIME, NotPublished, Reader, table_file, table_rows
from handlers.table_view import TOTAL, columns_of, view_of
from indicators.definition import TableDefinition, shipped_tables
from indicators.publishing import Manifest
from indicators.table import Table
from indicators.tables import NoCollection, published
from register.regions import Level
from workflows.permissions import Action

door = Blueprint("tables", __name__, url_prefix="/office/tables")


@door.get("/")
@requires(Action.READ_TABLES)
def index() -> Answer:
    """What is published, newest year first."""
    years = zhibao().frames.years()
    manifests = {(manifest.name, manifest.year): manifest for manifest in published(zhibao().objects, years)}
    return render_template("office/tables.html", years=years, definitions=shipped_tables(), manifests=manifests)


@door.get("/<name>/<int:year>")
@requires(Action.READ_TABLES)
def show(name: str, year: int) -> Answer:
    """One table to read: one region and what is directly below it at a time."""
    table, manifest, definition = _or_404(name, year)
    frame = zhibao().frames.frame(year)
    if frame is None:
        abort(404)
    region = frame.regions.get(request.args.get("region", "")) or frame.regions.province
    wanted = {region.code, f"{region.code}-00", *(c.code for c in frame.regions.children(region.code, zones=True))}
    crossed = "industry_section" in table.names
    if crossed:
        wanted = {region.code}
    rows = [record for record in table.records() if record["region_code"] in wanted]
    view = view_of(rows, *(request.args.get(name, "")[:100] for name in ("section", "item", "page")))
    return render_template(
        "office/table.html",
        table=table,
        manifest=manifest,
        definition=definition,
        view=view,
        total=TOTAL,
        filled=columns_of(table.columns, rows, view.rows, crossed=crossed),
        region=region,
        regions=frame.regions,
        places=[place for place in frame.regions if crossed or place.level in {Level.PROVINCE, Level.CITY}],
        formats=MIME,
        items=_items(rows, year),
    )


@door.get("/<name>/<int:year>.<any(csv, json, parquet, xlsx):wanted>")
@requires(Action.READ_TABLES)
def download(name: str, year: int, wanted: str) -> Answer:
    """One file."""
    try:
        data = table_file(zhibao(), _reader(), name, year, wanted)
    except (NoCollection, NotPublished):
        abort(404)
    answer = Response(data, mimetype=MIME[wanted])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{year}.{wanted}"'
    return answer


@door.post("/<int:year>/build")
@requires(Action.BUILD_TABLES)
def build(year: int) -> Answer:
    """Build a year's tables now."""
    try:
        zhibao().workshop.build(None, year, services().clock.now())
    except NoCollection:
        abort(404)
    return redirect(url_for("tables.index"), 303)


def _items(rows: Sequence[Mapping[str, str]], year: int) -> dict[str, Item]:
    """The items that a table of items tells of, to call them by their names."""
    forms = {row["form"] for row in rows if "item" in row}
    return {key: item for form in forms for key, item in services().forms.in_force(form, year).items.items()}


def _or_404(name: str, year: int) -> tuple[Table, Manifest, TableDefinition]:
    try:
        return table_rows(zhibao(), _reader(), name, year)
    except (NoCollection, NotPublished):
        abort(404)


def _reader() -> Reader:
    member = staff()
    return Reader(member.email, member.role.value, member.region_code)
