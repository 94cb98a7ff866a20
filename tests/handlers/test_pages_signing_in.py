"""Signing in and asking for a new link: one answer to everybody, mail to the registered address only, in measure."""

from datetime import timedelta

from tests.handlers.world import World
from workflows.links import FilingLink, Links, SignInLink

OFFICE = "office@staff.example"


def letters(world: World, address: str) -> int:
    """How many letters an address has had."""
    world.sweep()
    return sum(letter.to_email == address for letter in world.post.letters)


def ask(world: World, email: str) -> tuple[int, str, str]:
    """The answer to a request for a sign-in link, without what differs from page to page."""
    client = world.client()
    answer = client.post("/signin", data={"email": email, **world.csrf(client)})
    page = client.get(answer.headers["Location"]).text
    return answer.status_code, answer.headers["Location"], page.split("<main")[1].split("csrf_token")[0]


def test_asking_to_sign_in_answers_the_same_to_known_and_unknown(world: World) -> None:
    known = ask(world, OFFICE)
    for address in ("nobody@nowhere.example", "reviewer990101@staff.example", "", "x" * 5000, "a\r\nBcc: b@c.example"):
        assert ask(world, address) == known


def test_a_sign_in_link_goes_to_staff_who_may_sign_in_only(world: World) -> None:
    world.clock.move(timedelta(minutes=2))
    before = {address: letters(world, address) for address in (OFFICE, "reviewer990101@staff.example")}
    for address in (*before, "nobody@nowhere.example", OFFICE.upper()):
        ask(world, address)
    assert letters(world, OFFICE) == before[OFFICE] + 1
    assert letters(world, "reviewer990101@staff.example") == before["reviewer990101@staff.example"]
    assert letters(world, "nobody@nowhere.example") == 0


def test_sign_in_links_are_rate_limited(world: World) -> None:
    world.clock.move(timedelta(minutes=2))
    before = letters(world, OFFICE)
    for _ in range(5):
        ask(world, OFFICE)
    assert letters(world, OFFICE) == before + 1


def test_only_the_button_signs_in(world: World) -> None:
    person = world.home.store.person_of(OFFICE).id
    client, path = world.client(), f"/s/{world.home.services.links.sign(SignInLink(person))}"
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert client.get("/office/").headers["Location"] == "/signin"
    assert client.post(path, data=world.csrf(client, path)).headers["Location"] == "/office/"
    assert client.get("/office/").status_code == 200
    assert client.post("/signout", data=world.csrf(client, "/office/")).status_code == 303
    assert client.get("/office/").headers["Location"] == "/signin"


def test_a_sign_in_link_dies_after_half_an_hour_and_offers_no_renewal(world: World) -> None:
    person = world.home.store.person_of(OFFICE).id
    path = f"/s/{world.home.services.links.sign(SignInLink(person))}"
    world.clock.move(timedelta(minutes=31))
    answer = world.client().get(path)
    assert answer.status_code == 410
    assert 'action="/relink"' not in answer.text


def test_a_session_ends_after_twelve_hours(world: World) -> None:
    client = world.signed_in(OFFICE)
    world.clock.move(timedelta(hours=11, minutes=59))
    assert client.get("/office/").status_code == 200
    world.clock.move(timedelta(minutes=2))
    assert client.get("/office/").headers["Location"] == "/signin"


def test_a_reviewer_cannot_sign_in_with_a_well_signed_link(world: World) -> None:
    person = world.home.store.person_of("reviewer990101@staff.example").id
    client, path = world.client(), f"/s/{world.home.services.links.sign(SignInLink(person))}"
    assert client.post(path, data=world.csrf(client, path)).status_code == 403


def test_signing_in_begins_a_fresh_session(world: World) -> None:
    """What somebody planted in the browser before is gone."""
    person = world.home.store.person_of(OFFICE).id
    client, path = world.client(), f"/s/{world.home.services.links.sign(SignInLink(person))}"
    with client.session_transaction() as session:
        session["planted"] = "x"
    assert client.post(path, data=world.csrf(client, path)).status_code == 303
    with client.session_transaction() as session:
        assert "planted" not in session


def relink(world: World, token: str) -> tuple[int, str]:
    """The answer to a request for a new link."""
    client = world.client()
    answer = client.post("/relink", data={"token": token, **world.csrf(client)})
    return answer.status_code, answer.text


def test_a_new_link_is_promised_alike_for_known_unknown_and_expired_tokens(world: World) -> None:
    token = world.link("unit3@units.example", "f").rsplit("/", 1)[1]
    known = relink(world, token)
    assert known[0] == 200
    foreign = Links(["another key, as long as a key has to be"], world.clock)
    assert relink(world, "") == relink(world, "nonsense") == relink(world, foreign.sign(FilingLink("a", "b"))) == known
    world.clock.move(timedelta(days=401))
    try:
        assert relink(world, token) == known
    finally:
        world.clock.move(-timedelta(days=401))


def test_new_links_are_rate_limited_and_go_to_the_registered_address(world: World) -> None:
    world.clock.move(timedelta(minutes=11))
    address, everybody = "unit3@units.example", len(world.post.letters)
    token = world.link(address, "f").rsplit("/", 1)[1]
    before = letters(world, address)
    everybody = len(world.post.letters)
    for _ in range(5):
        relink(world, token)
    assert letters(world, address) == before + 1
    assert len(world.post.letters) == everybody + 1
    world.clock.move(timedelta(minutes=11))
    relink(world, token)
    assert letters(world, address) == before + 2


def test_a_token_of_any_length_is_answered(world: World) -> None:
    assert relink(world, "x" * 1001)[0] == 400
    assert relink(world, "x" * 1000)[0] == 200
