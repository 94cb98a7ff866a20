"""Publishing: immutable files named by their hash, numbered manifests, and one pointer that is swapped.

`tables/<name>/<year>/` holds `data/<sha256>.<format>`, `versions/<n>.json` and `latest.json`.
Which number went out in April, and on which returns it stood, is a question to a manifest: it holds the hashes of the
files, and the count, the Merkle root and the object of the list of revision hashes. XLSX is rendered when first asked
for: it follows from the CSV and the marks.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from indicators.definition import TableDefinition
from indicators.formats import from_csv, table_schema, to_csv, to_json, to_parquet, to_xlsx
from indicators.ports import Objects
from indicators.table import Column, ColumnKind, Table, plain

LIBRARIES = ("duckdb", "xlsxwriter")
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Manifest:
    """One published version of one table of one year; `body` is its JSON."""

    name: str
    year: int
    number: int
    body: Mapping[str, Any]

    @property
    def logical_hash(self) -> str:
        """SHA-256 of the CSV: the table's content under any version of any library."""
        return str(self.body["files"]["csv"]["sha256"])

    @property
    def marks(self) -> list[dict[str, Any]]:
        """示例, provisional and footnotes."""
        return list(self.body["schema"]["marks"])

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, from the schema."""
        return tuple(
            Column(
                field["name"],
                ColumnKind(field["type"]),
                field["title"],
                field["title_en"],
                field.get("unit", ""),
                field.get("decimals"),
            )
            for field in self.body["schema"]["fields"]
        )


class PublicationLost(RuntimeError):
    """Others kept publishing the same table; nothing was lost, but this version was not put in force."""


def publish(
    objects: Objects, table: Table, definition: TableDefinition, inputs: Mapping[str, Any], at: datetime
) -> Manifest:
    """Put a table in force; the same content on the same inputs again makes no new version."""
    base = f"tables/{table.name}/{table.year}"
    body = _body(objects, base, table, definition, inputs)
    for _ in range(_TRIES):
        present = objects.read_with_tag(f"{base}/latest.json")
        latest = json.loads(present[0]) if present else {"version": 0}
        if present:
            manifest = read_manifest(objects, table.name, table.year, latest["version"])
            if manifest is not None and {**manifest.body, "version": 0, "built_at": ""} == body:
                return manifest
        number = _next_number(objects, base, latest["version"])
        finished = {**body, "version": number, "built_at": at.isoformat()}
        if not objects.create(f"{base}/versions/{number}.json", _json(finished)):
            continue
        pointer = _json({"version": number, "csv": body["files"]["csv"]["sha256"]})
        if objects.swap(f"{base}/latest.json", pointer, present[1] if present else None):
            return Manifest(table.name, table.year, number, finished)
    raise PublicationLost(base)


def latest(objects: Objects, name: str, year: int) -> Manifest | None:
    """The version in force."""
    pointer = objects.read(f"tables/{name}/{year}/latest.json")
    return None if pointer is None else read_manifest(objects, name, year, json.loads(pointer)["version"])


def read_manifest(objects: Objects, name: str, year: int, number: int) -> Manifest | None:
    """One version."""
    data = objects.read(f"tables/{name}/{year}/versions/{number}.json")
    return None if data is None else Manifest(name, year, number, json.loads(data))


def read_file(objects: Objects, manifest: Manifest, definition: TableDefinition, wanted: str) -> bytes:
    """The bytes of one format. Raises `LookupError` when a published file is lost."""
    base = f"tables/{manifest.name}/{manifest.year}/data"
    if wanted == "xlsx":
        return _xlsx(objects, manifest, definition, f"{base}/{manifest.logical_hash}")
    entry = manifest.body["files"][wanted]
    data = objects.read(entry["object"])
    if data is None:
        raise LookupError(f"{entry['object']} is missing from the object store")
    return data


def read_table(objects: Objects, manifest: Manifest, definition: TableDefinition) -> Table:
    """The published table itself, from its CSV."""
    data = read_file(objects, manifest, definition, "csv")
    return from_csv(data, manifest.columns, manifest.name, manifest.year)


def merkle_root(hashes: Sequence[str]) -> str:
    """Root over hex hashes in order (RFC 6962 leaf and node prefixes); of nothing, the hash of nothing."""
    level = [hashlib.sha256(b"\x00" + bytes.fromhex(one)).digest() for one in hashes]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0].hex()


def _body(
    objects: Objects, base: str, table: Table, definition: TableDefinition, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    schema = table_schema(table, definition)
    rendered = {"csv": to_csv(table), "json": to_json(table), "parquet": to_parquet(table)}
    rendered["schema.json"] = _json(schema)
    files = {}
    for kind, data in rendered.items():
        digest = hashlib.sha256(data).hexdigest()
        name = f"{base}/data/{digest}.{kind}"
        objects.create(name, data)
        files[kind] = {"object": name, "sha256": digest, "bytes": len(data)}
    listing = "".join(f"{one}\n" for one in table.revisions).encode()
    revisions = f"{base}/revisions/{hashlib.sha256(listing).hexdigest()}.txt"
    objects.create(revisions, listing)
    return {
        "table": table.name,
        "year": table.year,
        "version": 0,
        "built_at": "",
        "class": definition.table_class.value,
        "files": files,
        "rows": len(table.rows),
        "sums": _sums(table),
        "schema": schema,
        "revisions": {"count": len(table.revisions), "merkle_root": merkle_root(table.revisions), "object": revisions},
        "inputs": dict(inputs),
        "libraries": {name: version(name) for name in LIBRARIES} | {"zhibao": version("zhibao")},
    }


def _sums(table: Table) -> dict[str, str]:
    """The sum of each numeric column: what a reader checks first."""
    sums = {}
    for number, column in enumerate(table.columns):
        if column.kind is ColumnKind.NUMBER or column.name == "contributors":
            sums[column.name] = plain(sum((Decimal(row[number]) for row in table.rows if row[number]), Decimal(0)))
    return sums


def _next_number(objects: Objects, base: str, at_least: int) -> int:
    """A version written just before a crash keeps its number; the next one goes after it."""
    number = at_least + 1
    while objects.read(f"{base}/versions/{number}.json") is not None:
        number += 1
    return number


def _xlsx(objects: Objects, manifest: Manifest, definition: TableDefinition, stem: str) -> bytes:
    name = f"{stem}-{hashlib.sha256(_json(manifest.marks)).hexdigest()[:16]}.xlsx"
    data = objects.read(name)
    if data is None:
        data = to_xlsx(read_table(objects, manifest, definition), definition, manifest.marks)
        objects.create(name, data)
    return data


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def verify(objects: Objects, names: Iterable[str], years: Sequence[int]) -> list[str]:
    """What is wrong with the published files: hashes, the root of the revisions, missing versions. Empty when sound."""
    problems = []
    for name in names:
        for year in years:
            manifest = latest(objects, name, year)
            for number in range(1, (manifest.number if manifest else 0) + 1):
                version_of = read_manifest(objects, name, year, number)
                if version_of is None:
                    problems.append(f"{name} {year}: version {number} is missing")
                else:
                    problems += _version_problems(objects, version_of)
    return problems


def _version_problems(objects: Objects, manifest: Manifest) -> list[str]:
    where, problems = f"{manifest.name} {manifest.year} version {manifest.number}", []
    for kind, entry in manifest.body["files"].items():
        data = objects.read(entry["object"])
        if data is None or hashlib.sha256(data).hexdigest() != entry["sha256"]:
            problems.append(f"{where}: {kind} is missing or altered")
    listing = objects.read(manifest.body["revisions"]["object"])
    hashes = listing.decode().split() if listing is not None else None
    if hashes is None or merkle_root(hashes) != manifest.body["revisions"]["merkle_root"]:
        problems.append(f"{where}: the list of revisions is missing or altered")
    return problems
