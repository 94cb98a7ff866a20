"""A return's way into the tables while objects lie in S3 and mail goes through SES (a local stand-in for both)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from handlers.app import create_app
from handlers.bootstrap import mail_transport, settings_from_environment, wire
from indicators.definition import shipped_tables
from indicators.publishing import verify
from infra.s3_objects import S3Objects
from infra.ses_mail import SesMailer
from infra.settings import make_home, read_settings
from tests.aws_server import REGION, LocalAws, local_aws
from tests.handlers.world import YEAR, MovableClock, Post, World, open_year
from workflows.ports import Letter

BUCKET = "zhibao-journey"
SENDER = "zhibao@zhibao.example"


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as found:
        yield found


@pytest.fixture(scope="module")
def aws(patch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    with local_aws() as running:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        running.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield running


@pytest.fixture(scope="module")
def world(aws: LocalAws, patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A home whose settings name S3; its letters are kept by the test, to be opened."""
    folder: Path = tmp_path_factory.mktemp("home")
    make_home(folder)
    for name, value in {"HOME": str(folder), "OBJECTS": "s3", "BUCKET": BUCKET, "REVIEW_CONFIRM": "link"}.items():
        patch.setenv(f"ZHIBAO_{name}", value)
    clock, post = MovableClock(), Post()
    home = wire(settings_from_environment(), clock=clock, mailer=lambda _: post, make=True)
    made = World(home, create_app(home), clock, post)
    open_year(made)
    made.file(1, papers="7")
    assert [made.review(1, region) for region in ("990101", "990100", "990000")] == [303] * 3
    home.workshop.build(None, YEAR, clock.now())
    yield made
    home.close()


def test_an_accepted_return_is_in_the_tables_in_the_bucket(world: World) -> None:
    assert isinstance(world.home.objects, S3Objects)
    names = world.home.objects.names("facts/")
    assert len([name for name in names if "107-2" in name]) >= 1
    assert verify(world.home.objects, list(shipped_tables()), [YEAR]) == []


def test_the_office_fetches_a_table_from_the_bucket_itself(world: World) -> None:
    answer = world.signed_in("office@staff.example").get(f"/office/tables/enterprise_totals/{YEAR}.csv")
    assert answer.status_code == 303
    fetched = requests.get(answer.headers["Location"], timeout=10)
    assert "papers" in fetched.text
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="enterprise_totals-{YEAR}.csv"'


def test_a_table_with_nothing_new_gets_no_second_version(world: World) -> None:
    before = world.home.objects.names("tables/")
    world.home.workshop.build(None, YEAR, world.clock.now())
    assert world.home.objects.names("tables/") == before


def test_the_settings_name_ses_and_the_letters_go_there(aws: LocalAws, tmp_path: Path) -> None:
    aws.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    chosen = mail_transport(read_settings({"ZHIBAO_HOME": str(tmp_path), "ZHIBAO_MAIL": "ses"}))
    assert isinstance(chosen, SesMailer)
    chosen.send(Letter("a" * 32, "甲", "unit1@units.example", "【直报】请填报", "请填报。\n"), MovableClock().now())
    taken = requests.get(f"{aws.url}/moto-api/data.json", timeout=10).json()["ses"]["RawMessage"]
    assert "unit1@units.example" in taken[-1]["destinations"]
