"""What goes wrong between the store and DynamoDB, made to go wrong: the right state, nothing lost, nothing doubled."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from infra.dynamodb.design import table_request
from infra.dynamodb.store import DynamoStore
from infra.dynamodb.table import TRIES
from infra.file_objects import FileObjects
from tests.aws.faults import BROKEN, CONFLICT, THROTTLED, Faults, refusal
from tests.aws_server import local_aws
from tests.contract.test_store_contract import (
    AT,
    REGIONS,
    ROUTE,
    accept,
    collection,
    expect,
    fresh,
    promise,
    seal,
    step,
)
from workflows.machine.events import DraftStarted, FilingExpected, LevelAccepted
from workflows.ports import DraftConflict, StateConflict
from workflows.submissions import Draft, SealedRevision, Transition

TABLE = "zhibao-faults"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoStore]:
    """A table of this module's own."""
    with local_aws() as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        aws.client("dynamodb").create_table(**table_request(TABLE))
        yield DynamoStore(TABLE, FileObjects(tmp_path_factory.mktemp("objects")))


@pytest.fixture
def store(home: DynamoStore, monkeypatch: pytest.MonkeyPatch) -> DynamoStore:
    """A store that does not really wait."""
    monkeypatch.setattr(home, "wait", lambda _seconds: None)
    return home


def faults(store: DynamoStore, operation: str = "TransactWriteItems") -> Faults:
    return Faults(store.client, "dynamodb", operation)


@pytest.mark.parametrize("answers", [[CONFLICT] * 3, THROTTLED, BROKEN], ids=["conflict", "throttled", "broken"])
def test_what_was_not_done_is_asked_for_again_with_the_same_token(
    store: DynamoStore, answers: list[dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    key = f"again-{request.node.callspec.id}"
    before = expect(store, key)
    started = step(before, DraftStarted("one"), outbox=(promise(f"{key}.x"),))
    with faults(store) as wire:
        wire.before = [dict(one) for one in answers]
        store.commit(started)
    assert len(wire.asked) == len(answers) + 1
    assert len(set(wire.asked)) == 1
    assert store.submission(key) == started.after
    assert [event.type for event in store.events(key)] == ["FilingExpected", "DraftStarted"]


def test_a_conflict_that_does_not_end_is_told_and_leaves_nothing(store: DynamoStore) -> None:
    before = expect(store, "endless")
    with faults(store) as wire:
        wire.before = [dict(CONFLICT) for _ in range(TRIES)]
        with pytest.raises(ClientError, match="TransactionCanceled"):
            store.commit(step(before, DraftStarted("one")))
    assert store.submission("endless") == before
    assert len(store.events("endless")) == 1


def test_waits_grow_and_differ(store: DynamoStore, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(store, "wait", waits.append)
    for number in range(8):
        before = expect(store, f"waits-{number}")
        with faults(store) as wire:
            wire.before = [dict(CONFLICT) for _ in range(TRIES - 1)]
            store.commit(step(before, DraftStarted("one")))
    assert len(waits) == 8 * (TRIES - 1)
    assert len(set(waits)) > 8 * (TRIES - 1) // 2
    assert all(0 < wait <= 1 for wait in waits)
    firsts, lasts = waits[0 :: TRIES - 1], waits[TRIES - 2 :: TRIES - 1]
    assert max(firsts) < sum(lasts) / len(lasts)


def test_an_answer_that_was_lost_is_a_step_that_was_taken(store: DynamoStore) -> None:
    """The stand-in knows no tokens: its refusal of the repetition must be seen through by the step's own mark."""
    before = seal(store, expect(store, "lost"))
    decided = step(before, LevelAccepted("p", "county", "990171", 1, "hash-1"), outbox=(promise("lost.decision"),))
    with faults(store) as wire:
        wire.after = [ReadTimeoutError]
        store.commit(decided)
    assert len(wire.asked) == 2
    assert store.submission("lost") == decided.after
    assert [event.type for event in store.events("lost")] == ["FilingExpected", "Submitted", "LevelAccepted"]


def test_a_lost_answer_hides_nobody_elses_decision(store: DynamoStore) -> None:
    """The same decision of another process, equal to the last byte, is not ours."""
    before = seal(store, expect(store, "other"))
    same = step(before, LevelAccepted("p", "county", "990171", 1, "hash-1"))
    store.commit(same)
    with faults(store) as wire:
        wire.before = [refusal("InternalServerError", status=500)]
        with pytest.raises(StateConflict):
            store.commit(same)
    assert len(store.events("other")) == 3


def test_a_lost_answer_to_a_save_is_a_draft_that_was_saved(store: DynamoStore) -> None:
    before = expect(store, "saved")
    draft = Draft(1, {"a": "1"}, AT)
    with faults(store) as wire:
        wire.after = [ReadTimeoutError]
        store.commit(step(before, draft=draft, draft_before=0))
    assert store.draft("saved") == draft
    with faults(store) as wire:
        wire.before = [refusal("ServiceUnavailable", status=503)]
        with pytest.raises(DraftConflict):
            store.commit(step(before, draft=draft, draft_before=0))


def test_a_lost_answer_to_an_opening_counts_each_unit_once(store: DynamoStore) -> None:
    opening = fresh_opening("opened")
    with faults(store) as wire:
        wire.after = [ReadTimeoutError]
        assert store.create([opening]) == 1
    assert sum(one.count for one in store.progress(2025) if one.form == "opened") == 1
    assert store.create([opening]) == 0


def test_what_is_sealed_is_never_sealed_over(store: DynamoStore) -> None:
    """The condition on the revision itself, behind the one on the state."""
    before = seal(store, expect(store, "sealed"))
    stored = store.revision("sealed", 1)
    forged = step(before, DraftStarted("x"), revision=SealedRevision("sealed", 1, "other", b"{}", AT))
    with pytest.raises(StateConflict):
        store.commit(forged)
    assert store.revision("sealed", 1) == stored
    assert store.submission("sealed") == before


def test_a_pass_that_loses_answers_counts_each_submission_once(store: DynamoStore) -> None:
    accept(store, accept(store, seal(store, expect(store, "counted", form="counted"))))
    with faults(store) as wire:
        wire.after = [ReadTimeoutError] * 2
        with store.sweeping():
            pass
    with store.sweeping():
        pass
    found = [one for one in store.progress(2025) if one.form == "counted"]
    assert [(one.stage, one.count) for one in found] == [("accepted", 1)]


@pytest.mark.parametrize("operation", ["GetItem", "Query", "BatchGetItem"])
def test_a_read_that_is_throttled_is_read_again_and_an_outage_is_no_empty_answer(
    store: DynamoStore, operation: str
) -> None:
    store.import_regions(REGIONS, AT)
    store.put_collection(collection(2025, "read"))
    reads: dict[str, Any] = {
        "GetItem": lambda: store.current("regions"),
        "Query": store.collections,
        "BatchGetItem": lambda: store.submissions("", 1).rows,
    }
    wanted = reads[operation]()
    assert wanted
    with faults(store, operation) as wire:
        wire.before = [dict(one) for one in (*THROTTLED[:3], *BROKEN)]
        assert reads[operation]() == wanted
        wire.before = [dict(BROKEN[0]) for _ in range(TRIES)]
        with pytest.raises(ClientError):
            reads[operation]()


def fresh_opening(key: str) -> Transition:
    """A submission that is not there yet."""
    return step(fresh(key, form=key), FilingExpected(ROUTE), outbox=(promise(f"{key}.invitation"),))
