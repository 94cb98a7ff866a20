"""The whole store over one SQLite file: the sum of its rooms."""

from pathlib import Path

from infra.payload_keys import HomeKeys
from infra.sqlite.access import AccessTables
from infra.sqlite.auditing import AuditTables
from infra.sqlite.days import DayTables
from infra.sqlite.erasing import ErasingTables
from infra.sqlite.inboxes import InboxTables
from infra.sqlite.letters import LetterTables
from infra.sqlite.outbox import OutboxTables
from infra.sqlite.refolding import refold
from infra.sqlite.register import RegisterTables
from infra.sqlite.returning import ReturnTables
from infra.sqlite.seats import SeatTables
from infra.sqlite.submissions import SubmissionTables


class SqliteStore(
    RegisterTables,
    SubmissionTables,
    InboxTables,
    OutboxTables,
    LetterTables,
    SeatTables,
    ReturnTables,
    AccessTables,
    DayTables,
    AuditTables,
    ErasingTables,
):
    """The `Store` port, embedded; `infra.sqlite.moving` moves it."""

    def __init__(self, path: Path, keys: HomeKeys | None = None) -> None:
        super().__init__(path, keys)
        refold(self)
