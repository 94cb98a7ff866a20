"""A seat's waiting work in SQLite, in the order its holder asks for: each order has an index of its own."""

from decimal import Decimal

from infra.sqlite.database import Database
from infra.sqlite.rows import COLUMNS, submission_of
from workflows.outlines import Outline
from workflows.ports import InboxOrder, Page
from workflows.submissions import Submission

_AMOUNT = "COALESCE(CAST(amount AS REAL), 0)"
_FINDINGS = "COALESCE(findings, 0)"
_ORDERS = {
    InboxOrder.AGE: ("since", "since, id", ">"),
    InboxOrder.AMOUNT: (_AMOUNT, f"{_AMOUNT} DESC, id DESC", "<"),
    InboxOrder.FINDINGS: (_FINDINGS, f"{_FINDINGS} DESC, id DESC", "<"),
    InboxOrder.CLEAN: (_FINDINGS, f"{_FINDINGS}, id", ">"),
}
"""Key, order, and what is further on in it."""


class InboxTables(Database):
    """The `InboxStore` port over SQLite."""

    def waiting(
        self, region_code: str, order: InboxOrder, after: str, limit: int
    ) -> Page[tuple[Submission, Outline | None]]:
        """What waits for one seat; the cursor holds the last row's key and id."""
        key, by, further = _ORDERS[order]
        bound, values = "", tuple[str | float, ...]()
        if after:
            last, _, identity = after.rpartition("|")
            bound = f" AND ({key}, id) {further} (?, ?)"
            values = (last if order is InboxOrder.AGE else _number(last), identity)
        rows = self.read(
            f"SELECT {COLUMNS}, {key}, amount, findings FROM submissions WHERE waiting_at = ?{bound}"
            f" ORDER BY {by} LIMIT ?",
            (region_code, *values, limit),
        )
        cursor = f"{rows[-1][12]}|{rows[-1][0]}" if len(rows) == limit else ""
        return Page([(submission_of(row), outline_from(row[13], row[14])) for row in rows], cursor)


def outline_from(amount: str | None, findings: int | None) -> Outline | None:
    """The inverse of `rows.outline_values`; None where nothing was sealed since outlines are kept."""
    if findings is None:
        return None
    return Outline(Decimal(amount) if amount else None, findings)


def _number(text: str) -> float:
    """A cursor that was tampered with starts nowhere rather than failing."""
    try:
        return float(text)
    except ValueError:
        return 0.0
