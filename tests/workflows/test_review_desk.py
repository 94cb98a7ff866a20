"""What a reviewer does beside deciding: asking, marking that he is on it, proposing; and what his page shows of it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from register.seats import StaffMember
from register.units import Unit, UnitKind
from workflows import children
from workflows.answering import answer_query
from workflows.asking import ask, close_query
from workflows.claiming import claim
from workflows.collecting import close_collection
from workflows.directives import DirectsAFigure
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import DispositionKind, QueryStatus, Stage
from workflows.permissions import NotAllowed
from workflows.proposing import propose
from workflows.review_desk import ReviewDesk, open_review
from workflows.reviewing import UnknownItems
from workflows.stepping import CommandRefused


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come."""
    world.open()
    world.file()
    return world


def desk(world: Any, level: str = "county", **who: Any) -> ReviewDesk:
    return open_review(world.services, world.review_link(level, **who))


def refusal_of(step: Callable[[], object]) -> RefusalCode:
    with pytest.raises(CommandRefused) as caught:
        step()
    return caught.value.refusal.code


def test_a_question_stands_beside_its_item_and_its_answer_beside_it(filed: Any) -> None:
    ask(filed.services, filed.review_link("county"), "cost_labour", "  人工费用比上年少一半，请说明  ")
    (thread,) = desk(filed).threads_by_item["cost_labour"]
    assert (thread.question, thread.by, thread.is_open) == ("人工费用比上年少一半，请说明", "审核员990101-1", True)
    answer_query(filed.services, filed.filing_link(), thread.query.number, "三名研发人员离职")
    (thread,) = desk(filed).threads_by_item["cost_labour"]
    assert (thread.answer, thread.query.status) == ("三名研发人员离职", QueryStatus.ANSWERED)


def test_a_question_is_stopped_when_it_directs_a_figure(filed: Any) -> None:
    with pytest.raises(DirectsAFigure):
        ask(filed.services, filed.review_link("county"), "cost_labour", "是不是应填 500？")
    assert filed.submission().state.queries == ()


@pytest.mark.parametrize(("item", "words"), [("cost_labour", "  "), ("", "请说明")], ids=["no words", "no item"])
def test_a_question_has_an_item_and_words(filed: Any, item: str, words: str) -> None:
    link = filed.review_link("county")
    assert refusal_of(lambda: ask(filed.services, link, item, words)) is RefusalCode.INCOMPLETE


def test_a_question_is_about_an_item_of_the_form(filed: Any) -> None:
    with pytest.raises(UnknownItems):
        ask(filed.services, filed.review_link("county"), "profit", "请说明")


def test_an_open_question_keeps_its_level_from_accepting_until_it_is_taken_back(filed: Any) -> None:
    number = ask(filed.services, filed.review_link("county"), "cost_labour", "请说明").state.events
    assert refusal_of(lambda: filed.accept("county")) is RefusalCode.QUERY_OPEN
    close_query(filed.services, filed.review_link("county"), number)
    assert filed.accept("county").state.turn.level == "city"


def test_a_level_above_asks_while_the_return_is_still_below_and_the_level_below_no_more(filed: Any) -> None:
    assert desk(filed, "city").ask_refusal is None
    filed.accept("county")
    refusal = desk(filed, "county").ask_refusal
    assert refusal is not None
    assert refusal.code is RefusalCode.ALREADY_DECIDED


def test_a_question_of_another_level_is_not_closed(filed: Any) -> None:
    number = ask(filed.services, filed.review_link("city"), "cost_labour", "请说明").state.events
    link = filed.review_link("county")
    assert refusal_of(lambda: close_query(filed.services, link, number)) is RefusalCode.QUERY_UNKNOWN


def test_opening_the_page_claims_nothing(filed: Any) -> None:
    before = filed.submission(), filed.store.pending_count()
    assert desk(filed).claim is None
    assert (filed.submission(), filed.store.pending_count()) == before


def test_a_claim_is_seen_by_others_who_may_still_decide_and_lapses(filed: Any, seat: Callable[..., Any]) -> None:
    filed.seats(seat("990101"), seat("990101", 2), seat("990100"), seat("990000"))
    claim(filed.services, filed.review_link("county"))
    mine, other = desk(filed).claim, desk(filed, number=2).claim
    assert mine is not None
    assert other is not None
    assert (mine.own, other.own, other.by) == (True, False, "审核员990101-1")
    assert desk(filed, number=2).case.refusal is None
    assert refusal_of(lambda: claim(filed.services, filed.review_link("county", number=2))) is RefusalCode.CLAIMED
    filed.clock.ahead(minutes=30)
    assert desk(filed, number=2).claim is None
    claim(filed.services, filed.review_link("county", number=2))


def test_nobody_but_the_holder_of_the_seat_asks_claims_or_proposes(
    filed: Any, seat: Callable[..., StaffMember]
) -> None:
    link = filed.review_link("county")
    filed.seats(seat("990101", 2), seat("990100"), seat("990000"))
    steps: Mapping[str, Callable[[], object]] = {
        "ask": lambda: ask(filed.services, link, "cost_total", "请说明"),
        "close": lambda: close_query(filed.services, link, 3),
        "claim": lambda: claim(filed.services, link),
        "propose": lambda: propose(filed.services, link, DispositionKind.DUPLICATE, "与 E2 重复"),
        "open": lambda: open_review(filed.services, link),
    }
    for step in steps.values():
        with pytest.raises(NotAllowed):
            step()


def test_a_proposal_moves_nothing_and_is_shown_with_its_reason(filed: Any) -> None:
    assert set(desk(filed).kinds) == {kind for kind in DispositionKind if kind.takes_out}
    after = propose(filed.services, filed.review_link("county"), DispositionKind.DUPLICATE, "  同一法人已由 E2 填报  ")
    assert after.state.stage is Stage.IN_REVIEW
    shown = desk(filed)
    assert shown.proposal is not None
    assert (shown.proposal.kind, shown.proposal.reason) == (DispositionKind.DUPLICATE, "同一法人已由 E2 填报")
    assert shown.kinds == ()


def test_a_proposal_has_a_reason(filed: Any) -> None:
    link = filed.review_link("county")
    refused = refusal_of(lambda: propose(filed.services, link, DispositionKind.DUPLICATE, " "))
    assert refused is RefusalCode.INCOMPLETE


def test_after_the_close_nobody_asks_or_claims(filed: Any) -> None:
    close_collection(filed.services, 2025)
    link = filed.review_link("county")
    assert refusal_of(lambda: ask(filed.services, link, "cost_total", "请说明")) is RefusalCode.COLLECTION_CLOSED
    assert refusal_of(lambda: claim(filed.services, link)) is RefusalCode.COLLECTION_CLOSED


@pytest.fixture
def waiting_city(world: Any, monkeypatch: pytest.MonkeyPatch, unit_list: Any) -> Any:
    """A city's own return waits for those of its county offices, by the routes of this home."""
    rules = {"county": {}, "city": {"levels": ["province"], "skip": [], "waits_for": ["county"]}}
    monkeypatch.setattr(children, "route_rules", lambda: rules)
    world.units(*unit_list.values(), _office_of("990201"), _office_of("990100"))
    world.open("ts-1")
    return world


def _office_of(region: str) -> Unit:
    kind = UnitKind.CITY if region.endswith("00") else UnitKind.COUNTY
    return Unit(f"OFFICE{region}", f"{region}科技局", kind, region, None, "", f"o{region}@units.example")


def test_a_city_office_waits_for_the_county_offices_of_its_own_city(waiting_city: Any) -> None:
    world, city, county = waiting_city, "OFFICE990200", "OFFICE990201"
    world.file(city, "ts-1", grants="5")
    assert desk(world, "province", unit_id=city, form="ts-1").missing == 1
    step = partial(world.accept, "province", city, "ts-1")
    assert refusal_of(step) is RefusalCode.CHILDREN_MISSING
    world.file(county, "ts-1", grants="2")
    assert refusal_of(step) is RefusalCode.CHILDREN_MISSING
    for level in ("city", "province"):
        world.accept(level, county, "ts-1")
    assert desk(world, "province", unit_id=city, form="ts-1").missing == 0
    assert step().state.stage is Stage.ACCEPTED


def test_by_default_no_level_waits_for_returns_below(world: Any) -> None:
    world.open("ts-1")
    world.file("OFFICE990200", "ts-1", grants="5")
    assert desk(world, "province", unit_id="OFFICE990200", form="ts-1").missing == 0
