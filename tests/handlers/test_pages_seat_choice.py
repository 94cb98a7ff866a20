"""The form by which a seat chooses how it is written to, and the record of reminders as a download."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from handlers.evidence_csv import COLUMNS, evidence_csv
from register.units import make_synthetic_credit_code
from tests.handlers.world import REGIONS, STAFF, YEAR, World, found, open_year
from workflows.deadlines import read_instant
from workflows.evidence import Evidence
from workflows.links import InboxLink
from workflows.seat_settings import Digest, SeatSettings

COUNTY = "990101"
HOLDER = f"reviewer{COUNTY}@staff.example"
DAILY = {"digest": "daily", "hour": "8", "quiet_from": "20", "quiet_until": "7", "version": "0"}


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three enterprises of one county were invited; its seat has chosen nothing yet. Another county has an office."""
    monkeypatch.setattr("tests.handlers.world.REGIONS", f"{REGIONS}990102,别县,Other County,county,990100,,\n")
    monkeypatch.setattr("tests.handlers.world.STAFF", f"{STAFF}other@staff.example,别县局,office,990102\n")
    made = found(tmp_path)
    open_year(made)
    yield made
    made.home.close()


def inbox(world: World) -> str:
    person = world.home.store.person_of(HOLDER).id
    return f"/i/{world.home.services.links.sign(InboxLink(COUNTY, person))}"


def post(world: World, client: FlaskClient, **typed: str) -> tuple[int, str]:
    answer = client.post(f"{inbox(world)}/settings", data={**DAILY, **typed, **world.csrf(client)})
    return answer.status_code, answer.text


def holds(world: World) -> SeatSettings:
    return world.home.store.seat_settings(COUNTY)


def test_a_holder_chooses_on_the_inbox_page_and_sees_what_holds(town: World) -> None:
    client, path = town.client(), inbox(town)
    assert "每件到达即寄" in client.get(path).text
    answer = client.post(f"{path}/settings", data={**DAILY, **town.csrf(client, path)})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}?settings=kept")
    page = client.get(answer.headers["Location"]).text
    for words in ("每天 8:00 汇总一次", "免打扰 20:00 至 7:00", "上次更改：县审戊", "已写信告知"):
        assert words in page
    assert (holds(town).digest, holds(town).hour, holds(town).quiet_from) == (Digest.DAILY, 8, 20)
    town.clock.move(timedelta(hours=8))
    town.sweep()
    assert [one.to_email for one in town.post.letters if "邮件通知已更改" in one.subject] == [HOLDER]


def test_looking_at_the_form_changes_nothing(town: World) -> None:
    town.client().get(inbox(town))
    assert "每件到达即寄" in town.client().get(f"{inbox(town)}/settings").text
    assert holds(town).version == 0


@pytest.mark.parametrize(
    "typed",
    [
        {"digest": ""},
        {"digest": "never"},
        {"hour": "24"},
        {"hour": "-1"},
        {"hour": "八"},
        {"hour": "8" * 5000},
        {"quiet_from": "25"},
        {"quiet_from": ""},
        {"quiet_until": ""},
        {"quiet_until": "20"},
        {"version": ""},
        {"version": "x"},
        {"version": "9" * 4000},
    ],
)
def test_what_the_form_does_not_offer_is_refused_and_changes_nothing(town: World, typed: dict[str, str]) -> None:
    status, page = post(town, town.client(), **typed)
    assert status == 422
    assert "没有更改" in page
    assert holds(town).version == 0


def test_an_older_page_is_told_that_another_holder_was_faster(town: World) -> None:
    assert post(town, town.client())[0] == 303
    status, page = post(town, town.client(), digest="hourly")
    assert (status, "另一位审核人刚刚改过" in page) == (422, True)
    assert holds(town).digest is Digest.DAILY


def test_who_does_not_hold_the_seat_sees_and_changes_nothing(town: World) -> None:
    person = town.home.store.person_of("reviewer990100@staff.example").id
    path, client = f"/i/{town.home.services.links.sign(InboxLink(COUNTY, person))}/settings", town.client()
    assert client.get(path).status_code == 403
    assert client.post(path, data={**DAILY, **town.csrf(client)}).status_code == 403
    assert holds(town).version == 0


def test_a_device_has_to_be_confirmed_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = found(tmp_path)
    open_year(made)
    monkeypatch.setattr("handlers.seat_choice.is_confirmed", lambda _: False)
    status, page = post(made, made.client())
    assert (status, "验证码" in page, holds(made).version) == (200, True, 0)
    made.home.close()


def test_without_the_csrf_field_nothing_is_changed(town: World) -> None:
    assert town.client().post(f"{inbox(town)}/settings", data=DAILY).status_code == 400
    assert holds(town).version == 0


def test_the_form_is_there_in_english(town: World) -> None:
    page = town.client().get(f"{inbox(town)}?lang=en").text
    section = page[page.index('id="settings"') :]
    assert "a mail for each return, at once" in section
    assert not re.search(r"[\u4e00-\u9fff]", section[: section.index("</section>")])


# The record of reminders


@pytest.fixture
def reminded(town: World) -> World:
    """A week before the returns are due everybody was reminded."""
    town.clock.instant = read_instant("2032-03-03T24:00")
    town.sweep()
    return town


def test_office_and_auditor_download_the_record(reminded: World) -> None:
    for email in ("office@staff.example", "auditor@staff.example"):
        client = reminded.signed_in(email)
        assert "reminders.csv?form=107-2" in client.get(f"/office/{YEAR}/submissions").text
        answer = client.get(f"/office/{YEAR}/reminders.csv?form=107-2")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert answer.mimetype == "text/csv"
        assert {row["unit_id"] for row in rows} == {make_synthetic_credit_code(n) for n in (1, 2, 3)}
        assert {(row["step"], row["sent_at"], row["channel"], row["outcome"]) for row in rows} == {
            ("T-7d", "2032-03-04 00:00:00", "mail", "sent")
        }
        assert all("第四十四条" in row["text"] and row["addressee"].endswith("@units.example") for row in rows)


def test_an_office_reads_the_record_of_its_own_territory_only(reminded: World) -> None:
    counts = {}
    for email in ("city@staff.example", "other@staff.example"):
        answer = reminded.signed_in(email).get(f"/office/{YEAR}/reminders.csv?form=107-2")
        counts[email] = len(list(csv.DictReader(io.StringIO(answer.text))))
    assert counts == {"city@staff.example": 3, "other@staff.example": 0}


def test_a_form_that_was_not_collected_has_no_record(reminded: World) -> None:
    client = reminded.signed_in("office@staff.example")
    for path in (f"{YEAR}/reminders.csv?form=none", f"{YEAR}/reminders.csv?form=region-st", "2030/reminders.csv"):
        assert client.get(f"/office/{path}").status_code == 404
    whole, one = (client.get(f"/office/{YEAR}/reminders.csv{query}").text for query in ("", "?form=107-2"))
    assert whole == one


def test_no_cell_is_a_formula(reminded: World) -> None:
    live = "=HYPERLINK(1)"
    moment = reminded.clock.now()
    row = Evidence("@U", live, 2031, "+f", "-7d", "unit", moment, None, "", "-x@y.example", live, "\t=1", "")
    header, line = evidence_csv([row])
    cells = dict(zip(COLUMNS, next(csv.reader([line])), strict=True))
    assert header.strip().split(",") == list(COLUMNS)
    assert not [cell for cell in cells.values() if cell[:1] in "=+@-\t" and cell]
    assert (cells["unit_name"], cells["text"], cells["sent_at"]) == (f"'{live}", f"'{live}", "")
