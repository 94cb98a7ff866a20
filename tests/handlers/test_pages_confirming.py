"""`ZHIBAO_REVIEW_CONFIRM=device` for a filler: sealed figures wait for the mailed code, filling and sending do not."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from register.units import make_synthetic_credit_code
from tests.asking import ask
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant
from workflows.devices import MAX_TRIES
from workflows.links import FilingLink
from workflows.machine.states import Stage
from workflows.submissions import Submission, submission_id

ITEM = "papers"
SEALED, THIS_YEAR = "48,151", "62,342"
UNIT = "unit1@units.example"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A careful home: last year's return of the first unit is accepted, and this year's form is open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHIBAO_REVIEW_CONFIRM", "device")
        made = found(tmp_path_factory.mktemp("careful") / "home")
    open_year(made)
    made.file(1, papers=SEALED.replace(",", ""))
    for region in ("990101", "990100", "990000"):
        assert made.review(1, region, _confirmed(made, f"reviewer{region}@staff.example")) == 303
    open_collection(made.home.services, year=YEAR + 1, form="107-2", calendar=Calendar(read_instant("2033-03-10")))
    made.sweep()
    yield made
    made.home.close()


@pytest.fixture(autouse=True)
def _later(town: World) -> None:
    """Each test has tries of its own: they are counted for ten minutes."""
    town.clock.move(timedelta(minutes=20))


def _confirmed(world: World, reviewer: str) -> FlaskClient:
    """A browser on which a reviewer confirmed himself."""
    client, path = world.client(), world.link(reviewer, "r", "示例企业1号")
    client.post(f"{path}/code", data=world.csrf(client))
    world.home.sweep.run()
    answer = client.post(f"{path}/confirm", data={"code": code(world, reviewer), **world.csrf(client)})
    assert answer.status_code == 303
    return client


def code(world: World, address: str) -> str:
    """The six digits that were mailed last."""
    texts = [letter.text for letter in world.post.letters if letter.to_email == address and "验证码" in letter.subject]
    digits = re.search(r"\b\d{6}\b", texts[-1])
    assert digits is not None
    return digits[0]


def submission(world: World, year: int = YEAR, unit: int = 1) -> Submission:
    key = submission_id(world.home.store.home_key(), year, "107-2", make_synthetic_credit_code(unit))
    there = world.home.store.submission(key)
    assert there is not None
    return there


def path(world: World, year: int = YEAR, unit: int = 1) -> str:
    """The unit's page of a year."""
    services = world.home.services
    link = FilingLink(submission(world, year, unit).id, services.store.person_of(f"unit{unit}@units.example").id)
    return f"/f/{services.links.sign(link)}"


def confirm(world: World, client: FlaskClient, page: str, address: str = UNIT) -> None:
    """Ask for the code on the page and type it."""
    assert client.post(f"{page}/code", data=world.csrf(client)).headers["Location"] == page
    world.home.sweep.run()
    assert 'id="code"' in client.get(page).text
    answer = client.post(f"{page}/confirm", data={"code": code(world, address), **world.csrf(client)})
    assert (answer.status_code, answer.headers["Location"]) == (303, page)


def test_last_years_figures_wait_for_the_code_and_the_column_says_how(town: World) -> None:
    client, page = town.client(), path(town, YEAR + 1)
    text = client.get(page).text
    assert SEALED not in text
    assert '<form id="filing"' in text
    assert re.search(r'上年 <a href="#unlock">确认设备后显示</a>', text)
    assert 'id="unlock"' in text
    confirm(town, client, page)
    text = client.get(page).text
    assert SEALED in text
    assert "确认设备后显示" not in text
    assert SEALED not in town.client().get(page).text


def test_sealed_figures_and_who_signed_them_wait_for_the_code(town: World) -> None:
    client, page = town.client(), path(town)
    text = client.get(page).text
    assert SEALED not in text
    assert SIGN_OFF["unit_head"] not in text
    for words in ("已验收", "查看、打印回执", "确认这台设备后显示"):
        assert words in text
    confirm(town, client, page)
    text = client.get(page).text
    assert SEALED in text
    assert SIGN_OFF["unit_head"] in text
    assert "确认这台设备后显示" not in text


def test_a_unit_without_figures_of_last_year_is_asked_for_nothing(town: World) -> None:
    text = town.client().get(path(town, YEAR + 1, unit=2)).text
    assert "确认设备后显示" not in text
    assert "/code" not in text


def test_saving_sending_and_answering_work_on_any_device(town: World) -> None:
    client, page = town.client(), path(town, YEAR + 1)
    csrf = town.csrf(client)
    zeros = dict.fromkeys(town.home.forms.in_force("107-2", YEAR + 1).items, "0")
    data = {**zeros, **SIGN_OFF, "papers": THIS_YEAR.replace(",", ""), **csrf}
    draft = town.home.store.draft(submission(town, YEAR + 1).id)
    base = draft.version if draft else 0
    assert client.post(page, data={**data, "action": "save", "draft_version": base}).status_code == 303
    assert client.post(page, data={**data, "action": "submit", "draft_version": base + 1}).status_code == 303
    assert THIS_YEAR not in client.get(page).text
    number = ask(town.home.services, submission(town, YEAR + 1), "county", ITEM, "请说明口径。")
    text = client.get(page).text
    assert text.index(f'id="query-{number}"') < text.index(f'id="answer-{number}-form"')
    assert THIS_YEAR not in text
    assert client.post(f"{page}/answer", data={"query": number, "answer": "属实。", **csrf}).status_code == 303
    assert "属实。" in client.get(page).text
    assert submission(town, YEAR + 1).state.stage is Stage.IN_REVIEW


def test_what_was_sealed_is_taken_back_on_a_confirmed_device_only(town: World) -> None:
    services, client = town.home.services, town.client()
    page = path(town, YEAR + 1, unit=3)
    zeros = dict.fromkeys(town.home.forms.in_force("107-2", YEAR + 1).items, "0")
    data = {**zeros, **SIGN_OFF, "papers": THIS_YEAR.replace(",", ""), "action": "submit"}
    assert client.post(page, data={**data, **town.csrf(client)}).status_code == 303
    asked = client.get(page).text
    assert "撤回第" not in asked
    assert "确认以后也可以撤回" in asked
    answer = client.post(f"{page}/withdraw", data={"revision": 1, **town.csrf(client)})
    assert "先确认这台设备" in answer.text
    assert submission(town, YEAR + 1, unit=3).state.stage is Stage.IN_REVIEW
    assert services.store.inbox("990101", "", 9).rows
    confirm(town, client, page, "unit3@units.example")
    assert "撤回第 1 版" in client.get(page).text
    assert client.post(f"{page}/withdraw", data={"revision": 1, **town.csrf(client)}).status_code == 303
    assert submission(town, YEAR + 1, unit=3).state.stage is Stage.DRAFT


def test_a_wrong_code_shows_nothing_and_leads_back_to_the_form(town: World) -> None:
    client, page = town.client(), path(town)
    client.post(f"{page}/code", data=town.csrf(client))
    answer = client.post(f"{page}/confirm", data={"code": "12", **town.csrf(client)})
    assert answer.status_code == 422
    assert "验证码不对" in answer.text
    assert f'<a href="{page}">回到报表</a>' in answer.text
    assert SEALED not in client.get(page).text


def test_a_code_of_one_unit_or_device_confirms_no_other(town: World) -> None:
    page, first, second = path(town), town.client(), town.client()
    for client in (first, second):
        client.post(f"{page}/code", data=town.csrf(client))
    town.home.sweep.run()
    asked_last = code(town, UNIT)
    other = town.client()
    other.post(f"{path(town, YEAR + 1, unit=2)}/code", data=town.csrf(other))
    for client in (first, other):
        answer = client.post(f"{page}/confirm", data={"code": asked_last, **town.csrf(client)})
        assert answer.status_code == 422
    confirm(town, second, page)
    assert SEALED in second.get(page).text


def test_guessing_ends_soon(town: World) -> None:
    client, page = town.client(), path(town, YEAR + 1, unit=2)
    client.post(f"{page}/code", data=town.csrf(client))
    answers = [
        client.post(f"{page}/confirm", data={"code": "000000", **town.csrf(client)}).text for _ in range(MAX_TRIES + 1)
    ]
    assert "试得太多了" in answers[-1]


@pytest.mark.parametrize("step", ["code", "confirm"])
def test_who_is_no_longer_the_units_person_confirms_nothing(town: World, step: str) -> None:
    services = town.home.services
    link = FilingLink(submission(town).id, services.store.person_of("unit2@units.example").id)
    client = town.client()
    before = town.home.store.pending_count()
    answer = client.post(f"/f/{services.links.sign(link)}/{step}", data={"code": "000000", **town.csrf(client)})
    assert answer.status_code == 403
    assert town.home.store.pending_count() == before


def test_where_links_decide_alone_nothing_is_hidden(world: World) -> None:
    services = world.home.services
    link = FilingLink(submission(world).id, services.store.person_of(UNIT).id)
    text = world.client().get(f"/f/{services.links.sign(link)}").text
    assert "确认" not in text.split("<main")[1].split("</main>")[0]
    assert SIGN_OFF["unit_head"] in text
