"""What is published: one manifest per version of a table, the pointer to the version in force, where all of it lies.

`tables/<name>/<year>/` holds `data/<sha256>.<format>`, `revisions/<sha256>.txt`, `versions/<n>.json`, `latest.json`,
and `rendered/<key>.txt`, which names the data object of a format that is rendered when first asked for. Each manifest
holds the hash of the one before it and the pointer that of the last, so none can be altered or dropped unseen.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indicators.ports import Objects
from indicators.table import Column, ColumnKind


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
    def checks(self) -> list[dict[str, Any]]:
        """What came out of the published checks; none on what was published before there were any."""
        return list(self.body.get("checks", ()))

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

    @property
    def base(self) -> str:
        """Where everything of this table and year lies."""
        return base_of(self.name, self.year)


def base_of(name: str, year: int) -> str:
    """Where everything of one table and year lies."""
    return f"tables/{name}/{year}"


def version_name(base: str, number: int) -> str:
    """The object of one version's manifest."""
    return f"{base}/versions/{number}.json"


def pointer_name(base: str) -> str:
    """The object that says which version is in force."""
    return f"{base}/latest.json"


def pointer_to(manifest: bytes) -> bytes:
    """The pointer to a version: its number, the hash of its manifest, the hash of its CSV."""
    body = json.loads(manifest)
    csv = body["files"]["csv"]["sha256"]
    return to_json_bytes({"version": body["version"], "manifest": hashlib.sha256(manifest).hexdigest(), "csv": csv})


def latest(objects: Objects, name: str, year: int) -> Manifest | None:
    """The version in force."""
    pointer = objects.read(pointer_name(base_of(name, year)))
    return None if pointer is None else read_manifest(objects, name, year, json.loads(pointer)["version"])


def read_manifest(objects: Objects, name: str, year: int, number: int) -> Manifest | None:
    """One version."""
    data = objects.read(version_name(base_of(name, year), number))
    return None if data is None else Manifest(name, year, number, json.loads(data))


def merkle_root(hashes: Sequence[str]) -> str:
    """Root over hex hashes in order (RFC 6962 leaf and node prefixes); of nothing, the hash of nothing."""
    sha256, from_hex = hashlib.sha256, bytes.fromhex
    level = [sha256(b"\x00" + from_hex(one)).digest() for one in hashes]
    if not level:
        return sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0].hex()


def to_json_bytes(value: Any) -> bytes:
    """JSON as our own files hold it: sorted keys, one item a line."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
