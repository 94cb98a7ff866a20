"""What the unit is written when something happens beside the straight way: each in words of its own, never a figure."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.asking import ask, close, dispose, extend, move, reinstate, reopen, undo
from workflows.answering import answer_query
from workflows.collecting import close_collection
from workflows.deadlines import show_deadline
from workflows.dispositions import disposition_names
from workflows.letters import letters_for
from workflows.letters.texts import templates
from workflows.links import FilingLink
from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.ports import Letter
from workflows.routes import Body, ReviewLevel
from workflows.submissions import OutboxItem
from workflows.withdrawing import withdraw

FIGURES = {"cost_total": "918273645", "cost_labour": "564738291"}
WORDS = "为什么是 564738291？请核实。"
LEVELS = ("county", "city", "province")


@pytest.fixture
def filed(world: Any) -> Any:
    """E1 has sent its return and the county's turn has come; the first letters are out."""
    world.open()
    world.file(**FIGURES)
    _news(world)
    return world


def _news(world: Any) -> list[Letter]:
    """The letters to the unit that are promised now; then they are out."""
    items = [item for item in world.store.pending(world.clock.now(), 100) if item.kind != "facts"]
    world.store.finish([item.id for item in world.store.pending(world.clock.now(), 100)], [], world.clock.now())
    kinds = {"withdrawn", "query", "undone", "reopened", "disposed", "reinstated", "extension", "moved", "returned"}
    found = [one.letter for item in items if item.kind in kinds for one in letters_for(world.services, item)]
    return [letter for letter in found if letter.to_email == "e1@units.example"]


def _accepted(world: Any) -> None:
    for level in LEVELS:
        world.accept(level)
    _news(world)


def _disposed(world: Any, kind: DispositionKind) -> None:
    dispose(world.services, world.submission(), kind)


def _to_dispose(kind: DispositionKind) -> Callable[[Any], None]:
    return lambda world: _disposed(world, kind)


def _withdrawn(world: Any) -> None:
    withdraw(world.services, world.filing_link(), 1)


def _asked(world: Any) -> None:
    ask(world.services, world.submission(), "county", "cost_labour", WORDS)


def _return_undone(world: Any) -> None:
    world.send_back("county", comment=WORDS)
    _news(world)
    undo(world.services, world.submission(), "county")


def _acceptance_undone(world: Any) -> None:
    _accepted(world)
    undo(world.services, world.submission(), "province")


def _reopening_undone(world: Any) -> None:
    _reopened(world)
    _news(world)
    undo(world.services, world.submission(), "province")


def _reopened(world: Any) -> None:
    _accepted(world)
    reopen(world.services, world.submission(), ("cost_total", "R1"), WORDS)


def _reinstated(world: Any) -> None:
    _disposed(world, DispositionKind.DUPLICATE)
    _news(world)
    reinstate(world.services, world.submission())


def _reinstated_unsent(world: Any) -> None:
    withdraw(world.services, world.filing_link(), 1)
    _disposed(world, DispositionKind.CLOSED)
    _news(world)
    reinstate(world.services, world.submission())


def _extended(scope: ExtensionScope) -> Callable[[Any], None]:
    def happen(world: Any) -> None:
        close_collection(world.services, year=2025)
        extend(world.services, world.submission(), scope, world.clock.now() + timedelta(days=3))

    return happen


def _moved(world: Any) -> None:
    route = world.submission().state.route
    move(world.services, world.submission(), Body(ReviewLevel.COUNTY, "990102"), *route[1:])


def _refused(world: Any) -> None:
    withdraw(world.services, world.filing_link(), 1)
    _news(world)
    _disposed(world, DispositionKind.REFUSED)


HAPPENINGS: dict[str, tuple[Callable[[Any], None], tuple[str, ...]]] = {
    "withdrawn": (_withdrawn, ("您撤回了", "第 1 版", "封存", "草稿", "期限：")),
    "query": (_asked, ("甲一县", "2 人工费用", "第 1 版", "答复", "统计法实施条例第十九条")),
    "undone_return": (_return_undone, ("甲一县 撤销了", "退回", "不需要做什么")),
    "undone_acceptance": (_acceptance_undone, ("示例省 撤销了", "验收", "继续审核")),
    "undone_reopening": (_reopening_undone, ("示例省 撤销了", "重新打开", "照旧有效")),
    "reopened": (_reopened, ("示例省", "统计范围或口径可能有误", "1 费用合计、R1", "期限：", "统计法实施条例第十九条")),
    "recorded_exception": (_to_dispose(DispositionKind.DUPLICATE), ("“与另一单位重复”", "统计法第七条", "告知")),
    "recorded_refusal": (_refused, ("登记为拒报", "第四十四条", "仍然可以填报")),
    "reinstated_filing": (_reinstated_unsent, ("停业、歇业或已注销", "照常填报", "第七条", "期限：")),
    "reinstated_review": (_reinstated, ("与另一单位重复", "第 1 版", "不需要重新报送")),
    "extension_filing": (_extended(ExtensionScope.FILING), ("准予贵单位填报", "示例省 两人核定", "第七条")),
    "extension_review": (_extended(ExtensionScope.REVIEW), ("继续审核", "示例省 两人核定", "不需要做什么")),
    "unit_moved": (_moved, ("由 甲二县、甲市、示例省 依次审核", "不需要重新报送")),
}


@pytest.fixture(params=HAPPENINGS)
def told(request: pytest.FixtureRequest, filed: Any) -> tuple[str, Letter]:
    """The kind of the letter, and the one letter to the unit that came of what happened."""
    HAPPENINGS[request.param][0](filed)
    (letter,) = _news(filed)[-1:]
    return request.param, letter


def test_a_unit_is_told_in_the_words_of_what_happened(told: tuple[str, Letter], filed: Any) -> None:
    kind, letter = told
    subject = templates()[kind]["subject"].partition("{sample}")[2].partition("：")[0]
    assert letter.subject.startswith(f"【直报】【示例】{subject}：")
    assert "（E1科技有限公司）" in letter.subject
    for words in HAPPENINGS[kind][1]:
        assert words in letter.text, words


def test_a_letter_to_a_unit_holds_no_figure_and_nothing_of_what_was_asked(told: tuple[str, Letter]) -> None:
    _, letter = told
    for secret in (*FIGURES.values(), *(f"{int(figure):,}" for figure in FIGURES.values()), WORDS, "为什么"):
        assert secret not in letter.subject + letter.text
    assert "{" not in letter.subject + letter.text


def test_its_link_stands_once_on_its_own_line_and_opens_the_units_page(told: tuple[str, Letter], filed: Any) -> None:
    _, letter = told
    assert [line for line in letter.text.splitlines() if "://" in line] == [letter.link]
    assert letter.text.count("http") == 1
    link = filed.services.links.read(FilingLink, letter.link.rpartition("/")[2])
    assert link == filed.filing_link()


def test_its_last_line_says_it_in_english(told: tuple[str, Letter]) -> None:
    _, letter = told
    last = letter.text.rstrip().splitlines()[-1]
    assert last.isascii()
    assert last.endswith(".")


def test_a_letter_is_the_same_however_often_it_is_written(filed: Any) -> None:
    _asked(filed)
    items = [item for item in filed.store.pending(filed.clock.now(), 9) if item.kind == "query"]
    once, again = (letters_for(filed.services, items[0])[0].letter for _ in range(2))
    assert once == again


def test_two_queries_on_one_item_are_two_letters(filed: Any) -> None:
    _asked(filed)
    ask(filed.services, filed.submission(), "city", "cost_labour", WORDS)
    first, second = _news(filed)
    assert first.id != second.id
    assert ["甲一县" in first.text, "甲市" in second.text] == [True, True]


def test_a_query_that_was_answered_or_closed_before_its_letter_went_out_is_not_announced(filed: Any) -> None:
    number = ask(filed.services, filed.submission(), "county", "cost_labour", WORDS)
    answer_query(filed.services, filed.filing_link(), number, "属实。")
    other = ask(filed.services, filed.submission(), "county", "cost_total", WORDS)
    close(filed.services, filed.submission(), other)
    assert _news(filed) == []


def test_an_acceptance_below_the_last_is_undone_without_a_word_to_the_unit(filed: Any) -> None:
    filed.accept("county")
    _news(filed)
    undo(filed.services, filed.submission(), "county")
    assert _news(filed) == []


def test_a_proposal_is_no_news_for_the_unit(filed: Any) -> None:
    dispose(filed.services, filed.submission(), DispositionKind.DUPLICATE, confirm=False)
    assert _news(filed) == []


def test_a_deadline_in_a_letter_is_the_close_where_that_comes_first(world: Any) -> None:
    world.open(close="2026-03-11T24:00")
    world.clock.ahead(days=64)
    world.file()
    _news(world)
    withdraw(world.services, world.filing_link(), 1)
    (letter,) = _news(world)
    calendar = world.store.collection(2025, "kd-1").calendar
    assert f"期限：{show_deadline(calendar.close)}" in letter.text


def test_a_correction_has_its_days_from_when_the_unit_got_it(filed: Any) -> None:
    filed.clock.ahead(days=80)
    withdraw(filed.services, filed.filing_link(), 1)
    days = filed.store.collection(2025, "kd-1").calendar.correction_days
    (letter,) = _news(filed)
    assert f"期限：{show_deadline(filed.clock.now() + timedelta(days=days))}" in letter.text


@pytest.mark.parametrize("happening", ["undone_return", "unit_moved", "recorded_exception"])
def test_news_for_unit_and_seats_are_told_to_both_each_in_its_own_words(filed: Any, happening: str) -> None:
    HAPPENINGS[happening][0](filed)
    kinds = {"undone", "moved", "disposed"}
    items = [item for item in filed.store.pending(filed.clock.now(), 100) if item.kind in kinds]
    letters = [one.letter for item in items for one in letters_for(filed.services, item)]
    texts = {letter.to_email.partition("@")[2]: letter.text for letter in letters}
    assert set(texts) == {"units.example", "seats.example"}
    assert len(set(texts.values())) == 2


def test_a_promise_of_a_kind_that_nobody_writes_is_an_error(filed: Any) -> None:
    strange = OutboxItem("x", "carrier pigeon", {"submission": filed.submission().id}, filed.clock.now())
    with pytest.raises(LookupError, match="x"):
        letters_for(filed.services, strange)


def test_every_disposition_has_its_words_in_both_languages() -> None:
    assert set(disposition_names()) == {kind.value for kind in DispositionKind}
    assert all(set(names) == {"zh", "en"} for names in disposition_names().values())
