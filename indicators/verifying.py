"""Verifying what is published: every stored byte is held by a hash that something else holds."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from indicators.formats import from_csv
from indicators.manifest import Manifest, base_of, merkle_root, pointer_name, pointer_to, version_name
from indicators.ports import Objects, pages_of_names


def verify(objects: Objects, names: Iterable[str], years: Sequence[int]) -> list[str]:
    """What is wrong with the published tables, one sentence a fault; empty when all is sound.

    Files against the hashes they are named by, manifests against each other back from the pointer, rows and sums
    against the CSV, revisions against their Merkle root. A missing version or file is named.
    """
    return [fault for name in names for year in years for fault in _table_faults(objects, name, year)]


def _table_faults(objects: Objects, name: str, year: int) -> Iterator[str]:
    base = base_of(name, year)
    stored = [each for page in pages_of_names(objects, f"{base}/") for each in page]
    if not stored:
        return
    digests = {each: _digest(objects, each) for each in stored}
    yield from _file_faults(objects, base, digests)
    pointer = _parsed(objects, pointer_name(base))
    if pointer is None:
        yield f"{name} {year}: {pointer_name(base)} is missing or altered"
        return
    yield from _version_faults(objects, name, year, pointer, digests)


def _file_faults(objects: Objects, base: str, digests: Mapping[str, str]) -> Iterator[str]:
    """All under `data/` and `revisions/` is named by its hash; all under `rendered/` names one of these."""
    for name, digest in digests.items():
        folder, _, file = name.removeprefix(f"{base}/").partition("/")
        if folder in {"data", "revisions"} and file.partition(".")[0] != digest:
            yield f"{name} is altered"
        if folder == "rendered":
            said = (objects.read(name) or b"").decode(errors="replace")
            if not said.endswith("\n") or said[:-1] not in digests:
                yield f"{name} is altered, or what it names is missing"


def _version_faults(
    objects: Objects, name: str, year: int, pointer: Mapping[str, Any], digests: Mapping[str, str]
) -> Iterator[str]:
    """From the version in force back to the first; `expected` is the hash the later one holds, "" when unknown."""
    base, expected = base_of(name, year), str(pointer.get("manifest"))
    number = int(pointer.get("version", 0))
    manifest = objects.read(version_name(base, number))
    if manifest is not None and objects.read(pointer_name(base)) != _pointer(manifest):
        yield f"{pointer_name(base)} is altered"
    for each in range(number, 0, -1):
        where = f"{name} {year} version {each}"
        file = version_name(base, each)
        body = _parsed(objects, file)
        if file not in digests:
            yield f"{where} is missing"
        elif body is None or (expected and digests[file] != expected):
            yield f"{where}: {file} is altered"
        else:
            yield from _manifest_faults(objects, Manifest(name, year, each, body), digests)
        expected = str(body.get("previous", "")) if body else ""


def _pointer(manifest: bytes) -> bytes:
    try:
        return pointer_to(manifest)
    except (ValueError, LookupError, TypeError):
        return b""


def _manifest_faults(objects: Objects, manifest: Manifest, digests: Mapping[str, str]) -> Iterator[str]:
    where, body = f"{manifest.name} {manifest.year} version {manifest.number}", manifest.body
    for kind, entry in body["files"].items():
        if digests.get(entry["object"]) != entry["sha256"]:
            yield f"{where}: {kind} is missing or altered ({entry['object']})"
    data = objects.read(body["files"]["csv"]["object"])
    if data is not None and hashlib.sha256(data).hexdigest() == manifest.logical_hash:
        table = from_csv(data, manifest.columns, manifest.name, manifest.year)
        if (len(table.rows), table.sums()) != (body["rows"], body["sums"]):
            yield f"{where}: rows or sums are not those of the CSV"
    yield from (f"{where}: {fault}" for fault in _revision_faults(objects, body["revisions"], digests))


def _revision_faults(objects: Objects, said: Mapping[str, Any], digests: Mapping[str, str]) -> Iterator[str]:
    name = said["object"]
    if digests.get(name) is None:
        yield f"the list of revisions is missing ({name})"
    elif digests[name] == name.rpartition("/")[2].partition(".")[0]:
        hashes = (objects.read(name) or b"").decode().split()
        if (len(hashes), merkle_root(hashes)) != (said["count"], said["merkle_root"]):
            yield "the list of revisions has another Merkle root"


def _digest(objects: Objects, name: str) -> str:
    data = objects.read(name)
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _parsed(objects: Objects, name: str) -> Mapping[str, Any] | None:
    data = objects.read(name)
    try:
        parsed = None if data is None else json.loads(data)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
