"""One submission's whole story, verified by the independent program: a true one holds, and no altered one does."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from docs.verify_export import faults_of
from tests.workflows.small_year import live_through
from workflows.exporting import export_story
from workflows.filing import SubmissionUnknown
from workflows.links import CheckLink
from workflows.receipts import proof_document, read_receipt

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_export.py"
Story = dict[str, Any]
UNCOVERED = {"found", "exported_at", "unit_name", "unit_kind", "region_code", "county_code", "city_code", "stage"}
UNCOVERED |= {"reviewing_body", "people", "format"}
"""What no hash covers; the program says so, and refuses another format."""


@pytest.fixture
def year(world: Any) -> Any:
    """The small year; its last day is not signed yet."""
    live_through(world)
    return world


def story_of(world: Any, unit: str) -> Story:
    story: Story = json.loads(export_story(world.services, world.submission(unit).id, reader="inspector"))
    return story


def run(folder: Path, story: Story, *options: str, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    path = folder / "story.json"
    path.write_text(json.dumps(story, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, *python, str(SCRIPT), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unit", ["E1", "E2", "E3"])
def test_a_true_story_holds(year: Any, unit: str) -> None:
    assert list(faults_of(story_of(year, unit), [])) == []


def test_the_program_says_what_it_checked_and_exits_0(year: Any, tmp_path: Path) -> None:
    result = run(tmp_path, story_of(year, "E3"))
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "HOLDS")
    assert "events after number 3 are on no signed day yet" in result.stdout


def test_the_program_says_what_it_did_not_check_without_cryptography(year: Any, tmp_path: Path) -> None:
    """-S leaves out all installed packages: the standard library alone runs it."""
    result = run(tmp_path, story_of(year, "E1"), python=("-S", "-I"))
    assert result.returncode == 0, result.stderr
    assert "SIGNATURES WERE NOT CHECKED" in result.stdout


def test_a_file_that_is_no_story_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, {"format": "other"}).returncode == 2
    assert run(tmp_path, {}).returncode == 2


def test_a_key_that_is_not_known_is_a_fault(year: Any, tmp_path: Path) -> None:
    story = story_of(year, "E1")
    assert run(tmp_path, story, "--key", story["keys"][0]["public"]).returncode == 0
    result = run(tmp_path, story, "--key", "ab" * 32)
    assert (result.returncode, "a key you do not know" in result.stdout) == (1, True)


def test_the_story_holds_what_an_inspector_asks_for(year: Any) -> None:
    story = story_of(year, "E1")
    assert [event["type"] for event in story["events"]].count("Submitted") == len(story["revisions"]) == 3
    assert [day["date"] for day in story["days"]] == ["2026-01-05", "2026-01-06", "2026-01-08"]
    assert "合计与明细不符，请核实。" in [event["words"]["text"] for event in story["events"] if event["words"]]
    assert json.loads(story["revisions"][0]["content"])["content"]
    assert year.review_link("city").person in story["people"]


def test_each_export_is_recorded(year: Any) -> None:
    story_of(year, "E1")
    assert [(who, what) for who, what, _ in year.store.reads("", 9).rows] == [
        ("inspector", f"audit export {year.submission('E1').id}")
    ]


def test_an_unknown_submission_is_refused_and_not_recorded(year: Any) -> None:
    with pytest.raises(SubmissionUnknown):
        export_story(year.services, "nobody", reader="inspector")
    assert year.store.reads("", 9).rows == []


def test_a_story_of_an_altered_home_says_so(year: Any) -> None:
    with year.store.transaction() as db:
        db.execute("DROP TRIGGER events_are_kept")
        db.execute("DELETE FROM events WHERE submission = ? AND number = 5", (year.submission("E1").id,))
    assert any("Zhibao itself found" in fault for fault in faults_of(story_of(year, "E1"), []))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every text, number and truth value stands, but for what no hash covers."""
    if path and path[-1] in UNCOVERED:
        return []
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in leaves(inner, (*path, at))]
    return [] if value is None else [path]


def altered(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"


def test_any_value_that_was_altered_is_caught(year: Any) -> None:
    story = story_of(year, "E1")
    places = leaves(story)
    assert len(places) > 250
    for place in places:
        forged = copy.deepcopy(story)
        *into, last = place
        inner: Any = forged
        for step in into:
            inner = inner[step]
        inner[last] = altered(inner[last])
        assert list(faults_of(forged, [])), place


def forge_words(story: Story) -> None:
    next(event for event in story["events"] if event["words"])["words"] = {"text": "请改为 130", "nonce": "0" * 32}


FORGERIES: dict[str, Callable[[Story], object]] = {
    "the last event dropped": lambda story: story["events"].pop(),
    "the first event dropped": lambda story: story["events"].pop(0),
    "events swapped": lambda story: story["events"].insert(3, story["events"].pop(4)),
    "an event repeated": lambda story: story["events"].insert(3, story["events"][3]),
    "all events dropped": lambda story: story["events"].clear(),
    "a revision dropped": lambda story: story["revisions"].pop(0),
    "revisions swapped": lambda story: story["revisions"].append({**story["revisions"].pop(0), "number": 3}),
    "a revision invented": lambda story: story["revisions"].append({**story["revisions"][0], "number": 9}),
    "other words": forge_words,
    "a day dropped": lambda story: story["days"].pop(0),
    "the last day dropped": lambda story: story["days"].pop(),
    "all days dropped": lambda story: story["days"].clear(),
    "days swapped": lambda story: story["days"].reverse(),
    "a day repeated": lambda story: story["days"].append(story["days"][-1]),
    "a path shortened": lambda story: story["days"][0]["path"].pop(),
    "a path lengthened": lambda story: story["days"][0]["path"].append({"side": "left", "hash": "0" * 64}),
    "the key dropped": lambda story: story["keys"].clear(),
    "the identity dropped": lambda story: story.pop("identity"),
    "nothing as it should be": lambda story: story.update(events=7, days="x", revisions=None),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_story_is_caught(year: Any, forgery: str) -> None:
    year.clock.ahead(**{"days": 3})
    year.sweeper.closing.run(year.clock.now(), lambda: True)
    story = story_of(year, "E1")
    FORGERIES[forgery](story)
    assert list(faults_of(story, []))


def test_an_event_written_late_is_no_fault(year: Any) -> None:
    """Its day was closed before it reached the disk; the next day covers it."""
    closing, midnight = year.sweeper.closing, year.clock.now() + timedelta(hours=15)
    year.clock.moment = midnight + timedelta(minutes=11)
    assert closing.run(year.clock.now(), lambda: True) == 1
    year.clock.moment = midnight - timedelta(minutes=1)
    year.accept("county", "E1")
    year.clock.ahead(days=1, minutes=20)
    assert closing.run(year.clock.now(), lambda: True) == 1
    story = story_of(year, "E1")
    assert story["days"][-1]["date"] == "2026-01-10"
    assert list(faults_of(story, [])) == []


# The proof of a receipt


@pytest.fixture
def proof(year: Any) -> Story:
    """The proof of E1's first revision."""
    link = CheckLink(year.submission("E1").id, 1)
    document: Story = json.loads(json.dumps(proof_document(read_receipt(year.services, link))))
    return document


def test_the_proof_of_a_receipt_holds_without_us(proof: Story, tmp_path: Path) -> None:
    result = run(tmp_path, proof, "--key", proof["key"]["public"])
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "HOLDS")
    assert len(proof["proof"]["links"]) > 5


def test_a_receipt_without_a_proof_yet_says_when(year: Any) -> None:
    year.file("E3", cost_total="120", cost_labour="70", cost_abroad="1")
    receipt = read_receipt(year.services, CheckLink(year.submission("E3").id, 1))
    assert list(faults_of(proof_document(receipt), [])) == [
        "there is no proof yet: the day is signed from 2026-01-09T16:10:00.000000Z"
    ]


def test_any_value_of_a_proof_that_was_altered_is_caught(proof: Story) -> None:
    places = [place for place in leaves(proof) if place[-1] != "signed_from"]
    assert len(places) > 60
    for place in places:
        forged = copy.deepcopy(proof)
        *into, last = place
        inner: Any = forged
        for step in into:
            inner = inner[step]
        inner[last] = altered(inner[last])
        assert list(faults_of(forged, [])), place
