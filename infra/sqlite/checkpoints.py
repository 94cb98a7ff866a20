"""Moving the write-ahead log into the database file, beside the writers instead of inside one writer's commit.

SQLite's own way moves a thousand pages inside the commit of every fortieth submit, and all who write wait for two
more syncs. Here whoever ends the step that makes the log long enough moves it, after his step lasts and his turn is
given away. While others go on writing, a move never quite reaches the end of the log; so a log that has become long
is finished in a moment in which nobody writes, and the next writer begins it anew. Nothing of this concerns
durability: a step lasts because it is synced in the log.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

STEPS = 128
"""Steps of one process between two moves: about 3,000 pages of submits."""
LONG_PAGES = 6_000
"""Pages after which the log is to begin anew: 24 MB, so that readers find their pages in it quickly."""
MOST_PAGES = 20_000
"""Where SQLite itself moves the log inside a commit after all: one step may be a whole register."""

logger = logging.getLogger(__name__)


class Checkpoints:
    """Counts the steps of one process, and moves the log when it is time."""

    def __init__(self, alone: Callable[[], AbstractContextManager[None]]) -> None:
        """`alone` gives a moment in which nobody writes."""
        self._alone = alone
        self._counting = threading.Lock()
        self._steps = 0

    def after_step(self, connection: Callable[[], sqlite3.Connection]) -> None:
        """Move the log if this step was the one; `connection` is asked for one that is not writing.

        The step lasts already, so nothing is raised: a log that cannot be moved now is moved another time.
        """
        with self._counting:
            self._steps += 1
            if self._steps < STEPS:
                return
            self._steps = 0
        try:
            reader = connection()
            if _move(reader) > LONG_PAGES:
                with self._alone():
                    _move(reader)
        except sqlite3.Error as error:
            logger.warning("the write-ahead log was not moved: %s", error)


def _move(connection: sqlite3.Connection) -> int:
    """Move what can be moved without waiting; the pages the log holds, 0 when another process is at it."""
    pages: int = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
    return pages
