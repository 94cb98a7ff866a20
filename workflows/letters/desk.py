"""What every letter about one submission needs: its words, its links, and whom it is written to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forms.definition import Approval, FormDefinition
from workflows.deadlines import show_deadline, show_instant
from workflows.letters.texts import letter_id, text_of
from workflows.links import CheckLink, FilingLink
from workflows.machine import decision_of
from workflows.machine.events import Event, LevelAccepted, Reopened, Returned
from workflows.machine.states import Decision
from workflows.places import coded_zh
from workflows.ports import Letter, Person
from workflows.services import Services
from workflows.submissions import Submission
from workflows.words import name_of


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter and the opaque id of the person it goes to."""

    letter: Letter
    person: str
    seat: str = ""
    """Region of the seat it is written to, whose quiet hours it keeps; blank when to no seat."""


class Desk:
    """One submission with the words that every letter about it needs."""

    def __init__(self, services: Services, submission: Submission) -> None:
        self.services = services
        self.submission = submission
        self.unit = services.unit_of(submission)
        collection = services.collection_of(submission)
        self.definition = services.forms.by_version(collection.form_version)
        self.calendar = collection.calendar
        self.regions = services.store.regions(collection.regions_snapshot)
        self.words = {
            "unit": self.unit.name,
            "unit_id": self.unit.unit_id,
            "due": show_deadline(collection.calendar.due),
            **_form_words(self.definition, submission.identity.year),
        }

    def event(self, number: int) -> Event:
        """The event a letter tells of, from the chain: later events may have overtaken it, but it happened."""
        return self.services.store.events(self.submission.id)[number - 1].event()

    def to_unit(self, kind: str, number: str, words: Mapping[str, str], link: str) -> Addressed:
        """To the unit's registered address."""
        person = self.services.store.person_of(self.services.address_of(self.submission))
        return self.write(kind, number, person, self.unit.name, words, link)

    def to_seat(self, kind: str, number: str, region: str, words: Mapping[str, str]) -> Iterator[Addressed]:
        """One to each holder of the seat today."""
        for member in self.services.store.holders(region, self.services.today()):
            person = self.services.store.person_of(member.email)
            yield self.write(kind, number, person, member.name, {"name": member.name, **words}, "", seat=region)

    def filing_link(self) -> str:
        """The unit's own form."""
        person = self.services.store.person_of(self.services.address_of(self.submission))
        return self.services.url("f", self.services.links.sign(FilingLink(self.submission.id, person.id)))

    def check_link(self, revision: int) -> str:
        """The receipt of one revision."""
        return self.services.url("c", self.services.links.sign(CheckLink(self.submission.id, revision)))

    def body_name(self, region: str) -> str:
        """A reviewing body in words."""
        return self.regions[region].name_zh if region in self.regions else region

    def write(
        self, kind: str, number: str, person: Person, name: str, words: Mapping[str, str], link: str, *, seat: str = ""
    ) -> Addressed:
        """One letter; `number` tells it from others of its kind about the submission."""
        subject, text = text_of(kind, {**self.words, **words, "link": link})
        key = letter_id(kind, self.submission.id, number, person.id)
        return Addressed(Letter(key, name, person.email, subject, text, link), person.id, seat)


def decision_told(desk: Desk, data: Mapping[str, Any]) -> Decision:
    """The decision an effect tells of, from the chain: a newer revision may have voided it since, but it was taken."""
    recorded = desk.services.store.events(desk.submission.id)[data["number"] - 1]
    event = recorded.event()
    if not isinstance(event, (LevelAccepted, Returned, Reopened)):
        raise LookupError(f"event {recorded.id} is no decision")
    return decision_of(event, recorded.at, recorded.number)


def decision_words(desk: Desk, decision: Decision) -> dict[str, str]:
    """The words of a letter about one decision."""
    return {
        "revision": str(decision.revision),
        "body": desk.body_name(decision.region),
        "by": name_of(desk.services, decision.person),
        "decided_at": show_instant(decision.at),
        "verdict": "通过" if decision.accepted else "退回",
    }


def item_name(definition: FormDefinition, name: str) -> str:
    """An item by code and name, a row or a cell of a table by its number and column; a rule by its id."""
    return coded_zh(definition, name)


def _form_words(definition: FormDefinition, year: int) -> dict[str, str]:
    header = definition.header
    return {
        "year": str(year),
        "title": definition.title_zh,
        "title_en": definition.title_en,
        "form_number": header.form_number,
        "issuer": header.issuer_zh,
        "document": header.document_number,
        "valid_until": header.valid_until.isoformat(),
        "sample": "【示例】" if header.approval is Approval.SAMPLE else "",
    }
