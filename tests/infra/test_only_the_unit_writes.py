"""The file itself refuses a figure that did not come with its unit's own submission, whoever writes and however."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.sqlite.store import SqliteStore
from register.units import UnitKind
from workflows.machine.events import Event, FilingExpected, LevelAccepted, Submitted
from workflows.machine.states import State
from workflows.submissions import Draft, Identity, SealedRevision, Submission, Transition, advance

AT = datetime(2026, 1, 5, tzinfo=UTC)


def step(before: Submission, *events: Event, **written: Any) -> Transition:
    after, links = advance(before, events, AT)
    return Transition(before=before, after=after, at=AT, events=links, **written)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A home with one return that was saved, sent, and accepted by the county; opened as any program may open it."""
    path = tmp_path / "home.sqlite3"
    store = SqliteStore(path)
    identity = Identity("s", 2025, "f", "U", UnitKind.ENTERPRISE, "1", "1", "1", "1")
    opening = step(Submission(identity, State()), FilingExpected((("county", "1"), ("city", "2"))))
    store.create([opening])
    sealing = step(
        opening.after,
        Submitted("filler", 1, "h1", "v", "r", late=False),
        revision=SealedRevision("s", 1, "h1", b"{}", AT),
        draft=Draft(1, {"costs": "1"}, AT),
        draft_before=0,
    )
    store.commit(sealing)
    store.commit(step(sealing.after, LevelAccepted("p", "county", "1", 1, "h1")))
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        yield connection


REVISION = "INSERT INTO revisions VALUES ('s', {number}, '{digest}', x'7b7d', '2026')"
EVENT = (
    "INSERT INTO events SELECT 's', 4, at, 'Submitted', json_set(data, '$.revision', {number}), previous, hash"
    " FROM events WHERE type = 'Submitted'"
)


@pytest.mark.parametrize(
    "sql",
    [
        REVISION.format(number=2, digest="h2"),
        REVISION.format(number=2, digest="h1"),
        "INSERT OR REPLACE INTO revisions VALUES ('s', 1, 'h1', x'00', '2026')",
        "UPDATE revisions SET content = x'00'",
        "DELETE FROM revisions",
        "UPDATE events SET data = '{}'",
        "DELETE FROM events",
        'UPDATE drafts SET inputs = \'{"costs": "9"}\'',
        'UPDATE drafts SET inputs = \'{"costs": "9"}\', version = version + 1',
        "INSERT OR REPLACE INTO drafts VALUES ('s', 7, '{}', '2026')",
        "INSERT INTO drafts VALUES ('nobody', 1, '{}', '2026')",
    ],
)
def test_no_statement_writes_a_figure_beside_the_filler(file: sqlite3.Connection, sql: str) -> None:
    before = everything(file)
    with pytest.raises(sqlite3.IntegrityError, match=r"never|only|save|review"):
        file.execute(sql)
    assert everything(file) == before


@pytest.mark.parametrize(("number", "digest"), [(3, "h1"), (2, "another")])
def test_a_submission_brings_the_revision_it_names_and_no_other(
    file: sqlite3.Connection, number: int, digest: str
) -> None:
    file.execute(EVENT.format(number=2))
    with pytest.raises(sqlite3.IntegrityError, match="own submission only"):
        file.execute(REVISION.format(number=number, digest=digest))
    file.execute(REVISION.format(number=2, digest="h1"))


def test_a_submission_that_others_have_acted_on_since_brings_nothing(file: sqlite3.Connection) -> None:
    """Its event has to be the last one: it is written in the same step."""
    with pytest.raises(sqlite3.IntegrityError, match="own submission only"):
        file.execute(REVISION.format(number=1, digest="h1").replace("INSERT", "INSERT OR REPLACE"))


def everything(file: sqlite3.Connection) -> list[object]:
    queries = ("SELECT * FROM revisions", "SELECT * FROM events", "SELECT * FROM drafts")
    return [file.execute(query).fetchall() for query in queries]
