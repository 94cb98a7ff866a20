"""A whole home in rows that any ground can give and take: what leaves one store and arrives in another.

Each kind of row is made of the ports' own types; a submission goes with everything under it as one row, so that it
arrives whole. What a row looks like in a file is `infra.moving`'s business.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from register.regions import Region
from register.seats import StaffMember
from register.units import Unit
from workflows.chain import Payload, RecordedEvent
from workflows.collections import Collection
from workflows.days import DayHead, SignedDay
from workflows.erasing import Erasure
from workflows.outlines import Outline
from workflows.ports import ApiToken, LetterRecord, Page, Person
from workflows.seat_settings import SeatSettings
from workflows.sent_back import SentBack
from workflows.submissions import Draft, OutboxItem, SealedRevision, SentUnder, Submission, Trace


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One complete snapshot of the register: one row per import that was put in force."""

    id: str
    kind: str
    created_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region of one snapshot."""

    snapshot: str
    region: Region


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of one snapshot."""

    snapshot: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One line of one snapshot of the staff; `number` is its place in the file, from 0."""

    snapshot: str
    number: int
    member: StaffMember


@dataclass(frozen=True, slots=True)
class WordsRow:
    """The words that belong to one event; none for words that were erased."""

    number: int
    payload: Payload


@dataclass(frozen=True, slots=True)
class TraceRow:
    """Where one save or submit came from."""

    at: datetime
    trace: Trace


@dataclass(frozen=True, slots=True)
class SentBackRow:
    """What became of one return, under the number of its event."""

    number: int
    sent_back: SentBack


@dataclass(frozen=True, slots=True)
class WholeSubmission:
    """One submission with everything under it: one row per unit × form × collection."""

    submission: Submission
    next_at: datetime | None
    outline: Outline | None
    draft: Draft | None
    events: tuple[RecordedEvent, ...]
    words: tuple[WordsRow, ...]
    revisions: tuple[SealedRevision, ...]
    traces: tuple[TraceRow, ...]
    sent_back: tuple[SentBackRow, ...]
    moves: tuple[DayHead, ...]
    """Moves that no closed day covers yet."""
    sent_under: tuple[SentUnder, ...] = ()
    """Keys of programs that are not forgotten yet, by key."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A public key that signed days, and the first one it signed. The private key is no row."""

    hex: str
    first_day: date


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One read of a restricted table or of a submission's story."""

    who: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note of the store (`OutboxStore.mark`) or counter (`count_up`), by its full name: `mark:…`, `count:…`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One effect, kept or not: kept ones go along, because an id that is there is not promised again."""

    item: OutboxItem
    next_at: datetime
    attempts: int
    error: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class PointerRow:
    """Which snapshot of a kind is in force."""

    kind: str
    snapshot: str


class Kind(StrEnum):
    """Kinds of rows, in the order in which they arrive. What makes a home work comes last: until the pointers are
    there, nobody can sign in, no letter goes and no page shows anything."""

    SNAPSHOTS = "snapshots"
    REGIONS = "regions"
    UNITS = "units"
    STAFF = "staff"
    PEOPLE = "people"
    SUBMISSIONS = "submissions"
    ERASURES = "erasures"
    KEYS = "keys"
    HEADS = "heads"
    DAYS = "days"
    LETTERS = "letters"
    SEATS = "seats"
    TOKENS = "tokens"
    READS = "reads"
    NOTES = "notes"
    COLLECTIONS = "collections"
    OUTBOX = "outbox"
    POINTERS = "pointers"


MovedRow = (
    SnapshotRow
    | RegionRow
    | UnitRow
    | StaffRow
    | Person
    | WholeSubmission
    | Erasure
    | KeyRow
    | DayHead
    | SignedDay
    | LetterRecord
    | SeatSettings
    | ApiToken
    | ReadRow
    | NoteRow
    | Collection
    | PromiseRow
    | PointerRow
)

ROW_TYPES: dict[Kind, type] = {
    Kind.SNAPSHOTS: SnapshotRow,
    Kind.REGIONS: RegionRow,
    Kind.UNITS: UnitRow,
    Kind.STAFF: StaffRow,
    Kind.PEOPLE: Person,
    Kind.SUBMISSIONS: WholeSubmission,
    Kind.ERASURES: Erasure,
    Kind.KEYS: KeyRow,
    Kind.HEADS: DayHead,
    Kind.DAYS: SignedDay,
    Kind.LETTERS: LetterRecord,
    Kind.SEATS: SeatSettings,
    Kind.TOKENS: ApiToken,
    Kind.READS: ReadRow,
    Kind.NOTES: NoteRow,
    Kind.COLLECTIONS: Collection,
    Kind.OUTBOX: PromiseRow,
    Kind.POINTERS: PointerRow,
}
"""What a row of each kind is."""


class HomeNotEmpty(ValueError):
    """The store already holds something; nothing was written."""


class MovingStore(Protocol):
    """A store that can give all it holds and take all that another gave."""

    def leaving(self) -> AbstractContextManager[None]:
        """Inside, all rows this thread is given are of one instant, where the ground can do that."""

    def rows(self, kind: Kind, after: str, limit: int) -> Page[MovedRow]:
        """The rows of a kind in a fixed order, so that two stores that hold the same give the same. Raises
        `ValueError` and its like for a stored row that cannot be read."""

    def home_key(self) -> bytes: ...
    def is_fresh(self) -> bool:
        """Whether nothing was ever put in: no snapshot, person, collection, token or note of another than the store."""

    def take_over(self, home_key: bytes) -> None:
        """Be the home of this key from now on. Raises `HomeNotEmpty` unless fresh, or this home on its way in."""

    def arrive(self, kind: Kind, rows: Sequence[MovedRow]) -> None:
        """Add rows in the order they are given, in few transactions; a row that is there is left alone."""

    def arrived(self) -> None:
        """All rows have come and verify: from now on the home is in use, and nothing arrives in it any more."""
