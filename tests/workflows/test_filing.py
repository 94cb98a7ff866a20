"""The filler's use cases: saving keeps what was typed, sending seals it, and nothing else writes a value."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import rfc8785

from forms.content import to_json
from workflows.filing import (
    NotReadyToSend,
    last_accepted,
    open_desk,
    open_seal,
    save,
    sealed_content,
    submit,
)
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import Stage
from workflows.permissions import NotAllowed
from workflows.ports import DraftConflict
from workflows.stepping import CommandRefused
from workflows.submissions import Trace, submission_id


@pytest.fixture
def opened(world: Any) -> Any:
    """The collection of kd-1 for 2025 is open, due at the end of 10 March 2026."""
    world.open()
    return world


def test_a_draft_keeps_every_keystroke_mistakes_included(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    typed = {"cost_total": " 12,34x", "cost_labour": "10.", "cost_total-note": "下次再填", "unit_head": ""}
    draft = save(opened.services, link, replace(opened.entry(), inputs=typed), trace)
    assert draft.version == 1
    stored = opened.store.draft(link.submission)
    assert (stored.inputs, stored.version, stored.saved_at) == (typed, 1, opened.clock.now())
    assert opened.submission().state.stage is Stage.DRAFT


def test_a_draft_is_the_fillers_alone(opened: Any, trace: Trace) -> None:
    save(opened.services, opened.filing_link(), opened.entry(), trace)
    submission = opened.submission()
    assert submission.state.revision == 0
    assert opened.store.sealed(2025, {}, "", 10).rows == []
    assert opened.store.inbox("990101", "", 10).rows == []


def test_of_two_tabs_the_second_to_save_is_shown_both_versions(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    first = opened.entry(0, cost_total="1", cost_labour="1")
    second = opened.entry(0, cost_total="2", cost_labour="1")
    save(opened.services, link, first, trace)
    for step in (save, submit):
        with pytest.raises(DraftConflict) as caught:
            step(opened.services, link, second, trace)
        assert caught.value.stored is not None
        assert (caught.value.stored.version, caught.value.stored.inputs) == (1, first.inputs)
    assert opened.store.draft(link.submission).inputs == first.inputs
    assert opened.submission().state.revision == 0
    assert save(opened.services, link, replace(second, base_version=1), trace).version == 2


def test_a_page_that_claims_a_draft_that_never_was_conflicts_with_none(opened: Any, trace: Trace) -> None:
    with pytest.raises(DraftConflict) as caught:
        save(opened.services, opened.filing_link(), opened.entry(3), trace)
    assert caught.value.stored is None


def test_nothing_is_saved_or_sent_again_while_the_return_is_in_review(opened: Any, trace: Trace) -> None:
    opened.file()
    link = opened.filing_link()
    before = opened.store.draft(link.submission)
    for step in (save, submit):
        with pytest.raises(CommandRefused) as caught:
            step(opened.services, link, opened.entry(1, cost_total="9", cost_labour="9"), trace)
        assert caught.value.refusal.code is RefusalCode.NOT_EDITABLE
    assert opened.store.draft(link.submission) == before
    assert opened.store.revision(link.submission, 2) is None


def test_a_fatal_finding_keeps_a_return_back_and_stores_nothing(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    with pytest.raises(NotReadyToSend) as caught:
        submit(opened.services, link, opened.entry(cost_total="10", cost_labour="11"), trace)
    assert [finding.rule_id for finding in caught.value.findings] == ["R1"]
    assert caught.value.unsigned == ()
    nothing_is_stored(opened, link.submission)


def nothing_is_stored(world: Any, key: str) -> None:
    assert world.store.draft(key) is None
    assert world.store.revision(key, 1) is None
    assert [event.type for event in world.store.events(key)] == ["FilingExpected"]
    assert world.store.traces(key) == []
    assert [item.kind for item in world.store.pending(world.clock.now(), 99)] == ["invitation"] * 3


def test_a_missing_required_item_is_fatal(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    with pytest.raises(NotReadyToSend) as caught:
        submit(opened.services, link, opened.entry(cost_total="10"), trace)
    assert [finding.rule_id for finding in caught.value.findings] == ["required:cost_labour"]
    nothing_is_stored(opened, link.submission)


def test_a_starred_item_is_required_of_a_starred_unit_only(opened: Any, trace: Trace) -> None:
    opened.file("E1")
    with pytest.raises(NotReadyToSend) as caught:
        opened.file("E3")
    assert [finding.rule_id for finding in caught.value.findings] == ["required:cost_abroad"]
    assert opened.file("E3", cost_total="5", cost_labour="4", cost_abroad="0").number == 1


def test_a_return_without_signatures_is_not_sent(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    with pytest.raises(NotReadyToSend) as caught:
        submit(opened.services, link, opened.entry(signed=False), trace)
    assert caught.value.unsigned == ("unit_head", "statistician", "filler", "phone")
    entry = opened.entry()
    blank = replace(entry.content, signoff=replace(entry.content.signoff, filler=" \u3000"))
    with pytest.raises(NotReadyToSend) as caught:
        submit(opened.services, link, replace(entry, content=blank), trace)
    assert caught.value.unsigned == ("filler",)
    nothing_is_stored(opened, link.submission)


def test_a_query_does_not_keep_a_return_back_and_travels_with_it(opened: Any) -> None:
    revision = opened.file(cost_total="10", cost_labour="0")
    assert open_seal(revision)["findings"] == ["R2"]


def test_a_return_sent_is_sealed_visible_and_promised_to_the_first_level_in_one_step(opened: Any) -> None:
    revision = opened.file()
    submission = opened.submission()
    assert submission.state.stage is Stage.IN_REVIEW
    assert opened.store.revision(submission.id, 1) == revision
    assert [row.id for row in opened.store.sealed(2025, {}, "", 10).rows] == [submission.id]
    assert [row.id for row in opened.store.inbox("990101", "", 10).rows] == [submission.id]
    kinds = [item.kind for item in opened.store.pending(opened.clock.now(), 99)]
    assert kinds == ["invitation"] * 3 + ["receipt", "review"]
    assert opened.store.draft(submission.id).version == 1


def test_the_sealed_bytes_are_rfc_8785_and_hash_to_what_the_event_names(opened: Any) -> None:
    revision = opened.file()
    event = opened.store.events(revision.submission)[-1]
    assert (event.type, event.number) == ("Submitted", 2)
    assert hashlib.sha256(revision.content).hexdigest() == revision.hash == event.data["revision_hash"]
    assert rfc8785.dumps(json.loads(revision.content)) == revision.content
    assert revision.sealed_at == event.at


def test_a_seal_holds_all_that_the_unit_answers_for(opened: Any) -> None:
    sealed = open_seal(opened.file())
    definition = opened.services.forms.by_version("kd-1/2021")
    assert sealed["content"] == to_json(opened.entry().content, definition)
    assert sealed["content"]["cells"]["cost_total"] == {"value": "120"}
    assert sealed["content"]["signoff"]["unit_head"] == "张三"
    named = {name: sealed[name] for name in ("unit", "year", "form", "form_version", "rule_set", "revision")}
    expected = {"unit": "E1", "year": 2025, "form": "kd-1", "form_version": "kd-1/2021", "revision": 1}
    assert named == {**expected, "rule_set": definition.rule_set}
    assert sealed["submission"] == opened.submission().id


def test_the_same_figures_seal_to_another_hash_each_time(opened: Any) -> None:
    first = opened.file()
    opened.send_back("county")
    second = opened.file()
    one, two = open_seal(first), open_seal(second)
    assert one["content"] == two["content"]
    assert one["nonce"] != two["nonce"]
    assert {len(bytes.fromhex(sealed["nonce"])) for sealed in (one, two)} == {16}
    assert first.hash != second.hash


def test_a_seal_that_does_not_match_its_hash_does_not_open(opened: Any) -> None:
    revision = opened.file()
    with pytest.raises(ValueError, match="hash"):
        open_seal(replace(revision, content=revision.content.replace(b"120", b"121")))


def test_an_earlier_revision_stays_sealed_beside_its_correction(opened: Any) -> None:
    first = opened.file(cost_total="120", cost_labour="70")
    opened.send_back("county")
    opened.file(cost_total="130", cost_labour="70")
    assert opened.store.revision(first.submission, 1) == first
    contents = [sealed_content(opened.services, opened.submission(), number) for number in (1, 2)]
    assert [content.cell("cost_total").value for content in contents if content] == [Decimal(120), Decimal(130)]
    assert sealed_content(opened.services, opened.submission(), 3) is None


def test_a_first_filing_from_the_due_instant_on_is_late(opened: Any) -> None:
    due = opened.store.collection(2025, "kd-1").calendar.due
    opened.clock.moment = due - timedelta(microseconds=1)
    opened.file("E1")
    opened.clock.moment = due
    opened.file("E2")
    assert not opened.submission("E1").state.late
    assert opened.submission("E2").state.late


def test_a_correction_after_the_due_time_is_not_late(opened: Any) -> None:
    opened.file("E1")
    opened.clock.moment = opened.store.collection(2025, "kd-1").calendar.due + timedelta(days=9)
    opened.send_back("county")
    opened.file("E1")
    assert opened.submission("E1").state.revision == 2
    assert not opened.submission("E1").state.late


def test_after_the_close_nothing_is_saved_or_sent(world: Any, trace: Trace) -> None:
    world.open(close="2026-03-20T24:00")
    world.clock.moment = world.store.collection(2025, "kd-1").calendar.close
    link = world.filing_link()
    for step in (save, submit):
        with pytest.raises(CommandRefused) as caught:
            step(world.services, link, world.entry(), trace)
        assert caught.value.refusal.code is RefusalCode.COLLECTION_CLOSED
    nothing_is_stored(world, link.submission)
    desk = open_desk(world.services, link)
    assert (desk.closed, desk.editable) == (True, False)


def test_the_desk_shows_the_draft_the_seal_and_the_words_of_a_return(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    desk = open_desk(opened.services, link)
    assert (desk.draft, desk.sealed, desk.last_year, desk.return_comment) == (None, None, None, "")
    assert desk.editable
    opened.file()
    opened.send_back("county", comment=" 请看第 2 项 ")
    desk = open_desk(opened.services, link)
    assert desk.return_comment == "请看第 2 项"
    assert desk.sealed is not None
    assert desk.sealed.cell("cost_total").value == Decimal(120)
    assert desk.draft is not None
    assert desk.editable


def test_opening_the_desk_changes_nothing(opened: Any) -> None:
    link = opened.filing_link()
    before = opened.store.submission(link.submission), opened.store.pending_count()
    open_desk(opened.services, link)
    assert (opened.store.submission(link.submission), opened.store.pending_count()) == before
    assert opened.store.draft(link.submission) is None


def test_where_a_save_and_a_submit_came_from_is_kept_apart_from_the_figures(opened: Any, trace: Trace) -> None:
    link = opened.filing_link()
    saved = Trace("save", "web", "192.0.2.1", "phone")
    save(opened.services, link, opened.entry(), saved)
    revision = submit(opened.services, link, opened.entry(1), trace)
    assert [one for _, one in opened.store.traces(link.submission)] == [saved, trace]
    assert b"192.0.2" not in revision.content


def test_a_link_to_an_address_that_changed_neither_saves_nor_sends(
    opened: Any, trace: Trace, reworded: Callable[..., None]
) -> None:
    link = opened.filing_link()
    reworded("E1", email="moved@units.example")
    for step in (save, submit):
        with pytest.raises(NotAllowed):
            step(opened.services, link, opened.entry(), trace)
    nothing_is_stored(opened, link.submission)


def test_last_years_figures_are_shown_only_once_they_were_accepted(world: Any) -> None:
    world.open()
    world.file()
    key = submission_id(world.store.home_key(), 2026, "kd-1", "E1")
    next_year = replace(world.submission(), identity=replace(world.submission().identity, id=key, year=2026))
    assert last_accepted(world.services, next_year) is None
    for level in ("county", "city", "province"):
        world.accept(level)
    content = last_accepted(world.services, next_year)
    assert content is not None
    assert content.cell("cost_total").value == Decimal(120)


def test_the_id_of_a_submission_tells_neither_unit_nor_year_without_the_homes_key() -> None:
    one, other = (submission_id(key, 2025, "kd-1", "E1") for key in (b"a" * 32, b"b" * 32))
    assert one != other
    assert len(one) == 26
    assert one.isalnum()
    assert submission_id(b"a" * 32, 2024, "kd-1", "E1") != one


def test_the_seal_and_its_event_name_the_same_instant_however_long_sealing_takes(world: Any) -> None:
    world.open()
    world.clock.runs = True
    sealed = world.file()
    assert world.store.events(sealed.submission)[-1].at == sealed.sealed_at
