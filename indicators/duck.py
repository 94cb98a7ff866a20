"""DuckDB, opened the one way we use it: in memory, one folder readable, everything else shut, exact decimals."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MEMORY = "512MB"


@contextmanager
def duckdb_over(folder: Path) -> Iterator[Any]:
    """A connection that can read and write inside one temporary folder and nowhere else, and cannot be unlocked."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET memory_limit = '{MEMORY}'")
        connection.execute("SET temp_directory = ?", [str(folder / "spill")])
        connection.execute("SET allowed_directories = ?", [[f"{folder}/"]])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()
