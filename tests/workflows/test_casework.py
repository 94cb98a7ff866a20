"""What provincial staff do about one submission: two persons for what takes a unit out, reasons that are kept."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from register.seats import Role, StaffMember
from workflows import casework
from workflows.casework import Caseworker, NoReason
from workflows.filing import SubmissionUnknown
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import DispositionKind, ExtensionScope, Stage
from workflows.permissions import NotAllowed
from workflows.stepping import CommandRefused
from workflows.submissions import Submission

ROUTE = ("county", "city", "province")


@pytest.fixture
def opened(world: Any) -> Any:
    world.open(close="2026-06-30T24:00")
    return world


def worker(world: Any, name: str = "wang", region: str = "990000", role: Role = Role.OFFICE) -> Caseworker:
    email = f"{name}@office.example"
    return Caseworker(StaffMember(email, name, role, region), world.store.person_of(email).id)


def dispose(world: Any, kind: DispositionKind = DispositionKind.CLOSED, unit: str = "E1") -> Submission:
    key = world.submission(unit).id
    casework.propose_disposition(world.services, worker(world), key, kind=kind, reason="2月走访得知")
    return casework.confirm_disposition(world.services, worker(world, "li"), key, proposal=shown(world, unit))


def shown(world: Any, unit: str = "E1") -> int:
    """The proposal that the page shows."""
    disposition = world.submission(unit).state.disposition
    return disposition.event_number if disposition else 0


def refused(act: Callable[[], object]) -> RefusalCode:
    with pytest.raises(CommandRefused) as caught:
        act()
    return caught.value.refusal.code


def accepted(world: Any) -> Submission:
    world.file()
    for level in ROUTE:
        world.accept(level)
    found: Submission = world.submission()
    return found


def test_a_disposition_is_proposed_by_one_and_confirmed_by_another(opened: Any) -> None:
    key, wang, li = opened.submission().id, worker(opened), worker(opened, "li")
    kind = DispositionKind.CLOSED
    casework.propose_disposition(opened.services, wang, key, kind=kind, reason="2月走访得知")
    assert (
        refused(lambda: casework.confirm_disposition(opened.services, wang, key, proposal=shown(opened)))
        is RefusalCode.SAME_PERSON
    )
    casework.confirm_disposition(opened.services, li, key, proposal=shown(opened))
    state = opened.submission().state
    assert state.stage is Stage.DISPOSED
    assert (state.disposition.proposed_by, state.disposition.confirmed_by) == (wang.person, li.person)
    assert opened.store.payload(key, state.disposition.event_number).text == "2月走访得知"


def test_a_unit_that_is_closed_counts_as_an_exception_and_one_that_refuses_stays_expected(opened: Any) -> None:
    dispose(opened, DispositionKind.CLOSED, "E1")
    dispose(opened, DispositionKind.REFUSED, "E3")
    counted = {count.level: count.count for count in opened.store.progress(2025) if count.stage == Stage.DISPOSED}
    assert counted == {"closed": 1, "refused": 1}


def test_who_refused_may_still_come_round(opened: Any) -> None:
    dispose(opened, DispositionKind.REFUSED)
    opened.file()
    assert opened.submission().state.stage is Stage.IN_REVIEW
    assert opened.submission().state.disposition is None


def test_who_is_closed_files_nothing_until_it_is_reinstated(opened: Any) -> None:
    dispose(opened)
    assert refused(opened.file) is RefusalCode.DISPOSED
    casework.reinstate(opened.services, worker(opened), opened.submission().id, reason="弄错了单位")
    opened.file()
    assert opened.submission().state.stage is Stage.IN_REVIEW


def test_an_accepted_duplicate_leaves_the_tables_and_comes_back_when_reinstated(opened: Any) -> None:
    accepted(opened)
    dispose(opened, DispositionKind.DUPLICATE)
    assert opened.submission().state.in_tables is None
    casework.reinstate(opened.services, worker(opened), opened.submission().id, reason="不是同一单位")
    assert opened.submission().state.in_tables.revision == 1


def test_a_proposal_lapses_when_the_unit_files_after_all(opened: Any) -> None:
    key = opened.submission().id
    casework.propose_disposition(opened.services, worker(opened), key, kind=DispositionKind.CLOSED, reason="电话不通")
    opened.file()
    li = worker(opened, "li")
    assert (
        refused(lambda: casework.confirm_disposition(opened.services, li, key, proposal=shown(opened)))
        is RefusalCode.NOTHING_PROPOSED
    )


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_what_is_recorded_about_a_unit_needs_its_reason(opened: Any, reason: str) -> None:
    key = opened.submission().id
    with pytest.raises(NoReason):
        casework.propose_disposition(opened.services, worker(opened), key, kind=DispositionKind.CLOSED, reason=reason)
    assert len(opened.store.events(key)) == 1


def test_a_city_office_proposes_for_its_own_units_and_confirms_nothing(opened: Any) -> None:
    city, key = worker(opened, "city", "990100"), opened.submission("E1").id
    casework.propose_disposition(opened.services, city, key, kind=DispositionKind.CLOSED, reason="停业")
    other = worker(opened, "city2", "990100")
    assert (
        refused(lambda: casework.confirm_disposition(opened.services, other, key, proposal=shown(opened)))
        is RefusalCode.NOT_ON_ROUTE
    )
    foreign = opened.submission("E3").id
    with pytest.raises(NotAllowed):
        casework.propose_disposition(opened.services, city, foreign, kind=DispositionKind.CLOSED, reason="停业")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.REVIEWER])
def test_only_the_office_handles_cases(opened: Any, role: Role) -> None:
    with pytest.raises(NotAllowed):
        casework.reinstate(opened.services, worker(opened, role=role), opened.submission().id, reason="x")


def test_a_reopened_return_stays_in_the_tables_until_the_next_one_is_accepted(opened: Any) -> None:
    key = accepted(opened).id
    casework.reopen(
        opened.services, worker(opened), key, reason="unit", items=("cost_total",), comment="请核对计量单位"
    )
    assert opened.submission().state.in_tables.revision == 1
    opened.file(cost_total="130", cost_labour="70")
    assert opened.submission().state.in_tables.revision == 1
    for level in ROUTE:
        opened.accept(level)
    assert opened.submission().state.in_tables.revision == 2


def test_a_reopening_without_items_or_with_a_reason_we_do_not_know_is_refused(opened: Any) -> None:
    key = accepted(opened).id
    for reason, items in (("unit", ()), ("because", ("cost_total",))):
        words = {"reason": reason, "items": items, "comment": "请核对"}
        act = partial(casework.reopen, opened.services, worker(opened), key, **words)
        assert refused(act) is RefusalCode.INCOMPLETE


def test_a_reopening_that_directs_a_figure_is_stopped(opened: Any) -> None:
    key = accepted(opened).id
    words = {"reason": "unit", "items": ("cost_total",), "comment": "计量单位有误，请改为 500。"}
    act = partial(casework.reopen, opened.services, worker(opened), key, **words)
    assert refused(act) is RefusalCode.DIRECTS_A_FIGURE
    assert opened.submission().state.stage is Stage.ACCEPTED


def test_a_reopening_is_taken_back_by_its_author_before_the_filler_acts(opened: Any) -> None:
    key = accepted(opened).id
    casework.reopen(opened.services, worker(opened), key, reason="unit", items=("cost_total",), comment="请核对")
    stranger, reopening = worker(opened, "li"), opened.submission().state.last_return.event_number
    assert (
        refused(lambda: casework.undo_reopening(opened.services, stranger, key, decision=reopening))
        is RefusalCode.NOT_YOURS
    )
    casework.undo_reopening(opened.services, worker(opened), key, decision=reopening)
    assert opened.submission().state.stage is Stage.ACCEPTED


def test_after_the_close_a_unit_files_only_under_an_exception_another_granted(opened: Any) -> None:
    opened.clock.ahead(days=200)
    key, now = opened.submission().id, opened.clock.now()
    assert refused(opened.file) is RefusalCode.COLLECTION_CLOSED
    casework.propose_extension(
        opened.services,
        worker(opened),
        key,
        scope=ExtensionScope.FILING,
        expires=now + timedelta(days=3),
        reason="水灾",
    )
    assert refused(opened.file) is RefusalCode.COLLECTION_CLOSED
    casework.grant_extension(
        opened.services, worker(opened, "li"), key, proposal=opened.submission().state.extension.event_number
    )
    opened.file()
    assert opened.submission().state.late
    opened.clock.ahead(days=4)
    assert refused(lambda: opened.accept("county")) is RefusalCode.COLLECTION_CLOSED


def test_a_move_keeps_what_both_routes_share_and_changes_no_total(opened: Any) -> None:
    opened.file("E1")
    opened.accept("county")
    casework.move(opened.services, worker(opened), opened.submission().id, first_body="990171")
    found = opened.submission()
    assert [body.region for body in found.state.route] == ["990171", "990100", "990000"]
    assert found.state.decisions == ()
    assert found.identity.region_code == "990101"


def test_a_move_to_where_nobody_reviews_is_refused(opened: Any) -> None:
    key = opened.submission().id
    for place in ("990174", "nowhere"):
        move = partial(casework.move, opened.services, worker(opened), key, first_body=place)
        assert refused(move) in {RefusalCode.NOT_ON_ROUTE, RefusalCode.SAME_ROUTE}


def test_what_is_offered_is_what_the_machine_would_take(opened: Any) -> None:
    def offered() -> frozenset[str]:
        return casework.open_acts(opened.services, worker(opened), opened.submission())

    assert offered() == {"propose-disposition", "propose-extension", "move"}
    accepted(opened)
    assert offered() == {"propose-disposition", "propose-extension", "reopen"}
    dispose(opened, DispositionKind.DUPLICATE)
    assert offered() == {"propose-extension", "reinstate"}


def test_a_submission_that_is_not_there_is_unknown(opened: Any) -> None:
    with pytest.raises(SubmissionUnknown):
        casework.confirm_disposition(opened.services, worker(opened), "nothing", proposal=2)
