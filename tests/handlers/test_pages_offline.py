"""The template a filler downloads, and what comes of an upload: a draft save like any other, or a refusal."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from forms.loading import shipped_forms
from handlers.lambda_http import front_of, serve
from handlers.security import MAX_REQUEST_BYTES
from register.units import make_synthetic_credit_code
from tests.forms.hostile_workbooks import HOSTILE
from tests.handlers.lambda_events import http_api
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.calendars import Calendar
from workflows.collecting import close_collection, open_collection
from workflows.deadlines import read_instant
from workflows.submissions import Draft, submission_id


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three invited enterprises."""
    made = found(tmp_path / "home")
    open_year(made)
    yield made
    made.home.close()


def page(world: World, unit: int) -> str:
    return world.link(f"unit{unit}@units.example", "f")


def download(world: World, unit: int, browser: FlaskClient | None = None) -> bytes:
    answer = (browser or world.client()).get(f"{page(world, unit)}/template.xlsx")
    assert answer.status_code == 200, answer.text
    return answer.data


def filled(template: bytes, **typed: object) -> bytes:
    """The template with some items typed in."""
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book["填报"]
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    for name, value in typed.items():
        sheet.cell(rows[name], 5).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(world: World, unit: int, data: bytes, browser: FlaskClient | None = None) -> TestResponse:
    client = browser or world.client()
    form = {"workbook": (io.BytesIO(data), "填好.xlsx"), **world.csrf(client)}
    return client.post(f"{page(world, unit)}/upload", data=form, content_type="multipart/form-data")


def draft(world: World, unit: int, form: str = "107-2") -> Draft | None:
    code = make_synthetic_credit_code(unit)
    return world.home.store.draft(submission_id(world.home.store.home_key(), YEAR, form, code))


def save(world: World, unit: int, version: int = 0, **typed: str) -> None:
    client = world.client()
    data = {**typed, "draft_version": str(version), "action": "save", **world.csrf(client)}
    assert client.post(page(world, unit), data=data).status_code == 303


def test_a_filled_template_becomes_the_draft_and_is_sent_from_the_page(world: World) -> None:
    items = dict.fromkeys(shipped_forms().in_force("107-2", YEAR).items, 0)
    answer = upload(world, 1, filled(download(world, 1), **{**items, **SIGN_OFF, "papers": 7}))
    assert (answer.status_code, answer.headers["Location"].split("?")[1]) == (303, "saved=1#saved")
    saved = draft(world, 1)
    assert saved is not None
    assert (saved.version, saved.inputs["papers"], saved.inputs["unit_head"]) == (1, "7", SIGN_OFF["unit_head"])
    client = world.client()
    sent = client.post(
        page(world, 1), data={**saved.inputs, "draft_version": "1", "action": "submit", **world.csrf(client)}
    )
    assert (sent.status_code, "/c/" in sent.headers["Location"]) == (303, True)


def test_it_is_recorded_that_the_draft_came_as_a_file(world: World) -> None:
    upload(world, 1, filled(download(world, 1), papers=7))
    key = submission_id(world.home.store.home_key(), YEAR, "107-2", make_synthetic_credit_code(1))
    assert [(trace.action, trace.channel) for _, trace in world.home.store.traces(key)] == [("save", "workbook")]


def test_mistakes_come_as_they_were_typed_and_are_found_as_on_the_page(world: World) -> None:
    """The same inputs typed on the page of one unit and uploaded by another show the same findings."""
    typed = {"rd_cost_total": "5", "rd_cost_labour": "9", "papers": "三百", "standards": "1.5", "rd_staff_total": "0"}
    save(world, 1, **typed)
    assert upload(world, 2, filled(download(world, 2), **typed)).status_code == 303
    pages = [world.client().get(page(world, unit)).text for unit in (1, 2)]
    lists = [text.split('<ul class="todo">')[1].split("</ul>")[0] for text in pages]
    assert lists[0] == lists[1]
    assert "三百" in pages[1]


def test_the_template_holds_the_draft_and_what_the_file_does_not_change_stays(world: World) -> None:
    typed = {"papers": "3", "papers-status": "estimated", "papers-note": "年末另有", "explanation-R17": "来源待定"}
    save(world, 1, **typed)
    assert upload(world, 1, filled(download(world, 1), standards=2)).status_code == 303
    saved = draft(world, 1)
    assert saved is not None
    assert {name: saved.inputs.get(name) for name in (*typed, "standards")} == {**typed, "standards": "2"}
    assert {name for name in saved.inputs if not name.startswith("explanation-")} - {"report_date"} == {
        *(name for name in typed if not name.startswith("explanation-")),
        "standards",
    }


def test_a_cell_that_was_emptied_is_empty(world: World) -> None:
    save(world, 1, papers="3", standards="2")
    assert upload(world, 1, filled(download(world, 1), papers=None)).status_code == 303
    saved = draft(world, 1)
    assert saved is not None
    assert ("papers" in saved.inputs, saved.inputs["standards"]) == (False, "2")


def test_what_was_saved_meanwhile_is_not_overwritten_but_shown_beside_it(world: World) -> None:
    template = download(world, 1)
    save(world, 1, papers="41")
    answer = upload(world, 1, filled(template, papers=52))
    assert answer.status_code == 409
    assert "另一个窗口" in answer.text
    assert 'value="52"' in answer.text
    assert "<b>41</b>" in answer.text
    saved = draft(world, 1)
    assert saved is not None
    assert (saved.version, saved.inputs["papers"]) == (1, "41")


def test_the_same_upload_twice_is_not_taken_for_a_newer_one(world: World) -> None:
    data = filled(download(world, 1), papers=7)
    assert upload(world, 1, data).status_code == 303
    assert upload(world, 1, data).status_code == 409


def test_the_template_of_another_unit_is_refused(world: World) -> None:
    answer = upload(world, 1, filled(download(world, 2), papers=7))
    assert answer.status_code == 422
    assert "另一份报表的模板" in answer.text
    assert draft(world, 1) is None


def test_a_template_of_an_older_layout_is_refused(world: World) -> None:
    book = openpyxl.load_workbook(io.BytesIO(download(world, 1)))
    book["zhibao"].cell(3, 1).value = "107-2/2018"
    out = io.BytesIO()
    book.save(out)
    answer = upload(world, 1, out.getvalue())
    assert (answer.status_code, "重新下载模板" in answer.text) == (422, True)
    assert draft(world, 1) is None


def test_a_forged_draft_version_overwrites_nothing(world: World) -> None:
    save(world, 1, papers="41")
    for forged in ("0", "7", "-1", "一", "9" * 30):
        book = openpyxl.load_workbook(io.BytesIO(filled(download(world, 1), papers=52)))
        book["zhibao"].cell(5, 1).value = forged
        out = io.BytesIO()
        book.save(out)
        assert upload(world, 1, out.getvalue()).status_code in {409, 422}, forged
    saved = draft(world, 1)
    assert saved is not None
    assert saved.inputs["papers"] == "41"


def test_every_hostile_file_is_refused_on_the_page_and_changes_nothing(world: World) -> None:
    template = download(world, 1)
    for case in ("a cell at XFD5000", "entities in the sheet", "macros", "a formula", "a part cut short", "nothing"):
        answer = upload(world, 1, HOSTILE[case](template))
        assert (answer.status_code, "没有改动" in answer.text) == (422, True), case
    assert draft(world, 1) is None


def test_a_formula_is_named_with_its_sheet_and_cell(world: World) -> None:
    answer = upload(world, 1, filled(download(world, 1), papers="=1+1"))
    assert answer.status_code == 422
    assert "填报!E" in answer.text


def test_no_file_and_a_file_that_is_too_large(world: World) -> None:
    client = world.client()
    none = client.post(f"{page(world, 1)}/upload", data=world.csrf(client))
    assert (none.status_code, "没有选文件" in none.text) == (422, True)
    large = b"--x\r\n" + bytes(MAX_REQUEST_BYTES)
    kind = "multipart/form-data; boundary=x"
    assert client.post(f"{page(world, 1)}/upload", data=large, content_type=kind).status_code == 413


def test_an_upload_needs_the_csrf_field(world: World) -> None:
    answer = world.client().post(
        f"{page(world, 1)}/upload",
        data={"workbook": (io.BytesIO(download(world, 1)), "x.xlsx")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 400


def test_after_the_close_or_under_review_there_is_no_template_and_no_upload(world: World) -> None:
    template = download(world, 3)
    world.file(2)
    close_collection(world.home.services, YEAR)
    for unit in (2, 3):
        assert world.client().get(f"{page(world, unit)}/template.xlsx").status_code == 409
        assert upload(world, unit, template).status_code == 409


def test_a_return_that_came_back_is_corrected_by_a_file(world: World) -> None:
    world.file(1, papers="7")
    path = world.link("reviewer990101@staff.example", "r", "示例企业1号")
    browser = world.client()
    said = {
        "decision": "return",
        "reason_code": "scope",
        "items": "papers",
        "comment": "请核实。",
        **world.csrf(browser),
    }
    assert browser.post(path, data=said).status_code == 303
    world.sweep()
    template = download(world, 1)
    assert upload(world, 1, filled(template, papers=8)).status_code == 303
    saved = draft(world, 1)
    assert saved is not None
    assert saved.inputs["papers"] == "8"


def test_projects_come_back_row_by_row(world: World) -> None:
    open_collection(world.home.services, year=YEAR, form="107-1", calendar=Calendar(read_instant("2032-03-10T24:00")))
    world.sweep()
    book = openpyxl.load_workbook(io.BytesIO(download(world, 1)))
    sheet = book.worksheets[1]
    for row in range(220):
        sheet.cell(9 + row, 2).value = f"项目{row}"
        sheet.cell(9 + row, 3).value = "2 政府部门科技项目"
        sheet.cell(9 + row, 12).value = row
    out = io.BytesIO()
    book.save(out)
    assert upload(world, 1, out.getvalue()).status_code == 303
    saved = draft(world, 1, "107-1")
    assert saved is not None
    assert saved.inputs["projects.220.project_name"] == "项目219"
    assert saved.inputs["projects.220.project_source"] == "2"
    assert saved.inputs["projects.220.project_cost"] == "219"


def test_the_way_there_and_back_goes_through_a_function_too(world: World) -> None:
    """As an HTTP API hands it over: bytes in base64 both ways."""

    def ask(path: str, **more: Any) -> dict[str, Any]:
        event = http_api(path, **more)
        front = front_of(event)
        assert front is not None
        return serve(world.app.wsgi_app, event, front)

    path = page(world, 1)
    answer = ask(f"{path}/template.xlsx")
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)
    data = filled(base64.b64decode(answer["body"]), papers=7)
    shown = ask(path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown["body"])
    assert token is not None
    file = FileStorage(io.BytesIO(data), "填好.xlsx", "workbook")
    boundary, body = encode_multipart({"csrf_token": token[1], "workbook": file})
    headers = [("content-type", f'multipart/form-data; boundary="{boundary}"')]
    headers += [("cookie", cookie.split(";")[0]) for cookie in shown["cookies"]]
    assert ask(f"{path}/upload", method="POST", headers=headers, body=body)["statusCode"] == 303
    saved = draft(world, 1)
    assert saved is not None
    assert saved.inputs["papers"] == "7"


def test_last_year_stands_in_the_template_of_a_confirmed_device_only(tmp_path: Path) -> None:
    """The same rule as on the page: in a home that asks for a code, figures that were sealed wait for it."""
    from infra.settings import DEMO_MARK

    made = found(tmp_path / "home")
    open_year(made)
    made.file(1, papers="7713")
    for region in ("990101", "990100", "990000"):
        assert made.review(1, region) == 303
    open_collection(
        made.home.services, year=YEAR + 1, form="107-2", calendar=Calendar(read_instant("2033-03-10T24:00"))
    )
    made.sweep()
    assert b"7,713" in _texts(download(made, 1))
    made.home.close()
    (tmp_path / "home" / DEMO_MARK).unlink()
    again = found_again(tmp_path / "home", made)
    data = _texts(download(again, 1))
    assert b"7,713" not in data
    assert "上年数".encode() in data
    again.home.close()


def found_again(folder: Path, made: World) -> World:
    """The same home, now one that asks for codes, with its post and clock."""
    from handlers.app import create_app
    from handlers.bootstrap import wire
    from infra.settings import read_settings

    settings = read_settings({"ZHIBAO_HOME": str(folder), "ZHIBAO_BASE_URL": "http://localhost"})
    assert settings.review_confirm == "device"
    home = wire(settings, clock=made.clock, mailer=lambda _: made.post)
    return World(home, create_app(home), made.clock, made.post)


def _texts(data: bytes) -> bytes:
    from tests.forms.hostile_workbooks import parts_of

    return parts_of(data)["xl/sharedStrings.xml"]
