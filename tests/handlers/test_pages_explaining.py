"""What fires is asked about on the filler's page, by every rule of the shipped forms that wants a reason."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from register.units import make_synthetic_credit_code
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows.calendars import Calendar
from workflows.collecting import open_collection
from workflows.deadlines import read_instant
from workflows.filing import open_seal
from workflows.machine.states import Stage
from workflows.registering import import_units
from workflows.submissions import Submission, submission_id

COUNTY, CITY, PROVINCE = (f"reviewer{code}@staff.example" for code in ("990101", "990100", "990000"))
SOUND = {
    "rd_staff_total": "10",
    "rd_staff_fulltime": "8",
    "rd_cost_total": "1200",
    "rd_cost_labour": "1000",
    "rd_cost_direct_input": "200",
    "rd_src_own": "1200",
    "rd_inst_count": "1",
    "patents_applied": "3",
    "rd_tax_declared": "900",
    "rd_tax_superdeduction_relief": "130",
}
PROJECT = {
    "project_name": "高温合金配方研究",
    "project_source": "1",
    "project_form": "10",
    "project_output": "12",
    "project_goal": "3",
    "start_month": f"{YEAR}01",
    "end_month": f"{YEAR}12",
    "project_staff": "5",
    "project_person_months": "40",
    "project_cost": "900",
    "project_cost_government": "0",
    "project_cost_basic": "100",
    "project_cost_basic_own": "100",
    "project_cost_basic_outsourced": "0",
}
REASON = "二季度并入一家检测公司，人员和账目随之并入"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Form 107-2 of three enterprises is open."""
    made = found(tmp_path_factory.mktemp("explaining"))
    open_year(made)
    yield made
    made.home.close()


def collection(world: World, form: str, year: int = YEAR) -> None:
    calendar = Calendar(read_instant(f"{year + 1}-03-10T24:00"))
    open_collection(world.home.services, year=year, form=form, calendar=calendar)
    world.sweep()


def submission(world: World, form: str = "107-2", year: int = YEAR, unit: str = "") -> Submission:
    key = submission_id(world.home.store.home_key(), year, form, unit or make_synthetic_credit_code(1))
    there = world.home.store.submission(key)
    assert there is not None
    return there


def path_of(
    world: World, form: str = "107-2", year: int = YEAR, mail: str = "unit1@units.example", unit: str = ""
) -> str:
    """The filler's page of one form, by a link such as his invitation holds."""
    from workflows.links import FilingLink

    there = submission(world, form, year, unit)
    link = FilingLink(there.id, world.home.store.person_of(mail).id)
    return f"/f/{world.home.services.links.sign(link)}"


def post(world: World, path: str, action: str = "submit", **typed: str) -> tuple[int, str]:
    browser = world.client()
    answer = browser.post(path, data={**SIGN_OFF, **typed, "action": action, **world.csrf(browser)})
    world.sweep()
    return answer.status_code, answer.text


def filled(world: World, **figures: str) -> dict[str, str]:
    definition = world.home.forms.in_force("107-2", YEAR)
    return {**dict.fromkeys(definition.items, "0"), **SOUND, **figures}


def asked_on(text: str) -> set[str]:
    return set(re.findall(r'<input[^>]* name="explanation-([A-Z]\d+)"', text))


def accepted(world: World, form: str = "107-2", year: int = YEAR) -> None:
    from handlers.demo.acting import review_link
    from workflows.reviewing import Verdict, decide_case

    for _ in range(3):
        services = world.home.services
        if submission(world, form, year).state.stage is Stage.IN_REVIEW:
            decide_case(services, review_link(services, submission(world, form, year)), Verdict(accept=True))
    assert submission(world, form, year).state.stage is Stage.ACCEPTED


def test_an_ordinary_return_is_taken_without_a_reason(world: World) -> None:
    status, text = post(world, path_of(world), **filled(world))
    assert status == 303, asked_on(text)


@pytest.mark.parametrize(
    ("rule", "figures"),
    [
        ("R17", {"rd_src_own": "900"}),
        ("R36", {"rd_tax_declared": "1300", "rd_tax_superdeduction_relief": "300"}),
        ("R36", {"rd_tax_superdeduction_relief": "400"}),
        (
            "S03",
            {
                "rd_staff_fulltime": "8",
                "rd_cost_labour": "1000000",
                "rd_cost_total": "1000200",
                "rd_src_own": "1000200",
            },
        ),
    ],
)
def test_each_query_of_the_activity_form_wants_its_reason(world: World, rule: str, figures: dict[str, str]) -> None:
    wants_a_reason(world, path_of(world), rule, filled(world, **figures))


def wants_a_reason(
    world: World, path: str, rule: str, typed: dict[str, str], form: str = "107-2", year: int = YEAR
) -> None:
    """It is not sent without one, nor with a stock phrase, and is sent with a true one."""
    before = submission(world, form, year).state.revision
    status, text = post(world, path, **typed)
    assert status == 422
    assert rule in asked_on(text)
    assert "请写填报说明" in text
    others = {f"explanation-{other}": f"{REASON}（{other}）" for other in asked_on(text) - {rule}}
    status, text = post(world, path, **typed, **others, **{f"explanation-{rule}": "核实无误"})
    assert status == 422
    assert "不算说明" in text
    assert 'value="核实无误"' in text, "what he typed stays in its field"
    assert submission(world, form, year).state.revision == before
    status, text = post(world, path, **typed, **others, **{f"explanation-{rule}": REASON})
    assert status == 303, text
    revision = world.home.store.revision(submission(world, form, year).id, before + 1)
    assert revision is not None
    assert open_seal(revision)["content"]["explanations"][rule] == REASON


@pytest.mark.parametrize(
    ("rule", "figures"),
    [
        ("R37", {"rd_cost_labour": "1900", "rd_cost_total": "2100", "rd_src_own": "2100", "rd_tax_declared": "1500"}),
        ("S01", {"rd_cost_labour": "2600", "rd_cost_total": "2800", "rd_src_own": "2800", "rd_tax_declared": "1500"}),
        (
            "S03",
            {
                "rd_cost_labour": "1000000",
                "rd_cost_direct_input": "200000",
                "rd_cost_total": "1200000",
                "rd_src_own": "1200000",
                "rd_tax_declared": "900000",
                "rd_tax_superdeduction_relief": "130000",
            },
        ),
        ("S05", {}),
    ],
)
def test_what_moved_against_last_year_wants_its_reason(world: World, rule: str, figures: dict[str, str]) -> None:
    last = filled(world, papers="2", rd_staff_admin="1", inventions_in_force="4")
    assert post(world, path_of(world), **last)[0] == 303
    accepted(world)
    collection(world, "107-2", YEAR + 1)
    wants_a_reason(world, path_of(world, year=YEAR + 1), rule, {**last, **figures}, year=YEAR + 1)


def test_a_finding_shows_no_figure_sealed_elsewhere_to_a_device_that_is_not_confirmed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection(world, "107-1")
    assert post(world, path_of(world, "107-1"), **rows({"project_cost": "1357"}))[0] == 303
    assert "1357" in post(world, path_of(world), **filled(world))[1], "a confirmed device is told the gap"
    careful = replace(world.home.settings, review_confirm="device")
    installation = replace(world.home, settings=careful)
    monkeypatch.setattr(world.app, "extensions", {**world.app.extensions, "zhibao": installation})
    status, text = post(world, path_of(world), **filled(world))
    assert (status, asked_on(text)) == (422, {"R35"})
    assert "1357" not in text


def office(world: World, year: int) -> str:
    """The county's office, which files region-st; its path."""
    header = "unit_id,name,kind,region_code,reviewing_body,industry_code,email,size,starred\n"
    row = "OFFICE990101,示例县科技局,county,990101,,,office1@units.example,,0\n"
    import_units(world.home.services, (header + row).encode(), "offices.csv")
    collection(world, "region-st", year)
    return path_of(world, "region-st", year, "office1@units.example", "OFFICE990101")


def test_a_regional_return_is_asked_nothing_without_an_earlier_accepted_year(world: World) -> None:
    """INTERFACE: no item is required, a blank needs no reason, no firm or query rule fires."""
    path = office(world, YEAR)
    status, text = post(world, path, gdp="123456", rd_expenditure="1", rd_personnel="9000")
    assert status == 303, text


def test_a_regional_return_is_asked_about_what_leapt_since_last_year(world: World) -> None:
    unit = "OFFICE990101"
    assert post(world, office(world, YEAR), gdp="500000", rd_expenditure="5000")[0] == 303
    from handlers.demo.acting import review_link
    from workflows.reviewing import Verdict, decide_case

    for _ in range(2):
        services = world.home.services
        there = submission(world, "region-st", YEAR, unit)
        decide_case(services, review_link(services, there), Verdict(accept=True))
    path = office(world, YEAR + 1)
    status, text = post(world, path, gdp="510000", rd_expenditure="50000")
    assert (status, asked_on(text)) == (422, {"S01"})
    assert post(world, path, gdp="510000", rd_expenditure="5100")[0] == 303


def test_a_changed_value_voids_the_reason_and_the_page_says_so(world: World) -> None:
    path, typed = path_of(world), filled(world, rd_src_own="900")
    assert post(world, path, "save", **typed, **{"explanation-R17": REASON})[0] == 303
    page = world.client().get(path).text
    marks = dict(re.findall(r'name="(explanation-R17-for)" value="([^"]+)"', page))
    assert f'value="{REASON}"' in page
    changed = {**typed, "rd_src_own": "950", "draft_version": "1", "explanation-R17": REASON}
    status, text = post(world, path, **changed, **marks)
    assert status == 422
    assert "说明不再算数" in text
    assert f'value="{REASON}"' in text
    assert post(world, path, **{**changed, "explanation-R17": f"{REASON}，另有拨款未到账"})[0] == 303


def test_a_note_needs_nothing_and_is_not_counted(world: World) -> None:
    path, typed = path_of(world), filled(world, rd_inst_count="0")
    assert post(world, path, "save", **typed)[0] == 303
    text = world.client().get(path).text
    assert "供参考，不用处理" in text
    assert "处需要看一看" not in text
    assert post(world, path, **typed, draft_version="1")[0] == 303


def rows(*changes: dict[str, str]) -> dict[str, str]:
    return {
        f"projects.{number}.{key}": text
        for number, change in enumerate(changes, start=1)
        for key, text in {**PROJECT, **change}.items()
    }


@pytest.mark.parametrize(
    ("rule", "change", "figures"),
    [
        ("R19", {}, {"rd_cost_labour": "2100", "rd_cost_total": "2300", "rd_src_own": "2300"}),
        ("R34", {"project_cost_government": "5"}, {}),
        ("R35", {"project_cost": "1300"}, {}),
    ],
)
def test_a_rule_across_two_forms_waits_and_fires_on_the_later_one(
    world: World, rule: str, change: dict[str, str], figures: dict[str, str]
) -> None:
    collection(world, "107-1")
    first, second = path_of(world, "107-1"), path_of(world)
    assert rule in world.client().get(first).text, "it is listed as waiting"
    status, text = post(world, first, **rows(change))
    assert status == 303, asked_on(text)
    assert submission(world, "107-1").state.stage is Stage.IN_REVIEW
    wants_a_reason(world, second, rule, filled(world, **figures))


def test_a_fatal_rule_across_two_forms_keeps_the_later_one_back(world: World) -> None:
    collection(world, "107-1")
    assert (
        post(world, path_of(world, "107-1"), **rows({"project_person_months": "130", "project_staff": "12"}))[0] == 303
    )
    status, text = post(world, path_of(world), **filled(world))
    assert status == 422
    assert "人月数" in text
    status, text = post(world, path_of(world), **filled(world, rd_staff_total="11"))
    assert status == 303, text


def test_the_reason_given_on_the_later_form_answers_for_the_rule_on_both(world: World) -> None:
    collection(world, "107-1")
    assert post(world, path_of(world, "107-1"), **rows({"project_cost": "1300"}))[0] == 303
    status, _ = post(world, path_of(world), **filled(world), **{"explanation-R35": REASON})
    assert status == 303
    accepted(world, "107-1")
    accepted(world)


def test_a_new_revision_of_one_form_reopens_the_rules_across_on_the_other(world: World) -> None:
    collection(world, "107-1")
    path = path_of(world, "107-1")
    assert post(world, path, **rows({}))[0] == 303
    assert post(world, path_of(world), **filled(world))[0] == 303
    review = world.link(COUNTY, "r", "107-2")
    assert 'id="reopened"' not in world.client().get(review).text
    assert post(world, f"{path}/withdraw", revision="1")[0] == 303
    waiting = world.client().get(review).text
    assert 'id="reopened"' in waiting
    assert "条检查要与该单位的" in waiting
    status, _ = post(world, path, **rows({"project_cost": "1300"}), draft_version="1", **{"explanation-R35": REASON})
    assert status == 303
    text = world.client().get(review).text
    assert 'id="reopened"' in text
    assert REASON in text, "the reason given on the other form answers here"
    accepted(world)


def test_the_office_sees_how_often_each_rule_fired(world: World) -> None:
    typed = filled(world, rd_src_own="900")
    assert post(world, path_of(world), **typed, **{"explanation-R17": REASON})[0] == 303
    world.clock.move(timedelta(minutes=5))
    world.sweep()
    text = world.signed_in("office@staff.example").get(f"/office/{YEAR}/rules").text
    assert "审核关系命中率" in text
    row = re.search(r"<b>R17</b>.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert re.findall(r'class="number">(\d+)', row[0]) == ["1", "1", "1", "0"]
    assert REASON not in text
