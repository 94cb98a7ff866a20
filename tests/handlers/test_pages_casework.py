"""The office's casework pages: found by code, listed while unsent, handled by two persons."""

from collections.abc import Iterator

import pytest

from register.units import make_synthetic_credit_code
from tests.handlers.world import YEAR, World, found, open_year
from workflows.machine.states import Stage
from workflows.submissions import Submission, submission_id

OFFICE, OTHER = "office@staff.example", "office2@staff.example"


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A home of its own for each test: these pages change things."""
    made = found(tmp_path_factory.mktemp("casework"))
    open_year(made)
    yield made
    made.home.close()


def submission(world: World, unit: int) -> Submission:
    code = make_synthetic_credit_code(unit)
    key = next(
        submission_id(world.home.store.home_key(), YEAR, one.form, code)
        for one in world.home.store.collections(YEAR)
        if world.home.store.submission(submission_id(world.home.store.home_key(), YEAR, one.form, code))
    )
    there = world.home.store.submission(key)
    assert there is not None
    return there


def act(world: World, email: str, unit: int, name: str, **posted: str) -> int:
    client = world.signed_in(email)
    path = f"/office/submissions/{submission(world, unit).id}/{name}"
    return client.post(path, data={**world.csrf(client), **posted}).status_code


def test_a_unit_is_found_by_its_code_in_any_spelling_of_letters(fresh: World) -> None:
    client = fresh.signed_in(OFFICE)
    code = make_synthetic_credit_code(1)
    answer = client.get(f"/office/{YEAR}/find?unit_id=%20{code.lower()}%20")
    assert answer.headers["Location"].endswith(f"/office/submissions/{submission(fresh, 1).id}")
    assert client.get(f"/office/{YEAR}/find?unit_id=nobody").status_code == 404


def test_who_has_not_sent_is_listed_by_place(fresh: World) -> None:
    client = fresh.signed_in(OFFICE)
    place = submission(fresh, 1).identity
    path = f"/office/{YEAR}/unsent?form={place.form}&region={place.region_code}"
    assert "示例企业1号" in client.get(path).text
    fresh.file(1, papers="7")
    assert "示例企业1号" not in client.get(path).text


def test_a_disposition_goes_through_two_persons_on_the_page(fresh: World) -> None:
    assert act(fresh, OFFICE, 1, "propose-disposition", kind="closed", reason="2月走访得知已注销") == 303
    page = fresh.signed_in(OTHER).get(f"/office/{YEAR}/proposals").text
    assert "示例企业1号" in page
    disposition = submission(fresh, 1).state.disposition
    assert disposition is not None
    shown = str(disposition.event_number)
    assert act(fresh, OFFICE, 1, "confirm-disposition", shown=shown) == 409
    assert act(fresh, OTHER, 1, "confirm-disposition", shown="1") == 409
    assert act(fresh, OTHER, 1, "confirm-disposition", shown=shown) == 303
    assert submission(fresh, 1).state.stage is Stage.DISPOSED
    text = fresh.signed_in(OTHER).get(f"/office/submissions/{submission(fresh, 1).id}").text
    assert "2月走访得知已注销" in text


@pytest.mark.parametrize(
    ("name", "posted", "status"),
    [
        ("propose-disposition", {"kind": "closed", "reason": " "}, 422),
        ("propose-disposition", {"kind": "magic", "reason": "x"}, 422),
        ("propose-extension", {"scope": "filing", "expires": "soon", "reason": "x"}, 422),
        ("propose-extension", {"scope": "filing", "expires": "2020-01-01", "reason": "x"}, 409),
        ("reopen", {"reason_code": "unit", "items": "x", "reason": "x"}, 409),
        ("move", {"body": "nowhere"}, 409),
        ("grant-extension", {}, 409),
        ("erase", {}, 404),
    ],
)
def test_what_cannot_be_done_says_why_and_stores_nothing(
    fresh: World, name: str, posted: dict[str, str], status: int
) -> None:
    before = submission(fresh, 1)
    assert act(fresh, OFFICE, 1, name, **posted) == status
    assert submission(fresh, 1) == before


def test_a_page_offers_only_what_can_be_done(fresh: World) -> None:
    client = fresh.signed_in(OFFICE)
    path = f"/office/submissions/{submission(fresh, 1).id}"
    assert "/propose-disposition" in client.get(path).text
    assert "/reopen" not in client.get(path).text
    assert "/propose-disposition" not in fresh.signed_in("auditor@staff.example").get(path).text
