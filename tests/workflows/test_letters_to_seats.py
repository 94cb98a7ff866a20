"""What the holders of seats are written: a decision with the way to undo it, an answer, and what others did since."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from register.seats import Role, StaffMember
from tests.asking import ask, dispose, extend, give, move, reinstate, reopen, undo
from workflows.answering import answer_query
from workflows.letters import letters_for
from workflows.letters.texts import templates
from workflows.letters.to_seats import WRITERS
from workflows.links import ReviewLink
from workflows.machine.commands import DeclineDisposition
from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.ports import Letter
from workflows.proposing import propose
from workflows.routes import Body, ReviewLevel

FIGURES = {"cost_total": "918273645", "cost_labour": "564738291"}
WORDS = "为什么是 564738291？请核实。"
COUNTY, CITY, PROVINCE = "r990101.1@seats.example", "r990100.1@seats.example", "r990000.1@seats.example"
OFFICE = StaffMember("office@staff.example", "省局甲", Role.OFFICE, "990000")


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come; the first letters are out."""
    world.open()
    world.file(**FIGURES)
    news(world)
    return world


def news(world: Any) -> dict[str, list[Letter]]:
    """The letters to people of seats and offices that are promised now, by address; then they are out."""
    items = [item for item in world.store.pending(world.clock.now(), 100) if item.kind in {*WRITERS}]
    world.store.finish([item.id for item in world.store.pending(world.clock.now(), 100)], [], world.clock.now())
    found: dict[str, list[Letter]] = {}
    for item in items:
        for one in letters_for(world.services, item):
            if not one.letter.to_email.endswith("units.example"):
                found.setdefault(one.letter.to_email, []).append(one.letter)
    return found


def subjects(found: Mapping[str, list[Letter]]) -> dict[str, list[str]]:
    return {to: [letter.subject.split("】")[-1].split("：")[0] for letter in letters] for to, letters in found.items()}


def test_a_decision_is_confirmed_to_its_seat_with_the_way_to_undo_it(filed: Any) -> None:
    filed.accept("county")
    found = news(filed)
    assert subjects(found) == {COUNTY: ["已记录"], CITY: ["待审核"]}
    (letter,) = found[COUNTY]
    door, token = letter.link.rsplit("/", 2)[1:]
    link = filed.services.links.read(ReviewLink, token)
    assert (door, link.region, link.revision) == ("d", "990101", 1)
    assert link.person == filed.store.person_of(COUNTY).id


def test_an_answer_goes_to_the_seat_that_asked_and_names_the_item_only(filed: Any) -> None:
    query = ask(filed.services, filed.submission(), "city", "cost_labour", WORDS)
    news(filed)
    answer_query(filed.services, filed.filing_link(), query, WORDS)
    found = news(filed)
    assert subjects(found) == {CITY: ["查询已答复"]}
    assert "2 人工费用" in found[CITY][0].text
    assert "/d/" in found[CITY][0].link


def test_an_acceptance_taken_back_is_told_to_its_seat_and_to_the_level_it_went_to(filed: Any) -> None:
    filed.accept("county")
    news(filed)
    undo(filed.services, filed.submission(), "county")
    found = news(filed)
    assert subjects(found)[CITY] == ["决定已撤销"]
    assert "决定已撤销" in subjects(found)[COUNTY]
    assert "“通过”" in found[CITY][0].text


def test_a_return_taken_back_is_told_to_the_levels_it_had_overruled(filed: Any) -> None:
    filed.accept("county")
    filed.send_back("city")
    news(filed)
    undo(filed.services, filed.submission(), "city")
    found = news(filed)
    assert subjects(found)[COUNTY] == ["决定已撤销"]
    assert "“退回”" in found[COUNTY][0].text


def test_a_reopening_is_told_to_the_levels_that_had_passed_it(filed: Any) -> None:
    for level in ("county", "city", "province"):
        filed.accept(level)
    news(filed)
    reopen(filed.services, filed.submission(), ("cost_total",), WORDS)
    found = subjects(news(filed))
    assert (found[COUNTY], found[CITY]) == (["已重新打开"], ["已重新打开"])
    assert found[PROVINCE] == ["已记录"]


def test_a_proposal_is_told_to_the_seat_and_the_office_of_the_province(filed: Any, seat: Callable[..., Any]) -> None:
    filed.seats(seat("990101"), seat("990100"), seat("990000"), OFFICE)
    propose(filed.services, filed.review_link("county"), DispositionKind.DUPLICATE, WORDS)
    found = news(filed)
    assert set(found) == {PROVINCE, OFFICE.email}
    assert "与另一单位重复" in found[OFFICE.email][0].subject


def test_who_proposed_is_not_asked_to_confirm(filed: Any, seat: Callable[..., Any]) -> None:
    filed.seats(seat("990101"), seat("990100"), seat("990000"), OFFICE)
    propose(filed.services, filed.review_link("province"), DispositionKind.DUPLICATE, "重复")
    assert set(news(filed)) == {OFFICE.email}


def test_an_exception_after_the_close_is_put_before_the_province(filed: Any) -> None:
    extend(filed.services, filed.submission(), ExtensionScope.FILING, filed.clock.now() + timedelta(days=3))
    assert subjects(news(filed)) == {PROVINCE: ["请核定"]}


def test_a_disposition_is_told_to_every_seat_of_the_route(filed: Any) -> None:
    dispose(filed.services, filed.submission(), DispositionKind.OUT_OF_SCOPE)
    found = subjects(news(filed))
    assert {to: "已登记为例外" in said for to, said in found.items()} == {COUNTY: True, CITY: True, PROVINCE: True}
    reinstate(filed.services, filed.submission())
    assert all("例外已取消" in said for said in subjects(news(filed)).values())


def test_a_proposal_that_is_declined_is_told_to_the_seat_that_made_it(filed: Any) -> None:
    propose(filed.services, filed.review_link("county"), DispositionKind.DUPLICATE, "重复")
    news(filed)
    proposal = filed.submission().state.disposition.event_number
    give(
        filed.services, filed.submission(), DeclineDisposition("clerk", Body(ReviewLevel.PROVINCE, "990000"), proposal)
    )
    assert subjects(news(filed)) == {COUNTY: ["没有核定"]}


def test_a_move_is_told_to_the_seat_that_has_it_no_longer(filed: Any) -> None:
    route = [Body(ReviewLevel.COUNTY, "990171"), *filed.submission().state.route[1:]]
    move(filed.services, filed.submission(), *route)
    found = subjects(news(filed))
    assert found == {COUNTY: ["已移交"], "r990171.1@seats.example": ["待审核"]}


def test_every_letter_is_whole_and_holds_no_figure_and_no_words_of_people(filed: Any) -> None:
    query = ask(filed.services, filed.submission(), "county", "cost_labour", WORDS)
    answer_query(filed.services, filed.filing_link(), query, WORDS)
    propose(filed.services, filed.review_link("county"), DispositionKind.DUPLICATE, WORDS)
    dispose_letters = [letter for letters in news(filed).values() for letter in letters]
    assert dispose_letters
    for letter in dispose_letters:
        for blank in ("{", "}", "None", "Body(", *FIGURES.values(), "为什么"):
            assert blank not in letter.subject + letter.text
        urls = [line for line in letter.text.splitlines() if "://" in line]
        assert urls == ([letter.link] if letter.link else [])


def test_each_text_is_in_chinese_first_and_ends_with_a_line_of_english() -> None:
    for kind in (
        "answer",
        "seat_undone",
        "proposal",
        "seat_disposed",
        "seat_declined",
        "seat_reinstated",
        "seat_moved",
    ):
        body = templates()[kind]["body"].strip().splitlines()
        assert body[-1].isascii()
        assert not body[0].isascii()
