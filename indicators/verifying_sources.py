"""Verifying what tables are built from: compacted parts and reference series, each named by its SHA-256."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from indicators.ports import Objects, pages_of_names


def verify_sources(objects: Objects) -> list[str]:
    """What is wrong with `compacted/` and `reference/`, one sentence a fault.

    Bytes against the hash in the name; and that what a pointer names is there, with as many events as it says.
    Sums beside a part follow from it and bear its name, not a hash of their own: they are not reckoned again here.
    """
    folders = ("compacted/", "reference/")
    names = [name for folder in folders for page in pages_of_names(objects, folder) for name in page]
    there = frozenset(names)
    return [fault for name in names for fault in _faults(objects, name, there)]


def _faults(objects: Objects, name: str, there: frozenset[str]) -> Iterator[str]:
    folder, _, file = name.rpartition("/")
    if file == "latest.json":
        yield from _pointer_faults(objects, name, there)
    elif not folder.endswith("/sums") and not file.endswith(".events"):
        data = objects.read(name)
        if data is None or hashlib.sha256(data).hexdigest() != file.partition(".")[0]:
            yield f"{name} is altered"


def _pointer_faults(objects: Objects, name: str, there: frozenset[str]) -> Iterator[str]:
    said = _parsed(objects, name)
    if "snapshot" in said:
        needed = [f"reference/{said['snapshot']}.csv"]
    elif "parts" in said:
        listings = [f"{part}.events" for part in said["parts"]]
        needed = [*said["parts"], *listings]
        lines = sum((objects.read(each) or b"").count(b"\n") for each in listings if each in there)
        if there.issuperset(listings) and lines != said.get("events"):
            yield f"{name} is altered, or the events of a part are ({', '.join(listings)})"
    else:
        needed = []
        yield f"{name} is altered"
    yield from (f"{each} is missing, and {name} names it" for each in needed if each not in there)


def _parsed(objects: Objects, name: str) -> dict[str, Any]:
    """The pointer; empty when it cannot be read."""
    try:
        parsed = json.loads(objects.read(name) or b"")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
