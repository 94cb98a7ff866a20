"""One statement of a step, put into words before the writer's turn is taken."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """One statement with its values."""

    sql: str
    values: tuple[object, ...]

    def changes(self, db: sqlite3.Connection) -> bool:
        """Whether a row was there to be changed or added."""
        return db.execute(self.sql, self.values).rowcount > 0
