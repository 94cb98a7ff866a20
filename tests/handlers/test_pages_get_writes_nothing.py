"""Opening a page changes nothing: every GET route, asked as somebody whom it answers, leaves every row and object."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from flask.testing import FlaskClient

from tests.handlers.world import YEAR, World
from workflows.filing import open_desk
from workflows.links import CheckLink, FilingLink, InboxLink, Link, ReviewLink, SectionLink, SignInLink
from workflows.machine.states import Stage
from workflows.section_filing import hand_over
from workflows.submissions import Submission, Trace

FORMATS = "<any(csv, json, parquet, xlsx):wanted>"
BY_DESIGN = "reads"
"""A read of a restricted table is recorded: that is what the record is for."""
RENDERED = re.compile(r"^tables/[a-z_]+/\d{4}/(data/[0-9a-f]{64}|rendered/[0-9a-f-]+)\.(json|xlsx)(\.txt)?$")
"""A published table in another format, rendered when first asked for and kept under its hash: it says nothing new."""
Rows = dict[str, list[str]]


def rows(world: World) -> Rows:
    """Table → all its rows, in an order of their own."""
    path = world.home.settings.home / "zhibao.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        wanted = [name for name in tables if name != BY_DESIGN]
        return {name: sorted(map(repr, database.execute(whole(name)))) for name in wanted}


def whole(table: str) -> str:
    """The statement that reads a whole table; SQLite takes no parameter for a table's name."""
    return f'SELECT * FROM "{table}"'  # noqa: S608 - the name came from the file's own list of tables


def objects(world: World) -> dict[str, bytes]:
    root: Path = world.home.settings.home / "objects"
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def at_stage(world: World, stage: Stage) -> Submission:
    return next(one for one in world.home.store.submissions("", 50).rows if one.state.stage is stage)


def links(world: World) -> dict[str, Link]:
    """A live link for each door."""
    store, waiting, done = world.home.store, at_stage(world, Stage.IN_REVIEW), at_stage(world, Stage.ACCEPTED)
    unsent = at_stage(world, Stage.NOT_STARTED)
    turn = waiting.state.turn
    assert turn is not None
    filler = store.person_of(world.home.services.address_of(unsent)).id
    reviewer = store.person_of("reviewer990101@staff.example").id
    own, trace = FilingLink(unsent.id, filler), Trace("hand over", "web", "", "")
    handed = hand_over(world.home.services, own, open_desk(world.home.services, own), 1, "财务科", trace)
    return {
        "/f/": own,
        "/h/": SectionLink(unsent.id, filler, handed.id),
        "/r/": ReviewLink(waiting.id, waiting.state.revision, turn.level, turn.region, reviewer),
        "/d/": ReviewLink(waiting.id, waiting.state.revision, turn.level, turn.region, reviewer),
        "/i/": InboxLink(turn.region, reviewer),
        "/c/": CheckLink(done.id, done.state.revision),
        "/s/": SignInLink(store.person_of("office@staff.example").id),
    }


def answered_gets(world: World) -> list[str]:
    """Every GET route as a path that reaches something."""
    tokens = {door: world.home.services.links.sign(link) for door, link in links(world).items()}
    gaps = {
        "<path:filename>": "mark.svg",
        "<int:year>": str(YEAR),
        "<int:number>": "1",
        "<submission_id>": at_stage(world, Stage.ACCEPTED).id,
        "<name>": "region_indicators",
        FORMATS: "csv",
    }
    paths = []
    for rule in world.app.url_map.iter_rules():
        if "GET" in (rule.methods or set()):
            path = str(rule)
            for gap, text in {**gaps, "<token>": tokens.get(str(rule)[:3], "")}.items():
                path = path.replace(gap, text)
            paths.append(path)
    return paths


def status(client: FlaskClient, path: str, headers: dict[str, str]) -> int:
    with client.get(path, headers=headers) as answer:
        return answer.status_code


def test_no_get_changes_a_row_or_an_object(world: World) -> None:
    client = world.signed_in("office@staff.example")
    paths = answered_gets(world)
    paths += [f"/api/v1/submissions?year={YEAR}"]
    bearer = {
        role: {"Authorization": f"Bearer {world.token(role, territory)}"}
        for role, territory in (("office", "990000"), ("enterprise", at_stage(world, Stage.ACCEPTED).identity.unit_id))
    }
    before = rows(world), objects(world)
    answers = {
        path: status(client, path, bearer["enterprise" if path.startswith("/api/v1/submissions") else "office"])
        for path in paths
        for _ in range(2)
    }
    assert rows(world) == before[0]
    new = {name: data for name, data in objects(world).items() if before[1].get(name) != data}
    assert [name for name in new if not RENDERED.match(name)] == []
    unanswered = {path: code for path, code in answers.items() if code not in {200, 301, 303}}
    assert set(unanswered) <= {f"/office/{YEAR}/find", "/api/v1/submissions"}, unanswered  # they ask for a word, a year
