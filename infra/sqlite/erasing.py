"""Erasing after the legal term in SQLite: what goes and the mark it leaves, in one transaction."""

from collections.abc import Sequence
from typing import Any

from infra.sqlite.database import Database
from workflows.deadlines import from_text, to_text
from workflows.erasing import Erasure, Kept

ERASURE = "owner, kind, number, at, by, why"
_ERASE = {
    Kept.WORDS: "DELETE FROM payloads WHERE submission = :owner AND number = :number",
    Kept.DRAFTS: "DELETE FROM drafts WHERE submission = :owner",
    Kept.TRACES: "UPDATE traces SET address = '', device = '' WHERE submission = :owner",
    Kept.ADDRESSES: "DELETE FROM people WHERE id = :owner",
}


class ErasingTables(Database):
    """The `ErasingStore` port over SQLite."""

    def erase(self, marks: Sequence[Erasure]) -> None:
        """All of these, or none; the pages they stood on are overwritten."""
        with self.transaction() as db:
            for mark in marks:
                db.execute(_ERASE[mark.kind], {"owner": mark.owner, "number": mark.number})
            db.executemany(
                f"INSERT OR IGNORE INTO erasures ({ERASURE}) VALUES (?, ?, ?, ?, ?, ?)", map(erasure_values, marks)
            )

    def erasures(self, owner: str) -> Sequence[Erasure]:
        """The marks of one submission or person."""
        sql = f"SELECT {ERASURE} FROM erasures WHERE owner = ? ORDER BY kind, number"
        return [erasure_from(row) for row in self.read(sql, (owner,))]


def erasure_values(mark: Erasure) -> tuple[object, ...]:
    """A row of `erasures`."""
    return (mark.owner, mark.kind, mark.number, to_text(mark.at), mark.by, mark.why)


def erasure_from(row: tuple[Any, ...]) -> Erasure:
    """The inverse of `erasure_values`."""
    return Erasure(Kept(row[1]), row[0], row[2], from_text(row[3]), row[4], row[5])
