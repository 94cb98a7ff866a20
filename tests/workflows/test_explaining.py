"""Each fired firm or query rule wants its own reason, bound to the values it explains, and sealed with them."""

from dataclasses import replace
from typing import Any

import pytest

from forms.content import Content, from_json
from forms.explanations import Refused
from workflows.filing import Entry, NotReadyToSend, open_desk, open_seal, save, submit
from workflows.machine.refusals import RefusalCode
from workflows.reviewing import open_case
from workflows.submissions import Trace

TRUE_REASON = "研发全部委托外单位完成，本单位没有研发人员"
ANOTHER = "研发人员整体调入集团研究院，本年只付材料费"


@pytest.fixture
def opened(world: Any) -> Any:
    """The collection of kd-1 for 2025; its query rule R2 fires where there are no labour costs."""
    world.open()
    return world


def entry(world: Any, reason: str, base: int = 0, *, total: str = "10", labour: str = "0") -> Entry:
    """A page with a reason for R2, as it was typed."""
    plain = world.entry(base, cost_total=total, cost_labour=labour, why=False)
    typed = {**plain.inputs, "explanation-R2": reason}
    content = Content(plain.content.cells, {"R2": reason.strip()}, plain.content.signoff)
    return Entry({name: text for name, text in typed.items() if text}, content, base)


def refused(world: Any, page: Entry, trace: Trace) -> dict[str, Refused]:
    with pytest.raises(NotReadyToSend) as caught:
        submit(world.services, world.filing_link(), page, trace)
    return {each.rule_id: each.why for each in caught.value.unexplained}


@pytest.mark.parametrize(
    ("reason", "why"),
    [("", Refused.MISSING), ("  ", Refused.MISSING), ("核实无误", Refused.STOCK), ("情况属实。", Refused.STOCK)],
)
def test_a_fired_query_wants_a_reason_that_says_something(opened: Any, trace: Trace, reason: str, why: Refused) -> None:
    assert refused(opened, entry(opened, reason), trace) == {"R2": why}
    assert opened.store.revision(opened.filing_link().submission, 1) is None


def test_a_true_reason_is_sealed_and_shown_to_the_reviewer(opened: Any, trace: Trace) -> None:
    revision = submit(opened.services, opened.filing_link(), entry(opened, TRUE_REASON), trace)
    assert open_seal(revision)["content"]["explanations"] == {"R2": TRUE_REASON}
    case = open_case(opened.services, opened.review_link("county"))
    assert case.checked is not None
    assert case.checked.reason_of("R2") == TRUE_REASON
    assert case.checked.unexplained == ()


def test_where_nothing_fires_no_reason_is_asked_nor_sealed(opened: Any, trace: Trace) -> None:
    revision = submit(opened.services, opened.filing_link(), entry(opened, TRUE_REASON, labour="5"), trace)
    assert open_seal(revision)["content"]["explanations"] == {}
    draft = opened.store.draft(revision.submission)
    assert draft.inputs["explanation-R2"] == TRUE_REASON


def test_a_changed_value_voids_the_reason_and_the_draft_keeps_its_text(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    draft = save(opened.services, link, entry(opened, TRUE_REASON), trace)
    assert draft.inputs["explanation-R2"] == TRUE_REASON
    changed = entry(opened, TRUE_REASON, 1, labour="-0.5")
    definition = open_desk(opened.services, link).definition
    worse = from_json({"cells": {"cost_total": {"value": "10"}, "cost_labour": {"value": "-1"}}}, definition)
    page = replace(changed, content=replace(changed.content, cells=worse.cells))
    assert refused(opened, page, trace) == {"R2": Refused.CHANGED}
    again = save(opened.services, link, page, trace)
    assert again.inputs["explanation-R2"] == TRUE_REASON
    assert again.inputs["explanation-R2-for"] == draft.inputs["explanation-R2-for"], "written for the earlier values"
    assert refused(opened, replace(page, base_version=2), trace) == {"R2": Refused.CHANGED}


def test_another_text_is_written_for_the_present_values(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    save(opened.services, link, entry(opened, TRUE_REASON), trace)
    page = entry(opened, ANOTHER, 1)
    definition = open_desk(opened.services, link).definition
    worse = from_json({"cells": {"cost_total": {"value": "10"}, "cost_labour": {"value": "-1"}}}, definition)
    page = replace(page, content=replace(page.content, cells=worse.cells))
    assert submit(opened.services, link, page, trace).number == 1


def test_a_value_that_no_rule_named_may_change_under_a_reason(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    save(opened.services, link, entry(opened, TRUE_REASON), trace)
    assert submit(opened.services, link, entry(opened, TRUE_REASON, 1, total="99"), trace).number == 1


def test_the_page_itself_tells_for_which_values_a_reason_was_written(opened: Any, trace: Trace) -> None:
    """Nothing was stored: the mark came back with the page."""
    link = opened.filing_link()
    mark = open_desk(opened.services, link).texts_of(entry(opened, TRUE_REASON)).marks["explanation-R2-for"]
    page = entry(opened, TRUE_REASON)
    definition = open_desk(opened.services, link).definition
    worse = from_json({"cells": {"cost_total": {"value": "10"}, "cost_labour": {"value": "-1"}}}, definition)
    page = Entry(
        {**page.inputs, "explanation-R2-for": mark}, replace(page.content, cells=worse.cells), page.base_version
    )
    assert refused(opened, page, trace) == {"R2": Refused.CHANGED}


def test_a_correction_does_not_carry_the_reason_of_other_values(opened: Any, trace: Trace) -> None:
    """The text of the sealed revision counts too, whatever became of the draft's marks."""
    link = opened.filing_link()
    submit(opened.services, link, entry(opened, TRUE_REASON), trace)
    opened.send_back("county")
    page = entry(opened, TRUE_REASON, 1)
    definition = open_desk(opened.services, link).definition
    worse = from_json({"cells": {"cost_total": {"value": "10"}, "cost_labour": {"value": "-1"}}}, definition)
    assert refused(opened, replace(page, content=replace(page.content, cells=worse.cells)), trace) == {
        "R2": Refused.CHANGED
    }
    assert submit(opened.services, link, page, trace).number == 2


def test_last_years_reason_again_is_refused(opened: Any, trace: Trace) -> None:
    submit(opened.services, opened.filing_link(), entry(opened, TRUE_REASON), trace)
    for level in ("county", "city", "province"):
        opened.accept(level)
    following(opened)
    link = replace(opened.filing_link(), submission=opened.submission(year=2026).id)
    with pytest.raises(NotReadyToSend) as caught:
        submit(opened.services, link, entry(opened, TRUE_REASON), trace)
    assert [each.why for each in caught.value.unexplained] == [Refused.LAST_YEAR]
    revision = submit(opened.services, link, entry(opened, ANOTHER), trace)
    stands = opened.submission().state.accepted
    assert open_seal(revision)["beside"] == {"last": {"revision": 1, "hash": stands.revision_hash}}


def following(world: Any) -> None:
    """The collection of the year after."""
    from workflows.calendars import Calendar
    from workflows.collecting import open_collection
    from workflows.deadlines import read_instant

    open_collection(world.services, year=2026, form="kd-1", calendar=Calendar(read_instant("2027-03-10T24:00")))


def test_what_fires_without_a_reason_is_not_accepted(opened: Any, trace: Trace, monkeypatch: Any) -> None:
    """Sending refuses it; a seal that came by all the same is not accepted at any level."""
    from workflows import filing
    from workflows.stepping import CommandRefused

    monkeypatch.setattr(filing, "refused_explanations", lambda *_: ())
    monkeypatch.setattr(filing, "_explaining", lambda content, _: content)
    submit(opened.services, opened.filing_link(), entry(opened, ""), trace)
    with pytest.raises(CommandRefused) as caught:
        opened.accept("county")
    assert caught.value.refusal.code is RefusalCode.UNEXPLAINED
