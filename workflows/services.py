"""What a use case is given: the ground and the shipped data, wired once by `handlers.bootstrap`."""

from dataclasses import dataclass
from datetime import date

from forms.catalogue import FormCatalogue
from register.units import Unit
from workflows.collections import Collection
from workflows.deadlines import CHINA
from workflows.links import Links
from workflows.ports import Clock, Store
from workflows.submissions import Submission


@dataclass(frozen=True, slots=True)
class Services:
    """The collaborators of every use case."""

    store: Store
    clock: Clock
    links: Links
    forms: FormCatalogue
    base_url: str

    def today(self) -> date:
        """The day in China."""
        return self.clock.now().astimezone(CHINA).date()

    def collection_of(self, submission: Submission) -> Collection:
        """The collection a submission belongs to. Raises `LookupError` if the store has lost it."""
        identity = submission.identity
        collection = self.store.collection(identity.year, identity.form)
        if collection is None:
            raise LookupError(f"submission {submission.id} belongs to no collection")
        return collection

    def unit_of(self, submission: Submission) -> Unit:
        """The unit as the collection's own register snapshot has it; this drives what is asked and counted."""
        snapshot = self.collection_of(submission).units_snapshot
        unit = self.store.unit(snapshot, submission.identity.unit_id)
        if unit is None:
            raise LookupError(f"submission {submission.id} belongs to no unit of its snapshot")
        return unit

    def address_of(self, submission: Submission) -> str:
        """Where the unit is written to: its present address, because the frozen one may be dead by now."""
        current = self.store.current("units")
        unit = self.store.unit(current, submission.identity.unit_id) if current else None
        return (unit or self.unit_of(submission)).email

    def url(self, door: str, token: str) -> str:
        """The address of one of the doors under a token: f, r, c, i or s."""
        return f"{self.base_url}/{door}/{token}"
