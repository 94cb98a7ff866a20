"""The sweep's lease in DynamoDB: one pass at a time over all processes, given back when it ends, lost when it dies."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from infra.dynamodb import keys
from infra.dynamodb.table import Table
from infra.dynamodb.writes import Test, Value, Write, equal, update

LEASE_SECONDS = 60
"""How long a pass that died keeps the others waiting."""
RENEW_SECONDS = 15
_FIRST_WAIT, _LONGEST_WAIT = 0.02, 1.0
_LEASE = keys.note("lease:sweep")


class Lease(Table):
    """The lease of `OutboxStore.sweeping`."""

    @contextmanager
    def leased(self) -> Iterator[None]:
        """Wait for the lease, keep it while this lasts, give it back whatever happens."""
        holder, ended = secrets.token_hex(16), threading.Event()
        wait = _FIRST_WAIT
        while not self.offer(_taken(holder)):
            self.wait(wait)
            wait = min(wait * 1.5, _LONGEST_WAIT)
        keeper = threading.Thread(target=self._keep, args=(holder, ended), name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()
            self.offer(_changed(holder, {"holder": None, "until": None}))

    def _keep(self, holder: str, ended: threading.Event) -> None:
        while not ended.wait(RENEW_SECONDS):
            self.offer(_changed(holder, {"until": _until()}))


def _until() -> int:
    return int(time.time() * 1000) + LEASE_SECONDS * 1000


def _taken(holder: str) -> Write:
    """Free, run out, or ours already (an answer that was lost)."""
    free, out = [Test("holder", "absent")], [Test("until", "<", int(time.time() * 1000))]
    return update(_LEASE, {"holder": holder, "until": _until()}, (free, out, [Test("holder", "=", holder)]))


def _changed(holder: str, sets: dict[str, Value | None]) -> Write:
    return update(_LEASE, sets, equal(holder=holder))
