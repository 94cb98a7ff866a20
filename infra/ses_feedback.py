"""What SES tells of letters afterwards: bounces, complaints and rejections, through SNS or EventBridge,
with or without a queue in between.

Only the letter's id and the kind are read: addresses and diagnostic texts stay out of our hands and out of the log.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_KINDS = {"Bounce": "bounce", "Complaint": "complaint", "Reject": "reject"}


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of one letter after SES took it: one row per report."""

    letter: str
    kind: str
    """`bounce`, `complaint` or `reject`."""
    outcome: str
    """For the record of letters: `bounced: Permanent General`."""
    at: datetime

    @property
    def is_final(self) -> bool:
        """Whether the address is of no use; a transient bounce (a full mailbox) is none."""
        return self.kind != "bounce" or self.outcome.startswith("bounced: Permanent")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an event: one row per record, so that each can fail alone."""

    id: str
    """By which a queue knows it; blank where no queue stands in between."""
    body: str | Mapping[str, Any]

    def feedback(self) -> list[Feedback]:
        """What it says of letters. Raises `ValueError` for a message that is no report of SES."""
        return list(_read(_report(self.body)))


def is_feedback(event: Mapping[str, Any]) -> bool:
    """Whether an event of a function is a report of SES: by EventBridge, by SNS, or either of them by a queue."""
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        return event.get("source") == "aws.ses"
    return all(one.get("EventSource") == "aws:sns" for one in records) or all(map(_is_queued, records))


def messages_of(event: Mapping[str, Any]) -> list[Message]:
    """The messages of an event."""
    if event.get("source") == "aws.ses":
        return [Message("", event)]
    return [
        Message(one["messageId"], one["body"]) if _is_queued(one) else Message("", one["Sns"]["Message"])
        for one in event["Records"]
    ]


def read_feedback(event: Mapping[str, Any]) -> list[Feedback]:
    """The reports of an event that matter. Raises `ValueError` for a message that is no report of SES."""
    return [found for message in messages_of(event) for found in message.feedback()]


def _is_queued(record: Mapping[str, Any]) -> bool:
    return record.get("eventSource") == "aws:sqs" and bool(record.get("messageId"))


def _report(body: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A report out of what it came in: EventBridge's event, SNS's envelope (a queue gets it whole), or nothing."""
    found = json.loads(body) if isinstance(body, str) else body
    if isinstance(found, dict) and found.get("source") == "aws.ses":
        found = found.get("detail")
    if isinstance(found, dict) and found.get("Type") == "Notification":
        found = json.loads(found["Message"])
    if not isinstance(found, dict) or not isinstance(found.get("mail"), dict):
        raise ValueError("a notification that is no report of SES")
    return found


def _read(report: Mapping[str, Any]) -> Iterator[Feedback]:
    """Nothing for a delivery and its like, and for a letter that is not ours."""
    name = report.get("eventType") or report.get("notificationType")
    letters = report["mail"].get("tags", {}).get("letter", [])
    if name not in _KINDS or not letters:
        return
    kind, more = _KINDS[name], report.get(name.lower(), {})
    outcome = {
        "bounce": f"bounced: {more.get('bounceType', '')} {more.get('bounceSubType', '')}",
        "complaint": f"complaint: {more.get('complaintFeedbackType', '')}",
        "reject": f"rejected: {more.get('reason', '')}",
    }[kind]
    at = datetime.fromisoformat(more.get("timestamp") or report["mail"]["timestamp"])
    yield Feedback(letters[0], kind, outcome.strip()[:200], at)
