"""What the tables need of the ground: an object store, and the frame of each year's collections."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from register.regions import Regions


class Objects(Protocol):
    """Named immutable objects and a few swapped pointers. Names are `[a-z0-9_./-]`, no part of them begins with a dot.

    Reads return None for "not there"; an outage raises the adapter's own error.
    """

    def create(self, name: str, data: bytes) -> bool:
        """Write an object that is not there yet; False when it is (then nothing is written)."""

    def read(self, name: str) -> bytes | None: ...
    def read_with_tag(self, name: str) -> tuple[bytes, str] | None:
        """Content and the tag that `swap` compares."""

    def swap(self, name: str, data: bytes, expected_tag: str | None) -> bool:
        """Replace an object if it still has this tag (None: if it is not there); False otherwise."""

    def names(self, prefix: str, after: str = "", limit: int = 1000) -> list[str]:
        """Names under a prefix, sorted, those after `after` only; fewer than `limit` only when there are no more."""


def pages_of_names(objects: Objects, prefix: str, size: int = 1000) -> Iterator[list[str]]:
    """All names under a prefix, page by page."""
    page = objects.names(prefix, "", size)
    while page:
        yield page
        page = objects.names(prefix, page[-1], size) if len(page) == size else []


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How many submissions share these attributes: one row per combination that occurs."""

    form: str
    region_code: str
    """Address region of the units."""
    reviewing_body: str
    stage: str
    level: str
    """Level whose turn it is (county, city, province; a reviewing zone counts as county), or blank."""
    late: bool
    sent: bool
    excepted: bool
    count: int


@dataclass(frozen=True)
class CollectionFrame:
    """What a year's tables stand on besides facts: the frozen regions, who was expected, how far it has come."""

    year: int
    regions: Regions
    versions: Mapping[str, str]
    """Form → version of its layout."""
    samples: frozenset[str]
    """Forms whose approval is a sample; their tables bear 示例."""
    provisional: bool
    """Whether some form of the year is still open."""
    progress: Sequence[ProgressRow]

    @cached_property
    def offices(self) -> frozenset[str]:
        """Regions from which the return of a region's office (region-st) is expected."""
        return frozenset(row.region_code for row in self.progress if row.form == REGION_FORM)


REGION_FORM = "region-st"


class Frames(Protocol):
    """The frames of all years that have a collection."""

    def frame(self, year: int) -> CollectionFrame | None: ...
    def years(self) -> Sequence[int]: ...
    def building(self, year: int) -> AbstractContextManager[None]:
        """Notes, before the facts are read, that tables of a year are being built, and when that has ended: what was
        accepted until then may stand in a table, so its acceptance is no longer simply taken back (invariant 11)."""
