"""What SES tells of letters afterwards: bounces, complaints and rejections, through SNS or EventBridge.

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


def is_feedback(event: Mapping[str, Any]) -> bool:
    """Whether an event of a function is a report of SES."""
    if event.get("source") == "aws.ses":
        return True
    records = event.get("Records")
    return isinstance(records, list) and bool(records) and all(r.get("EventSource") == "aws:sns" for r in records)


def read_feedback(event: Mapping[str, Any]) -> list[Feedback]:
    """The reports of an event that matter. Raises `ValueError` for a message that is no report of SES."""
    return [found for report in _reports(event) for found in _read(report)]


def _reports(event: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if event.get("source") == "aws.ses":
        yield event["detail"]
        return
    for record in event["Records"]:
        report = json.loads(record["Sns"]["Message"])
        if not isinstance(report, dict) or "mail" not in report:
            raise ValueError("a notification that is no report of SES")
        yield report


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
