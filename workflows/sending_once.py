"""Sending for programs: a request that is repeated, because its answer was lost, sends nothing a second time.

The key and the revision are written in one transaction, so of racing twins one seals and the others are told of it.
"""

from datetime import timedelta

from workflows.filing import Desk, Entry, submit
from workflows.links import FilingLink
from workflows.services import Services
from workflows.submissions import SealedRevision, SentUnder, Trace

REMEMBERED = timedelta(days=2)
"""How long a key is remembered."""


class KeyUsedBefore(Exception):
    """The key stands for a request with another body."""


def sent_before(services: Services, submission: str, key: str, body: str) -> SealedRevision | None:
    """What was sealed under this key already; None where nothing was. Raises `KeyUsedBefore`."""
    found = services.store.sent_under(submission, key, services.clock.now())
    if found is None:
        return None
    if found.body != body:
        raise KeyUsedBefore(key)
    return services.store.revision(submission, found.revision)


def send_once(
    services: Services, link: FilingLink, entry: Entry, trace: Trace, *, key: str, body: str, desk: Desk | None = None
) -> SealedRevision:
    """As `filing.submit`, under a key and a body (SHA-256 in hex), for who found nothing by `sent_before`.

    A request that is refused uses up no key. Who is refused looks by `sent_before` again: a twin of his request may
    have been faster. Raises what `filing.submit` raises.
    """
    return submit(services, link, entry, trace, desk, SentUnder(key, body, services.clock.now() + REMEMBERED))
