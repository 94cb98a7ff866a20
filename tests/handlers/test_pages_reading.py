"""No GET writes: every page is opened while any write transaction and any new object would fail."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.file_objects import FileObjects
from infra.sqlite.database import Database
from tests.handlers.world import YEAR, World
from workflows.links import InboxLink, SignInLink

PUBLIC = ("/", "/healthz", "/favicon.ico", "/static/zhibao.css", "/mailbox", "/signin", "/api/v1/openapi.json")
OPEN_TABLES = ("response_rates", "region_indicators")
FILES = ("csv", "json", "parquet", "xlsx")


class Wrote(AssertionError):
    """A page that only reads tried to write."""


@contextmanager
def nothing_may_be_written(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Any write fails the test, whatever the page makes of it."""
    attempts: list[str] = []

    def refuse(*_args: object, **_kwargs: object) -> None:
        attempts.append("a write")
        raise Wrote

    with monkeypatch.context() as patch:
        patch.setattr(Database, "transaction", refuse)
        patch.setattr(FileObjects, "create", refuse)
        patch.setattr(FileObjects, "swap", refuse)
        yield
    assert attempts == []


def links(world: World) -> list[str]:
    """A link through every door, to returns in every state there is."""
    services = world.home.services
    reviewer = services.store.person_of("reviewer990101@staff.example").id
    office = services.store.person_of("office@staff.example").id
    doors = [(f"unit{unit}@units.example", "f", "") for unit in (1, 2, 3)]
    doors += [(f"unit{unit}@units.example", "c", "") for unit in (1, 2)]
    doors += [("reviewer990101@staff.example", "r", f"示例企业{unit}号") for unit in (1, 2)]
    found = [world.link(*one) for one in doors]
    inbox = services.links.sign(InboxLink("990101", reviewer))
    return [*found, f"/i/{inbox}", f"/s/{services.links.sign(SignInLink(office))}"]


def staff_pages(world: World) -> list[str]:
    """Every page of the office, restricted tables left out: their reading is recorded by law."""
    submission = next(one for one in world.home.store.submissions("", 10).rows if one.state.revision).id
    pages = ["/office/", "/office/collections", "/office/tables/", f"/office/submissions/{submission}"]
    pages += [f"/office/{YEAR}/{name}" for name in ("progress", "submissions")]
    pages += [f"/office/tables/{name}/{YEAR}" for name in OPEN_TABLES]
    return pages + [f"/office/tables/{name}/{YEAR}.{kind}" for name in OPEN_TABLES for kind in FILES]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_page_behind_a_link_writes(world: World, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    paths = links(world)
    assert {path[1] for path in paths} == set("frcis")
    with nothing_may_be_written(monkeypatch):
        for path in (*PUBLIC, *paths):
            with world.client().open(path, method=method) as answer:
                assert answer.status_code in {200, 301}, path


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_page_of_the_office_writes(world: World, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    client, paths = world.signed_in("office@staff.example"), staff_pages(world)
    for path in paths:
        client.get(path)  # a workbook is drawn at its first request and kept under its hash
    with nothing_may_be_written(monkeypatch):
        for path in paths:
            answer = client.open(path, method=method)
            assert answer.status_code == 200, (path, answer.text)


def test_no_api_read_of_an_open_table_writes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Authorization": f"Bearer {world.token('office', '990000')}"}
    paths = [f"/api/v1/tables/{name}/{YEAR}.{kind}" for name in OPEN_TABLES for kind in FILES]
    for path in paths:
        world.client().get(path, headers=headers)  # a workbook is drawn at its first request and kept under its hash
    with nothing_may_be_written(monkeypatch):
        for path in ("/api/v1/tables", *paths):
            assert world.client().get(path, headers=headers).status_code == 200, path


def test_reading_a_restricted_table_leaves_one_record(world: World) -> None:
    client = world.signed_in("office@staff.example")
    before = len(world.home.store.reads("", 1000).rows)
    assert client.get(f"/office/tables/enterprise_totals/{YEAR}").status_code == 200
    assert len(world.home.store.reads("", 1000).rows) == before + 1
