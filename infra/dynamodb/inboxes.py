"""A seat's waiting work in DynamoDB, in the order its holder asks for: each order has an index of its own."""

from infra.dynamodb.rows import outline_of, submission_of
from infra.dynamodb.table import Table
from workflows.outlines import Outline
from workflows.ports import InboxOrder, Page
from workflows.submissions import Submission

_ORDERS = {
    InboxOrder.AGE: ("waiting", False),
    InboxOrder.AMOUNT: ("amount", True),
    InboxOrder.FINDINGS: ("findings", True),
    InboxOrder.CLEAN: ("findings", False),
}
"""Index, and whether it is read from its end."""
_LONGEST_CURSOR = 200


class InboxItems(Table):
    """The `InboxStore` port over DynamoDB."""

    def waiting(
        self, region_code: str, order: InboxOrder, after: str, limit: int
    ) -> Page[tuple[Submission, Outline | None]]:
        """What waits for one seat; the cursor is the last row's place in the index."""
        (index, backwards), after = _ORDERS[order], after[:_LONGEST_CURSOR]
        low, high = ("", after) if backwards else (f"{after}\x00" if after else "", "")
        entries = self.walk(index, region_code, low, high, newest_first=backwards, page=limit)
        rows = []
        for entry, item in self.standing((one for one in entries if one.sort != after), limit):
            rows.append((entry.sort, (submission_of(item), outline_of(item))))
            if len(rows) == limit:
                break
        return Page([row for _, row in rows], rows[-1][0] if len(rows) == limit else "")
