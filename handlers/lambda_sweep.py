"""What the functions do without anybody waiting: the sweep's pass with its measures, and SES's word on letters."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.lambda_metrics import put
from infra.ses_feedback import Feedback, messages_of
from workflows.deadlines import to_text
from workflows.sweep import AcceptanceWithdrawn, SubmissionAccepted

if TYPE_CHECKING:
    from handlers.bootstrap import Zhibao

SPARE_MILLISECONDS = 8_000
"""A pass begins no further effect when less is left of its time: the one under way must end and be marked."""
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)

logger = logging.getLogger(__name__)


def is_sweep(event: Mapping[str, Any]) -> bool:
    """Whether this is the schedule's call: our own constant input, or the plain event of an EventBridge rule."""
    if event.get("zhibao") == "sweep":
        return True
    return event.get("source") == "aws.events" and event.get("detail-type") == "Scheduled Event"


def sweep(installation: "Zhibao", context: Any) -> dict[str, Any]:
    """One pass within the invocation's time; then the measures, and a start of the tables of each year accepted in."""
    accepted: dict[int, str] = {}
    inner = installation.sweep.on_accepted

    def on_accepted(one: SubmissionAccepted | AcceptanceWithdrawn) -> None:
        inner(one)
        accepted[one.submission.identity.year] = to_text(installation.services.clock.now())

    report = replace(installation.sweep, on_accepted=on_accepted).run(
        lambda: bool(context.get_remaining_time_in_millis() > SPARE_MILLISECONDS)
    )
    for year, since in accepted.items():
        installation.start_tables(year, since)
    measures = {
        "Effects": report.effects,
        "Letters": report.letters,
        "LettersRefused": report.refused,
        "EffectsPostponed": len(report.failed),
        **_standing(installation),
    }
    put(measures)
    return {"effects": report.effects, "letters": report.letters, "postponed": len(report.failed)}


def _standing(installation: "Zhibao") -> dict[str, float]:
    """How old the oldest unkept promise is (seconds), how many collections are open, how many returns they have."""
    store, now = installation.store, installation.services.clock.now()
    oldest = store.pending(_END_OF_TIME, 1)
    opened = [collection for collection in store.collections() if not collection.is_closed(now)]
    forms = {(collection.year, collection.form) for collection in opened}
    counts = [(year, count) for year in {collection.year for collection in opened} for count in store.progress(year)]
    return {
        "OldestUnsentSeconds": (now - oldest[0].created_at).total_seconds() if oldest else 0,
        "OpenCollections": len(forms),
        "ReturnsSent": sum(count.count for year, count in counts if count.sent and (year, count.form) in forms),
    }


def note_feedback(installation: "Zhibao", event: Mapping[str, Any]) -> dict[str, Any]:
    """Record what became of letters, count and log what is news, by their ids; no address is read.

    Of a queue only the messages that could not be recorded come again. Without a queue the first such message is
    raised: whoever sent the event sends it again. A letter that is not on record yet is one of them.
    """
    found, failed = list[Feedback](), list[str]()
    for message in messages_of(event):
        try:
            found += [one for one in message.feedback() if _is_news(installation, one)]
        except Exception as error:
            if not message.id:
                raise
            logger.warning("a report of SES comes again: %s", type(error).__name__)
            failed.append(message.id)
    for one in found:
        logger.warning("letter %s: %s", one.letter, one.outcome)
    put({name: sum(one.kind == kind for one in found) for kind, name in _MEASURES.items()})
    return {"noted": len(found), "batchItemFailures": [{"itemIdentifier": key} for key in failed]}


def _is_news(installation: "Zhibao", one: Feedback) -> bool:
    """What SES rejected was not the address's fault."""
    from workflows.bounces import record_bounce

    return record_bounce(installation.services, one.letter, one.outcome, is_final=one.is_final and one.kind != "reject")


_MEASURES = {"bounce": "LettersBounced", "complaint": "Complaints", "reject": "LettersRefused"}
