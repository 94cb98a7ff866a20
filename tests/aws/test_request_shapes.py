"""What a whole year asks of DynamoDB: no scan, nothing unconditional, nothing believed that was not read by key."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.dynamodb.store import DynamoStore
from tests.aws import story
from tests.aws.recording import Call, Recorder
from tests.aws.world import home_on_aws
from tests.journeys.grounds import TABLE

MEASURED = Path(__file__).parents[2] / "docs" / "dynamodb_calls.json"
SEALED = ("EVENT#", "REVISION#", "PAYLOAD#")
MOST_BYTES = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """The year, lived, and every call of it."""
    with home_on_aws(tmp_path_factory.mktemp("shapes")) as (world, aws):
        assert isinstance(world.home.store, DynamoStore)
        found = Recorder(aws.client("dynamodb"), TABLE)
        found.listen(world.home.store.client)
        found.step = "opening"
        story.begin(world)
        for name, step in (*story.route(world, 1), *story.year(world)):
            found.step = name
            step()
        yield found


def writes(recorder: Recorder) -> Iterator[tuple[Call, str, str, str]]:
    """Each write with its kind, its sort key and its condition."""
    for call in recorder.calls:
        for kind, one in call.changes():
            key = one.get("Key") or one["Item"]
            names = one.get("ExpressionAttributeNames", {})
            condition = one.get("ConditionExpression", "")
            for alias in sorted(names, key=len, reverse=True):
                condition = condition.replace(alias, names[alias])
            yield call, kind, key["sk"]["S"], condition


def test_the_year_was_lived_through_the_store(recorder: Recorder) -> None:
    assert len(recorder.calls) > 1000
    assert {"TransactWriteItems", "Query", "BatchGetItem", "GetItem"} <= {call.operation for call in recorder.calls}


def test_nothing_scans_and_nothing_deletes(recorder: Recorder) -> None:
    allowed = {"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"}
    assert {call.operation for call in recorder.calls} <= allowed
    assert [kind for _, kind, _, _ in writes(recorder) if kind == "Delete"] == []


def test_every_read_by_key_is_consistent_and_an_index_gives_keys_only(recorder: Recorder) -> None:
    for call in recorder.calls:
        request = call.request
        if call.operation == "GetItem" or (call.operation == "Query" and "IndexName" not in request):
            assert request["ConsistentRead"] is True, request
        if call.operation == "BatchGetItem":
            assert all(one["ConsistentRead"] is True for one in request["RequestItems"].values())


def test_a_state_is_written_only_if_it_is_the_one_that_was_read(recorder: Recorder) -> None:
    found = [(kind, condition) for _, kind, sort, condition in writes(recorder) if sort == "STATE"]
    assert len(found) > 30
    kept = {"version =": 0, "attribute_not_exists(pk)": 0}
    for kind, condition in found:
        (held,) = [rule for rule in kept if rule in condition]
        kept[held] += 1
        assert kind in {"Put", "Update", "ConditionCheck"}
    assert all(kept.values()), kept


def test_what_is_sealed_is_only_ever_created(recorder: Recorder) -> None:
    found = [(kind, condition) for _, kind, sort, condition in writes(recorder) if sort.startswith(SEALED)]
    assert len(found) > 15
    assert set(found) == {("Put", "(attribute_not_exists(pk))")}


def test_a_draft_is_written_only_over_the_one_its_filler_saw(recorder: Recorder) -> None:
    found = {condition.split(":")[0] for _, _, sort, condition in writes(recorder) if sort == "DRAFT"}
    assert found == {"(attribute_not_exists(pk))", "(version = "}


def test_a_step_is_one_transaction(recorder: Recorder) -> None:
    """An event never comes without its state."""
    for call in recorder.calls:
        sorts = [sort for found, _, sort, _ in writes(Recorder(None, "", [call])) if found is call]
        if any(sort.startswith("EVENT#") for sort in sorts):
            assert call.operation == "TransactWriteItems"
            assert "STATE" in sorts


def test_no_counter_changes_in_a_decisions_transaction(recorder: Recorder) -> None:
    for call in recorder.calls:
        keys = [(one.get("Key") or one["Item"]) for _, one in call.changes()]
        counted = [key for key in keys if key["pk"]["S"].startswith("PROGRESS#")]
        later = [key for key in keys if key["sk"]["S"].startswith("EVENT#") and key["sk"]["S"] != "EVENT#000001"]
        assert not (counted and later)


def test_no_transaction_comes_near_its_limits(recorder: Recorder) -> None:
    transactions = [call for call in recorder.calls if call.operation == "TransactWriteItems"]
    for call in transactions:
        assert len(call.request["TransactItems"]) <= 100
        assert len(json.dumps(call.request["TransactItems"], default=repr)) < MOST_BYTES
        assert call.request["ClientRequestToken"]
    tokens = [call.request["ClientRequestToken"] for call in transactions]
    assert len(set(tokens)) == len(tokens)


def test_only_what_may_be_forgotten_expires(recorder: Recorder) -> None:
    for call in recorder.calls:
        for _, one in call.changes():
            key = one.get("Key") or one["Item"]
            expires = "expires_at" in (one.get("Item") or one.get("ExpressionAttributeNames", {}).values())
            assert not expires or key["pk"]["S"].startswith("COUNT#") or key["sk"]["S"].startswith("SENT#")


def test_the_measured_calls_of_one_submission_are_those_written_down(recorder: Recorder) -> None:
    """`docs/dynamodb_calls.json` holds them, for the costs; a little more or less is the length of names,
    and a page that reads something more.
    """
    measured = story_of_one(recorder)
    print(json.dumps(measured, indent=1))
    written = json.loads(MEASURED.read_text(encoding="utf-8"))
    assert measured.keys() == written.keys()
    for step, units in measured.items():
        for name, value in units.items():
            rel, most = (0.25, 6) if name in {"calls", "reads"} else (0.1, 3)
            assert value == pytest.approx(written[step][name], rel=rel, abs=most), (step, name)


def story_of_one(recorder: Recorder) -> dict[str, dict[str, float]]:
    """Each step of one submission's way through the whole route."""
    steps = recorder.per_step()
    return {name: steps[name] for name in story.ROUTE}
