"""The whole store over one DynamoDB table: the sum of its rooms."""

from infra.dynamodb.inboxes import InboxItems
from infra.dynamodb.moving import MovingItems


class DynamoStore(MovingItems, InboxItems):
    """The `Store` and `MovingStore` ports on AWS: what can be moved is all there is but the orders of an inbox."""
