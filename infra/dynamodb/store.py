"""The whole store over one DynamoDB table: the sum of its rooms."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.dynamodb.access import AccessItems
from infra.dynamodb.auditing import AuditItems
from infra.dynamodb.erasing import ErasingItems
from infra.dynamodb.inboxes import InboxItems
from infra.dynamodb.outbox import OutboxItems
from infra.dynamodb.refolding import refold
from infra.dynamodb.register import RegisterItems
from infra.dynamodb.seats import SeatItems
from infra.dynamodb.submissions import SubmissionItems


class DynamoStore(
    RegisterItems,
    SubmissionItems,
    InboxItems,
    OutboxItems,
    SeatItems,
    AccessItems,
    AuditItems,
    ErasingItems,
):
    """The `Store` port on AWS; `infra.dynamodb.moving` moves it."""

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """The lease; its first holder under a newer program makes the copies of state anew."""
        with super().sweeping():
            refold(self)
            yield
