"""What verification found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with one submission, one day or one collection: one row per such subject."""

    where: str
    """Id of the submission; the date of a day; form and year of a collection."""
    number: int
    """The event, or the leaf of the day's tree, where it was found; 0 when it is in none."""
    what: str


@dataclass(slots=True)
class Verification:
    """How much was verified, and what was found."""

    submissions: int = 0
    events: int = 0
    revisions: int = 0
    days: int = 0
    signed_until: str = ""
    """Date of the last signed day."""
    faults: tuple[Fault, ...] = ()


def printable(key: str) -> str:
    """An id as it can be shown, whatever its bytes are."""
    return key.encode(errors="backslashreplace").decode()
