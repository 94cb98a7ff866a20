"""What may be erased once its legal term is over, in two steps: a plan with a code, then exactly that plan.

Events, seals, signed days, facts and tables are never erased, so every chain verifies as before. Each erasure leaves a
mark: what, when, by whom and why; words that are missing without a mark are a fault (`workflows.audit`).
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from workflows.chain import payload_hash
from workflows.collections import Collection
from workflows.deadlines import CHINA
from workflows.erasing import Erasure, Kept
from workflows.moving import Kind, MovingStore
from workflows.ports import LetterRecord, Person, Store
from workflows.services import Services
from workflows.submissions import Submission

PAGE = 500
BATCH = 100
MAX_WORDS = 200


class RetentionRefused(ValueError):
    """Nothing was erased; the text says why."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long one kind is kept at least, by which article."""

    years: int
    law: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Doomed:
    """One thing that may be erased: one row per event's words, draft, submission's traces, or person's address."""

    kind: Kept
    owner: str
    """The submission; of an address the person."""
    number: int = 0
    """Of the event whose words they are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be erased now, and the code that stands for exactly this."""

    years: int
    doomed: tuple[Doomed, ...]

    @property
    def code(self) -> str:
        """Ten hexadecimal digits."""
        lines = sorted(f"{one.kind}|{one.owner}|{one.number}\n" for one in self.doomed)
        return hashlib.sha256("".join(lines).encode()).hexdigest()[:10]

    @property
    def counts(self) -> Mapping[Kept, int]:
        """How many of each kind."""
        found = Counter(one.kind for one in self.doomed)
        return {kind: found[kind] for kind in Kept}


@cache
def terms() -> Mapping[Kept, Term]:
    """The legal terms, as `retention.yaml` has them."""
    import yaml

    text = resources.files("workflows").joinpath("retention.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return {Kept(kind): Term(**one) for kind, one in data.items()}


def plan(services: Services, moving: MovingStore, years: int) -> Plan:
    """What is older than so many years. Raises `RetentionRefused` for less than the law asks."""
    short = [f"{term.law}: {kind} {term.years}" for kind, term in terms().items() if years < term.years]
    if short:
        raise RetentionRefused(f"{years} 年短于法定期限 (shorter than the legal term): {'; '.join(short)}")
    limit = _years_before(services.clock.now(), years)
    past = [one for one in services.store.collections() if _is_over(one, limit)]
    found = [doomed for one in past for doomed in _of_collection(services, one, limit)]
    return Plan(years, (*found, *_addresses(services, moving, limit, past)))


def carry_out(services: Services, moving: MovingStore, years: int, code: str, *, by: str, why: str) -> Plan:
    """Erase exactly what the plan with this code named. Raises `RetentionRefused`; a death leaves a shorter plan."""
    by, why = (" ".join(text.split())[:MAX_WORDS] for text in (by, why))
    if not by or not why:
        raise RetentionRefused("请写明由谁、为何删除 (say who erases, and why)")
    present, now = plan(services, moving, years), services.clock.now()
    if present.code != code:
        raise RetentionRefused(
            f"计划已变（现在是 {present.code}），请重新查看 (the plan has changed: look at it again)"
        )
    services.store.record_read(by, f"retention {years} {code}", now)
    marks = [Erasure(one.kind, one.owner, one.number, now, by, why) for one in present.doomed]
    for first in range(0, len(marks), BATCH):
        services.store.erase(marks[first : first + BATCH])
    return present


def _is_over(collection: Collection, limit: datetime) -> bool:
    """Whether a collection ended before an instant; one that is open has not ended."""
    ended = [moment for moment in (collection.closed_at, collection.calendar.close) if moment is not None]
    return bool(ended) and min(ended) <= limit


def _of_collection(services: Services, collection: Collection, limit: datetime) -> Iterator[Doomed]:
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.submissions_of(collection.year, collection.form, cursor, PAGE)
        for submission in page.rows:
            yield from _of_submission(services.store, submission, limit)
        cursor = page.cursor or None


def _of_submission(store: Store, submission: Submission, limit: datetime) -> Iterator[Doomed]:
    """Nothing of a return with which something happened since, as an exception after the close allows."""
    key, events = submission.id, store.events(submission.id)
    if not events or events[-1].at > limit:
        return
    for event in events:
        if payload_hash(event.data) and store.payload(key, event.number) is not None:
            yield Doomed(Kept.WORDS, key, event.number)
    if store.draft(key) is not None:
        yield Doomed(Kept.DRAFTS, key)
    if any(trace.address or trace.device for _, trace in store.traces(key)):
        yield Doomed(Kept.TRACES, key)


def _addresses(
    services: Services, moving: MovingStore, limit: datetime, past: Sequence[Collection]
) -> Iterator[Doomed]:
    needed = _needed_addresses(services.store, past)
    with moving.leaving():
        written = {
            row.person for row in _rows(moving, Kind.LETTERS) if isinstance(row, LetterRecord) and row.at > limit
        }
        people = [row for row in _rows(moving, Kind.PEOPLE) if isinstance(row, Person)]
    for person in people:
        if person.id not in written and person.email not in needed:
            yield Doomed(Kept.ADDRESSES, person.id)


def _needed_addresses(store: Store, past: Sequence[Collection]) -> set[str]:
    """Addresses in the present register, and in that of every collection whose term is not over."""
    over = {(one.year, one.form) for one in past}
    present = store.current("units")
    snapshots = {one.units_snapshot for one in store.collections() if (one.year, one.form) not in over}
    emails = {member.email.lower() for member in store.staff()}
    for snapshot in snapshots | ({present} if present else set()):
        cursor: str | None = ""
        while cursor is not None:
            page = store.units(snapshot, cursor, PAGE)
            emails.update(unit.email.lower() for unit in page.rows)
            cursor = page.cursor or None
    return emails


def _rows(moving: MovingStore, kind: Kind) -> Iterator[Any]:
    cursor: str | None = ""
    while cursor is not None:
        page = moving.rows(kind, cursor, PAGE)
        yield from page.rows
        cursor = page.cursor or None


def _years_before(moment: datetime, years: int) -> datetime:
    """The same time of day in China so many calendar years ago; 28 February for a 29th."""
    there = moment.astimezone(CHINA)
    day = 28 if (there.month, there.day) == (2, 29) else there.day
    return there.replace(year=there.year - years, day=day)
