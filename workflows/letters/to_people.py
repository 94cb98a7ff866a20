"""Letters to a person for himself: his sign-in link, the code that confirms his device."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflows import effects
from workflows.letters.desk import Addressed
from workflows.letters.texts import letter_id, text_of
from workflows.links import SignInLink
from workflows.ports import Letter
from workflows.services import Services
from workflows.words import name_of


def _sign_in(services: Services, data: Mapping[str, Any]) -> Iterator[Addressed]:
    person = services.store.person(data["person"])
    if person is not None:
        link = services.url("s", services.links.sign(SignInLink(person.id)))
        name = name_of(services, person.id)
        subject, text = text_of("sign_in", {"name": name, "link": link})
        key = letter_id("sign_in", "", data["number"], person.id)
        yield Addressed(Letter(key, name, person.email, subject, text, link), person.id)


def _code(services: Services, data: Mapping[str, Any]) -> Iterator[Addressed]:
    person = services.store.person(data["person"])
    if person is not None:
        code = services.links.code(person.id, data["device"], data["window"])
        name = name_of(services, person.id)
        subject, text = text_of("code", {"name": name, "code": code})
        key = letter_id("code", data["device"], str(data["window"]), person.id)
        yield Addressed(Letter(key, name, person.email, subject, text), person.id)


WRITERS: Mapping[str, Callable[[Services, Mapping[str, Any]], Iterator[Addressed]]] = {
    effects.SIGN_IN: _sign_in,
    effects.CODE: _code,
}
