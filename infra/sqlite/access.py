"""API tokens and the record of restricted reads in SQLite."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infra.sqlite.database import Database
from workflows.deadlines import from_text, to_text
from workflows.ports import ApiToken, Page

GRANT = "id, digest, role, territory, created_at, expires_at, revoked_at"


class AccessTables(Database):
    """The `AccessStore` port over SQLite."""

    def put_token(self, token: ApiToken) -> None:
        """Insert or replace one token."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)", token_values(token))

    def token_by_digest(self, digest: str) -> ApiToken | None:
        """The token with this SHA-256."""
        row = self.read_one(f"SELECT {GRANT} FROM tokens WHERE digest = ?", (digest,))
        return token_from(row) if row else None

    def tokens(self) -> Sequence[ApiToken]:
        """All tokens, newest first."""
        return [token_from(row) for row in self.read(f"SELECT {GRANT} FROM tokens ORDER BY created_at DESC, id")]

    def record_read(self, who: str, what: str, at: datetime) -> None:
        """Note who read which restricted table when."""
        with self.transaction() as db:
            db.execute("INSERT INTO reads (who, what, at) VALUES (?, ?, ?)", (who, what, to_text(at)))

    def reads(self, after: str, limit: int) -> Page[tuple[str, str, datetime]]:
        """The record of restricted reads, oldest first."""
        rows = self.read(
            "SELECT id, who, what, at FROM reads WHERE id > ? ORDER BY id LIMIT ?", (int(after or 0), limit)
        )
        cursor = str(rows[-1][0]) if len(rows) == limit else ""
        return Page([(row[1], row[2], from_text(row[3])) for row in rows], cursor)


def token_values(token: ApiToken) -> tuple[object, ...]:
    """A row of `tokens`."""
    revoked = to_text(token.revoked_at) if token.revoked_at else None
    values = (token.id, token.digest, token.role, token.territory, to_text(token.created_at))
    return (*values, to_text(token.expires_at), revoked)


def token_from(row: tuple[Any, ...]) -> ApiToken:
    """The inverse of `token_values`."""
    revoked = from_text(row[6]) if row[6] else None
    key, digest, role, territory = row[:4]
    return ApiToken(key, digest, role, territory, from_text(row[4]), from_text(row[5]), revoked)
