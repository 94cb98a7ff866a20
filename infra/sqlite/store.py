"""The whole store over one SQLite file: the sum of its rooms."""

from infra.sqlite.access import AccessTables
from infra.sqlite.outbox import OutboxTables
from infra.sqlite.register import RegisterTables
from infra.sqlite.submissions import SubmissionTables


class SqliteStore(RegisterTables, SubmissionTables, OutboxTables, AccessTables):
    """The `Store` port, embedded."""
