"""Erasing after the legal term in DynamoDB: attributes are taken away, because the program may delete no item.

The mark is written first: an erasure that died in between is simply repeated. Point-in-time recovery keeps what was
erased for another 35 days.
"""

import time
from collections.abc import Sequence

from infra.dynamodb import keys
from infra.dynamodb.design import EXPIRES
from infra.dynamodb.people import PeopleItems
from infra.dynamodb.writes import NEW, THERE, Item, Key, Value, put, update
from workflows.deadlines import from_text, to_text
from workflows.erasing import Erasure, Kept


class ErasingItems(PeopleItems):
    """The `ErasingStore` port over DynamoDB."""

    def erase(self, marks: Sequence[Erasure]) -> None:
        """Each for itself."""
        for mark in marks:
            self.offer(put(erasure_key(mark), erasure_values(mark), NEW))
            for key, values in self._erased(mark):
                self.offer(update(key, values, THERE))

    def _erased(self, mark: Erasure) -> list[tuple[Key, dict[str, Value | None]]]:
        """What is taken away, and from which items. What nobody needs any more also expires."""
        expires: dict[str, Value | None] = {EXPIRES: int(time.time())}
        if mark.kind is Kept.WORDS:
            return [(keys.numbered(mark.owner, keys.PAYLOAD, mark.number), {"text": None, "nonce": None})]
        if mark.kind is Kept.DRAFTS:
            return [(keys.draft(mark.owner), {"inputs": None, **expires})]
        if mark.kind is Kept.TRACES:
            items = self.query(keys.submission(mark.owner), keys.TRACE)
            return [((item["pk"], item["sk"]), {"address": "", "device": ""}) for item in items]
        person = self.person(mark.owner)
        ways = [(self.way(person.email), expires)] if person else []
        return [*ways, ((f"P#{mark.owner}", keys.PERSON), {"email": None})]

    def erasures(self, owner: str) -> Sequence[Erasure]:
        """The marks of one submission or person."""
        return [erasure_from(item) for item in self.query(f"E#{owner}")]


def erasure_key(mark: Erasure) -> Key:
    """Where a mark lies."""
    return f"E#{mark.owner}", f"{mark.kind}#{mark.number:06d}"


def erasure_values(mark: Erasure) -> dict[str, Value | None]:
    """The item of a mark."""
    return {"at": to_text(mark.at), "by": mark.by, "why": mark.why}


def erasure_from(item: Item) -> Erasure:
    """The inverse of `erasure_values`."""
    kind, _, number = item["sk"].partition("#")
    return Erasure(
        Kept(kind), item["pk"].removeprefix("E#"), int(number), from_text(item["at"]), item["by"], item["why"]
    )
