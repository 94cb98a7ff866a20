"""The interface against its own description: whatever is asked, no server error and no answer that is not described.

schemathesis makes the requests from the OpenAPI document, fitting and unfitting; most are led to returns that
exist, by a token that may, on the version that stands. `make test` tries a few, `make test-long` 5,000.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from register.units import make_synthetic_credit_code
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant

UNITS = 60
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
QUIET = settings(
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Many enterprises with both forms of a year: some have sent, two were sent back, most have done nothing yet."""
    world = found(tmp_path_factory.mktemp("described"))
    open_year(world, UNITS)
    for unit in range(1, 9):
        world.file(unit)
    for unit in (1, 2):
        assert world.review(unit, "990101", decision="return", reason_code="change", items="papers") == 303
    open_collection(world.home.services, year=YEAR, form="107-1", calendar=Calendar(read_instant("2033-03-10T24:00")))
    world.home.workshop.build(None, YEAR, world.clock.now())
    yield world
    world.home.close()


class Steering:
    """Leads a generated request to something that exists."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tokens = {
            unit: world.token("enterprise", unit, days=366)
            for unit in map(make_synthetic_credit_code, range(1, UNITS + 1))
        }
        self.office = world.token("office", "990000", days=366)
        self.returns = list(world.home.store.submissions("", 1_000).rows)
        self.sent = [one for one in self.returns if one.state.revision]

    def lead(self, case: Any, luck: random.Random) -> None:
        """Another token, return, version, key or body, now and then; the rest stays as it was made."""
        there = luck.choice(self.sent if luck.random() < 0.3 else self.returns)
        bearer = luck.choice([self.tokens[there.identity.unit_id]] * 8 + [self.office] * 2 + ["zhb_none"])
        headers = {"Authorization": f"Bearer {bearer}"}
        case.headers = {**(case.headers or {}), **headers}
        if case.path_parameters and "submission_id" in case.path_parameters and luck.random() < 0.8:
            case.path_parameters["submission_id"] = there.id
        if case.path_parameters and "number" in case.path_parameters and luck.random() < 0.7:
            case.path_parameters["number"] = 1
        if case.method in {"PUT", "POST"} and luck.random() < 0.8:
            draft = self.world.home.store.draft(there.id)
            case.headers["If-Match"] = f'"{draft.version if draft else 0}"'
        if case.method == "POST" and luck.random() < 0.3:
            case.body = self._whole(there.identity.form)
            case.headers["Idempotency-Key"] = luck.choice(["the-one-key", f"{luck.random()}"])

    def _whole(self, form: str) -> dict[str, Any]:
        """A return with which nothing is wrong."""
        items = self.world.home.forms.in_force(form, YEAR).items
        return {"cells": dict.fromkeys(items, 0), "signoff": SIGN_OFF}


def explore(world: World, cases: int, number: int) -> Counter[str]:
    """So many requests of each operation; how often each answer came."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    steering, answers = Steering(world), Counter[str]()
    for operation in (result.ok() for result in schema.get_all_operations()):
        modes = [operation.as_strategy(mode) for mode in schemathesis.GenerationMode if mode in FITTING]

        @seed(number)
        @settings(QUIET, max_examples=cases)
        @given(case=st.one_of(modes), chance=st.integers(0, 2**32))
        def ask(case: Any, chance: int) -> None:
            steering.lead(case, random.Random(chance))
            world.clock.move(timedelta(seconds=2))
            response = case.call(headers=case.headers)
            answers[f"{case.method} {case.path} {response.status_code}"] += 1
            case.validate_response(response, checks=CHECKS)

        ask()
    return answers


FITTING = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def test_no_answer_is_a_server_error_or_not_described(town: World) -> None:
    answers = explore(town, 12, 1)
    statuses = {key.rsplit(" ", 1)[1] for key in answers}
    assert {"200", "201", "401", "404"} <= statuses


@pytest.mark.long
def test_of_five_thousand_requests_none_is_answered_otherwise_than_described(town: World) -> None:
    number = random.SystemRandom().randrange(2**32)
    print(f"seed {number}")
    answers = explore(town, 320, number)
    print("\n".join(f"{count:6} {answer}" for answer, count in sorted(answers.items())))
    print(f"{answers.total()} requests")
    assert answers.total() >= 5_000
