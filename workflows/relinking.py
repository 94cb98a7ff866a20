"""Asking for a new link: it goes to the registered address only, and at most one in ten minutes.

The answer to the asker is the same whether the token is ours or not.
"""

from dataclasses import dataclass
from datetime import datetime

from workflows import effects
from workflows.links import AnyLink, FilingLink, InboxLink, LinkExpired, LinkInvalid, Links, ReviewLink
from workflows.permissions import NotAllowed, require_holder, roles_of
from workflows.services import Services
from workflows.submissions import OutboxItem

WINDOW_SECONDS = 600
SIGN_IN_WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of time in which one promise of a kind is made; its number is part of the promise's id."""

    number: int

    @classmethod
    def of(cls, at: datetime, seconds: int) -> "_Window":
        return cls(int(at.timestamp()) // seconds)


def ask_for_new_link(services: Services, token: str) -> None:
    """Promise a new link for an old one, expired or not. Says nothing about whether there was anything to renew."""
    link = _any_link(services.links, token)
    now = services.clock.now()
    again = f".{_Window.of(now, WINDOW_SECONDS).number}"
    if isinstance(link, InboxLink):
        services.store.enqueue(_inbox_again(services, link, again, now))
        return
    if link is None or services.store.submission(link.submission) is None:
        return
    data: dict[str, object] = {"submission": link.submission, "again": again}
    kind = effects.INVITATION
    if isinstance(link, ReviewLink):
        kind = effects.REVIEW
        data |= {"revision": link.revision, "level": link.level, "region": link.region, "person": link.person}
    item = OutboxItem(f"{link.submission}.relink.{kind}.{link.person}{again}", kind, data, now)
    services.store.enqueue([item])


def _inbox_again(services: Services, link: InboxLink, again: str, now: datetime) -> list[OutboxItem]:
    """The digest of what waits, for who asked alone; nothing once he holds the seat no more."""
    try:
        require_holder(services, link)
    except NotAllowed:
        return []
    data = {"region": link.region, "person": link.person, "slot": again, "again": again}
    return [OutboxItem(f"inbox.{link.region}.relink.{link.person}{again}", effects.DIGEST, data, now)]


def ask_to_sign_in(services: Services, email: str) -> None:
    """Promise a sign-in link to a member of staff; nothing happens for anybody else, and the asker cannot tell."""
    address = email.strip().lower()
    if not services.store.staff_by_email(address):
        return
    person = services.store.person_of(address)
    if not roles_of(services, person.id):
        return
    now = services.clock.now()
    number = str(_Window.of(now, SIGN_IN_WINDOW_SECONDS).number)
    data = {"person": person.id, "number": number}
    services.store.enqueue([OutboxItem(f"sign-in.{person.id}.{number}", effects.SIGN_IN, data, now)])


def _any_link(links: Links, token: str) -> FilingLink | ReviewLink | InboxLink | None:
    return (
        _read_even_expired(links, FilingLink, token)
        or _read_even_expired(links, ReviewLink, token)
        or _read_even_expired(links, InboxLink, token)
    )


def _read_even_expired(links: Links, kind: type[AnyLink], token: str) -> AnyLink | None:
    try:
        return links.read(kind, token)
    except LinkExpired as expired:
        return expired.link if isinstance(expired.link, kind) else None
    except LinkInvalid:
        return None
