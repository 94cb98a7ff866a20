"""API tokens and the record of restricted reads in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from infra.dynamodb import keys
from infra.dynamodb.promising import turns
from infra.dynamodb.table import Table
from infra.dynamodb.writes import NEW, Item, Value, put
from workflows.deadlines import from_text, to_text
from workflows.ports import ApiToken, Page


class AccessItems(Table):
    """The `AccessStore` port over DynamoDB."""

    def put_token(self, token: ApiToken) -> None:
        """Insert or replace one token, with the way from its digest to it."""
        values: dict[str, Value | None] = {
            "digest": token.digest,
            "role": token.role,
            "territory": token.territory,
            "created_at": to_text(token.created_at),
            "expires": to_text(token.expires_at),
            "revoked_at": to_text(token.revoked_at) if token.revoked_at else None,
        }
        writes = [put((keys.TOKENS, token.id), values), put((f"TOKEN#{token.digest}", keys.ONLY), {"token": token.id})]
        self.transact(writes)

    def token_by_digest(self, digest: str) -> ApiToken | None:
        """The token with this SHA-256."""
        named = self.get((f"TOKEN#{digest}", keys.ONLY))
        item = self.get((keys.TOKENS, named["token"])) if named else None
        return token_from(item) if item and item["digest"] == digest else None

    def tokens(self) -> Sequence[ApiToken]:
        """All tokens, newest first."""
        found = [token_from(item) for item in self.query(keys.TOKENS)]
        return sorted(found, key=lambda token: token.created_at, reverse=True)

    def record_read(self, who: str, what: str, at: datetime) -> None:
        """Note who read which restricted table when."""
        self.offer(put((keys.READS, turns.next()), {"who": who, "what": what, "at": to_text(at)}, NEW))

    def reads(self, after: str, limit: int) -> Page[tuple[str, str, datetime]]:
        """The record of restricted reads, oldest first."""
        rows = []
        for item in self.query(keys.READS, after=after, page=limit):
            rows.append((item["sk"], (item["who"], item["what"], from_text(item["at"]))))
            if len(rows) == limit:
                break
        return Page([row for _, row in rows], rows[-1][0] if len(rows) == limit else "")


def token_from(item: Item) -> ApiToken:
    """The token an item holds."""
    revoked = from_text(item["revoked_at"]) if "revoked_at" in item else None
    expires = from_text(item["expires"])
    created = from_text(item["created_at"])
    return ApiToken(item["sk"], item["digest"], item["role"], item["territory"], created, expires, revoked)
