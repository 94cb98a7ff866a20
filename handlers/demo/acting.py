"""Fillers and reviewers at work: each goes in by a link, through the same use cases as a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from forms.content import Content
from forms.explanation_marks import INPUT
from forms.explanations import wanted_of
from forms.fields import content_of, form_from_raw, raw_inputs
from forms.values import Status
from handlers.demo.reasons import reason_for
from register.regions import Level, Region
from register.units import Unit
from workflows.filing import Desk, Entry, open_desk, save, submit
from workflows.links import FilingLink, ReviewLink
from workflows.reviewing import Verdict, decide_case
from workflows.routes import ReviewLevel
from workflows.services import Services
from workflows.submissions import Submission, Trace, submission_id

CHANNEL = "demo"
PAGE = 500
SIGN_OFF = {
    "unit_head": "示例负责人",
    "statistician": "示例统计负责人",
    "filler": "示例填表人",
    "phone": "示例，无电话",
}
LEVELS: Mapping[ReviewLevel, frozenset[Level]] = {
    ReviewLevel.COUNTY: frozenset({Level.COUNTY, Level.ZONE}),
    ReviewLevel.CITY: frozenset({Level.CITY}),
    ReviewLevel.PROVINCE: frozenset({Level.PROVINCE}),
}

Judgement = Callable[[Submission], Verdict | None]
"""What a reviewer decides on a return; None leaves it lying."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is typed for one item."""

    text: str
    status: Status = Status.REPORTED
    note: str = ""


def file_return(services: Services, unit: Unit, year: int, form: str, answers: Mapping[str, Answer]) -> None:
    """Fill a return and send it."""
    link = filing_link(services, unit, year, form)
    submit(services, link, _entry(services, link, answers), Trace("submit", CHANNEL, "", ""))


def save_draft(services: Services, unit: Unit, year: int, form: str, answers: Mapping[str, Answer]) -> None:
    """Fill a return, or a part of it, and keep it without sending."""
    link = filing_link(services, unit, year, form)
    save(services, link, _entry(services, link, answers), Trace("save", CHANNEL, "", ""))


def filing_link(services: Services, unit: Unit, year: int, form: str) -> FilingLink:
    """What the link in a unit's invitation says."""
    key = submission_id(services.store.home_key(), year, form, unit.unit_id)
    return FilingLink(key, services.store.person_of(unit.email).id)


def review_link(services: Services, submission: Submission) -> ReviewLink:
    """What the link in a review mail says. Raises `LookupError` when nobody's turn is awaited."""
    turn = submission.state.turn
    holders = services.store.holders(turn.region, services.today()) if turn else ()
    if turn is None or not holders:
        raise LookupError(f"nobody decides on {submission.id} now")
    person = services.store.person_of(holders[0].email)
    return ReviewLink(submission.id, submission.state.revision, turn.level.value, turn.region, person.id)


def waiting_at(services: Services, level: ReviewLevel, year: int) -> list[Submission]:
    """What waits of one year for the seats of one level, by region, oldest first."""
    return [
        submission
        for region in _current_regions(services)
        if region.level in LEVELS[level]
        for submission in services.store.inbox(region.code, "", PAGE).rows
        if submission.identity.year == year
    ]


def review(services: Services, submission: Submission, judgement: Judgement) -> None:
    """One reviewer looks at one return, and decides or leaves it."""
    verdict = judgement(submission)
    if verdict is not None:
        decide_case(services, review_link(services, submission), verdict)


def _current_regions(services: Services) -> Sequence[Region]:
    snapshot = services.store.current("regions")
    return tuple(services.store.regions(snapshot)) if snapshot else ()


def _entry(services: Services, link: FilingLink, answers: Mapping[str, Answer]) -> Entry:
    """The page as this filler fills it, read as the page reads it."""
    desk = open_desk(services, link)
    raw = {**SIGN_OFF, "report_date": services.today().isoformat(), **_inputs(answers)}
    form = form_from_raw(desk.definition, raw, starred=desk.unit.starred)
    content = content_of(form, desk.definition)
    reasons = _reasons(desk, content)
    if reasons:
        form = form_from_raw(desk.definition, {**raw, **reasons}, starred=desk.unit.starred)
        content = content_of(form, desk.definition)
    version = desk.draft.version if desk.draft else 0
    return Entry(raw_inputs(form), content, version)


def _reasons(desk: Desk, content: Content) -> dict[str, str]:
    """What he writes for each rule that fired on what he filled."""
    findings, year = desk.findings_of(content), desk.submission.identity.year
    fired = {rule: [found for found in findings if found.rule_id == rule] for rule in wanted_of(findings)}
    return {
        f"{INPUT}{rule}": reason_for(desk.unit, year, content, desk.last_year, found) for rule, found in fired.items()
    }


def _inputs(answers: Mapping[str, Answer]) -> dict[str, str]:
    inputs: dict[str, str] = {}
    for key, answer in answers.items():
        inputs |= {key: answer.text, f"{key}-status": answer.status, f"{key}-note": answer.note}
    return inputs
