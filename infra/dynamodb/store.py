"""The whole store over one DynamoDB table: the sum of its rooms."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.dynamodb.inboxes import InboxItems
from infra.dynamodb.moving import MovingItems
from infra.dynamodb.refolding import refold


class DynamoStore(MovingItems, InboxItems):
    """The `Store` and `MovingStore` ports on AWS: what can be moved is all there is but the orders of an inbox."""

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """The lease; its first holder under a newer program makes the copies of state anew."""
        with super().sweeping():
            refold(self)
            yield
