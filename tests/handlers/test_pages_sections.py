"""A section in a colleague's hands: he sees and fills that section alone, and his link ends with the draft."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.handlers.rows import open_projects, page_path, project, submission, version
from tests.handlers.world import SIGN_OFF, YEAR, World
from workflows.collecting import close_collection
from workflows.handovers import handovers_of
from workflows.links import FilingLink, SectionLink
from workflows.registering import import_units
from workflows.submissions import Draft

FORM = "107-2"
STAFF, MONEY = 1, 2
"""研究开发人员情况 and 研究开发费用情况."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[World]:
    made = open_projects(tmp_path / "home")
    yield made
    made.home.close()


def post(world: World, path: str, **typed: str) -> TestResponse:
    client = world.client()
    return client.post(path, data={**typed, **world.csrf(client)})


def save(world: World, form: str = FORM, action: str = "save", **typed: str) -> TestResponse:
    """The filler saves or sends."""
    path = page_path(world, form=form)
    return post(world, path, action=action, **{"draft_version": version(world, form=form), **typed})


def draft(world: World, form: str = FORM) -> Draft:
    stored = world.home.store.draft(submission(world, form=form).id)
    assert stored is not None
    return stored


def handed(world: World, section: int = STAFF, name: str = "财务科 李四", form: str = FORM) -> str:
    """Give a section away; the path for the colleague, as the filler's page shows it."""
    path = page_path(world, form=form)
    answer = post(world, f"{path}/handover", section=str(section), name=name)
    assert answer.status_code == 303, answer.text
    text = world.client().get(answer.headers["Location"]).text
    made = answer.headers["Location"].split("handed=")[1].split("#")[0]
    address = re.search(rf'id="link-{made}" value="[a-z]+://[^/]+(/h/[^"]+)"', text)
    assert address is not None
    return address[1]


def seen(world: World, path: str) -> str:
    return html.unescape(world.client().get(path).text)


def fill(world: World, path: str, **typed: str) -> TestResponse:
    found = re.search(r'name="draft_version" value="([^"]*)"', seen(world, path))
    assert found is not None
    return post(world, path, draft_version=found[1], **typed)


# What the colleague sees and may do


def test_he_sees_his_section_and_nothing_else(town: World) -> None:
    save(town, rd_staff_total="12", rd_cost_total="7654321", **SIGN_OFF)
    text = seen(town, handed(town))
    definition = town.home.forms.in_force(FORM, YEAR)
    own = {item.key for item in definition.sections[STAFF - 1].items}
    for key in definition.items:
        assert (f'name="{key}"' in text) == (key in own), key
    for secret in ("7654321", *SIGN_OFF.values(), "上年", 'value="submit"', "/f/", "91999999"):
        assert secret not in text.replace("0000", "") or secret == "0000", secret
    assert 'name="rd_staff_total" value="12"' in text
    assert '<span class="stamp">示例</span>' in text
    assert "财务科 李四" in text


def test_what_he_saves_goes_into_the_draft_and_the_filler_sees_from_whom(town: World) -> None:
    save(town, rd_cost_total="700", papers="3")
    path = handed(town)
    assert fill(town, path, rd_staff_total="12", rd_staff_female="5").status_code == 303
    inputs = draft(town).inputs
    assert (inputs["rd_staff_total"], inputs["rd_cost_total"], inputs["papers"]) == ("12", "700", "3")
    text = seen(town, page_path(town, form=FORM))
    assert 'name="rd_staff_total" value="12"' in text
    assert re.search(r"<b>财务科 李四</b>.*2032-01-15 10:00 填来 2 格", text)
    assert [trace.action for _at, trace in town.home.store.traces(submission(town, form=FORM).id)][-1] == "section"


def test_cells_of_other_sections_and_signatures_are_not_taken_from_him(town: World) -> None:
    save(town, rd_cost_total="700", unit_head="赵一")
    path = handed(town)
    strange = {"rd_cost_total": "1", "unit_head": "别人", "explanation-R07": "x", "papers": "9", "handover.x": "{}"}
    assert fill(town, path, rd_staff_total="12", action="submit", **strange).status_code == 303
    inputs = draft(town).inputs
    assert (inputs["rd_cost_total"], inputs["unit_head"]) == ("700", "赵一")
    assert not {"papers", "explanation-R07", "handover.x"} & inputs.keys()
    assert submission(town, form=FORM).state.revision == 0


def test_a_table_is_a_section_too(town: World) -> None:
    path = handed(town, 1, form="107-1")
    assert "projects.5.project_name" in seen(town, path)
    answer = fill(town, path, more="projects", blank="5", **project(1), **project(4))
    assert "blank=10" in answer.headers["Location"]
    assert draft(town, "107-1").inputs["projects.2.project_name"].endswith("之4")
    assert "项目经费支出" in seen(town, path)


def test_he_is_told_of_mistakes_in_his_own_cells_only(town: World) -> None:
    save(town, rd_cost_total="1O")
    path = handed(town)
    fill(town, path, rd_staff_total="1O", rd_staff_female="5")
    text = seen(town, path)
    assert '<a href="#rd_staff_total">' in text
    assert "#rd_cost_total" not in text


def test_his_page_keeps_by_itself_and_two_of_his_windows_do_not_overwrite_each_other(town: World) -> None:
    save(town, rd_staff_total="1")
    path = handed(town)
    first = re.search(r'name="draft_version" value="([^"]*)"', seen(town, path))
    assert first is not None
    kept = post(town, f"{path}/keep", draft_version=first[1], rd_staff_total="12")
    assert kept.status_code == 200
    other = post(town, f"{path}/keep", draft_version=first[1], rd_staff_total="13")
    assert (other.status_code, other.get_json()) == (409, {"problem": "conflict"})
    page = post(town, path, draft_version=first[1], rd_staff_total="13")
    assert page.status_code == 409
    assert re.search(r'class="stored">[^<]*<b>12</b>', page.text)
    assert draft(town).inputs["rd_staff_total"] == "12"
    again = post(town, f"{path}/keep", draft_version=kept.get_json()["version"], rd_staff_total="13")
    assert again.status_code == 200


def test_the_filler_may_save_other_cells_at_the_same_time(town: World) -> None:
    save(town, papers="3")
    path = handed(town)
    page = seen(town, path)
    save(town, papers="4")
    found = re.search(r'name="draft_version" value="([^"]*)"', page)
    assert found is not None
    assert post(town, path, draft_version=found[1], rd_staff_total="12").status_code == 303
    assert (draft(town).inputs["papers"], draft(town).inputs["rd_staff_total"]) == ("4", "12")


# What came in while the filler's page was open


def test_what_came_in_goes_into_an_open_page_that_did_not_touch_it(town: World) -> None:
    save(town, papers="3")
    path = handed(town)
    base = version(town, form=FORM)
    fill(town, path, rd_staff_total="12")
    fill(town, path, rd_staff_total="12", rd_staff_female="5")
    answer = post(town, f"{page_path(town, form=FORM)}/keep", draft_version=base, papers="4")
    said = answer.get_json()
    assert (said["came"]["rd_staff_total"], said["by"]) == ("12", "财务科 李四")
    inputs = draft(town).inputs
    assert (inputs["papers"], inputs["rd_staff_total"], inputs["rd_staff_female"]) == ("4", "12", "5")


def test_a_press_on_save_shows_what_came_in_before_anything_is_stored(town: World) -> None:
    save(town, papers="3")
    path = handed(town)
    base = version(town, form=FORM)
    fill(town, path, rd_staff_total="12")
    answer = save(town, draft_version=base, papers="4")
    assert answer.status_code == 409
    text = html.unescape(answer.text)
    assert "同事填来的内容已经放进本页" in text
    assert 'name="rd_staff_total" value="12"' in text
    assert 'name="papers" value="4"' in text
    assert draft(town).inputs["papers"] == "3"
    found = re.search(r'name="draft_version" value="([^"]*)"', text)
    assert found is not None
    assert save(town, draft_version=found[1], papers="4", rd_staff_total="12").status_code == 303


def test_where_both_filled_the_same_section_the_filler_looks_first(town: World) -> None:
    save(town, papers="3")
    path = handed(town)
    base = version(town, form=FORM)
    fill(town, path, rd_staff_total="12")
    keep = f"{page_path(town, form=FORM)}/keep"
    assert post(town, keep, draft_version=base, papers="3", rd_staff_total="99").get_json() == {"problem": "conflict"}
    stale = post(town, page_path(town, form=FORM), draft_version=base, action="submit", **SIGN_OFF)
    assert stale.status_code in {409, 422}
    assert draft(town).inputs["rd_staff_total"] == "12"


def test_a_page_that_saved_before_the_colleague_did_does_not_take_his_save_for_its_own(town: World) -> None:
    page = "0123456789abcdef"
    path = handed(town)
    keep = f"{page_path(town, form=FORM)}/keep"
    post(town, keep, draft_version="1", page=page, rd_staff_total="1")
    fill(town, path, rd_staff_total="12")
    answer = post(town, keep, draft_version="1", page=page, rd_staff_total="2")
    assert answer.get_json() == {"problem": "conflict"}
    assert draft(town).inputs["rd_staff_total"] == "12"


# How it begins and ends


@pytest.mark.parametrize(
    ("section", "name"), [("0", "李四"), ("99", "李四"), ("x", "李四"), ("1", "  "), ("1", "长" * 41)]
)
def test_a_handover_names_a_section_and_somebody(town: World, section: str, name: str) -> None:
    answer = post(town, f"{page_path(town, form=FORM)}/handover", section=section, name=name)
    assert answer.status_code == 422
    assert "没有交出" in answer.text
    assert version(town, form=FORM) == "0"


def test_no_more_than_ten_are_out_at_once(town: World) -> None:
    for number in range(10):
        handed(town, name=f"同事{number}")
    assert post(town, f"{page_path(town, form=FORM)}/handover", section="1", name="又一人").status_code == 422


def test_saving_keeps_handovers_and_ending_one_ends_its_link_alone(town: World) -> None:
    first, second = handed(town, STAFF), handed(town, MONEY, "研发部 王五")
    save(town, papers="3")
    assert [town.client().get(path).status_code for path in (first, second)] == [200, 200]
    made = next(one for one in handovers_of(draft(town)) if one.section == STAFF)
    path = f"{page_path(town, form=FORM)}/handover/end"
    assert [post(town, path, handover=made.id).status_code for _ in range(2)] == [303, 303]
    ended = town.client().get(first)
    assert ended.status_code == 410
    assert "这个链接已经结束" in ended.text
    assert post(town, first, rd_staff_total="12").status_code == 410
    assert post(town, f"{first}/keep", rd_staff_total="12").get_json()["problem"] == "closed"
    assert town.client().get(second).status_code == 200


def test_the_link_ends_when_the_return_is_sent_and_does_not_come_back_with_it(town: World) -> None:
    zeros = dict.fromkeys(town.home.forms.in_force(FORM, YEAR).items, "0")
    save(town, **zeros)
    path = handed(town)
    assert save(town, action="submit", **zeros, **SIGN_OFF).status_code == 303
    assert town.client().get(path).status_code == 410
    assert post(town, f"{page_path(town, form=FORM)}/withdraw", revision="1").status_code == 303
    assert town.client().get(path).status_code == 410
    assert handovers_of(draft(town)) == ()
    town.sweep()


def test_the_link_ends_after_fourteen_days_and_at_the_close(town: World) -> None:
    path, other = handed(town), handed(town, MONEY)
    town.clock.move(timedelta(days=14, minutes=1))
    expired = town.client().get(path)
    assert expired.status_code == 410
    assert "/relink" not in expired.text
    town.clock.move(-timedelta(days=14, minutes=1))
    close_collection(town.home.services, year=YEAR)
    assert town.client().get(other).status_code == 410


def test_a_fresh_signature_does_not_make_an_old_handover_young(town: World) -> None:
    handed(town)
    made = handovers_of(draft(town))[0]
    town.clock.move(timedelta(days=14, minutes=1))
    services = town.home.services
    link = SectionLink(submission(town, form=FORM).id, services.store.person_of("unit1@units.example").id, made.id)
    assert town.client().get(f"/h/{services.links.sign(link)}").status_code == 410


# Nobody else's


def test_a_link_opens_nothing_of_another_unit_form_or_purpose(town: World) -> None:
    path = handed(town)
    made, services = handovers_of(draft(town))[0], town.home.services
    own, other = (services.store.person_of(f"unit{n}@units.example").id for n in (1, 2))
    mine, theirs = submission(town, form=FORM).id, submission(town, 2, FORM).id
    for link, status in (
        (SectionLink(mine, other, made.id), 403),
        (SectionLink(theirs, own, made.id), 403),
        (SectionLink(theirs, other, made.id), 410),
        (SectionLink(submission(town).id, own, made.id), 410),
        (SectionLink(mine, own, "0" * 12), 410),
        (SectionLink("nowhere", own, made.id), 404),
    ):
        address = f"/h/{services.links.sign(link)}"
        assert town.client().get(address).status_code == status, link
        assert post(town, address, rd_staff_total="1").status_code == status, link
    token = path.removeprefix("/h/")
    for door in ("/f/", "/r/", "/c/", "/i/", "/s/"):
        assert town.client().get(door + token).status_code == 404, door
    for door in ("withdraw", "answer", "keep", "handover", "handover/end"):
        assert post(town, f"/f/{token}/{door}").status_code == 404, door
    assert town.client().get(f"/f/{token}/print").status_code == 404
    filing = services.links.sign(FilingLink(mine, own))
    assert town.client().get(f"/h/{filing}").status_code == 404


def test_when_the_unit_has_another_filler_the_old_ones_links_end(town: World) -> None:
    path = handed(town)
    lines = "unit_id,name,kind,region_code,reviewing_body,industry_code,email,size,starred\n"
    unit = submission(town, form=FORM).identity.unit_id
    lines += f"{unit},示例企业1号,enterprise,990101,,3911,new@units.example,S,1\n"
    import_units(town.home.services, lines.encode(), "units.csv")
    assert town.client().get(path).status_code == 403


def test_no_letter_and_no_log_carries_the_link_or_the_name(town: World, caplog: pytest.LogCaptureFixture) -> None:
    path = handed(town)
    fill(town, path, rd_staff_total="12")
    town.sweep()
    assert not any("李四" in letter.text or "/h/" in letter.text for letter in town.post.letters)
    assert "李四" not in caplog.text
    assert path not in caplog.text
