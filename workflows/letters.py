"""What Zhibao writes to people: from a promised effect to the letters that keep it. The texts are `letters.yaml`.

A letter's id says what it is for and to whom, so a promise kept twice sends nothing twice.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from forms.definition import Approval, FormDefinition
from register.seats import StaffMember
from workflows import effects
from workflows.deadlines import show_deadline, show_instant, to_text
from workflows.links import CheckLink, FilingLink, ReviewLink, SignInLink
from workflows.machine import decision_of
from workflows.machine.events import LevelAccepted, Returned
from workflows.machine.states import Decision
from workflows.ports import Letter, Person
from workflows.reasons import return_reasons
from workflows.reviewing import name_of
from workflows.routes import Body, ReviewLevel
from workflows.services import Services
from workflows.submissions import OutboxItem, Submission


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter and the opaque id of the person it goes to."""

    letter: Letter
    person: str


def letters_for(services: Services, item: OutboxItem) -> list[Addressed]:
    """The letters that keep one promise; none when it was overtaken by a later event or nobody holds the seat."""
    if item.kind in _TO_PERSON:
        return list(_TO_PERSON[item.kind](services, item.data))
    submission = services.store.submission(item.data["submission"])
    if submission is None:
        raise LookupError(f"outbox {item.id} names a submission that is not there")
    return list(_WRITERS[item.kind](_Desk(services, submission), item.data))


class _Desk:
    """One submission with the words that every letter about it needs."""

    def __init__(self, services: Services, submission: Submission) -> None:
        self.services = services
        self.submission = submission
        self.unit = services.unit_of(submission)
        collection = services.collection_of(submission)
        self.definition = services.forms.by_version(collection.form_version)
        self.regions = services.store.regions(collection.regions_snapshot)
        self.words = {
            "unit": self.unit.name,
            "unit_id": self.unit.unit_id,
            "due": show_deadline(collection.calendar.due),
            **_form_words(self.definition, submission.identity.year),
        }

    def to_unit(self, kind: str, number: str, words: Mapping[str, str], link: str) -> Addressed:
        person = self.services.store.person_of(self.services.address_of(self.submission))
        return self.write(kind, number, person, self.unit.name, words, link)

    def to_seat(self, kind: str, number: str, region: str, words: Mapping[str, str]) -> Iterator[Addressed]:
        for member in self.services.store.holders(region, self.services.today()):
            person = self.services.store.person_of(member.email)
            yield self.write(kind, number, person, member.name, {"name": member.name, **words}, "")

    def filing_link(self) -> str:
        person = self.services.store.person_of(self.services.address_of(self.submission))
        return self.services.url("f", self.services.links.sign(FilingLink(self.submission.id, person.id)))

    def check_link(self, revision: int) -> str:
        return self.services.url("c", self.services.links.sign(CheckLink(self.submission.id, revision)))

    def body_name(self, region: str) -> str:
        return self.regions[region].name_zh if region in self.regions else region

    def write(
        self, kind: str, number: str, person: Person, name: str, words: Mapping[str, str], link: str
    ) -> Addressed:
        subject, text = _text(kind, {**self.words, **words, "link": link})
        letter_id = _letter_id(kind, self.submission.id, number, person.id)
        return Addressed(Letter(letter_id, name, person.email, subject, text, link), person.id)


def _invitation(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    if desk.submission.state.revision == 0 or "again" in data:
        yield desk.to_unit("invitation", str(data.get("again", "")), {}, desk.filing_link())


def _receipt(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    number = int(data["revision"])
    revision = desk.services.store.revision(desk.submission.id, number)
    if revision is not None:
        words = {
            "revision": str(number),
            "hash": revision.hash,
            "sealed_at": show_instant(revision.sealed_at),
            "next_body": desk.body_name(desk.submission.state.route[0].region),
        }
        yield desk.to_unit("receipt", str(number), words, desk.check_link(number))


def _review(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """One letter per holder of the seat whose turn it is; to a holder of old and new alike, once."""
    state, region = desk.submission.state, data["region"]
    if state.turn != Body(ReviewLevel(data["level"]), region) or state.revision != data["revision"]:
        return
    for member in desk.services.store.holders(region, desk.services.today()):
        if "person" not in data or desk.services.store.person_of(member.email).id == data["person"]:
            yield _review_letter(desk, data, member)


def _review_letter(desk: _Desk, data: Mapping[str, Any], member: StaffMember) -> Addressed:
    person = desk.services.store.person_of(member.email)
    link = ReviewLink(desk.submission.id, data["revision"], data["level"], data["region"], person.id)
    url = desk.services.url("r", desk.services.links.sign(link))
    words = {"name": member.name, "revision": str(data["revision"]), "body": desk.body_name(data["region"])}
    arrived = to_text(desk.submission.state.since) if desk.submission.state.since else ""
    number = f"{data['revision']}.{data['level']}.{data['region']}.{arrived}{data.get('again', '')}"
    return desk.write("review", number, person, member.name, words, url)


def _returned(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    decision = _decision(desk, data)
    if decision.revision != desk.submission.state.revision:
        return  # he has answered it already
    words = {
        **_decision_words(desk, decision),
        "reason": return_reasons().get(decision.reason, {}).get("zh", decision.reason),
        "items": "、".join(_item_name(desk.definition, name) for name in decision.items),
    }
    yield desk.to_unit("returned", str(data["number"]), words, desk.filing_link())


def _accepted(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    number = int(data["revision"])
    yield desk.to_unit("accepted", str(number), {"revision": str(number)}, desk.check_link(number))


def _decision_taken(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    """To the author and the others of his seat."""
    decision = _decision(desk, data)
    yield from desk.to_seat("decision", str(data["number"]), decision.region, _decision_words(desk, decision))


def _passed_level(desk: _Desk, data: Mapping[str, Any]) -> Iterator[Addressed]:
    words = _decision_words(desk, _decision(desk, data))
    yield from desk.to_seat("passed_level", str(data["number"]), data["region"], words)


_WRITERS: Mapping[str, Callable[[_Desk, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.INVITATION: _invitation,
    effects.RECEIPT: _receipt,
    effects.REVIEW: _review,
    effects.RETURNED: _returned,
    effects.ACCEPTED: _accepted,
    effects.DECISION: _decision_taken,
    effects.PASSED_LEVEL: _passed_level,
}


def _sign_in(services: Services, data: Mapping[str, Any]) -> Iterator[Addressed]:
    person = services.store.person(data["person"])
    if person is not None:
        link = services.url("s", services.links.sign(SignInLink(person.id)))
        name = name_of(services, person.id)
        subject, text = _text("sign_in", {"name": name, "link": link})
        letter_id = _letter_id("sign_in", "", data["number"], person.id)
        yield Addressed(Letter(letter_id, name, person.email, subject, text, link), person.id)


def _code(services: Services, data: Mapping[str, Any]) -> Iterator[Addressed]:
    person = services.store.person(data["person"])
    if person is not None:
        code = services.links.code(person.id, data["device"], data["window"])
        name = name_of(services, person.id)
        subject, text = _text("code", {"name": name, "code": code})
        letter_id = _letter_id("code", data["device"], str(data["window"]), person.id)
        yield Addressed(Letter(letter_id, name, person.email, subject, text), person.id)


_TO_PERSON: Mapping[str, Callable[[Services, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.SIGN_IN: _sign_in,
    effects.CODE: _code,
}


def _decision(desk: _Desk, data: Mapping[str, Any]) -> Decision:
    """The decision an effect tells of, from the chain: a newer revision may have voided it since, but it was taken."""
    recorded = desk.services.store.events(desk.submission.id)[data["number"] - 1]
    event = recorded.event()
    if not isinstance(event, (LevelAccepted, Returned)):
        raise LookupError(f"event {recorded.id} is no decision")
    return decision_of(event, recorded.at, recorded.number)


def _decision_words(desk: _Desk, decision: Decision) -> dict[str, str]:
    return {
        "revision": str(decision.revision),
        "body": desk.body_name(decision.region),
        "by": name_of(desk.services, decision.person),
        "decided_at": show_instant(decision.at),
        "verdict": "通过" if decision.accepted else "退回",
    }


def _item_name(definition: FormDefinition, name: str) -> str:
    item = definition.items.get(name)
    return f"{item.code} {item.name_zh}" if item else name


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


def _letter_id(kind: str, submission: str, number: str, person: str) -> str:
    """Short, opaque and the same each time: it becomes the Message-ID and the Maildir file's name."""
    return hashlib.sha256(f"{kind}\n{submission}\n{number}\n{person}".encode()).hexdigest()[:32]


def _text(kind: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Each word on one line: a name with a line break must not look like a line, or a link, of ours."""
    template, plain = _templates()[kind], {name: " ".join(word.split()) for name, word in words.items()}
    return template["subject"].format_map(plain), template["body"].format_map(plain)


@cache
def _templates() -> Mapping[str, Mapping[str, str]]:
    import yaml

    text = resources.files("workflows").joinpath("letters.yaml").read_text(encoding="utf-8")
    templates: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return templates
