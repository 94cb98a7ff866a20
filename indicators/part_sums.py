"""Sums of one part of compacted facts, kept beside it: what totals need of a million facts that never change again.

One row per address × reviewing body × industry section × item: the exact sum of the filled values, the number of units
with a value (0 is one), the number of facts, blank ones included. A part is immutable, so its sums are too; what an
overtaken or withdrawn acceptance had put into them is taken out again, exactly, by `corrections`.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from indicators.duck import duckdb_over
from indicators.ports import Objects

_SUMS = """
COPY (
    SELECT region_code, reviewing_body, industry_section, item,
        {sign}sum(value) AS value, {sign}count(value) AS contributors, {sign}count(*) AS facts
    FROM read_parquet('{source}') {only}
    GROUP BY ALL ORDER BY ALL
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""


def sums_name(part: str) -> str:
    """The object that holds a part's sums."""
    folder, _, file = part.rpartition("/")
    return f"{folder}/sums/{file}"


def store_sums(objects: Objects, part: str, path: Path) -> bytes:
    """Sum a part that lies at a local path, and keep the sums; the same part gives the same sums."""
    target = path.with_suffix(".sums")
    with duckdb_over(path.parent) as duck:
        duck.execute(_SUMS.format(sign="", source=path, only="", target=target))
    data = target.read_bytes()
    objects.create(sums_name(part), data)
    return data


def read_sums(objects: Objects, part: str) -> bytes:
    """A part's sums; made now if they are not there. Raises `LookupError` when the part itself is lost."""
    data = objects.read(sums_name(part))
    if data is not None:
        return data
    facts = objects.read(part)
    if facts is None:
        raise LookupError(f"{part} is missing from the object store")
    with tempfile.TemporaryDirectory(prefix="zhibao-") as name:
        path = Path(name) / "facts.parquet"
        path.write_bytes(facts)
        return store_sums(objects, part, path)


def write_corrections(duck: Any, folder: Path, dead: Iterable[str], target: Path) -> None:
    """What these events had put into the sums, negative, from the parts copied into the folder as `dead-*`."""
    (folder / "dead.csv").write_text("event\n" + "".join(f"{event}\n" for event in sorted(dead)), encoding="utf-8")
    only = f"SEMI JOIN read_csv('{folder}/dead.csv', header = true, all_varchar = true) USING (event)"
    duck.execute(_SUMS.format(sign="-", source=folder / "dead-*.parquet", only=only, target=target))
