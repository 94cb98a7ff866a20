"""Publishing: immutable files named by their hash, numbered manifests, and one pointer that only moves forward.

Which number went out in April, and on which returns it stood, is a question to a manifest: it holds the hashes of the
files, and the count, the Merkle root and the object of the list of revision hashes. A version is published by the
create-only write of its manifest under the next number, so racing publishers never share or lose one; the pointer
then follows, and whoever finds it behind moves it. CSV, Parquet and schema are written at once. JSON and XLSX, which
say nothing that CSV and schema do not, are rendered when first asked for, and kept.
"""

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from indicators.definition import TableDefinition
from indicators.formats import from_csv, table_schema, to_csv_and_parquet, to_json, to_xlsx
from indicators.manifest import (
    Manifest,
    base_of,
    latest,
    merkle_root,
    pointer_name,
    pointer_to,
    read_manifest,
    to_json_bytes,
    version_name,
)
from indicators.ports import Objects
from indicators.table import Table
from indicators.verifying import verify

__all__ = [
    "Manifest",
    "PublicationLost",
    "file_object",
    "latest",
    "merkle_root",
    "publish",
    "read_file",
    "read_manifest",
    "read_table",
    "verify",
]

LIBRARIES = ("duckdb", "xlsxwriter")
_TRIES = 100
_OF_ONE_VERSION = {"version": 0, "built_at": "", "previous": ""}
"""What tells versions of the same content apart."""


class PublicationLost(RuntimeError):
    """Others kept publishing the same table; nothing of theirs was lost, but this table was not published."""


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest version of a table; number 0 before the first."""

    number: int
    digest: str
    manifest: Manifest | None


def publish(
    objects: Objects, table: Table, definition: TableDefinition, inputs: Mapping[str, Any], at: datetime
) -> Manifest:
    """Put a table in force; the same content on the same inputs as the newest version makes no new one."""
    base = base_of(table.name, table.year)
    body = _body(objects, base, table, definition, inputs)
    for _ in range(_TRIES):
        newest = _newest(objects, table.name, table.year)
        if newest.manifest is not None and {**newest.manifest.body, **_OF_ONE_VERSION} == body:
            return newest.manifest
        number = newest.number + 1
        finished = {**body, "version": number, "built_at": at.isoformat(), "previous": newest.digest}
        if objects.create(version_name(base, number), to_json_bytes(finished)):
            _advance(objects, base, number)
            return Manifest(table.name, table.year, number, finished)
    raise PublicationLost(base)


def _newest(objects: Objects, name: str, year: int) -> _Newest:
    """Beyond the pointer too: a version written just before a crash, or by a publisher on his way, is published."""
    manifest = latest(objects, name, year)
    in_force = manifest.number if manifest else 0
    while following := read_manifest(objects, name, year, (manifest.number if manifest else 0) + 1):
        manifest = following
    if manifest is None:
        return _Newest(0, "", None)
    if manifest.number > in_force:
        _advance(objects, manifest.base, manifest.number)
    digest = hashlib.sha256(to_json_bytes(manifest.body)).hexdigest()
    return _Newest(manifest.number, digest, manifest)


def _advance(objects: Objects, base: str, number: int) -> None:
    """Move the pointer to a version unless it is there or further. Raises `LookupError` when the version is lost."""
    manifest = objects.read(version_name(base, number))
    if manifest is None:
        raise LookupError(f"{version_name(base, number)} is missing from the object store")
    while True:
        present = objects.read_with_tag(pointer_name(base))
        if present and _number_in(present[0]) >= number:
            return
        if objects.swap(pointer_name(base), pointer_to(manifest), present[1] if present else None):
            return


def _number_in(pointer: bytes) -> int:
    return int(json.loads(pointer)["version"])


def read_file(objects: Objects, manifest: Manifest, definition: TableDefinition, wanted: str) -> bytes:
    """The bytes of one format. Raises `LookupError` when a published file is lost."""
    return _required(objects, file_object(objects, manifest, definition, wanted))


def file_object(objects: Objects, manifest: Manifest, definition: TableDefinition, wanted: str) -> str:
    """The name of the object that holds one format. Raises `LookupError` when a published file is lost."""
    if wanted in manifest.body["files"]:
        name: str = manifest.body["files"][wanted]["object"]
        return name
    return _rendered(objects, manifest, definition, wanted)


def read_table(objects: Objects, manifest: Manifest, definition: TableDefinition) -> Table:
    """The published table itself, from its CSV."""
    data = read_file(objects, manifest, definition, "csv")
    return from_csv(data, manifest.columns, manifest.name, manifest.year)


def _body(
    objects: Objects, base: str, table: Table, definition: TableDefinition, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    schema = table_schema(table, definition)
    listing = "".join(f"{one}\n" for one in table.revisions).encode()
    revisions = f"{base}/revisions/{hashlib.sha256(listing).hexdigest()}.txt"
    with ThreadPoolExecutor(1) as beside:
        csv, parquet = to_csv_and_parquet(table, beside)
        objects.create(revisions, listing)
        sums, root = table.sums(), merkle_root(table.revisions)
        rendered = {"csv": csv, "parquet": parquet.result(), "schema.json": to_json_bytes(schema)}
    files = {}
    for kind, data in rendered.items():
        name = _store(objects, base, kind, data)
        files[kind] = {"object": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    return {
        **_OF_ONE_VERSION,
        "table": table.name,
        "year": table.year,
        "class": definition.table_class.value,
        "files": files,
        "rows": len(table.rows),
        "sums": sums,
        "schema": schema,
        "checks": list(table.checks),
        "revisions": {"count": len(table.revisions), "merkle_root": root, "object": revisions},
        "inputs": dict(inputs),
        "libraries": {name: version(name) for name in LIBRARIES} | {"zhibao": version("zhibao")},
    }


def _store(objects: Objects, base: str, kind: str, data: bytes) -> str:
    name = f"{base}/data/{hashlib.sha256(data).hexdigest()}.{kind}"
    objects.create(name, data)
    return name


def _required(objects: Objects, name: str) -> bytes:
    data = objects.read(name)
    if data is None:
        raise LookupError(f"{name} is missing from the object store")
    return data


def _rendered(objects: Objects, manifest: Manifest, definition: TableDefinition, wanted: str) -> str:
    """A format that follows from CSV and schema, rendered once; the record says under which hash it lies."""
    schema = manifest.body["files"]["schema.json"]["sha256"]
    record = f"{manifest.base}/rendered/{manifest.logical_hash}-{schema}.{wanted}.txt"
    known = objects.read(record)
    if known is not None:
        return known.decode().strip()
    table = read_table(objects, manifest, definition)
    data = to_xlsx(table, definition, manifest.marks) if wanted == "xlsx" else to_json(table)
    name = _store(objects, manifest.base, wanted, data)
    objects.create(record, f"{name}\n".encode())
    return name
