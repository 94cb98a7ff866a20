"""What each event promises: the mails that go out, and the facts."""

from dataclasses import replace
from datetime import UTC, datetime

from register.units import UnitKind
from workflows.effects import effects_of
from workflows.machine.events import (
    DecisionUndone,
    DraftStarted,
    Event,
    FilingExpected,
    LevelAccepted,
    Moved,
    Reopened,
    Returned,
    Submitted,
)
from workflows.machine.states import State
from workflows.submissions import Identity, OutboxItem, Submission, advance

AT = datetime(2026, 3, 1, tzinfo=UTC)
SENT = Submitted("filler", 1, "h1", "kd-1/2021", "rules", late=False)


def accepted(level: str, region: str) -> LevelAccepted:
    return LevelAccepted(f"p-{level}", level, region, 1, "h1")


COUNTY, CITY, PROVINCE = (accepted(*body) for body in (("county", "1"), ("city", "2"), ("province", "3")))
UNDONE_RETURN = DecisionUndone("p-county", "county", "1", 1, 3, acceptance=False)
BACK = Returned("p-province", "province", "3", 1, "h1", "other", ("R1",), "c")


def promises(*events: Event) -> list[OutboxItem]:
    """What the last of these events promises."""
    identity = Identity("s", 2025, "kd-1", "E1", UnitKind.ENTERPRISE, "1", "1", "2", "1")
    opening = FilingExpected((("county", "1"), ("city", "2"), ("province", "3")))
    submission, found = Submission(identity, State()), tuple[OutboxItem, ...]()
    for event in (opening, *events):
        submission, links = advance(submission, (event,), AT)
        found = effects_of(links[0], submission.state)
    return list(found)


def test_a_submission_promises_a_receipt_and_a_request_to_the_first_level() -> None:
    receipt, review = promises(SENT)
    assert (receipt.id, receipt.kind, receipt.data) == ("s-0002.receipt", "receipt", {"submission": "s", "revision": 1})
    assert review.id == "s-0002.review"
    assert review.data == {"submission": "s", "revision": 1, "level": "county", "region": "1"}
    assert review.created_at == AT


def test_an_acceptance_promises_a_confirmation_and_a_request_to_the_next_level() -> None:
    decision, review = promises(SENT, COUNTY)
    assert (decision.id, decision.kind, decision.data["number"]) == ("s-0003.decision", "decision", 3)
    assert (review.data["level"], review.data["region"]) == ("city", "2")


def test_the_last_acceptance_promises_the_facts_and_the_news_to_the_unit() -> None:
    found = promises(SENT, COUNTY, CITY, PROVINCE)
    assert [item.kind for item in found] == ["decision", "facts", "accepted"]
    assert found[1].data == {"submission": "s", "number": 5, "revision": 1}


def test_a_return_tells_the_filler_the_author_and_every_level_already_passed() -> None:
    found = promises(SENT, COUNTY, CITY, BACK)
    assert [item.id.partition(".")[2] for item in found] == [
        "returned",
        "decision",
        "passed_level.county",
        "passed_level.city",
    ]
    assert [item.data["region"] for item in found[2:]] == ["1", "2"]


def test_a_return_by_the_first_level_has_nobody_below_to_tell() -> None:
    back = Returned("p-county", "county", "1", 1, "h1", "other", ("R1",), "c")
    assert [item.kind for item in promises(SENT, back)] == ["returned", "decision"]


def test_saving_promises_nothing() -> None:
    assert promises(DraftStarted("filler")) == []


def test_no_promise_holds_a_figure_or_a_name() -> None:
    for item in promises(SENT, COUNTY, CITY, BACK):
        assert set(item.data) <= {"submission", "revision", "level", "region", "number"}


def test_a_withdrawal_says_itself_which_revision_stood_in_the_tables_until_then() -> None:
    """It may be kept again, after a crash, when the unit is two revisions further on: it has to say the same."""
    undone = promises(
        SENT, COUNTY, CITY, PROVINCE, DecisionUndone("p-province", "province", "3", 1, 5, acceptance=True)
    )
    (facts,) = (item for item in undone if item.kind == "facts")
    assert facts.data == {"submission": "s", "number": 6, "revision": 0, "stood": 1}


def test_an_undone_acceptance_gives_the_tables_back_what_stood_before() -> None:
    again = Submitted("filler", 2, "h2", "kd-1/2021", "rules", late=False)
    reopened = Reopened("p-province", "province", "3", 1, "h1", "other", ("R1",), "c")
    second = [replace(event, revision=2, revision_hash="h2") for event in (COUNTY, CITY, PROVINCE)]
    undone = DecisionUndone("p-province", "province", "3", 2, 10, acceptance=True)
    found = promises(SENT, COUNTY, CITY, PROVINCE, reopened, again, *second, undone)
    (facts,) = (item for item in found if item.kind == "facts")
    assert facts.data == {"submission": "s", "number": 11, "revision": 1}


def test_whoever_has_it_after_an_undoing_is_asked() -> None:
    moved = Moved("office", (("county", "9"), ("city", "2"), ("province", "3")))
    back = replace(BACK, person="p-county", level="county", region="1")
    (review,) = (item for item in promises(SENT, back, moved, UNDONE_RETURN) if item.kind == "review")
    assert review.data == {"submission": "s", "revision": 1, "level": "county", "region": "9"}
