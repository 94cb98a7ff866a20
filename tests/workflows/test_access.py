"""Getting in: new links, sign-in links, device codes, inboxes, receipts, tokens, and what the province watches."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from register.seats import Role, StaffMember
from workflows.devices import MAX_TRIES, CodeCheck, ask_for_code, check_code
from workflows.filing import SubmissionUnknown
from workflows.inboxes import open_inbox
from workflows.links import CheckLink, FilingLink, InboxLink, ReviewLink
from workflows.overview import standings, uncovered_seats
from workflows.permissions import NotAllowed
from workflows.receipts import read_receipt
from workflows.relinking import ask_for_new_link, ask_to_sign_in
from workflows.tokens import TokenRefused, create_token, read_token, revoke_token


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return, and all mail about it is out."""
    world.open()
    world.file()
    world.sweep()
    world.post.letters.clear()
    return world


def test_a_new_filing_link_goes_to_the_registered_address_only(filed: Any, reworded: Callable[..., None]) -> None:
    token = filed.services.links.sign(filed.filing_link())
    filed.clock.ahead(days=500)
    reworded("E1", email="moved@units.example")
    ask_for_new_link(filed.services, token)
    filed.sweep()
    (letter,) = filed.post.about("请填报")
    assert letter.to_email == "moved@units.example"
    assert {one.to_email for one in filed.post.letters if one.id != letter.id}.isdisjoint({"e1@units.example"})
    assert filed.services.links.read(FilingLink, letter.link.rpartition("/")[2]) == filed.filing_link()


def test_a_new_link_is_sent_at_most_once_in_ten_minutes(filed: Any) -> None:
    token = filed.services.links.sign(filed.filing_link())
    for expected in (1, 1, 2):
        ask_for_new_link(filed.services, token)
        filed.sweep()
        assert len(filed.post.letters) == expected
        filed.clock.ahead(minutes=5)


def test_a_new_review_link_goes_to_the_person_who_asked_while_he_holds_the_seat(
    filed: Any, seat: Callable[..., StaffMember]
) -> None:
    token = filed.services.links.sign(filed.review_link("county"))
    filed.seats(seat("990101", 1), seat("990101", 2))
    filed.sweep()
    filed.post.letters.clear()
    ask_for_new_link(filed.services, token)
    filed.sweep()
    assert [letter.to_email for letter in filed.post.letters] == ["r990101.1@seats.example"]
    assert isinstance(filed.services.links.read(ReviewLink, filed.post.letters[0].link.rpartition("/")[2]), ReviewLink)
    filed.clock.ahead(minutes=11)
    filed.seats(seat("990101", 2))
    ask_for_new_link(filed.services, token)
    filed.sweep()
    assert len(filed.post.letters) == 1


def test_an_unknown_token_asks_for_nothing_and_says_nothing(filed: Any) -> None:
    elsewhere = filed.services.links.sign(replace(filed.filing_link(), submission="elsewhere"))
    inbox = filed.services.links.sign(InboxLink("990101", "x"))
    for token in ("nonsense", "", elsewhere, inbox, "\ud800"):
        ask_for_new_link(filed.services, token)
    assert filed.store.pending_count() == 0


@pytest.mark.parametrize("role", [Role.OFFICE, Role.AUDITOR, Role.OPERATOR])
def test_staff_may_ask_for_a_sign_in_link(world: Any, role: Role) -> None:
    world.seats(StaffMember("o@x.example", "某", role, "990000"))
    ask_to_sign_in(world.services, " O@X.example ")
    ask_to_sign_in(world.services, "o@x.example")
    world.sweep()
    assert [letter.to_email for letter in world.post.letters] == ["o@x.example"]


@pytest.mark.parametrize("email", ["r990101.1@seats.example", "e1@units.example", "stranger@x.example", ""])
def test_nobody_else_is_sent_a_sign_in_link(world: Any, email: str) -> None:
    ask_to_sign_in(world.services, email)
    assert world.store.pending_count() == 0


def mailed_code(world: Any) -> str:
    world.sweep()
    (line,) = [line for line in world.post.letters[-1].text.splitlines() if line.isdigit()]
    return str(line)


def test_a_device_is_confirmed_by_the_code_that_was_mailed(world: Any) -> None:
    person = world.store.person_of("r990101.1@seats.example").id
    ask_for_code(world.services, person, "device-1")
    ask_for_code(world.services, person, "device-1")
    code = mailed_code(world)
    assert len(world.post.letters) == 1
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert check_code(world.services, person, "device-1", f" {code[:3]} {code[3:]} ") is CodeCheck.RIGHT
    assert check_code(world.services, person, "device-1", full_width) is CodeCheck.RIGHT
    other = world.store.person_of("r990201.1@seats.example").id
    assert check_code(world.services, person, "device-2", code) is CodeCheck.WRONG
    assert check_code(world.services, other, "device-1", code) is CodeCheck.WRONG


def test_a_code_is_wrong_once_its_time_is_over(world: Any) -> None:
    person = world.store.person_of("r990101.1@seats.example").id
    ask_for_code(world.services, person, "device-1")
    code = mailed_code(world)
    world.clock.ahead(minutes=10)
    assert check_code(world.services, person, "device-1", code) is CodeCheck.RIGHT
    world.clock.ahead(minutes=10)
    assert check_code(world.services, person, "device-1", code) is CodeCheck.WRONG


def test_a_code_cannot_be_guessed_by_trying(world: Any) -> None:
    person = world.store.person_of("r990101.1@seats.example").id
    ask_for_code(world.services, person, "device-1")
    code = mailed_code(world)
    wrong = "000000" if code != "000000" else "000001"
    tried = [check_code(world.services, person, f"device-{n}", wrong) for n in range(MAX_TRIES)]
    assert set(tried) == {CodeCheck.WRONG}
    assert check_code(world.services, person, "device-1", code) is CodeCheck.TOO_MANY


@pytest.mark.parametrize("typed", ["", "abc", "١٢٣٤٥٦", "²²²²²²", "123456789" * 99])
def test_odd_input_is_a_wrong_code_and_no_crash(world: Any, typed: str) -> None:
    assert check_code(world.services, "p", "d", typed) is CodeCheck.WRONG


def test_an_inbox_lists_what_waits_each_with_a_link_of_its_own(filed: Any) -> None:
    person = filed.store.person_of("r990101.1@seats.example").id
    (row,) = open_inbox(filed.services, InboxLink("990101", person), "").rows
    assert (row.unit_name, row.form_title[0]) == ("E1科技有限公司", "kd-1调查表")
    assert filed.services.links.read(ReviewLink, row.token) == filed.review_link("county")
    with pytest.raises(NotAllowed):
        open_inbox(filed.services, InboxLink("990201", person), "")


def test_a_receipt_says_what_was_received_when_and_whether_it_is_intact(filed: Any) -> None:
    filed.send_back("county")
    filed.file()
    first = read_receipt(filed.services, CheckLink(filed.submission().id, 1))
    second = read_receipt(filed.services, CheckLink(filed.submission().id, 2))
    assert (first.intact, first.superseded) == (True, True)
    assert (second.intact, second.superseded) == (True, False)
    assert first.event_hash == filed.store.events(filed.submission().id)[1].hash
    for unknown in (CheckLink(filed.submission().id, 3), CheckLink("elsewhere", 1)):
        with pytest.raises(SubmissionUnknown):
            read_receipt(filed.services, unknown)


def test_a_receipt_of_bytes_that_were_altered_says_so(filed: Any) -> None:
    with filed.store.transaction() as database:
        database.execute("DROP TRIGGER revisions_are_sealed")
        database.execute("UPDATE revisions SET content = replace(content, '120', '121')")
    assert not read_receipt(filed.services, CheckLink(filed.submission().id, 1)).intact


def test_a_token_is_shown_once_and_only_its_hash_is_kept(world: Any) -> None:
    secret, token = create_token(world.services, role="office", territory="990100", days=10)
    assert read_token(world.services, secret) == token
    assert secret not in repr(world.store.tokens())
    assert read_token(world.services, secret + "x") is None
    assert read_token(world.services, "") is None


def test_a_token_ends_with_its_days_or_when_it_is_revoked(world: Any) -> None:
    secret, token = create_token(world.services, role="enterprise", territory="E1", days=1)
    other, kept = create_token(world.services, role="office", territory="990000", days=366)
    world.clock.moment = token.expires_at - timedelta(microseconds=1)
    assert read_token(world.services, secret) is not None
    world.clock.moment = token.expires_at
    assert read_token(world.services, secret) is None
    first = revoke_token(world.services, kept.id).revoked_at
    world.clock.ahead(days=1)
    assert revoke_token(world.services, kept.id).revoked_at == first
    assert read_token(world.services, other) is None
    with pytest.raises(TokenRefused):
        revoke_token(world.services, "unknown")


@pytest.mark.parametrize(
    ("role", "territory", "days"),
    [
        ("auditor", "990000", 10),
        ("office", "990000", 0),
        ("office", "990000", 367),
        ("office", "880000", 10),
        ("enterprise", "E9", 10),
    ],
)
def test_a_token_beyond_the_rules_is_refused(world: Any, role: str, territory: str, days: int) -> None:
    with pytest.raises(TokenRefused):
        create_token(world.services, role=role, territory=territory, days=days)
    assert world.store.tokens() == []


def test_the_province_sees_how_far_a_year_has_come(filed: Any) -> None:
    filed.clock.moment = filed.store.collection(2025, "kd-1").calendar.due
    filed.file("E2")
    (standing,) = standings(filed.services, 2025)
    assert (standing.expected, standing.sent, standing.late) == (3, 2, 1)
    assert standing.stages == {"not_started": 1, "in_review_county": 2}
    assert standings(filed.services, 2024) == ()


def test_the_province_sees_the_seats_nobody_holds(filed: Any, seat: Callable[..., StaffMember]) -> None:
    assert uncovered_seats(filed.services, 2025) == ()
    filed.seats(seat("990100"))
    (seat_without,) = uncovered_seats(filed.services, 2025)
    assert (seat_without.region.code, seat_without.waiting) == ("990101", 1)
    assert uncovered_seats(filed.services, 2024) == ()
