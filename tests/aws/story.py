"""A year lived through the pages of a small home, step by step, so that each step's calls can be told apart."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from register.units import make_synthetic_credit_code
from tests.handlers.world import SIGN_OFF, YEAR, World, open_year
from workflows.audit import verify
from workflows.collecting import close_collection
from workflows.links import InboxLink
from workflows.ports import InboxOrder
from workflows.submissions import Submission, submission_id

OFFICE, OTHER = "office@staff.example", "office2@staff.example"
SEATS = ("990101", "990100", "990000")
RETURN = {"decision": "return", "reason_code": "unit", "items": "papers", "comment": "请核实"}
ROUTE = ("open", "save", "send", *(f"{act} {seat}" for seat in SEATS for act in ("look", "accept")), "idle pass")
"""The steps of `route`."""
Step = tuple[str, Callable[[], object]]


def submission_of(world: World, unit: int) -> Submission:
    """A unit's submission, as it stands."""
    store = world.home.store
    found = store.submission(submission_id(store.home_key(), YEAR, "107-2", make_synthetic_credit_code(unit)))
    assert found is not None
    return found


def route(world: World, unit: int) -> Iterator[Step]:
    """One submission through the whole route: opened, saved, sent, accepted three times, each with the sweep's pass."""
    yield "open", lambda: world.client().get(world.link(f"unit{unit}@units.example", "f"))
    yield "save", lambda: save(world, unit)
    yield "send", lambda: send(world, unit)
    for seat in SEATS:
        yield f"look {seat}", partial(look, world, unit, seat)
        yield f"accept {seat}", partial(accepted, world, unit, seat)
    yield "idle pass", world.sweep


def save(world: World, unit: int) -> None:
    """Keep a draft by the button of the page."""
    browser, path = world.client(), world.link(f"unit{unit}@units.example", "f")
    answer = browser.post(path, data={"papers": "7", "action": "save", **world.csrf(browser)})
    assert answer.status_code == 303, answer.text


def send(world: World, unit: int, papers: str = "7") -> None:
    """Send from the page that shows what was saved; then the receipt."""
    browser = world.client()
    page = browser.get(world.link(f"unit{unit}@units.example", "f")).text
    version = re.search(r'name="draft_version" value="(\d+)"', page)
    assert version is not None
    receipt = world.file(unit, browser, papers=papers, draft_version=version[1])
    assert browser.get(receipt).status_code == 200


def look(world: World, unit: int, seat: str) -> None:
    """Open the review page from the mail."""
    path = world.link(f"reviewer{seat}@staff.example", "r", f"示例企业{unit}号")
    assert world.client().get(path).status_code == 200


def accepted(world: World, unit: int, seat: str) -> None:
    """Accept for a seat."""
    assert world.review(unit, seat) == 303


def year(world: World) -> Iterator[Step]:
    """The rest of a year: returns, questions, exceptions, lists, days, tables, verification and the close."""
    yield "a return", lambda: returned(world, 2)
    yield "withdrawn", lambda: withdrawn(world, 2)
    yield "sent again", lambda: send(world, 2, "8")
    yield "an acceptance is undone", lambda: undone(world, 2)
    yield "a question", lambda: asked(world, 2)
    yield "a disposition", lambda: disposed(world, 3)
    yield "lists", lambda: lists(world)
    yield "inboxes", lambda: inboxes(world)
    yield "reminders and days", lambda: time_passes(world)
    yield "tables", lambda: world.home.workshop.build(None, YEAR, world.clock.now())
    yield "verification", lambda: verified(world)
    yield "the close", lambda: close_collection(world.home.services, YEAR)


def begin(world: World) -> None:
    """Register, staff and a collection of three units, invited."""
    open_year(world)


def returned(world: World, unit: int) -> None:
    """Sent, and returned by the county."""
    world.file(unit, papers="7")
    assert world.review(unit, SEATS[0], **RETURN) == 303


def undone(world: World, unit: int) -> None:
    """Accepted by the county, and taken back from the page."""
    accepted(world, unit, SEATS[0])
    path = world.link(f"reviewer{SEATS[0]}@staff.example", "r", f"示例企业{unit}号")
    browser = world.client()
    shown = re.search(r'name="decision" value="(\d+)"', browser.get(path).text)
    assert shown is not None
    answer = browser.post(f"{path}/undo", data={"decision": shown[1], **world.csrf(browser)})
    assert answer.status_code == 303
    world.sweep()


def asked(world: World, unit: int) -> None:
    """A question about a cell."""
    path = world.link(f"reviewer{SEATS[0]}@staff.example", "r", f"示例企业{unit}号")
    browser = world.client()
    values = {"item": "papers", "question": "是否包含会议论文？"}
    assert browser.post(f"{path}/ask", data={**values, **world.csrf(browser)}).status_code == 303
    world.sweep()


def withdrawn(world: World, unit: int) -> None:
    """Sent, and taken back by the unit before anybody decided."""
    send(world, unit)
    browser, path = world.client(), world.link(f"unit{unit}@units.example", "f")
    values = {"revision": str(submission_of(world, unit).state.revision), **world.csrf(browser)}
    assert browser.post(f"{path}/withdraw", data=values).status_code == 303
    world.sweep()


def disposed(world: World, unit: int) -> None:
    """Proposed by one person of the office, confirmed by another."""
    act(world, OFFICE, unit, "propose-disposition", kind="closed", reason="走访得知已注销")
    disposition = submission_of(world, unit).state.disposition
    assert disposition is not None
    assert "示例企业3号" in world.signed_in(OTHER).get(f"/office/{YEAR}/proposals").text
    act(world, OTHER, unit, "confirm-disposition", shown=str(disposition.event_number))
    world.sweep()


def act(world: World, email: str, unit: int, name: str, **posted: str) -> None:
    """One act of the office's on a submission."""
    browser = world.signed_in(email)
    path = f"/office/submissions/{submission_of(world, unit).id}/{name}"
    assert browser.post(path, data={**world.csrf(browser), **posted}).status_code == 303


def lists(world: World) -> None:
    """Every list of the office's."""
    browser = world.signed_in(OFFICE)
    for page in ("submissions", "submissions?stage=accepted", "progress", "proposals", "returns", "reminders.csv"):
        assert browser.get(f"/office/{YEAR}/{page}").status_code == 200, page
    assert browser.get(f"/office/{YEAR}/unsent?form=107-2&region=990101").status_code == 200
    assert browser.get(f"/office/submissions/{submission_of(world, 1).id}").status_code == 200
    assert browser.get("/office/collections").status_code == 200


def inboxes(world: World) -> None:
    """A seat's inbox, from its link and in every order."""
    person = world.home.store.person_of(f"reviewer{SEATS[0]}@staff.example").id
    link = world.home.services.links.sign(InboxLink(SEATS[0], person))
    assert world.client().get(f"/i/{link}").status_code == 200
    for order in InboxOrder:
        world.home.store.waiting(SEATS[0], order, "", 50)


def time_passes(world: World) -> None:
    """Two months in steps of ten days: reminders, deadlines, signed days."""
    for _ in range(6):
        world.clock.move(timedelta(days=10))
        world.sweep()
    assert world.home.store.last_day() is not None


def verified(world: World) -> None:
    """Every chain, seal and signed day holds."""
    found = verify(world.home.services)
    assert found.faults == ()
    assert (found.submissions, found.days > 10) == (3, True)


def post_return(world: World, unit: int) -> int:
    """A unit's return, sent; its letters wait."""
    definition, browser = world.home.forms.in_force("107-2", YEAR), world.client()
    data = {**dict.fromkeys(definition.items, "0"), **SIGN_OFF, "papers": "7", "action": "submit"}
    path = world.link(f"unit{unit}@units.example", "f")
    return browser.post(path, data={**data, **world.csrf(browser)}).status_code
