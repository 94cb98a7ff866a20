"""What the workflows need of the ground: one store, one mail transport, one clock.

The store's ports name access patterns, paged by cursor; there is no query language and no scan. One contract suite
(tests/contract) runs against every adapter. Reads never raise for "not there"; they return None or an empty page.
An outage raises the adapter's own error: it never looks like an empty answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from forms.outliers import Moved, Outlier
from forms.statistical_settings import OutlierSettings
from register.regions import Regions
from register.seats import StaffMember
from register.units import Unit
from workflows.chain import Payload, RecordedEvent
from workflows.collections import Collection
from workflows.days import DayStore
from workflows.erasing import ErasingStore
from workflows.outlines import Outline
from workflows.seat_settings import SeatSettings
from workflows.sent_back import SentBack
from workflows.story import AuditStore
from workflows.submissions import Draft, OutboxItem, SealedRevision, SentUnder, Submission, Trace, Transition

Row = TypeVar("Row")


class StateConflict(Exception):
    """Somebody else moved the submission since it was read; read again and decide again."""


class DraftConflict(Exception):
    """The draft was saved elsewhere since this page was opened (two tabs); `stored` is what stands now."""

    def __init__(self, stored: Draft | None) -> None:
        super().__init__("draft changed since it was read")
        self.stored = stored


class Clock(Protocol):
    """The present instant, aware, in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we write to: one row per address. The id is random and opaque; the address can be erased."""

    id: str
    email: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one addressee. `id` makes it once: the same id is never delivered twice to a Maildir."""

    id: str
    to_name: str
    to_email: str
    subject: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """That a letter was handed over: one row per letter and channel; kept as evidence (催报).

    `outcome` is `sent`, `refused: …` (the transport would not take it) or `bounced …` (it came back later).
    """

    letter: str
    outbox: str
    person: str
    at: datetime
    outcome: str
    channel: str = "mail"
    kind: str = ""


class MailRefused(Exception):
    """The transport will never take this letter (a bad address); recorded, not retried."""


class MailUnavailable(Exception):
    """The transport cannot take letters now; they stay queued and are tried again."""


class Mailer(Protocol):
    """Hands letters over. Maildir: exactly once by letter id. SMTP: at least once, with the same Message-ID."""

    def send(self, letter: Letter, at: datetime) -> None: ...
    def batch(self) -> AbstractContextManager[None]:
        """Letters sent inside may be made to last together; they do when it ends without an exception."""


class Channel(Mailer, Protocol):
    """A way to reach people: mail, or a gateway to short messages or chat that an installation adds in `bootstrap`."""

    @property
    def name(self) -> str:
        """How the record of letters calls it; at most 20 characters."""

    @property
    def once_by_id(self) -> bool:
        """Whether it delivers a letter id once by itself; if not, each letter is marked as soon as it is out."""

    def carries(self, kind: str, person: Person) -> bool:
        """Whether letters of this kind go to this person by this channel too."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in a fixed order, and the cursor that continues after them ("" at the end)."""

    rows: Sequence[Row]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class ProgressCount:
    """How many submissions share these attributes: one row per combination that occurs."""

    form: str
    region_code: str
    reviewing_body: str
    stage: str
    level: str
    """Level whose turn it is; of a disposed submission, the kind of its disposition."""
    waiting_at: str
    late: bool
    sent: bool
    count: int


class BulkEdits(Protocol):
    """Edits that look at all returns of a form together, more than one process should hold at once."""

    def outliers(self, rows: Iterable[Moved], settings: OutlierSettings) -> Sequence[Outlier]:
        """The figures that moved unlike their group's, the greatest effect on the total first (`forms.outliers`)."""


class RegisterStore(Protocol):
    """Register snapshots, each immutable once its pointer is swapped, and the people behind addresses."""

    def import_regions(self, regions: Regions, at: datetime) -> str: ...
    def import_units(self, units: Iterable[Unit], at: datetime) -> tuple[str, int]: ...
    def import_staff(self, staff: Sequence[StaffMember], at: datetime) -> str: ...
    def current(self, kind: str) -> str | None:
        """Snapshot id of `regions`, `units` or `staff` now in force."""

    def regions(self, snapshot: str) -> Regions: ...
    def unit(self, snapshot: str, unit_id: str) -> Unit | None: ...
    def units(self, snapshot: str, after: str, limit: int) -> Page[Unit]: ...
    def unit_kinds(self, snapshot: str) -> frozenset[str]: ...
    def holders(self, region_code: str, day: date) -> Sequence[StaffMember]:
        """Who serves as reviewer at this region on that day, by address."""

    def staff_by_email(self, email: str) -> Sequence[StaffMember]: ...
    def staff(self) -> Sequence[StaffMember]: ...
    def person_of(self, email: str) -> Person:
        """The person behind an address; made on first sight."""

    def person(self, person_id: str) -> Person | None: ...


class CollectionStore(Protocol):
    """Collections: one row per year × form."""

    def put_collection(self, collection: Collection) -> None: ...
    def collection(self, year: int, form: str) -> Collection | None: ...
    def collections(self, year: int | None = None) -> Sequence[Collection]: ...


class SubmissionStore(Protocol):
    """Submissions, their drafts, sealed revisions and chains."""

    def create(self, transitions: Sequence[Transition]) -> int:
        """Insert submissions that are not there yet, in one transaction; how many were new."""

    def commit(self, transition: Transition) -> None:
        """Write one step, in one transaction. Raises `StateConflict` or `DraftConflict` and writes nothing."""

    def submission(self, submission_id: str) -> Submission | None: ...
    def draft(self, submission_id: str) -> Draft | None: ...
    def revision(self, submission_id: str, number: int) -> SealedRevision | None: ...
    def events(self, submission_id: str) -> Sequence[RecordedEvent]: ...
    def payload(self, submission_id: str, number: int) -> Payload | None: ...
    def traces(self, submission_id: str) -> Sequence[tuple[datetime, Trace]]: ...
    def sent_under(self, submission_id: str, key: str, now: datetime) -> SentUnder | None:
        """The sending a program asked for under this key, until it expires."""

    def submissions(self, after: str, limit: int) -> Page[Submission]:
        """Every submission in the order of ids (verification, export)."""

    def sealed(self, year: int, filters: Mapping[str, str], after: str, limit: int) -> Page[Submission]:
        """Submissions of a year sealed at least once, newest seal first.

        Filters: `form`, `stage`, `county_code`, `city_code`, `reviewing_body`, `unit_id`.
        """

    def inbox(self, region_code: str, after: str, limit: int) -> Page[Submission]:
        """Submissions that wait for this region's seat, oldest first."""

    def due(self, now: datetime, after: str, limit: int) -> Page[Submission]:
        """Submissions whose next moment (`Transition.next_at`) has come, longest due first. Its cost does not grow
        with the number of those that are not due."""

    def reschedule(self, submission: Submission, next_at: datetime | None) -> None:
        """Set another next moment, if the submission is still at its version; else leave it alone."""

    def submissions_of(self, year: int, form: str, after: str, limit: int) -> Page[Submission]:
        """The submissions of one collection, by id."""

    def unsent(self, year: int, form: str, region_code: str, after: str, limit: int) -> Page[Submission]:
        """Submissions expected of units whose address is this very region, never sent; by id."""

    def proposals(self, year: int, after: str, limit: int) -> Page[Submission]:
        """Submissions of a year with a disposition or an extension that waits for a second person, by id."""

    def progress(self, year: int) -> Sequence[ProgressCount]: ...


class InboxOrder(StrEnum):
    """How a seat's waiting work is sorted."""

    AGE = "age"
    """Oldest first."""
    AMOUNT = "amount"
    """Largest main amount first."""
    FINDINGS = "findings"
    """Most findings first."""
    CLEAN = "clean"
    """Fewest findings first."""


class InboxStore(Protocol):
    """A seat's waiting work, sorted without reading any of it."""

    def waiting(
        self, region_code: str, order: InboxOrder, after: str, limit: int
    ) -> Page[tuple[Submission, Outline | None]]:
        """Submissions that wait for this region's seat, with the outline of what was sealed (None before outlines were
        kept); ties by id. Its cost does not grow with the length of the inbox."""


class OutboxStore(Protocol):
    """The promised effects and the record of letters."""

    def enqueue(self, items: Sequence[OutboxItem]) -> None:
        """Add effects outside a transition; an id that is already there is left alone."""

    def pending(self, now: datetime, limit: int) -> Sequence[OutboxItem]:
        """Effects not yet done whose time has come, by that time, then in the order they were promised. Its cost does
        not grow with the number of those that wait for a later time."""

    def pending_count(self) -> int: ...
    def finish(self, ids: Sequence[str], records: Sequence[LetterRecord], at: datetime) -> None: ...
    def postpone(self, outbox_id: str, until: datetime, error: str) -> None: ...
    def defer(self, untils: Mapping[str, datetime]) -> None:
        """Outbox id → not before this instant; for those that nothing went wrong with."""

    def attempts(self, outbox_id: str) -> int: ...
    def sweeping(self) -> AbstractContextManager[None]:
        """The sweep's lease: one pass at a time over all processes; waits for a running one."""

    def mark(self, name: str) -> str | None: ...
    def set_mark(self, name: str, value: str) -> None: ...
    def count_up(self, name: str) -> int:
        """Add one to a named counter and say what it is now; atomic over all processes."""


class LetterStore(Protocol):
    """The record of letters."""

    def letter_outcomes(self, letter_ids: Sequence[str]) -> Mapping[str, str]:
        """Letter id → outcome, for those of the given letters that were handed over already."""

    def letter(self, letter_id: str) -> LetterRecord | None: ...
    def record_letters(self, records: Sequence[LetterRecord]) -> None: ...
    def letters_of(self, outbox_id: str) -> Sequence[LetterRecord]:
        """The letters that kept one promise, by id."""

    def letters_since(self, person: str, since: datetime, kinds: frozenset[str]) -> int:
        """How many letters of these kinds a person was sent from this instant on."""

    def change_outcome(self, letter: str, was: str, outcome: str) -> bool:
        """Another outcome for a letter, if it is still the one it was; whether it was."""


class SeatStore(Protocol):
    """What the seats chose: one row per region and version, so that it is known who chose what when."""

    def seat_settings(self, region_code: str) -> SeatSettings:
        """The newest choice; the default (version 0) where nobody has chosen."""

    def choose(self, settings: SeatSettings, outbox: Sequence[OutboxItem]) -> None:
        """Add the next version with its promises, in one transaction. Raises `StateConflict` when it is there."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token: one row per token; only its hash is kept. One role, one territory, at most a year."""

    id: str
    digest: str
    role: str
    territory: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class AccessStore(Protocol):
    """API tokens and the record of reads of restricted tables."""

    def put_token(self, token: ApiToken) -> None: ...
    def token_by_digest(self, digest: str) -> ApiToken | None: ...
    def tokens(self) -> Sequence[ApiToken]: ...
    def record_read(self, who: str, what: str, at: datetime) -> None: ...
    def reads(self, after: str, limit: int) -> Page[tuple[str, str, datetime]]: ...


class ReturnStore(Protocol):
    """What became of the returns of a year, for the province."""

    def sent_back(self, year: int, after: str, limit: int) -> Page[SentBack]:
        """The returns of a year that stand, by submission and event."""


class Store(
    RegisterStore,
    CollectionStore,
    SubmissionStore,
    InboxStore,
    OutboxStore,
    LetterStore,
    SeatStore,
    ReturnStore,
    AccessStore,
    DayStore,
    AuditStore,
    ErasingStore,
    Protocol,
):
    """The whole store, as `bootstrap` hands it to the use cases."""

    def home_key(self) -> bytes:
        """The home's own random key, made with the store; opaque ids are derived with it."""

    def close(self) -> None: ...
