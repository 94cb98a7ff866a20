"""A small year from the embedded store to DynamoDB and back: the same chain heads, the same rows, the same tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Command

from handlers.bootstrap import Zhibao, settings_from_environment, wire
from handlers.commands import moving
from infra.dynamodb.design import table_request
from infra.dynamodb.moving import MovingItems
from infra.moving.arriving import heads_of
from tests.aws_server import LocalAws
from tests.handlers.world import YEAR, World, found
from tests.infra.test_moving import live, parts_of, tables
from workflows.audit import verify
from workflows.moving import HomeNotEmpty

TABLE = "zhibao-moved"
HERE = {"BASE_URL": "http://localhost"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = found(tmp_path / "home")
    live(made)
    yield made
    made.home.close()


@pytest.fixture
def on_aws(in_aws: LocalAws, bucket: str) -> Iterator[dict[str, str]]:
    """The settings of an installation on an empty table."""
    dynamodb = in_aws.client("dynamodb")
    dynamodb.create_table(**table_request(TABLE))
    yield {**HERE, "STORE": "dynamodb", "OBJECTS": "s3", "TABLE": TABLE, "BUCKET": bucket, "SECRET_KEYS": "k" * 40}
    dynamodb.delete_table(TableName=TABLE)


@pytest.fixture
def settle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "Settle":
    return Settle(monkeypatch, tmp_path)


class Settle:
    """Names the ground the commands of this process work on."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self._patch = patch
        self._folder = folder
        self._names: set[str] = set()

    def on(self, home: str, settings: dict[str, str]) -> None:
        for name in self._names - settings.keys():
            self._patch.delenv(f"ZHIBAO_{name}")
        for name, value in settings.items():
            self._patch.setenv(f"ZHIBAO_{name}", value)
        self._names = set(settings)
        self._patch.setenv("ZHIBAO_HOME", str(self._folder / home))

    def open(self, world: World) -> Zhibao:
        """The installation, at the time of the year."""
        return wire(settings_from_environment(), clock=world.clock)


def run(command: Command, *words: str) -> None:
    command.main(list(words), standalone_mode=False)


def rows_of(file: Path) -> dict[str, bytes]:
    """Parts that are rows or objects."""
    return {name: data for name, data in parts_of(file).items() if name.startswith(("rows/", "objects/"))}


def published(home: Zhibao) -> list[str]:
    """The hashes of the CSV files of a year built now."""
    return [str(manifest.body["files"]) for manifest in home.workshop.build(None, YEAR, home.services.clock.now())]


def test_a_year_goes_to_dynamodb_and_back(world: World, on_aws: dict[str, str], settle: Settle, tmp_path: Path) -> None:
    out, back = tmp_path / "out.tar", tmp_path / "back.tar"
    settle.on("home", HERE)
    run(moving.export, str(out))
    heads = heads_of(world.home.store)
    settle.on("none", on_aws)
    run(moving.load, str(out))
    there = settle.open(world)
    assert heads_of(there.store) == heads
    assert not verify(there.services).faults
    run(moving.export, str(back))
    assert rows_of(back) == rows_of(out)
    assert [one.count for one in there.store.progress(YEAR)] == [one.count for one in world.home.store.progress(YEAR)]
    settle.on("again", HERE)
    run(moving.load, str(back))
    here = settle.open(world)
    assert heads_of(here.store) == heads
    assert not verify(here.services).faults
    here.close()
    assert tables(tmp_path / "again") == tables(tmp_path / "home")
    again = settle.open(world)
    assert published(there) == published(again) == published(world.home)
    again.close()


def test_what_goes_on_after_the_move_goes_on(
    world: World, on_aws: dict[str, str], settle: Settle, tmp_path: Path
) -> None:
    """The day that was open is closed, promises are kept once, a waiting return is found in its inbox."""
    settle.on("home", HERE)
    run(moving.export, str(tmp_path / "out.tar"))
    settle.on("none", {**on_aws, "AUDIT_KEY": world.home.settings.audit_key})
    run(moving.load, str(tmp_path / "out.tar"))
    there = wire(settings_from_environment(), clock=world.clock, mailer=lambda _: world.post)
    waiting = [one.id for one in world.home.store.inbox("990101", "", 10).rows]
    assert [one.id for one in there.store.inbox("990101", "", 10).rows] == waiting != []
    assert there.store.pending_count() == world.home.store.pending_count()
    before = len(world.post.letters)
    world.clock.instant = world.clock.instant.replace(day=world.clock.instant.day + 2)
    assert there.sweep.run().failed == []
    mailed = world.post.letters[before:]
    assert world.home.sweep.run().failed == []
    assert [one.id for one in world.post.letters[before + len(mailed) :]] == [one.id for one in mailed]
    last, other = there.store.last_day(), world.home.store.last_day()
    assert last is not None
    assert other is not None
    assert (last.day, last.root) == (other.day, other.root)
    assert not verify(there.services).faults


def test_a_table_that_holds_something_is_refused_and_one_on_its_way_is_gone_on_with(
    world: World, on_aws: dict[str, str], settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.tar"
    settle.on("home", HERE)
    run(moving.export, str(out))
    settle.on("none", on_aws)
    with monkeypatch.context() as patch:
        patch.setattr(MovingItems, "_take_outbox", _die)
        with pytest.raises(RuntimeError):
            run(moving.load, str(out))
    assert settle.open(world).store.collections(), "the load died late"
    run(moving.load, str(out))
    run(moving.export, str(tmp_path / "back.tar"))
    assert rows_of(tmp_path / "back.tar") == rows_of(out)
    with pytest.raises(HomeNotEmpty):
        run(moving.load, str(out))


def _die(*_: object) -> None:
    raise RuntimeError
