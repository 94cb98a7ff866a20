"""Reading a published table for a door: who may, which rows, which format; restricted reads are recorded."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indicators.definition import TableClass, TableDefinition
from indicators.formats import to_csv, to_json, to_parquet, to_xlsx
from indicators.publishing import Manifest, file_object, latest, read_file, read_table
from indicators.table import Table
from indicators.tables import definition_of
from register.regions import Regions
from workflows.permissions import Action, NotAllowed, covers, may

if TYPE_CHECKING:
    from handlers.bootstrap import Zhibao

MIME = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a person or a token, a role, a territory (a region code, or a unit for an enterprise)."""

    name: str
    role: str
    territory: str


class NotPublished(LookupError):
    """The table of that year has not been built."""


def published_table(home: "Zhibao", name: str, year: int) -> tuple[Manifest, TableDefinition]:
    """What is in force. Raises `NoCollection`, `NotPublished`."""
    definition = definition_of(name)
    manifest = latest(home.objects, name, year)
    if manifest is None:
        raise NotPublished(f"{name} {year}")
    return manifest, definition


def table_file(home: "Zhibao", reader: Reader, name: str, year: int, wanted: str) -> bytes:
    """The bytes a reader gets: the published file, or, of a restricted table, the rows of his own territory.

    Raises `NotAllowed`, `NoCollection`, `NotPublished`.
    """
    manifest, definition = _opened(home, reader, name, year)
    regions = _regions(home, year)
    if definition.table_class is TableClass.OPEN or _is_whole(reader, regions):
        return read_file(home.objects, manifest, definition, wanted)
    table = _within(read_table(home.objects, manifest, definition), reader, regions)
    if wanted == "xlsx":
        return to_xlsx(table, definition, manifest.marks)
    return {"csv": to_csv, "json": to_json, "parquet": to_parquet}[wanted](table)


def table_link(home: "Zhibao", reader: Reader, name: str, year: int, wanted: str) -> str | None:
    """Where the reader may fetch a whole published file; None where only `table_file` will do.

    A table may be longer than what a function can answer with. A link that is given counts as a read.
    Raises `NotAllowed`, `NoCollection`, `NotPublished`.
    """
    manifest, definition = _allowed(home, reader, name, year)
    if definition.table_class is TableClass.RESTRICTED and not _is_whole(reader, _regions(home, year)):
        return None
    published = file_object(home.objects, manifest, definition, wanted)
    link = home.objects.download_link(published, f"{name}-{year}.{wanted}", MIME[wanted])
    if link is not None:
        _record(home, reader, manifest, definition)
    return link


def table_rows(home: "Zhibao", reader: Reader, name: str, year: int) -> tuple[Table, Manifest, TableDefinition]:
    """The table for a page, under the same rules."""
    manifest, definition = _opened(home, reader, name, year)
    table, regions = read_table(home.objects, manifest, definition), _regions(home, year)
    if definition.table_class is TableClass.RESTRICTED and not _is_whole(reader, regions):
        table = _within(table, reader, regions)
    return table, manifest, definition


def _opened(home: "Zhibao", reader: Reader, name: str, year: int) -> tuple[Manifest, TableDefinition]:
    """Decide, and record a restricted read, before anything is read."""
    manifest, definition = _allowed(home, reader, name, year)
    _record(home, reader, manifest, definition)
    return manifest, definition


def _allowed(home: "Zhibao", reader: Reader, name: str, year: int) -> tuple[Manifest, TableDefinition]:
    """Raises `NotAllowed`, `NoCollection`, `NotPublished`."""
    restricted = definition_of(name).table_class is TableClass.RESTRICTED
    if not may(reader.role, Action.READ_RESTRICTED_TABLES if restricted else Action.READ_TABLES):
        raise NotAllowed(name)
    return published_table(home, name, year)


def _record(home: "Zhibao", reader: Reader, manifest: Manifest, definition: TableDefinition) -> None:
    if definition.table_class is TableClass.RESTRICTED:
        what = f"{manifest.name} {manifest.year} version {manifest.number}"
        home.services.store.record_read(reader.name, what, home.services.clock.now())


def _regions(home: "Zhibao", year: int) -> Regions:
    frame = home.frames.frame(year)
    if frame is None:
        raise NotPublished(str(year))
    return frame.regions


def _is_whole(reader: Reader, regions: Regions) -> bool:
    return reader.territory == regions.province.code


def _within(table: Table, reader: Reader, regions: Regions) -> Table:
    """Only the rows of the reader's territory."""
    where = table.names.index("region_code")
    rows = tuple(row for row in table.rows if covers(reader.territory, row[where].removesuffix("-00"), regions))
    return replace(table, rows=rows)
