"""What a seat chooses about its mail: at once, hourly, daily, quiet hours; and how much one person gets in an hour."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.seats import StaffMember
from register.units import Unit
from workflows.deadlines import CHINA, read_instant
from workflows.devices import ask_for_code
from workflows.links import InboxLink
from workflows.permissions import NotAllowed
from workflows.relinking import ask_for_new_link
from workflows.seat_settings import Digest, SeatSettings, SettingsProblem, SettingsRefused
from workflows.seats import change_settings, chosen

COUNTY = "990101"
HOLDER = f"r{COUNTY}.1@seats.example"
NINE = read_instant("2026-01-05T09:00")
MOMENTS = st.integers(0, 366 * 86_400).map(lambda second: NINE.astimezone(UTC) + timedelta(seconds=second))
HOURS = st.integers(0, 23)


@pytest.fixture
def opened(world: Any) -> Any:
    """Three enterprises are invited; it is Monday, 09:00."""
    world.open()
    world.sweep()
    world.post.letters.clear()
    return world


def choose(world: Any, **wanted: Any) -> SeatSettings:
    link = InboxLink(COUNTY, world.store.person_of(HOLDER).id)
    present = world.store.seat_settings(COUNTY)
    settings = change_settings(world.services, link, SeatSettings(COUNTY, version=present.version, **wanted))
    world.sweep()
    return settings


def clock_to(world: Any, text: str) -> None:
    world.clock.moment = read_instant(text)
    world.sweep()


def asked(world: Any) -> list[str]:
    return [letter.to_email for letter in world.post.about("待审核：")]


def digests(world: Any) -> list[Any]:
    return world.post.about("待审核汇总")


# The choice


def test_a_seat_that_chose_nothing_is_written_to_at_once_at_any_hour(opened: Any) -> None:
    clock_to(opened, "2026-01-06T03:00")
    opened.file("E1")
    opened.sweep()
    assert asked(opened) == [HOLDER]
    assert chosen(opened.services, COUNTY).settings == SeatSettings(COUNTY)


def test_every_holder_is_told_who_chose_what(opened: Any, seat: Callable[..., StaffMember]) -> None:
    opened.seats(seat(COUNTY, 1), seat(COUNTY, 2))
    made = choose(opened, digest=Digest.DAILY, hour=8, quiet_from=20, quiet_until=7)
    told = opened.post.about("邮件通知已更改")
    assert sorted(letter.to_email for letter in told) == [HOLDER, f"r{COUNTY}.2@seats.example"]
    for words in ("审核员990101-1", "每天 8:00 汇总一次", "免打扰 20:00 至 7:00", "2026-01-05 09:00"):
        assert words in told[0].text
    assert (made.version, made.changed_at, chosen(opened.services, COUNTY).by) == (1, NINE, "审核员990101-1")


def test_the_same_choice_again_changes_nothing_and_tells_nobody(opened: Any) -> None:
    first = choose(opened, digest=Digest.HOURLY)
    assert choose(opened, digest=Digest.HOURLY) == first
    assert len(opened.post.about("邮件通知已更改")) == 1


def test_a_choice_made_on_an_older_page_is_refused(opened: Any) -> None:
    choose(opened, digest=Digest.HOURLY)
    link = InboxLink(COUNTY, opened.store.person_of(HOLDER).id)
    with pytest.raises(SettingsRefused) as refused:
        change_settings(opened.services, link, SeatSettings(COUNTY, Digest.DAILY, version=0))
    assert refused.value.problem is SettingsProblem.OVERTAKEN
    assert opened.store.seat_settings(COUNTY).digest is Digest.HOURLY


def test_only_a_holder_chooses(opened: Any) -> None:
    stranger = InboxLink(COUNTY, opened.store.person_of("r990100.1@seats.example").id)
    with pytest.raises(NotAllowed):
        change_settings(opened.services, stranger, SeatSettings(COUNTY, Digest.DAILY))
    assert opened.store.seat_settings(COUNTY).version == 0


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ({"hour": 24}, SettingsProblem.HOUR),
        ({"hour": -1}, SettingsProblem.HOUR),
        ({"quiet_from": 24, "quiet_until": 3}, SettingsProblem.HOUR),
        ({"quiet_from": 3}, SettingsProblem.QUIET),
        ({"quiet_until": 3}, SettingsProblem.QUIET),
        ({"quiet_from": 3, "quiet_until": 3}, SettingsProblem.QUIET),
    ],
)
def test_what_is_no_choice_is_refused(wanted: dict[str, Any], problem: SettingsProblem) -> None:
    with pytest.raises(SettingsRefused) as refused:
        SeatSettings(COUNTY, **wanted)
    assert refused.value.problem is problem


@given(MOMENTS, HOURS, HOURS)
def test_quiet_hours_end_at_their_hour_within_a_day(at: datetime, begin: int, end: int) -> None:
    if begin == end:
        return
    until = SeatSettings(COUNTY, quiet_from=begin, quiet_until=end).quiet_end(at)
    hour, length = at.astimezone(CHINA).hour, (end - begin) % 24
    assert (until is not None) == ((hour - begin) % 24 < length)
    if until is not None:
        assert at < until <= at + timedelta(hours=length)
        assert (until.astimezone(CHINA).hour, until.minute, until.second) == (end, 0, 0)


@given(MOMENTS, st.sampled_from([Digest.HOURLY, Digest.DAILY]), HOURS, st.none() | st.tuples(HOURS, HOURS))
def test_a_slot_is_to_come_and_never_in_quiet_hours(
    at: datetime, digest: Digest, hour: int, quiet: tuple[int, int] | None
) -> None:
    begin, end = quiet if quiet and quiet[0] != quiet[1] else (None, None)
    settings = SeatSettings(COUNTY, digest, hour, begin, end)
    slot = settings.next_slot(at)
    assert slot is not None
    assert at < slot <= at + timedelta(days=2)
    assert settings.quiet_end(slot) is None
    if begin is None:
        assert slot - at <= (timedelta(hours=1) if digest is Digest.HOURLY else timedelta(days=1))


# Quiet hours


def test_letters_to_a_seat_wait_for_the_end_of_its_quiet_hours_and_receipts_do_not(opened: Any) -> None:
    choose(opened, quiet_from=20, quiet_until=8)
    clock_to(opened, "2026-01-05T22:00")
    opened.file("E1")
    opened.sweep()
    assert asked(opened) == []
    assert [letter.to_email for letter in opened.post.about("回执")] == ["e1@units.example"]
    clock_to(opened, "2026-01-06T07:59")
    assert asked(opened) == []
    clock_to(opened, "2026-01-06T08:00")
    clock_to(opened, "2026-01-06T09:00")
    assert asked(opened) == [HOLDER]


def test_reminders_confirmations_and_news_of_the_settings_keep_the_quiet_hours_too(opened: Any) -> None:
    opened.file("E1")
    opened.sweep()
    choose(opened, quiet_from=20, quiet_until=8)
    opened.post.letters.clear()
    clock_to(opened, "2026-01-09T22:00")  # a day before the county's time is over
    opened.accept("county")
    choose(opened, quiet_from=20, quiet_until=9)
    assert opened.post.to(HOLDER) == []
    assert len(opened.post.to("r990100.1@seats.example")) == 1
    clock_to(opened, "2026-01-10T08:30")
    clock_to(opened, "2026-01-10T09:00")
    assert sorted(letter.subject[4:8] for letter in opened.post.to(HOLDER)) == sorted(["【示例】", "甲一县审"])


def test_what_was_decided_meanwhile_is_not_asked_for_in_the_morning(opened: Any) -> None:
    choose(opened, quiet_from=20, quiet_until=8)
    clock_to(opened, "2026-01-05T22:00")
    opened.file("E1")
    opened.sweep()
    opened.accept("county")
    clock_to(opened, "2026-01-06T08:00")
    assert asked(opened) == ["r990100.1@seats.example"]


def test_a_code_and_a_link_that_somebody_asks_for_come_at_any_hour(opened: Any) -> None:
    choose(opened, digest=Digest.DAILY, quiet_from=20, quiet_until=8)
    clock_to(opened, "2026-01-05T22:00")
    opened.file("E1")
    link = opened.review_link("county")
    ask_for_code(opened.services, link.person, "device")
    ask_for_new_link(opened.services, opened.services.links.sign(link))
    opened.sweep()
    assert len(opened.post.about("验证码")) == len(asked(opened)) == 1


# The digest


def test_a_daily_digest_stands_for_the_letters_of_its_day(opened: Any, seat: Callable[..., StaffMember]) -> None:
    opened.seats(seat(COUNTY, 1), seat(COUNTY, 2), seat("990100"))
    opened.open("ts-1")
    choose(opened, digest=Digest.DAILY, hour=16)
    opened.file("E1")
    opened.sweep()
    clock_to(opened, "2026-01-05T15:59")
    assert (asked(opened), digests(opened)) == ([], [])
    clock_to(opened, "2026-01-05T16:00")
    clock_to(opened, "2026-01-06T16:00")
    assert sorted(letter.to_email for letter in digests(opened)) == [HOLDER, f"r{COUNTY}.2@seats.example"]
    (letter, _) = digests(opened)
    assert "2025 年 kd-1 1 件" in letter.text
    assert "E1科技" not in letter.subject + letter.text
    assert [line for line in letter.text.splitlines() if "://" in line] == [letter.link]
    assert opened.services.links.read(InboxLink, letter.link.rpartition("/")[2]).region == COUNTY


def test_each_slot_has_a_digest_of_its_own(opened: Any, unit_list: dict[str, Unit]) -> None:
    choose(opened, digest=Digest.HOURLY)
    for hour in (10, 11):
        opened.clock.moment = read_instant(f"2026-01-05T{hour}:30")
        opened.file("E1")
        opened.sweep()
        clock_to(opened, f"2026-01-05T{hour + 1}:00")
        opened.send_back("county")
    assert len({letter.id for letter in digests(opened)}) == len(digests(opened)) == 2


def test_a_night_of_slots_makes_one_digest_in_the_morning(opened: Any) -> None:
    choose(opened, digest=Digest.HOURLY, quiet_from=20, quiet_until=8)
    for hour in (20, 21, 22, 23):
        clock_to(opened, f"2026-01-05T{hour}:30")
        opened.file("E1")
        opened.sweep()
        opened.send_back("county")
    opened.file("E1")
    for hour in range(24):
        clock_to(opened, f"2026-01-06T{hour:02d}:00")
    assert len(digests(opened)) == 1


def test_no_digest_tells_of_nothing(opened: Any) -> None:
    choose(opened, digest=Digest.DAILY, hour=16)
    opened.file("E1")
    opened.sweep()
    opened.accept("county")
    clock_to(opened, "2026-01-05T16:00")
    assert digests(opened) == []


def test_what_was_put_off_is_told_though_the_choice_changed_and_what_comes_then_comes_at_once(opened: Any) -> None:
    choose(opened, digest=Digest.DAILY, hour=16)
    opened.file("E1")
    opened.sweep()
    choose(opened, digest=Digest.AT_ONCE)
    opened.send_back("county")
    opened.file("E1")
    opened.sweep()
    assert asked(opened) == [HOLDER]
    clock_to(opened, "2026-01-05T16:00")
    assert len(digests(opened)) == 1


def test_a_digest_cut_off_before_its_mark_is_promised_once(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*_: Any) -> None:
        raise KeyboardInterrupt

    choose(opened, digest=Digest.DAILY, hour=16)
    opened.file("E1")
    with monkeypatch.context() as patch:
        patch.setattr(type(opened.store), "finish", cut_off)
        with pytest.raises(KeyboardInterrupt):
            opened.sweep()
    opened.sweep()
    clock_to(opened, "2026-01-05T16:00")
    assert [letter.to_email for letter in digests(opened)] == [HOLDER]


def test_an_old_inbox_link_is_renewed_for_who_holds_the_seat_at_any_hour(
    opened: Any, seat: Callable[..., StaffMember]
) -> None:
    choose(opened, quiet_from=20, quiet_until=8)
    opened.seats(seat(COUNTY, 1), seat(COUNTY, 2))
    holders = [opened.store.person_of(f"r{COUNTY}.{number}@seats.example").id for number in (1, 2)]
    clock_to(opened, "2026-01-05T22:00")
    people = (holders[0], opened.store.person_of("r990100.1@seats.example").id)
    tokens = [opened.services.links.sign(InboxLink(COUNTY, person)) for person in people]
    opened.clock.ahead(days=90)
    for token in tokens * 2:
        ask_for_new_link(opened.services, token)
        opened.sweep()
    (letter,) = digests(opened)
    link = opened.services.links.read(InboxLink, letter.link.rpartition("/")[2])
    assert (letter.to_email, link) == (HOLDER, InboxLink(COUNTY, holders[0]))


# Limits


@pytest.fixture
def crowded(world: Any, unit_list: dict[str, Unit]) -> Any:
    """Fifty enterprises with one bookkeeper, a week before the returns are due."""
    one = unit_list["E1"]
    world.units(
        *(replace(one, unit_id=f"M{n:02d}", name=f"代账{n:02d}", email="desk@units.example") for n in range(50))
    )
    world.open()
    world.sweep()
    world.clock.moment = read_instant("2026-03-03T24:00")
    return world


def test_an_address_gets_so_many_reminders_an_hour_and_the_rest_in_the_next_hours(crowded: Any) -> None:
    sent = []
    for _ in range(5):
        crowded.sweep()
        crowded.sweep()
        sent.append(len(crowded.post.about("催报")))
        crowded.clock.ahead(hours=1)
    assert sent == [20, 40, 50, 50, 50]
    assert set(Counter(letter.id for letter in crowded.post.letters).values()) == {1}
    assert crowded.store.pending_count() == 0


def test_a_new_pass_counts_what_an_earlier_one_sent_within_the_hour(crowded: Any) -> None:
    answers = iter([True] * 65 + [False])
    crowded.sweeper.run(lambda: next(answers))
    crowded.clock.ahead(minutes=30)
    crowded.sweep()
    assert len(crowded.post.about("催报")) == 20


def test_invitations_receipts_and_review_requests_are_not_held_back(crowded: Any) -> None:
    assert len(crowded.post.about("请填报")) == 50
    for number in range(30):
        crowded.file(f"M{number:02d}")
    crowded.sweep()
    assert len(crowded.post.about("回执")) == 30
    assert len(asked(crowded)) == 30
