"""An enterprise's own accounting system files: what it is told, what is kept, and what is refused."""

import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from handlers.late_app import LateApp
from handlers.problems import PREFIX, Problem, type_names, types
from register.units import make_synthetic_credit_code
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant
from workflows.links import FilingLink
from workflows.machine.refusals import RefusalCode
from workflows.tokens import WRITES_A_MINUTE, revoke_token


@dataclass(frozen=True, slots=True)
class Program:
    """A unit's accounting system: its token, and its submission of one form."""

    world: World
    bearer: str
    submission: str

    def ask(self, path: str = "", **headers: str) -> TestResponse:
        """Read something of the submission."""
        return self._open("GET", path, None, headers)

    def put(self, body: object, version: int, **headers: str) -> TestResponse:
        """Save a draft on top of a version."""
        return self._open("PUT", "/draft", body, {"If-Match": f'"{version}"', **headers})

    def send(self, body: object, version: int, key: str = "", **headers: str) -> TestResponse:
        """Seal and send, under a new key unless one is given."""
        named = {"If-Match": f'"{version}"', "Idempotency-Key": key or str(uuid.uuid4()), **headers}
        return self._open("POST", "/submit", body, named)

    def _open(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> TestResponse:
        data = None if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
        return self.world.client().open(
            f"/api/v1/submissions/{self.submission}{path}",
            method=method,
            data=data,
            headers={"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json", **headers},
        )


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Three starred enterprises with both forms of the year, nothing sent."""
    made = found(tmp_path_factory.mktemp("api"))
    open_year(made)
    open_collection(made.home.services, year=YEAR, form="107-1", calendar=Calendar(read_instant("2032-03-10T24:00")))
    made.sweep()
    yield made
    made.home.close()


def program(world: World, unit: int = 1, form: str = "107-2") -> Program:
    """The system of one unit."""
    bearer = world.token("enterprise", make_synthetic_credit_code(unit))
    listed = (
        world.client().get(f"/api/v1/submissions?year={YEAR}", headers={"Authorization": f"Bearer {bearer}"}).get_json()
    )
    return Program(world, bearer, next(one["id"] for one in listed if one["form"] == form))


def zeros(world: World, **figures: Any) -> dict[str, Any]:
    """A whole return of 107-2 with nothing but zeros and these figures, signed."""
    cells = {**dict.fromkeys(world.home.forms.in_force("107-2", YEAR).items, 0), **figures}
    return {"cells": cells, "signoff": SIGN_OFF}


PROJECT = {
    "project_name": "高炉煤气余热利用",
    "project_source": "1",
    "project_form": 10,
    "project_output": "13",
    "project_goal": "6",
    "start_month": 203103,
    "end_month": "000000",
    "project_staff": 3,
    "project_person_months": 7.5,
    "project_cost": "1,200",
    "project_cost_government": 0,
    "project_cost_basic": 0,
    "project_cost_basic_own": 0,
    "project_cost_basic_outsourced": 0,
}


def problem(answer: TestResponse) -> str:
    """The type of the problem document an answer is."""
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json", answer.text
    assert body["status"] == answer.status_code
    assert body["type"] in type_names()
    assert all(body[name] for name in ("title", "title_en", "detail", "detail_en"))
    return str(body["type"].removeprefix(PREFIX))


def pointers(answer: TestResponse) -> dict[str, str]:
    """What is wrong at each place of the body."""
    return {error["pointer"]: error["code"] for error in answer.get_json()["errors"]}


def test_a_year_lists_the_units_own_submissions_only(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.token('enterprise', make_synthetic_credit_code(2))}"}
    listed = world.client().get(f"/api/v1/submissions?year={YEAR}", headers=headers).get_json()
    assert [(one["form"], one["unit_id"]) for one in listed] == [
        (form, make_synthetic_credit_code(2)) for form in ("107-1", "107-2")
    ]
    assert world.client().get("/api/v1/submissions?year=1999", headers=headers).get_json() == []
    for year in ("", "?year=31", "?year=２０３１"):
        answer = world.client().get(f"/api/v1/submissions{year}", headers=headers)
        assert (answer.status_code, problem(answer)) == (422, "unfit")


def test_a_return_is_filed_from_the_first_look_to_the_receipt(world: World) -> None:
    system = program(world)
    state = system.ask().get_json()
    assert (state["stage"], state["editable"], state["draft_version"], state["starred"]) == (
        "not_started",
        True,
        0,
        True,
    )
    assert {item["key"] for section in system.ask("/form").get_json()["sections"] for item in section["items"]} == set(
        world.home.forms.in_force("107-2", YEAR).items
    )
    saved = system.put(zeros(world, papers=7), 0)
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"1"')
    sent = system.send(zeros(world, papers=7), 1)
    assert sent.status_code == 201
    revision = system.ask("/revisions/1").get_json()
    assert revision["content"]["cells"]["papers"] == {"value": "7"}
    assert revision["content"]["signoff"]["report_date"] == world.home.services.today().isoformat()
    receipt = (
        world.client().get(sent.headers["Location"], headers={"Authorization": f"Bearer {system.bearer}"}).get_json()
    )
    assert (receipt["hash"], receipt["intact"], receipt["superseded"]) == (sent.get_json()["hash"], True, False)
    assert [trace.channel for _, trace in world.home.store.traces(system.submission)] == ["api", "api"]
    assert system.ask().get_json()["stage"] == "in_review"


def test_what_a_program_saved_stands_on_the_page_and_the_other_way_round(world: World) -> None:
    system = program(world)
    person = world.home.store.person_of("unit1@units.example").id
    page = f"/f/{world.home.services.links.sign(FilingLink(system.submission, person))}"
    system.put({"cells": {"papers": {"status": "estimated", "value": "12", "note": "约数"}}}, 0)
    browser = world.client()
    assert 'value="12"' in browser.get(page).text
    browser.post(page, data={"papers": "13", "draft_version": "1", "action": "save", **world.csrf(browser)})
    draft = system.ask("/draft").get_json()
    assert (draft["version"], draft["cells"]["papers"]) == (2, {"value": "13"})


def test_the_form_comes_as_a_json_schema_that_takes_what_is_filed(world: World) -> None:
    for form, body in (("107-2", zeros(world)), ("107-1", {"rows": {"projects": [PROJECT]}, "signoff": SIGN_OFF})):
        schema = program(world, form=form).ask("/form/schema").get_json()
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema).validate(body)
        assert not Draft202012Validator(schema).is_valid({**body, "cells": {"no_such_item": 1}})


def test_projects_are_filed_as_rows(world: World) -> None:
    system = program(world, form="107-1")
    second = {**PROJECT, "project_name": "矿渣微粉", "project_cost": 800}
    sent = system.send({"rows": {"projects": [PROJECT, second]}, "signoff": SIGN_OFF}, 0)
    assert sent.status_code == 201, sent.text
    rows = system.ask("/revisions/1").get_json()["content"]["rows"]["projects"]
    assert [(row["project_name"]["value"], row["project_cost"]["value"]) for row in rows] == [
        ("高炉煤气余热利用", "1200"),
        ("矿渣微粉", "800"),
    ]
    assert rows[0]["project_person_months"]["value"] == "7.5"
    assert rows[0]["start_month"]["value"] == "203103"


def test_two_thousand_projects_come_in_one_body_and_one_more_does_not(world: World) -> None:
    system, name = program(world, form="107-1"), "一种很长的项目名称" * 20
    projects = [{**PROJECT, "project_name": f"{name}{number}"} for number in range(2_001)]
    answer = system.put({"rows": {"projects": projects}}, 0)
    assert pointers(answer) == {"/rows/projects": "too_many_rows"}
    assert system.put({"rows": {"projects": projects[:-1]}}, 0).status_code == 200


@pytest.mark.parametrize("written", ["123456789012345", "1234567890123.0", "1.5e3", "0.1e1", '"12,345"', '"１２"'])
def test_a_figure_is_read_exactly_as_written(world: World, written: str) -> None:
    system = program(world)
    assert system.put(f'{{"cells": {{"rd_cost_total": {written}}}}}', 0).status_code == 200
    stored = world.home.store.draft(system.submission)
    assert stored is not None
    plain = {"1.5e3": "1500", "0.1e1": "1"}.get(written, written.strip('"'))
    assert stored.inputs["rd_cost_total"].rstrip("0").rstrip(".") == plain.rstrip("0").rstrip(".")


def test_a_figure_that_cannot_be_read_is_kept_and_found(world: World) -> None:
    """As on the page: a draft takes mistakes, a sending does not."""
    system = program(world)
    saved = system.put(zeros(world, rd_cost_total="约三千", papers=1.25, patents_applied=-1), 0).get_json()
    assert saved["cells"]["rd_cost_total"] == {"value": "约三千"}
    wrong = {"/cells/rd_cost_total", "/cells/papers", "/cells/patents_applied"}
    assert {place for one in saved["findings"] for place in one["pointers"] if one["severity"] == "fatal"} == wrong
    sent = system.send(zeros(world, rd_cost_total="约三千", papers=1.25, patents_applied=-1), 1)
    assert (sent.status_code, problem(sent), set(pointers(sent))) == (422, "not-ready", wrong)


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"cells": {"papers": {"value": 1, "mark": 2}}}, "/cells/papers/mark", "unknown_name"),
        ({"cells": {"papers": {"status": "sure"}}}, "/cells/papers/status", "unknown_status"),
        ({"cells": {"papers": [1]}}, "/cells/papers", "wrong_type"),
        ({"cells": {"papers": True}}, "/cells/papers", "wrong_type"),
        ({"cells": {"a/b~c": 1}}, "/cells/a~1b~0c", "unknown_name"),
        ({"cells": {"papers": "9" * 500}}, "/cells/papers", "too_long"),
        ({"cells": {"papers": "\ud800"}}, "/cells/papers", "half_character"),
        ('{"cells": {"papers": 1e70}}', "/cells/papers", "too_many_digits"),
        ({"rows": {}}, "/rows", "unknown_name"),
        ({"explanations": {"R01": "强制性的不能说明"}}, "/explanations/R01", "unknown_name"),
        ({"explanations": {"R17": "字" * 1_001}}, "/explanations/R17", "too_long"),
        ({"signoff": {"filler": 12}}, "/signoff/filler", "wrong_type"),
        ([], "", "wrong_type"),
    ],
)
def test_what_does_not_fit_the_form_is_pointed_at_and_nothing_is_kept(
    world: World, body: object, place: str, code: str
) -> None:
    system = program(world)
    answer = system.put(body, 0)
    assert (answer.status_code, problem(answer), pointers(answer)) == (422, "unfit", {place: code})
    assert world.home.store.draft(system.submission) is None


def test_null_is_a_blank_wherever_something_may_be_blank(world: World) -> None:
    nothing = {"cells": {"papers": None, "patents_applied": {"value": None, "status": None, "note": None}}}
    answer = program(world).put({**nothing, "explanations": {"R17": None}, "signoff": {"filler": None}}, 0)
    assert (answer.status_code, answer.get_json()["cells"]) == (200, {})
    row = {**PROJECT, "stage": None}
    kept = program(world, form="107-1").put({"rows": {"projects": [row]}}, 0).get_json()["rows"]["projects"]
    assert "stage" not in kept[0]


def test_an_empty_row_is_pointed_at_so_that_every_row_keeps_its_number(world: World) -> None:
    answer = program(world, form="107-1").put({"rows": {"projects": [PROJECT, {"project_name": " "}]}}, 0)
    assert pointers(answer) == {"/rows/projects/1": "empty_row"}


def test_a_mistake_in_a_row_is_pointed_at_by_its_place_in_the_body(world: World) -> None:
    system = program(world, form="107-1")
    body = {
        "rows": {"projects": [PROJECT, {**PROJECT, "project_name": "乙", "start_month": 203113}]},
        "signoff": SIGN_OFF,
    }
    assert "/rows/projects/1/start_month" in pointers(system.send(body, 0))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"cells": {"papers": NaN}}', b'{"cells": {}, "cells": {}}', b"[" * 100_000, b"nul"],
)
def test_what_is_no_json_is_malformed(world: World, body: bytes) -> None:
    answer = program(world).put(body, 0)
    assert (answer.status_code, problem(answer)) == (400, "malformed")


def test_a_number_past_all_bounds_is_refused_before_it_is_written_out(world: World) -> None:
    for written in ("1e999999999999999999999999", "1e999999999", "-1E-999999999"):
        answer = program(world).put(f'{{"cells": {{"papers": {written}}}}}', 0)
        assert answer.status_code in {400, 422}, written


def test_a_body_is_json_and_bounded(world: World) -> None:
    system = program(world)
    answer = system.put({}, 0, **{"Content-Type": "text/plain"})
    assert (answer.status_code, problem(answer)) == (415, "not-json")
    answer = system.put(b" " * 4_000_001, 0)
    assert (answer.status_code, problem(answer)) == (413, "too-large")


def test_a_draft_is_replaced_only_by_who_knows_what_stands(world: World) -> None:
    system = program(world)
    assert system.put({"cells": {"papers": 1}}, 0).status_code == 200
    answer = system.put({"cells": {"papers": 2}}, 0)
    assert (answer.status_code, problem(answer), answer.headers["ETag"]) == (412, "draft-changed", '"1"')
    assert system.ask("/draft").get_json()["cells"]["papers"] == {"value": "1"}
    for named in ("", "1", "*", 'W/"1"', '"-1"', '"01"'):
        answer = system._open("PUT", "/draft", {}, {"If-Match": named})
        assert (answer.status_code, problem(answer)) == (428, "no-version"), named


def test_of_racing_saves_one_wins_and_the_others_are_told(world: World) -> None:
    system = program(world)
    answers = together(lambda number: system.put({"cells": {"papers": number}}, 0), 6)
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]


def test_nothing_is_sent_without_the_sign_off_or_with_a_fatal_finding(world: World) -> None:
    system = program(world)
    unsigned = system.send({**zeros(world), "signoff": {"filler": "孙三"}}, 0)
    assert (unsigned.status_code, problem(unsigned)) == (422, "not-ready")
    assert set(pointers(unsigned)) == {"/signoff/unit_head", "/signoff/statistician", "/signoff/phone"}
    broken = system.send(zeros(world, rd_staff_total=1, rd_cost_labour=1, rd_cost_total=2), 0)
    assert (broken.status_code, problem(broken)) == (422, "not-ready")
    assert pointers(broken)["/cells/rd_cost_total"] == "R07"
    assert "/explanations/R17" in pointers(broken)
    blank = system.send({"cells": {}, "signoff": SIGN_OFF}, 0)
    assert pointers(blank)["/cells/papers"] == "required:papers"
    assert world.home.store.revision(system.submission, 1) is None


def test_a_fired_query_is_answered_under_its_rule(world: World) -> None:
    system = program(world)
    figures = {"rd_staff_total": 1, "rd_cost_labour": 10, "rd_cost_total": 10}
    draft = system.put(zeros(world, **figures), 0).get_json()
    assert [(one["pointer"], one["code"]) for one in draft["unexplained"]] == [("/explanations/R17", "R17")]
    assert set(draft["waiting"]) == {"R18", "R19", "R34", "R35"}
    asked = system.send(zeros(world, **figures), 1)
    assert pointers(asked) == {"/explanations/R17": "R17"}
    stock = system.send({**zeros(world, **figures), "explanations": {"R17": "核实无误"}}, 1)
    assert pointers(stock) == {"/explanations/R17": "R17"}
    reason = "课题经费由高校代管，不进本单位的账"
    sent = system.send({**zeros(world, **figures), "explanations": {"R17": reason}}, 1)
    assert sent.status_code == 201, sent.text
    assert system.ask("/revisions/1").get_json()["content"]["explanations"] == {"R17": reason}
    assert system.ask("/draft").get_json()["explanations"] == {"R17": reason}


def test_a_repeated_sending_gets_the_same_answer_and_seals_nothing(world: World) -> None:
    system, key = program(world), "7d0c3c8e-0001"
    first = system.send(zeros(world), 0, key)
    again = system.send(zeros(world), 0, f'"{key}"')
    assert (first.status_code, first.get_json(), first.headers["Location"]) == (
        again.status_code,
        again.get_json(),
        again.headers["Location"],
    )
    assert world.home.store.revision(system.submission, 2) is None


def test_one_key_stands_for_one_body(world: World) -> None:
    system, key = program(world), "7d0c3c8e-0002"
    assert system.send(zeros(world), 0, key).status_code == 201
    answer = system.send(zeros(world, papers=1), 1, key)
    assert (answer.status_code, problem(answer)) == (422, "key-reused")


def test_a_refused_sending_uses_up_no_key(world: World) -> None:
    system, key = program(world), "7d0c3c8e-0003"
    assert system.send({"cells": {}}, 0, key).status_code == 422
    assert system.send(zeros(world), 0, key).status_code == 201


def test_a_key_is_forgotten_after_two_days(world: World) -> None:
    system, key = program(world), "7d0c3c8e-0004"
    assert system.send(zeros(world), 0, key).status_code == 201
    world.clock.move(timedelta(days=2))
    answer = system.send(zeros(world), 1, key)
    assert (answer.status_code, problem(answer)) == (409, "refused:not_editable")


@pytest.mark.parametrize("key", ["", "short", "a" * 129, "with space", "中文中文中文中文"])
def test_a_sending_wants_a_key(world: World, key: str) -> None:
    system = program(world)
    answer = system._open(
        "POST", "/submit", zeros(world), {"If-Match": '"0"', "Idempotency-Key": key.encode().decode("latin-1")}
    )
    assert (answer.status_code, problem(answer)) == (400, "no-key")


def test_racing_twins_give_one_revision_and_one_answer(world: World) -> None:
    system, key, body = program(world), "7d0c3c8e-0005", zeros(world)
    answers = together(lambda _: system.send(body, 0, key), 8)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_data() for answer in answers}) == 1
    assert world.home.store.revision(system.submission, 2) is None


def test_a_return_under_review_takes_nothing_more(world: World) -> None:
    system = program(world)
    assert system.send(zeros(world), 0).status_code == 201
    for answer in (system.put(zeros(world), 1), system.send(zeros(world), 1)):
        assert (answer.status_code, problem(answer)) == (409, "refused:not_editable")
    assert system.ask().get_json()["refusal"] == "refused:not_editable"


def test_after_the_close_the_program_is_told_so(world: World) -> None:
    system, client = program(world), world.signed_in("office@staff.example")
    client.post(f"/office/collections/{YEAR}/close", data={"confirm": str(YEAR), **world.csrf(client)})
    assert problem(system.put({}, 0)) == "refused:collection_closed"


def test_every_refusal_of_the_machine_has_its_own_problem(world: World) -> None:
    with world.app.test_request_context():
        told = types()
    for code in RefusalCode:
        status, zh, en = told[f"{PREFIX}refused:{code.value}"]
        assert status == 409
        assert zh
        assert en.isascii() or "“" in en or "’" in en, en
        assert zh != en
    assert len(told) == len(Problem) + len(RefusalCode)


def test_a_return_sent_back_tells_the_program_why(world: World) -> None:
    system = program(world)
    assert system.send(zeros(world), 0).status_code == 201
    world.sweep()
    assert (
        world.review(1, "990101", decision="return", reason_code="change", items="papers", comment="请核对论文数")
        == 303
    )
    state = system.ask().get_json()
    assert (state["stage"], state["returned"]["items"], state["returned"]["comment"]) == (
        "returned",
        ["papers"],
        "请核对论文数",
    )
    assert state["returned"]["reason_text_en"]
    assert system.send(zeros(world, papers=2), 1).get_json()["revision"] == 2


def test_a_token_that_was_revoked_or_ran_out_opens_nothing(world: World) -> None:
    system = program(world)
    revoke_token(world.home.services, world.home.store.tokens()[0].id)
    assert (system.ask().status_code, problem(system.ask())) == (401, "no-token")
    other = program(world)
    world.clock.move(timedelta(days=30))
    assert other.ask().status_code == 401


def test_a_program_that_runs_wild_is_slowed_down(world: World) -> None:
    system = program(world)
    for version in range(WRITES_A_MINUTE):
        assert system.put({}, version).status_code == 200
    answer = system.put({}, WRITES_A_MINUTE)
    assert (answer.status_code, problem(answer)) == (429, "too-many-requests")
    assert system.ask("/draft").status_code == 200
    world.clock.move(timedelta(seconds=int(answer.headers["Retry-After"])))
    assert system.put({}, WRITES_A_MINUTE).status_code == 200


def test_what_is_not_there_is_a_problem_document_too(world: World) -> None:
    system = program(world)
    for path in ("/revisions/1", "/revisions/1/receipt", "/nothing"):
        answer = system.ask(path)
        assert (answer.status_code, problem(answer)) == (404, "not-found"), path
    answer = system._open("DELETE", "/draft", None, {})
    assert (answer.status_code, problem(answer)) == (405, "method-not-allowed")
    assert "PUT" in answer.headers["Allow"]


def test_the_function_on_aws_takes_a_programs_requests_too(world: World) -> None:
    """Its doors open late; a token's door asks for no CSRF field there either."""
    system = program(world)
    late = LateApp(world.home).test_client()
    path, headers = f"/api/v1/submissions/{system.submission}/draft", {"If-Match": '"0"'}
    assert late.put(path, json={}, headers=headers).status_code == 401
    known = {**headers, "Authorization": f"Bearer {system.bearer}"}
    assert late.put(path, json={"cells": {"papers": 4}}, headers=known).status_code == 200
    assert system.ask("/draft").get_json()["cells"] == {"papers": {"value": "4"}}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_describes_every_route_and_every_problem(world: World, language: str) -> None:
    for path in ("/api/v1/docs", "/api/v1/"):
        page = world.client().get(f"{path}?lang={language}").text
        described = world.client().get("/api/v1/openapi.json").get_json()
        assert all(f"{path}</code>" in page for path in described["paths"])
        assert all(name in page for name in type_names())
        assert "http://" not in page.replace("http://localhost", "")


def test_the_description_has_every_route_of_the_interface(world: World) -> None:
    described = world.client().get("/api/v1/openapi.json").get_json()["paths"]
    there = {
        (method.lower(), plain(str(rule)))
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if str(rule).startswith("/api/") and ".<any" not in str(rule)
    }
    told = {(method, path) for path, found in described.items() for method in found if method in {"get", "put", "post"}}
    assert there - told == {("get", "/api/v1/")}
    assert {path for _, path in told - there} == {
        f"/api/v1/tables/{{name}}/{{year}}.{kind}" for kind in ("csv", "json", "parquet", "xlsx")
    }


def plain(rule: str) -> str:
    """A route as OpenAPI writes it."""
    return rule.replace("<int:", "<").replace("<", "{").replace(">", "}")


def together(act: Any, count: int) -> list[TestResponse]:
    """The same request from several threads that start at once."""
    start, answers = threading.Barrier(count), []

    def run(number: int) -> None:
        start.wait()
        answers.append(act(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
