"""Every route stands here under those who may use it; a new one that does not is found by the first test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from register.units import make_synthetic_credit_code
from tests.handlers.world import YEAR, World
from workflows.links import FilingLink, InboxLink, ReviewLink

ANYONE, LINK, TOKEN = "anyone", "who holds the link", "who holds an API token"
OWN_TOKEN = "who holds the unit's own token"
OFFICE = "office"
STAFF = "office auditor"
ALL_STAFF = "office auditor operator"
ROLES = ("office", "auditor", "operator")
FORMATS = "<any(csv, json, parquet, xlsx):wanted>"
ROUTES = {
    ("GET", "/"): ANYONE,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/favicon.ico"): ANYONE,
    ("GET", "/static/<path:filename>"): ANYONE,
    ("GET", "/mailbox"): ANYONE,
    ("GET", "/signin"): ANYONE,
    ("POST", "/signin"): ANYONE,
    ("POST", "/signout"): ANYONE,
    ("POST", "/relink"): ANYONE,
    ("GET", "/f/<token>"): LINK,
    ("POST", "/f/<token>"): LINK,
    ("POST", "/f/<token>/keep"): LINK,
    ("POST", "/f/<token>/handover"): LINK,
    ("POST", "/f/<token>/handover/end"): LINK,
    ("GET", "/h/<token>"): LINK,
    ("POST", "/h/<token>"): LINK,
    ("POST", "/h/<token>/keep"): LINK,
    ("GET", "/f/<token>/print"): LINK,
    ("GET", "/f/<token>/template.xlsx"): LINK,
    ("POST", "/f/<token>/upload"): LINK,
    ("POST", "/f/<token>/withdraw"): LINK,
    ("POST", "/f/<token>/answer"): LINK,
    ("GET", "/r/<token>"): LINK,
    ("POST", "/r/<token>"): LINK,
    ("POST", "/<any(f, r, i):kind>/<token>/code"): LINK,
    ("POST", "/<any(f, r, i):kind>/<token>/confirm"): LINK,
    ("GET", "/c/<token>"): LINK,
    ("GET", "/i/<token>"): LINK,
    ("GET", "/i/<token>/settings"): LINK,
    ("POST", "/i/<token>/settings"): LINK,
    ("POST", "/r/<token>/undo"): LINK,
    ("POST", "/r/<token>/claim"): LINK,
    ("POST", "/r/<token>/ask"): LINK,
    ("POST", "/r/<token>/close-query"): LINK,
    ("POST", "/r/<token>/propose"): LINK,
    ("POST", "/r/<token>/waive"): LINK,
    ("POST", "/r/<token>/confirm-waiver"): LINK,
    ("GET", "/d/<token>"): LINK,
    ("POST", "/i/<token>/accept"): LINK,
    ("GET", "/s/<token>"): LINK,
    ("POST", "/s/<token>"): LINK,
    ("GET", "/office/"): ALL_STAFF,
    ("GET", "/office/<int:year>/progress"): ALL_STAFF,
    ("GET", "/office/<int:year>/submissions"): STAFF,
    ("GET", "/office/submissions/<submission_id>"): STAFF,
    ("GET", "/office/<int:year>/reminders.csv"): STAFF,
    ("GET", "/office/<int:year>/unsent"): STAFF,
    ("GET", "/office/<int:year>/returns"): STAFF,
    ("GET", "/office/<int:year>/rules"): STAFF,
    ("GET", "/office/<int:year>/find"): STAFF,
    ("GET", "/office/<int:year>/proposals"): OFFICE,
    ("POST", "/office/submissions/<submission_id>/<act>"): OFFICE,
    ("POST", "/office/submissions/<submission_id>/export"): STAFF,
    ("GET", "/office/collections"): OFFICE,
    ("POST", "/office/collections"): OFFICE,
    ("POST", "/office/collections/<int:year>/close"): OFFICE,
    ("GET", "/office/tables/"): ALL_STAFF,
    ("GET", "/office/tables/<name>/<int:year>"): ALL_STAFF,
    ("GET", f"/office/tables/<name>/<int:year>.{FORMATS}"): ALL_STAFF,
    ("POST", "/office/tables/<int:year>/build"): OFFICE,
    ("GET", "/api/v1/openapi.json"): ANYONE,
    ("GET", "/api/v1/"): ANYONE,
    ("GET", "/api/v1/docs"): ANYONE,
    ("GET", "/api/v1/submissions"): OWN_TOKEN,
    ("GET", "/api/v1/submissions/<submission_id>"): OWN_TOKEN,
    ("GET", "/api/v1/submissions/<submission_id>/form"): OWN_TOKEN,
    ("GET", "/api/v1/submissions/<submission_id>/form/schema"): OWN_TOKEN,
    ("GET", "/api/v1/submissions/<submission_id>/draft"): OWN_TOKEN,
    ("PUT", "/api/v1/submissions/<submission_id>/draft"): OWN_TOKEN,
    ("POST", "/api/v1/submissions/<submission_id>/submit"): OWN_TOKEN,
    ("GET", "/api/v1/submissions/<submission_id>/revisions/<int:number>"): OWN_TOKEN,
    ("GET", "/api/v1/submissions/<submission_id>/revisions/<int:number>/receipt"): OWN_TOKEN,
    ("GET", "/api/v1/tables"): TOKEN,
    ("GET", "/api/v1/tables/<name>/<int:year>"): TOKEN,
    ("GET", f"/api/v1/tables/<name>/<int:year>.{FORMATS}"): TOKEN,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One route with its gaps filled."""

    method: str
    path: str
    who: str
    rule: str = ""


def filled(world: World) -> Iterator[Request]:
    """Each route as a request that reaches something."""
    submission = next(iter(world.home.store.submissions("", 1).rows)).id
    gaps = {
        "<path:filename>": "mark.svg",
        "<token>": "no-such-token",
        "<any(f, r, i):kind>": "r",
        "<int:year>": str(YEAR),
        "<submission_id>": submission,
        "<act>": "reopen",
        "<int:number>": "1",
        "<name>": "response_rates",
        FORMATS: "csv",
    }
    for (method, rule), who in ROUTES.items():
        path = rule
        for gap, text in gaps.items():
            path = path.replace(gap, text)
        yield Request(method, path, who, rule)


def test_every_route_is_listed_under_those_who_may_use_it(world: World) -> None:
    found = {
        (method, str(rule))
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == ROUTES.keys()


def test_every_post_needs_the_csrf_field(world: World) -> None:
    posts = [request.path for request in filled(world) if request.method == "POST" and request.who != OWN_TOKEN]
    assert posts
    for path in posts:
        for client in (world.client(), world.signed_in("office@staff.example")):
            assert client.post(path).status_code == 400, path
            assert client.post(path, data={"csrf_token": "x"}).status_code == 400, path


def test_staff_pages_send_nobody_and_reviewers_to_sign_in(world: World) -> None:
    reviewer = world.client()
    with reviewer.session_transaction() as session:
        session["person"] = world.home.store.person_of("reviewer990000@staff.example").id
        session["since"] = "2032-01-15T02:00:00.000000Z"
    for request in filled(world):
        if OFFICE not in request.who:
            continue
        for client in (world.client(), reviewer):
            answer = client.open(request.path, method=request.method, data=world.csrf(client))
            assert (answer.status_code, answer.headers["Location"]) == (303, "/signin"), request


@pytest.mark.parametrize("role", ROLES)
def test_staff_pages_open_to_the_listed_roles_only(world: World, role: str) -> None:
    client = world.signed_in(f"{role}@staff.example")
    for request in filled(world):
        if OFFICE not in request.who or request.path.endswith("/close"):
            continue
        answer = client.open(request.path, method=request.method, data=world.csrf(client))
        allowed = role in request.who.split()
        assert (answer.status_code == 403) == (not allowed), (request, answer.status_code)
        assert answer.headers.get("Location") != "/signin"


def test_an_office_below_the_province_sees_its_own_territory_only(world: World) -> None:
    client = world.signed_in("city@staff.example")
    assert client.get(f"/office/{YEAR}/submissions?region=990100").status_code == 200
    assert client.get(f"/office/{YEAR}/submissions?region=990000").status_code == 403
    assert client.get(f"/office/{YEAR}/progress?region=990000").status_code == 403


@pytest.mark.parametrize("role", [*ROLES, "reviewer"])
def test_nobody_of_another_city_reaches_a_return_or_learns_anything_of_it(world: World, role: str) -> None:
    client = world.signed_in(f"far-{role}@staff.example") if role != "reviewer" else world.client()
    there = next(one for one in world.home.store.submissions("", 10).rows if one.state.revision)
    name = world.home.services.unit_of(there).name
    for request in filled(world):
        if "<submission_id>" in request.rule and request.who != OWN_TOKEN:
            answer = client.open(request.path, method=request.method, data=world.csrf(client))
            assert answer.status_code in {303, 403, 404}, request
            assert name not in answer.text, request
            assert there.identity.unit_id not in answer.text, request
    for path in (f"/office/{YEAR}/submissions", f"/office/{YEAR}/progress", f"/office/{YEAR}/unsent"):
        for place in ("990000", "990100", "990101"):
            assert name not in client.get(f"{path}?form=107-2&region={place}").text, path


def test_a_review_link_of_another_seat_opens_nothing(world: World) -> None:
    waiting = next(one for one in world.home.store.submissions("", 10).rows if one.state.turn)
    for email in ("far-reviewer@staff.example", "unit1@units.example", "nobody@nowhere.example"):
        person = world.home.store.person_of(email).id
        for region in ("990101", "990200"):
            link = ReviewLink(waiting.id, waiting.state.revision, "county", region, person)
            for door in ("r", "i"):
                seat = link if door == "r" else InboxLink(region, person)
                answer = world.client().get(f"/{door}/{world.home.services.links.sign(seat)}")
                is_his_inbox = (email, region, door) == ("far-reviewer@staff.example", "990200", "i")
                assert answer.status_code == (200 if is_his_inbox else 403), (email, region, door)
                assert world.home.services.unit_of(waiting).name not in answer.text


def test_link_doors_answer_nonsense_with_404(world: World) -> None:
    for request in filled(world):
        if request.who == LINK:
            client = world.client()
            answer = client.open(request.path, method=request.method, data=world.csrf(client))
            assert answer.status_code == 404, request


def test_a_link_of_one_door_opens_no_other(world: World) -> None:
    token = world.link("unit3@units.example", "f").rsplit("/", 1)[1]
    for door in "rcish":
        assert world.client().get(f"/{door}/{token}").status_code == 404, door


def test_api_routes_answer_401_without_a_live_token(world: World) -> None:
    live = world.token("office", "990000", days=1)
    for request in filled(world):
        if request.who not in {TOKEN, OWN_TOKEN}:
            continue
        for headers in ({}, {"Authorization": "Bearer zhb_wrong"}, {"Authorization": f"Basic {live}"}):
            answer = world.client().open(request.path, method=request.method, headers=headers)
            assert answer.status_code == 401, request
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.mimetype == "application/problem+json"
        if request.who == TOKEN:
            assert world.client().get(request.path, headers={"Authorization": f"Bearer {live}"}).status_code == 200


def test_nobody_but_the_unit_itself_reaches_its_return_by_token(world: World) -> None:
    """Every return of the world, asked for by the office's token (403) and by another enterprise's (404)."""
    for there in world.home.store.submissions("", 10).rows:
        other = next(n for n in (1, 2, 3) if make_synthetic_credit_code(n) != there.identity.unit_id)
        tokens = {403: ("office", "990000"), 404: ("enterprise", make_synthetic_credit_code(other))}
        for status, (role, territory) in tokens.items():
            headers = {"Authorization": f"Bearer {world.token(role, territory)}"}
            for request in filled(world):
                if "<submission_id>" in request.rule and request.who == OWN_TOKEN:
                    path = request.rule.replace("<submission_id>", there.id).replace("<int:number>", "1")
                    answer = world.client().open(path, method=request.method, headers=headers, json={})
                    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
                    assert there.identity.unit_id not in answer.text


def test_an_api_token_ends_with_its_day(world: World) -> None:
    token = {"Authorization": f"Bearer {world.token('office', '990000', days=1)}"}
    world.clock.move(timedelta(days=1))
    try:
        assert world.client().get("/api/v1/tables", headers=token).status_code == 401
    finally:
        world.clock.move(-timedelta(days=1))


def test_an_enterprise_token_reads_no_restricted_table(world: World) -> None:
    token = {"Authorization": f"Bearer {world.token('enterprise', make_synthetic_credit_code(1))}"}
    listed = {entry["name"] for entry in world.client().get("/api/v1/tables", headers=token).get_json()}
    assert "enterprise_totals" not in listed
    assert "response_rates" in listed
    assert world.client().get(f"/api/v1/tables/enterprise_totals/{YEAR}.csv", headers=token).status_code == 403


def test_each_restricted_read_is_recorded(world: World) -> None:
    before = len(world.home.store.reads("", 1000).rows)
    client = world.signed_in("office@staff.example")
    assert client.get(f"/office/tables/enterprise_totals/{YEAR}.csv").status_code == 200
    assert client.get(f"/office/tables/region_indicators/{YEAR}.csv").status_code == 200
    reads = world.home.store.reads("", 1000).rows[before:]
    assert [who for who, _, _ in reads] == ["office@staff.example"]


def test_closing_a_year_wants_the_year_typed_again(world: World) -> None:
    client = world.signed_in("office@staff.example")
    path = f"/office/collections/{YEAR}/close"
    for typed in ("", "2030"):
        assert client.post(path, data={"confirm": typed, **world.csrf(client)}).status_code == 422
    assert world.home.store.collections(YEAR)[0].closed_at is None


def test_a_filing_link_to_a_submission_of_another_unit_is_refused(world: World) -> None:
    submissions = world.home.store.submissions("", 10).rows
    person = world.home.store.person_of("unit3@units.example").id
    strange = next(one for one in submissions if one.identity.unit_id == make_synthetic_credit_code(2))
    link = world.home.services.links.sign(FilingLink(strange.id, person))
    assert world.client().get(f"/f/{link}").status_code == 403
