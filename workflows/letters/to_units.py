"""Letters to the unit: its invitation, receipts, returns and acceptance."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflows import effects
from workflows.deadlines import show_instant
from workflows.letters.desk import Addressed, Desk, decision_told, decision_words, item_name
from workflows.reasons import return_reasons


def _invitation(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    if desk.submission.state.revision == 0 or "again" in data:
        yield desk.to_unit("invitation", str(data.get("again", "")), {}, desk.filing_link())


def _receipt(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    number = int(data["revision"])
    revision = desk.services.store.revision(desk.submission.id, number)
    if revision is not None:
        words = {
            "revision": str(number),
            "hash": revision.hash,
            "sealed_at": show_instant(revision.sealed_at),
            "next_body": desk.body_name(desk.submission.state.route[0].region),
        }
        yield desk.to_unit("receipt", str(number), words, desk.check_link(number))


def _returned(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    decision = decision_told(desk, data)
    if decision.revision != desk.submission.state.revision:
        return  # he has answered it already
    words = {
        **decision_words(desk, decision),
        "reason": return_reasons().get(decision.reason, {}).get("zh", decision.reason),
        "items": "、".join(item_name(desk.definition, name) for name in decision.items),
    }
    yield desk.to_unit("returned", str(data["number"]), words, desk.filing_link())


def _accepted(desk: Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    number = int(data["revision"])
    yield desk.to_unit("accepted", str(number), {"revision": str(number)}, desk.check_link(number))


WRITERS: Mapping[str, Callable[[Desk, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.INVITATION: _invitation,
    effects.RECEIPT: _receipt,
    effects.RETURNED: _returned,
    effects.ACCEPTED: _accepted,
}
