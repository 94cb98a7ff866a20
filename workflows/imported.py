"""Which drafts were imported, and from what: said to the unit whose draft it is."""

from dataclasses import dataclass
from datetime import datetime

from workflows.services import Services
from workflows.submissions import Submission, Trace

CHANNEL = "imported"
"""Of the traces of an operator's import."""
_NAME_KEPT = 160


def import_trace(action: str, file: str, digest: str) -> Trace:
    """What is recorded beside each draft that came from a file; `digest` is its SHA-256 in hex."""
    return Trace(action, CHANNEL, "", f"{file[:_NAME_KEPT]} sha256:{digest}")


@dataclass(frozen=True, slots=True)
class ImportedFrom:
    """Where a draft or a return came from, for its unit: the file's name and hash, and when."""

    file: str
    digest: str
    at: datetime
    sealed: bool
    """Whether it was sealed by the import as well."""


def imported_from(services: Services, submission: str) -> ImportedFrom | None:
    """The latest import; None for what its unit typed alone, or has sent itself since."""
    for at, trace in reversed(services.store.traces(submission)):
        if trace.channel == CHANNEL:
            file, _, digest = trace.device.rpartition(" sha256:")
            return ImportedFrom(file, digest, at, trace.action == "submit")
        if trace.action == "submit":
            return None
    return None


def is_archived(services: Services, submission: Submission) -> bool:
    """Whether what was sent came into a closed year by an import: nobody can decide on it, so nobody is asked to."""
    if not services.collection_of(submission).is_closed(services.clock.now()):
        return False
    found = imported_from(services, submission.id)
    return found is not None and found.sealed
