"""A firm rule on the reviewer's pages: acceptance is refused until two people have waived it."""

from collections.abc import Iterator

import pytest

from forms.loading import shipped_forms
from handlers.app import create_app
from handlers.bootstrap import wire
from register.units import make_synthetic_credit_code
from tests.handlers.world import YEAR, World, found, open_year
from workflows.links import ReviewLink
from workflows.rule_sets import adopt
from workflows.submissions import Submission, submission_id

REASON = "课题经费由高校代管，不进本单位的账"
WHY = "已看过与高校的代管协议，经费确不入账"
COUNTY, CITY = "990101", "990100"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """R17 is firm in this installation; one enterprise sent its return with a reason for it."""
    first = found(tmp_path_factory.mktemp("waiving"))
    adopt(first.home.services, "version: 2026-1\nseverities: {R17: firm}\n", shipped_forms())
    first.home.close()
    home = wire(first.home.settings, clock=first.clock, mailer=lambda _: first.post)
    made = World(home, create_app(home), first.clock, first.post)
    open_year(made, 1)
    made.file(1, rd_staff_total="1", rd_cost_labour="10", rd_cost_total="10", **{"explanation-R17": REASON})
    yield made
    made.home.close()


def submission(world: World) -> Submission:
    key = submission_id(world.home.store.home_key(), YEAR, "107-2", make_synthetic_credit_code(1))
    there = world.home.store.submission(key)
    assert there is not None
    return there


def path_of(world: World, region: str = COUNTY, level: str = "county") -> str:
    person = world.home.store.person_of(f"reviewer{region}@staff.example").id
    return f"/r/{world.home.services.links.sign(ReviewLink(submission(world).id, 1, level, region, person))}"


def post(world: World, path: str, **values: str) -> tuple[int, str]:
    browser = world.client()
    answer = browser.post(path, data={**values, **world.csrf(browser)}, follow_redirects=True)
    world.sweep()
    return answer.history[0].status_code if answer.history else answer.status_code, answer.text


def proposed(world: World) -> int:
    return post(world, f"{path_of(world)}/waive", rule="R17", waiver_reason=WHY, expires="2032-03-31")[0]


def test_the_page_names_the_firm_rule_with_its_reason_and_refuses_the_acceptance(world: World) -> None:
    page = world.client().get(path_of(world)).text
    assert 'id="waivers"' in page
    assert REASON in page
    status, text = post(world, path_of(world), decision="accept")
    assert status == 409
    assert "准强制性审核关系没有消除" in text


def test_one_proposes_another_confirms_and_the_county_accepts(world: World) -> None:
    assert proposed(world) == 303
    own = world.client().get(path_of(world)).text
    assert WHY in own
    assert "/confirm-waiver" not in own
    city = path_of(world, CITY, "city")
    assert "/confirm-waiver" in world.client().get(city).text
    number = str(submission(world).state.waivers[0].event_number)
    assert post(world, f"{path_of(world)}/confirm-waiver", waiver=number)[0] == 409
    assert post(world, f"{city}/confirm-waiver", waiver=number)[0] == 303
    assert post(world, path_of(world), decision="accept")[0] == 303
    turn = submission(world).state.turn
    assert turn is not None
    assert turn.region == CITY


def test_the_office_confirms_as_well(world: World) -> None:
    assert proposed(world) == 303
    client = world.signed_in("office@staff.example")
    assert "豁免 R17" in client.get(f"/office/{YEAR}/proposals").text
    path = f"/office/submissions/{submission(world).id}"
    assert WHY in client.get(path).text
    shown = str(submission(world).state.waivers[0].event_number)
    answer = client.post(f"{path}/confirm-waiver", data={"shown": shown, **world.csrf(client, path)})
    assert answer.status_code == 303
    assert submission(world).state.waivers[0].confirmed_by


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"waiver_reason": "  "}, 422),
        ({"expires": "下周"}, 422),
        ({"expires": "2030-01-01"}, 409),
        ({"expires": "2039-01-01"}, 409),
        ({"rule": "R36"}, 422),
    ],
)
def test_a_waiver_needs_a_rule_that_fired_a_reason_and_a_time(
    world: World, values: dict[str, str], status: int
) -> None:
    typed = {"rule": "R17", "waiver_reason": WHY, "expires": "2032-03-31", **values}
    assert post(world, f"{path_of(world)}/waive", **typed)[0] == status
    assert submission(world).state.waivers == ()
