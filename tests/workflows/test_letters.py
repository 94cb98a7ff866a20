"""The mails: each kind renders in full, no figure stands in any, and a link stands once on its own line."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from workflows.deadlines import show_deadline, show_instant
from workflows.devices import ask_for_code
from workflows.effects import DIGEST, SIGN_IN
from workflows.filing import submit
from workflows.letters import letters_for
from workflows.letters.texts import templates
from workflows.links import CheckLink, FilingLink, InboxLink, LinkInvalid, ReviewLink, SignInLink
from workflows.ports import Letter
from workflows.reminding import pass_time
from workflows.report import Report
from workflows.seat_settings import Digest, SeatSettings
from workflows.seats import change_settings
from workflows.submissions import OutboxItem, Trace

KINDS = {"invitation", "receipt", "review", "returned", "accepted", "decision", "passed_level", "sign_in", "code"}
KINDS |= {"reminder", "escalation", "digest", "seat_changed"}
WITHOUT_LINK = {"passed_level", "code", "escalation", "seat_changed"}
ABOUT_NO_FORM = {"sign_in", "code", "seat_changed"}
FIGURES = {"cost_total": "918273645", "cost_labour": "564738291"}
COMMENT = "请核对第二项：是不是 564738291？"
NOTE = "另见附注七七四九"


def all_letters(world: Any, trace: Trace) -> dict[str, list[Letter]]:
    """One submission through every kind of mail, by kind."""
    seen: dict[str, list[Letter]] = {}

    def collect() -> None:
        for item in world.store.pending(world.clock.now(), 100):
            if item.kind != "facts":
                found = [addressed.letter for addressed in letters_for(world.services, item)]
                seen.setdefault(item.kind, []).extend(found)
        world.sweep()

    def wait(days: int) -> None:
        world.clock.ahead(days=days)
        pass_time(world.services, Report(), lambda: True)
        collect()

    world.open()
    collect()
    wait(58)  # seven days before the returns are due
    submit(world.services, world.filing_link(), world.entry(note=NOTE, **FIGURES), trace)
    collect()
    slot = {"region": "990101", "slot": "2026-03-05T09:00"}
    world.store.enqueue([OutboxItem("digest-1", DIGEST, slot, world.clock.now())])
    wait(5)  # the county's time is over
    world.accept("county")
    world.send_back("city", comment=COMMENT)
    collect()
    world.file(**FIGURES)
    for level in ("county", "city", "province"):
        world.accept(level)
        collect()
    person = world.store.person_of("r990000.1@seats.example").id
    world.store.enqueue([OutboxItem("in-1", SIGN_IN, {"person": person, "number": "1"}, world.clock.now())])
    ask_for_code(world.services, person, "device-1")
    inbox = InboxLink("990101", world.store.person_of("r990101.1@seats.example").id)
    change_settings(world.services, inbox, SeatSettings("990101", Digest.DAILY))
    collect()
    return seen


@pytest.fixture
def mail(world: Any, trace: Trace) -> Mapping[str, list[Letter]]:
    return all_letters(world, trace)


def every(mail: Mapping[str, list[Letter]]) -> list[tuple[str, Letter]]:
    return [(kind, letter) for kind, found in mail.items() for letter in found]


def test_every_kind_of_mail_is_written_and_has_a_text(mail: Mapping[str, list[Letter]]) -> None:
    assert set(mail) == KINDS
    assert set(templates()) >= KINDS
    assert all(found for found in mail.values())


def test_every_mail_renders_in_full(mail: Mapping[str, list[Letter]]) -> None:
    for _, letter in every(mail):
        for blank in ("{", "}", "None", "Body(", "<", "  ："):
            assert blank not in letter.subject + letter.text
        assert letter.text.rstrip().endswith("。") or letter.text.rstrip().endswith(".")
        assert letter.to_email.endswith(".example")
        assert letter.to_name


def test_no_figure_no_note_and_no_comment_stands_in_any_mail(mail: Mapping[str, list[Letter]]) -> None:
    grouped = [f"{Decimal(figure):,}" for figure in FIGURES.values()]
    for _, letter in every(mail):
        for secret in (*FIGURES.values(), *grouped, COMMENT, "是不是", NOTE):
            assert secret not in letter.subject + letter.text


def test_the_link_stands_once_on_a_line_of_its_own(mail: Mapping[str, list[Letter]]) -> None:
    for kind, letter in every(mail):
        urls = [line for line in letter.text.splitlines() if "://" in line]
        assert urls == ([] if kind in WITHOUT_LINK else [letter.link])
        assert letter.text.count("http") == len(urls)


def test_a_subject_is_one_line_and_says_that_the_form_is_a_sample(mail: Mapping[str, list[Letter]]) -> None:
    for kind, letter in every(mail):
        assert len(letter.subject.splitlines()) == 1
        assert letter.subject.startswith("【直报】")
        assert ("示例" in letter.subject) == (kind not in ABOUT_NO_FORM)


@pytest.mark.parametrize(
    ("kind", "door", "link"),
    [
        ("invitation", "f", FilingLink),
        ("returned", "f", FilingLink),
        ("review", "r", ReviewLink),
        ("decision", "d", ReviewLink),
        ("receipt", "c", CheckLink),
        ("accepted", "c", CheckLink),
        ("sign_in", "s", SignInLink),
        ("digest", "i", InboxLink),
    ],
)
def test_each_mail_opens_the_door_it_is_for(
    mail: Mapping[str, list[Letter]], world: Any, kind: str, door: str, link: type[Any]
) -> None:
    for letter in mail[kind]:
        prefix, _, token = letter.link.rpartition("/")
        assert prefix == f"http://zhibao.example/{door}"
        assert isinstance(world.services.links.read(link, token), link)
        others = {FilingLink, ReviewLink, CheckLink, SignInLink, InboxLink} - {link}
        for other in others:
            with pytest.raises(LinkInvalid):
                world.services.links.read(other, token)


def test_a_letter_has_one_id_however_often_it_is_written(world: Any) -> None:
    world.open()
    world.file()
    items = world.store.pending(world.clock.now(), 100)
    once = [one.letter.id for item in items for one in letters_for(world.services, item)]
    again = [one.letter.id for item in items for one in letters_for(world.services, item)]
    assert once == again
    assert len(set(once)) == len(once)


def test_the_form_is_named_with_all_that_the_law_wants_on_it(mail: Mapping[str, list[Letter]], world: Any) -> None:
    text = mail["invitation"][0].text
    due = show_deadline(world.store.collection(2025, "kd-1").calendar.due)
    for word in ("示例KD1表", "示例省统计局", "示例〔2026〕9号", "2030-12-31", due, "统计法"):
        assert word in text


def test_a_receipt_gives_the_hash_of_what_was_sealed(mail: Mapping[str, list[Letter]], world: Any) -> None:
    for letter in mail["receipt"]:
        link = world.services.links.read(CheckLink, letter.link.rpartition("/")[2])
        revision = world.store.revision(link.submission, link.revision)
        assert revision.hash in letter.text
        assert show_instant(revision.sealed_at) in letter.text


def test_a_return_names_the_reason_the_items_and_the_body(mail: Mapping[str, list[Letter]]) -> None:
    (letter,) = mail["returned"]
    for word in ("甲市", "表内数据不平衡", "1 费用合计、R1"):
        assert word in letter.text


def test_a_level_already_passed_is_told_and_the_author_is_confirmed(mail: Mapping[str, list[Letter]]) -> None:
    (told,) = mail["passed_level"]
    assert told.to_email == "r990101.1@seats.example"
    assert "甲市 退回了" in told.text
    returned = [letter for letter in mail["decision"] if "退回" in letter.subject]
    assert [letter.to_email for letter in returned] == ["r990100.1@seats.example"]
    assert "审核员990100-1" in returned[0].text


AWKWARD = {
    "braces": "{0}{unit}{link.__class__}科技{{公司}}",
    "percent": "%s%(unit)s 科技公司",
    "newline": "科技\r\nBcc: all@x.example\n\nhttp://evil.example/f/x\n",
    "separators": "科技\u2028http://evil.example\u2029\x0b\x0c\x85公司",
    "long": "长" * 500,
    "markup": '<script>alert("1")</script>&公司',
}


@pytest.mark.parametrize("name", AWKWARD.values(), ids=AWKWARD)
def test_an_awkward_unit_name_stays_a_name(world: Any, trace: Trace, reworded: Callable[..., None], name: str) -> None:
    reworded("E1", name=name)
    plain = " ".join(name.split())
    for kind, letter in every(all_letters(world, trace)):
        assert len(letter.subject.splitlines()) == 1
        links = [line for line in letter.text.splitlines() if line.startswith("http")]
        assert links == ([] if kind in WITHOUT_LINK else [letter.link])
        if kind in {"receipt", "review", "returned"}:
            assert plain in letter.text
            assert plain in letter.subject


def test_an_invitation_is_not_sent_to_who_has_already_filed(world: Any) -> None:
    world.open()
    world.file("E1")
    invited = {
        letter.to_email
        for item in world.store.pending(world.clock.now(), 9)
        if item.kind == "invitation"
        for letter in [one.letter for one in letters_for(world.services, item)]
    }
    assert invited == {"e2@units.example", "e3@units.example"}


def test_the_unit_is_written_to_at_its_present_address(world: Any, reworded: Callable[..., None]) -> None:
    world.open()
    reworded("E1", email="moved@units.example")
    world.sweep()
    assert [letter.to_email for letter in world.post.letters if "E1科技" in letter.subject] == ["moved@units.example"]


def test_a_promise_about_a_submission_that_is_not_there_is_an_error(world: Any) -> None:
    lost = OutboxItem("x", "receipt", {"submission": "lost", "revision": 1}, world.clock.now())
    with pytest.raises(LookupError, match="x"):
        letters_for(world.services, lost)


def test_a_sign_in_for_an_erased_person_writes_nothing(world: Any) -> None:
    item = OutboxItem("x", SIGN_IN, {"person": "erased", "number": "1"}, world.clock.now())
    assert letters_for(world.services, item) == []
