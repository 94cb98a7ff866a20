"""Letters about a seat as a whole: the digest of what waits for it, and that its mail settings were changed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from forms.definition import Approval
from register.seats import StaffMember
from workflows import effects
from workflows.deadlines import show_instant
from workflows.letters.desk import Addressed
from workflows.letters.texts import letter_id, text_of
from workflows.links import InboxLink
from workflows.ports import Letter
from workflows.seat_settings import Digest, SeatSettings
from workflows.services import Services
from workflows.words import name_of

PAGE = 500


def _digest(services: Services, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """One to each holder for each slot, with the counts per form; none when all of it was decided meanwhile.

    Who asked for a new link gets his alone, whatever waits.
    """
    region, only = data["region"], data.get("person", "")
    waiting = _waiting(services, region)
    if not waiting and not only:
        return
    samples = {form for form in waiting if _is_sample(services, *form)}
    words = {
        "sample": "【示例】" if samples else "",
        "at": show_instant(services.clock.now()),
        "count": str(sum(waiting.values())),
        "forms": "；".join(f"{year} 年 {form} {count} 件" for (year, form), count in sorted(waiting.items())) or "—",
    }
    for member in services.store.holders(region, services.today()):
        person = services.store.person_of(member.email)
        if only in {"", person.id}:
            link = services.url("i", services.links.sign(InboxLink(region, person.id)))
            yield _letter(services, "digest", data["slot"], region, member, {**words, "link": link})


def _seat_changed(services: Services, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """To every holder of the seat: who chose what."""
    region = data["region"]
    settings = services.store.seat_settings(region)
    if settings.version != data["version"] or settings.changed_at is None:
        return  # changed again since; that letter says what holds
    words = {
        "by": name_of(services, settings.changed_by),
        "at": show_instant(settings.changed_at),
        "digest": _digest_in_words(settings),
        "quiet": _quiet_in_words(settings),
        "link": "",
    }
    for member in services.store.holders(region, services.today()):
        yield _letter(services, "seat_changed", str(settings.version), region, member, words)


def _letter(
    services: Services, kind: str, number: str, region: str, member: StaffMember, words: Mapping[str, str]
) -> Addressed:
    person = services.store.person_of(member.email)
    subject, text = text_of(kind, {"name": member.name, "body": _body_name(services, region), **words})
    key = letter_id(kind, region, number, person.id)
    return Addressed(Letter(key, member.name, person.email, subject, text, words["link"]), person.id, region)


def _waiting(services: Services, region: str) -> Counter[tuple[int, str]]:
    """How many returns wait for the seat, by year and form."""
    counts: Counter[tuple[int, str]] = Counter()
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.inbox(region, cursor, PAGE)
        counts.update((one.identity.year, one.identity.form) for one in page.rows)
        cursor = page.cursor or None
    return counts


def _is_sample(services: Services, year: int, form: str) -> bool:
    collection = services.store.collection(year, form)
    if collection is None:
        return False
    return services.forms.by_version(collection.form_version).header.approval is Approval.SAMPLE


def _body_name(services: Services, region: str) -> str:
    snapshot = services.store.current("regions")
    regions = services.store.regions(snapshot) if snapshot else ()
    return next((place.name_zh for place in regions if place.code == region), region)


def _digest_in_words(settings: SeatSettings) -> str:
    return {
        Digest.AT_ONCE: "每件到达即寄",
        Digest.HOURLY: "每小时汇总一次",
        Digest.DAILY: f"每天 {settings.hour}:00 汇总一次",
    }[settings.digest]


def _quiet_in_words(settings: SeatSettings) -> str:
    if settings.quiet_from is None:
        return "没有免打扰时段"
    return f"免打扰 {settings.quiet_from}:00 至 {settings.quiet_until}:00"


WRITERS: Mapping[str, Callable[[Services, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.DIGEST: _digest,
    effects.SEAT_CHANGED: _seat_changed,
}
