"""Who may do what where: roles, territories, seats and the unit's own address."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from register.regions import Regions
from register.seats import Role, StaffMember
from workflows.filing import SubmissionUnknown, open_desk
from workflows.links import FilingLink, InboxLink
from workflows.permissions import (
    ALLOWED,
    ENTERPRISE,
    SIGN_IN_ROLES,
    Action,
    NotAllowed,
    covers,
    may,
    require_filler,
    require_holder,
    roles_of,
)

SEEN_BY = {
    Action.SEE_PROGRESS: {Role.OFFICE, Role.AUDITOR, Role.OPERATOR},
    Action.SEE_SUBMISSIONS: {Role.OFFICE, Role.AUDITOR},
    Action.RUN_COLLECTIONS: {Role.OFFICE},
    Action.READ_TABLES: {Role.OFFICE, Role.AUDITOR, Role.OPERATOR, ENTERPRISE},
    Action.READ_RESTRICTED_TABLES: {Role.OFFICE},
    Action.BUILD_TABLES: {Role.OFFICE},
    Action.HANDLE_CASES: {Role.OFFICE},
    Action.EXPORT_STORIES: {Role.OFFICE, Role.AUDITOR},
}


@pytest.mark.parametrize("action", Action)
def test_each_action_is_open_to_these_roles_and_no_other(action: Action) -> None:
    roles = {*Role, ENTERPRISE, "nobody", ""}
    assert {role for role in roles if may(role, action)} == SEEN_BY[action]


def test_every_role_has_its_line() -> None:
    assert set(ALLOWED) == {*Role, ENTERPRISE}
    assert Role.REVIEWER not in SIGN_IN_ROLES


@pytest.mark.parametrize(
    ("territory", "region", "seen"),
    [
        ("990000", "990101", True),
        ("990000", "990000", True),
        ("990100", "990101", True),
        ("990100", "990171", True),
        ("990100", "990201", False),
        ("990101", "990100", False),
        ("990101", "990102", False),
        ("888888", "990101", False),
        ("990000", "888888", False),
        ("", "990101", False),
    ],
)
def test_a_territory_covers_itself_and_what_lies_below(
    territory: str, region: str, seen: bool, regions: Regions
) -> None:
    assert covers(territory, region, regions) is seen


def test_roles_count_only_on_the_days_they_are_held(world: Any) -> None:
    terms = [
        StaffMember("a@x.example", "甲", Role.OFFICE, "990000", None, date(2026, 1, 4)),
        StaffMember("a@x.example", "甲", Role.AUDITOR, "990000", date(2026, 1, 5), date(2026, 1, 5)),
        StaffMember("a@x.example", "甲", Role.OPERATOR, "990000", date(2026, 1, 6), None),
        StaffMember("a@x.example", "甲", Role.REVIEWER, "990101"),
    ]
    world.seats(*terms)
    person = world.store.person_of("A@x.example").id
    assert [member.role for member in roles_of(world.services, person)] == [Role.AUDITOR]
    world.clock.ahead(hours=15)
    assert [member.role for member in roles_of(world.services, person)] == [Role.OPERATOR]


def test_an_unknown_person_has_no_role(world: Any) -> None:
    assert roles_of(world.services, "nobody") == ()


def test_the_filling_link_is_for_whom_the_register_names_now(world: Any, reworded: Callable[..., None]) -> None:
    world.open()
    old = world.filing_link("E1")
    require_filler(world.services, old, world.submission("E1"))
    reworded("E1", email="New.Filler@units.example")
    with pytest.raises(NotAllowed):
        require_filler(world.services, old, world.submission("E1"))
    with pytest.raises(NotAllowed):
        open_desk(world.services, old)
    assert open_desk(world.services, world.filing_link("E1")).unit.unit_id == "E1"


def test_one_units_person_does_not_open_another_units_form(world: Any) -> None:
    world.open()
    crossed = FilingLink(world.submission("E2").id, world.filing_link("E1").person)
    with pytest.raises(NotAllowed):
        open_desk(world.services, crossed)


def test_a_person_nobody_knows_opens_nothing(world: Any) -> None:
    world.open()
    with pytest.raises(NotAllowed):
        open_desk(world.services, FilingLink(world.submission("E1").id, "nobody"))


def test_a_link_to_a_submission_of_another_home_is_unknown(world: Any) -> None:
    world.open()
    with pytest.raises(SubmissionUnknown):
        open_desk(world.services, FilingLink("elsewhere", world.filing_link("E1").person))


def test_a_seat_opens_to_its_holders_only(world: Any) -> None:
    holder = world.store.person_of("r990101.1@seats.example").id
    assert require_holder(world.services, InboxLink("990101", holder)).region_code == "990101"
    with pytest.raises(NotAllowed):
        require_holder(world.services, InboxLink("990201", holder))
    with pytest.raises(NotAllowed):
        require_holder(world.services, InboxLink("990101", "nobody"))


@pytest.mark.parametrize(
    ("start", "end", "serves"),
    [
        (None, None, True),
        (date(2026, 1, 5), date(2026, 1, 5), True),
        (date(2026, 1, 6), None, False),
        (None, date(2026, 1, 4), False),
    ],
)
def test_a_review_link_works_while_its_person_holds_the_seat(
    world: Any, seat: Callable[..., StaffMember], start: date | None, end: date | None, serves: bool
) -> None:
    world.open()
    world.file("E1")
    link = world.review_link("county", "E1")
    world.seats(seat("990101", valid_from=start, valid_to=end))
    if serves:
        assert require_holder(world.services, link).email == "r990101.1@seats.example"
    else:
        with pytest.raises(NotAllowed):
            require_holder(world.services, link)


def test_a_term_ends_at_midnight_in_china(world: Any, seat: Callable[..., StaffMember]) -> None:
    world.seats(seat("990101", valid_to=date(2026, 1, 5)))
    link = InboxLink("990101", world.store.person_of("r990101.1@seats.example").id)
    world.clock.ahead(hours=14, minutes=59)
    assert require_holder(world.services, link)
    world.clock.ahead(minutes=1)
    with pytest.raises(NotAllowed):
        require_holder(world.services, link)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.OPERATOR, Role.AUDITOR])
def test_no_other_role_at_the_region_opens_the_seat(world: Any, role: Role) -> None:
    world.seats(StaffMember("r990101.1@seats.example", "甲", role, "990101"))
    link = InboxLink("990101", world.store.person_of("r990101.1@seats.example").id)
    with pytest.raises(NotAllowed):
        require_holder(world.services, link)
