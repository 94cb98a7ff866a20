"""What goes wrong between the program and SES or S3 while a return goes its way on AWS."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from botocore.exceptions import ReadTimeoutError

from infra.s3_objects import S3Objects
from infra.ses_mail import SesMailer
from tests.aws import story
from tests.aws.faults import Faults, refusal
from tests.aws.world import home_on_aws
from tests.aws_server import LocalAws
from tests.handlers.world import World, open_year

SENDER = "zhibao@zhibao.example"


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, LocalAws]]:
    """A home of four units on AWS."""
    with home_on_aws(tmp_path_factory.mktemp("faults")) as (made, aws):
        open_year(made, units=4)
        yield made, aws


@pytest.fixture
def world(grounds: tuple[World, LocalAws]) -> World:
    """The home."""
    return grounds[0]


@pytest.fixture
def aws(grounds: tuple[World, LocalAws]) -> LocalAws:
    """What stands in for AWS."""
    return grounds[1]


def test_a_letter_that_ses_refuses_is_known_and_what_it_cannot_take_goes_once_later(
    world: World, aws: LocalAws
) -> None:
    mailer = SesMailer(SENDER)
    aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    sweep = replace(world.home.sweep, mailer=mailer, once_by_id=False)
    world.sweep()
    assert story.post_return(world, 4) == 303
    promised = {item.id for item in world.home.store.pending(world.clock.now(), 9)}
    assert len(promised) == 2
    with Faults(mailer.ses, "sesv2", "SendEmail") as wire:
        wire.before = [refusal("TooManyRequestsException", status=429), refusal("MessageRejected")]
        report = sweep.run()
    assert (report.letters, report.refused, len(report.failed)) == (0, 1, 1)
    assert len(wire.asked) == 2
    assert {item.id for item in world.home.store.pending(world.clock.now() + timedelta(hours=1), 9)} == set(
        report.failed
    )
    world.clock.move(timedelta(hours=1))
    for _ in range(2):
        report = sweep.run()
    assert world.home.store.pending_count() == 0
    outcomes = sorted(one.outcome for key in promised for one in world.home.store.letters_of(key))
    assert outcomes == ["refused: SES MessageRejected", "sent"]
    assert len(sent_by(aws)) == 1


@pytest.mark.parametrize(
    ("unit", "before", "after"),
    [
        (1, [refusal("SlowDown", status=503), refusal("ServiceUnavailable", status=503)], []),
        (2, [refusal("ConditionalRequestConflict", status=409)], []),
        (3, [], [ReadTimeoutError]),
    ],
    ids=["503", "409", "applied and its answer lost: 412"],
)
def test_an_acceptance_comes_into_the_facts_once_whatever_s3_says(
    world: World, unit: int, before: list[dict[str, Any]], after: list[type[Exception]]
) -> None:
    objects = world.home.objects
    assert isinstance(objects, S3Objects)
    objects.wait = lambda _seconds: None
    assert story.post_return(world, unit) == 303
    world.sweep()
    for seat in story.SEATS[:2]:
        story.accepted(world, unit, seat)
    known = set(objects.names("facts/"))
    with Faults(objects.writing, "s3", "PutObject") as wire:
        wire.before, wire.after = list(before), list(after)
        story.accepted(world, unit, story.SEATS[2])
    assert (wire.before, wire.after) == ([], [])
    assert len(set(objects.names("facts/")) - known) == 1
    assert world.home.store.pending_count() == 0


def sent_by(aws: LocalAws) -> list[Any]:
    """What SES took."""
    found: list[Any] = requests.get(f"{aws.url}/moto-api/data.json", timeout=10).json()["ses"]["RawMessage"]
    return found
