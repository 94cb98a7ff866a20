"""The function: every kind of event it is for, none that it is not, each answered once; a door opens when visited."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from handlers import lambda_metrics, lambda_sweep
from handlers.app import DOORS, FRONT_DOOR, create_app
from handlers.lambda_entry import Entry, UnknownEvent
from handlers.lambda_http import AnswerTooLarge
from handlers.lambda_logging import JsonLines, named
from handlers.lambda_tables import Builder
from handlers.late_app import LateApp
from register.units import make_synthetic_credit_code
from tests.handlers.lambda_events import http_api, rest_api
from tests.handlers.world import YEAR, World
from workflows.bounces import LetterUnknown
from workflows.ports import Letter
from workflows.submissions import submission_id


@dataclass(slots=True)
class Context:
    """The runtime's word on one invocation."""

    aws_request_id: str = "11111111-2222"
    left: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """What is left of the invocation."""
        return self.left


SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": ["arn:aws:events:x:rule/sweep"]}


@pytest.fixture
def entry(world: World) -> Entry:
    return Entry(world.home, LateApp(world.home))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, float]]:
    """What was measured, in the order it was put."""
    found: list[Mapping[str, float]] = []
    monkeypatch.setattr(lambda_sweep, "put", found.append)
    return found


def test_a_page_is_answered_through_both_gateways(entry: Entry) -> None:
    for event in (http_api("/healthz"), rest_api("/healthz")):
        answer = entry(event, Context())
        assert (answer["statusCode"], answer["body"]) == (200, "ok\n")


def test_every_door_opens_late_with_all_its_pages(world: World) -> None:
    early, late = create_app(world.home), LateApp(world.home)
    words = sorted({word for found in DOORS.values() for word in found})
    for word in words:
        late.test_client().get(f"/{word}/x")
    assert late.closed == set()
    rules = {(rule.rule, rule.endpoint) for rule in early.url_map.iter_rules() if rule.endpoint != "mailbox.show"}
    assert {(rule.rule, rule.endpoint) for rule in late.url_map.iter_rules()} == rules


def test_every_path_begins_with_a_word_of_its_door(world: World) -> None:
    """Or a late application would never open the door for it."""
    for rule in create_app(world.home).url_map.iter_rules():
        name, _, page = rule.endpoint.partition(".")
        first = rule.rule.split("/")[1]
        if page and name != "mailbox":
            assert first in DOORS[name] or first == "<any(f, r, i):kind>", rule.rule


def test_the_home_page_opens_no_door_and_names_the_right_address(world: World) -> None:
    late = LateApp(world.home)
    page = late.test_client().get("/").text
    assert late.closed == set(DOORS)
    with create_app(world.home).test_request_context():
        for endpoint, address in FRONT_DOOR.items():
            assert create_app(world.home).url_for(endpoint, _external=False).endswith(address)
            assert f'href="{address}"' in page


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/f/broken", 404), ("/healthz/x", 404)])
def test_what_goes_wrong_first_thing_has_its_page(world: World, path: str, status: int) -> None:
    answer = LateApp(world.home).test_client().get(path)
    assert (answer.status_code, "<h1>" in answer.text) == (status, True)


def test_a_late_door_is_as_well_guarded_as_an_early_one(world: World) -> None:
    late = LateApp(world.home)
    assert late.test_client().post("/signin", data={"email": "office@staff.example"}).status_code == 400, "no CSRF"
    page = late.test_client().get(world.link("unit3@units.example", "f"))
    assert page.status_code == 200
    assert 'id="filing"' in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("event", [{"zhibao": "sweep"}, SCHEDULED])
def test_the_schedule_runs_one_pass_and_measures_how_things_stand(
    world: World, entry: Entry, event: dict[str, Any], measured: list[Mapping[str, float]]
) -> None:
    assert entry(event, Context()) == {"effects": 0, "letters": 0, "postponed": 0}
    assert measured == [
        {
            "Effects": 0,
            "Letters": 0,
            "LettersRefused": 0,
            "EffectsPostponed": 0,
            "OldestUnsentSeconds": 0,
            "OpenCollections": 1,
            "ReturnsSent": 2,
        }
    ]


def test_a_pass_begins_nothing_it_could_not_end(
    world: World, entry: Entry, measured: list[Mapping[str, float]]
) -> None:
    client = world.client()
    assert client.post("/signin", data={"email": "office@staff.example", **world.csrf(client)}).status_code < 400
    entry({"zhibao": "sweep"}, Context(left=lambda_sweep.SPARE_MILLISECONDS))
    entry({"zhibao": "sweep"}, Context())
    assert [measures["Letters"] for measures in measured] == [0, 1]
    assert measured[1]["OldestUnsentSeconds"] == 0


def test_an_acceptance_starts_the_tables_of_its_year_once(world: World, measured: list[Mapping[str, float]]) -> None:
    started: list[tuple[int, str]] = []
    home = replace(world.home, start_tables=lambda year, since: started.append((year, since)))
    entry = Entry(home, LateApp(home))
    world.file(3, papers="5")
    for region in ("990101", "990100", "990000"):
        client = world.client()
        path = world.link(f"reviewer{region}@staff.example", "r", "示例企业3号")
        assert client.post(path, data={"decision": "accept", **world.csrf(client, path)}).status_code == 303
        entry({"zhibao": "sweep"}, Context())
    assert [year for year, _ in started] == [YEAR]


def bounce_of(letter: str, kind: str = "Permanent") -> dict[str, Any]:
    mail = {"timestamp": "2026-01-05T01:02:03Z", "destination": ["e1@units.example"], "tags": {"letter": [letter]}}
    return {"eventType": "Bounce", "mail": mail, "bounce": {"bounceType": kind, "bounceSubType": "General"}}


def invitation(world: World, unit: int) -> Letter:
    return next(one for one in world.post.letters if one.to_email == f"unit{unit}@units.example")


def test_a_bounce_is_recorded_counted_and_logged_by_its_letter_alone(
    entry: Entry, world: World, measured: list[Mapping[str, float]], caplog: pytest.LogCaptureFixture
) -> None:
    letter = invitation(world, 2)
    event = {"source": "aws.ses", "detail-type": "Email Bounced", "detail": bounce_of(letter.id)}
    assert entry(event, Context())["noted"] == 1
    assert entry(event, Context())["noted"] == 0
    assert measured[0] == {"LettersBounced": 1, "Complaints": 0, "LettersRefused": 0}
    assert f"letter {letter.id}: bounced: Permanent General" in caplog.text
    assert "@units.example" not in caplog.text
    assert world.home.store.letter_outcomes([letter.id])[letter.id].startswith("bounced ")
    page = world.signed_in("office@staff.example").get(f"/office/submissions/{submission_of(world, 2)}").text
    assert "不再往这个单位的地址寄信" in page
    assert "Permanent General" in page


def submission_of(world: World, unit: int) -> str:
    code, key = make_synthetic_credit_code(unit), world.home.store.home_key()
    return submission_id(key, YEAR, "107-2", code)


def test_of_a_queue_only_what_could_not_be_recorded_comes_again(
    entry: Entry, world: World, measured: list[Mapping[str, float]]
) -> None:
    letter = invitation(world, 3)
    bodies = [
        json.dumps(bounce_of("not-on-record-yet")),
        json.dumps({"Type": "Notification", "Message": json.dumps(bounce_of(letter.id, "Transient"))}),
        "no json",
        json.dumps({"source": "aws.ses", "detail": {"eventType": "Delivery", "mail": {"tags": {"letter": ["x"]}}}}),
    ]
    records = [{"eventSource": "aws:sqs", "messageId": f"m{n}", "body": body} for n, body in enumerate(bodies)]
    answer = entry({"Records": records}, Context())
    assert answer == {"noted": 1, "batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]}
    assert world.home.store.letter_outcomes([letter.id])[letter.id].startswith("bounced ")
    page = world.signed_in("office@staff.example").get(f"/office/submissions/{submission_of(world, 3)}").text
    assert "不再往这个单位的地址寄信" not in page


def test_without_a_queue_a_letter_that_is_not_on_record_yet_is_raised(entry: Entry, world: World) -> None:
    with pytest.raises(LetterUnknown):
        entry({"source": "aws.ses", "detail": bounce_of("not-on-record-yet")}, Context())


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"raw_command": "import os"},
        {"command": "handlers.cli.main"},
        {"zhibao": "tables", "year": YEAR},
        {"source": "aws.s3", "detail-type": "Object Created"},
        {"Records": [{"eventSource": "aws:sqs", "body": "x"}]},
        {"Records": []},
        {"httpMethod": "GET"},
    ],
)
def test_an_unknown_event_is_an_error_that_tells_no_values(entry: Entry, event: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent) as caught:
        entry(event, Context())
    assert "import os" not in str(caught.value)


def test_whatever_is_raised_is_raised_once(world: World) -> None:
    calls: list[str] = []

    def application(environ: dict[str, Any], _start: object) -> list[bytes]:
        calls.append(environ["PATH_INFO"])
        raise TypeError("once")

    with pytest.raises(TypeError, match="once"):
        Entry(world.home, application)(http_api("/x"), Context())
    assert calls == ["/x"]


def test_an_answer_too_large_fails_the_invocation(world: World) -> None:
    def application(_environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "application/octet-stream")])
        return [b"x" * 5_000_000]

    with pytest.raises(AnswerTooLarge):
        Entry(world.home, application)(http_api("/x"), Context())


def test_the_second_function_builds_the_tables_of_a_year_unless_they_are_newer(world: World) -> None:
    builder = Builder(world.home)
    event = {"zhibao": "tables", "year": YEAR}
    assert {built.split()[0] for built in builder(event, Context())["built"]} >= {"response_rates", "enterprise_totals"}
    assert builder({**event, "since": "2020-01-01T00:00:00.000000Z"}, Context()) == {"built": []}
    assert builder({**event, "since": "2999-01-01T00:00:00.000000Z"}, Context())["built"] != []


@pytest.mark.parametrize("event", [{"zhibao": "sweep"}, {"zhibao": "tables"}, {"zhibao": "tables", "year": "x"}, {}])
def test_the_second_function_does_nothing_else(world: World, event: dict[str, Any]) -> None:
    with pytest.raises(UnknownEvent):
        Builder(world.home)(event, Context())


def test_a_line_of_the_log_is_json_and_names_its_invocation() -> None:
    record = logging.LogRecord("workflows.sweep", logging.INFO, "", 0, "a pass of %d effects", (3,), None)
    with named(Context()):
        line = json.loads(JsonLines().format(record))
    assert (line["message"], line["correlation_id"], line["level"]) == ("a pass of 3 effects", "11111111-2222", "INFO")


def test_a_measure_is_a_line_that_cloudwatch_reads(capsys: pytest.CaptureFixture[str]) -> None:
    lambda_metrics.put({"OldestUnsentSeconds": 7, "Letters": 2})
    line = json.loads(capsys.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == lambda_metrics.NAMESPACE
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "OldestUnsentSeconds": "Seconds",
        "Letters": "Count",
    }
    assert line["OldestUnsentSeconds"] == [7]
