"""What became of each return, in DynamoDB: one item per return of a seat, with the main amount before and after it.

An item is written with the return, completed when the unit sends again, and leaves its list when the return is undone.
"""

from collections.abc import Iterator
from decimal import Decimal

from infra.dynamodb import keys
from infra.dynamodb.table import Table
from infra.dynamodb.writes import NEW, THERE, Item, Value, Write, equal, put, update
from workflows.chain import RecordedEvent
from workflows.ports import Page
from workflows.sent_back import SentBack
from workflows.submissions import Transition


class ReturnItems(Table):
    """The `ReturnStore` port over DynamoDB."""

    def returning(self, transition: Transition) -> Iterator[Write]:
        """What a step says about returns. What it reads stands as long as the step's own condition holds."""
        for event in transition.events:
            if event.type == "Returned":
                yield self._opened(event, transition)
            elif event.type == "DecisionUndone":
                key = keys.numbered(event.submission, keys.BACK, event.data["undone"])
                if self.get(key) is not None:
                    yield update(key, {"listed_pk": None, "listed_sk": None}, THERE)
            elif event.type == "Submitted" and transition.before.state.revision:
                yield from self._answered(event, transition)

    def _opened(self, event: RecordedEvent, transition: Transition) -> Write:
        of, state = transition.before.identity, self.get(keys.state(event.submission)) or {}
        values: dict[str, Value | None] = {
            "form": of.form,
            "region": event.data["region"],
            "answered": 0,
            "amount_before": state.get("amount"),
            "listed_pk": keys.returns_of(of.year),
            "listed_sk": f"{of.id}|{event.number:06d}",
        }
        return put(keys.numbered(event.submission, keys.BACK, event.number), values, NEW)

    def _answered(self, event: RecordedEvent, transition: Transition) -> Iterator[Write]:
        amount = transition.outline.amount if transition.outline else None
        text = None if amount is None else f"{amount:f}"
        for item in self.query(keys.submission(event.submission), keys.BACK):
            if not item["answered"]:
                yield update((item["pk"], item["sk"]), {"answered": 1, "amount_after": text}, equal(answered=0))

    def sent_back(self, year: int, after: str, limit: int) -> Page[SentBack]:
        """The returns of a year by submission and event."""
        low = f"{after}\x00" if after else ""
        rows = []
        for entry, item in self.standing(self.walk("listed", keys.returns_of(year), low, page=limit), limit):
            rows.append((entry.sort, _sent_back(item)))
            if len(rows) == limit:
                break
        return Page([row for _, row in rows], rows[-1][0] if len(rows) == limit else "")


def _sent_back(item: Item) -> SentBack:
    before, after = _amount(item.get("amount_before")), _amount(item.get("amount_after"))
    return SentBack(item["form"], item["region"], bool(item["answered"]), before, after)


def _amount(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None
