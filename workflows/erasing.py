"""What is erased after its legal term, and the mark that each erasure leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kept(StrEnum):
    """Kinds of what can be erased, as `retention.yaml` names them."""

    WORDS = "words"
    DRAFTS = "drafts"
    TRACES = "traces"
    ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The mark that an erasure leaves: one row per thing erased, never altered."""

    kind: Kept
    owner: str
    number: int
    at: datetime
    by: str
    why: str


class ErasingStore(Protocol):
    """What a store can erase (`Store` has it)."""

    def erase(self, marks: Sequence[Erasure]) -> None:
        """Erase what the marks name and keep the marks; what is erased already keeps its first mark."""

    def erasures(self, owner: str) -> Sequence[Erasure]: ...
