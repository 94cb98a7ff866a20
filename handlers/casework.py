"""The province's casework: what waits for a second person, who has not sent, and what can be done with one return."""

from collections import Counter
from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, render_template, request, url_for

from handlers.context import services
from handlers.language import _
from handlers.refusals import refusal_text
from handlers.signing_in import Answer, requires, staff
from handlers.submission_page import caseworker, own_regions, submission_page
from workflows import casework as acts
from workflows.casework import Caseworker, NoReason
from workflows.deadlines import DeadlineError, read_instant
from workflows.machine.states import DispositionKind, ExtensionScope
from workflows.permissions import Action
from workflows.stepping import CommandRefused
from workflows.submissions import Submission, submission_id

door = Blueprint("casework", __name__, url_prefix="/office")
PAGE = 50


@door.get("/<int:year>/proposals")
@requires(Action.HANDLE_CASES)
def proposals(year: int) -> Answer:
    """Dispositions and exceptions that wait for a second person."""
    regions = own_regions(year)
    page = services().store.proposals(year, request.args.get("after", "")[:100], PAGE)
    mine = (found for found in page.rows if regions.is_within(found.identity.region_code, staff().region_code))
    rows = [(found, services().unit_of(found)) for found in mine]
    return render_template("office/proposals.html", year=year, rows=rows, regions=regions, cursor=page.cursor)


@door.get("/<int:year>/unsent")
@requires(Action.SEE_SUBMISSIONS)
def unsent(year: int) -> Answer:
    """Who has not sent: how many in each place, and the units of one place."""
    regions = own_regions(year)
    forms = [collection.form for collection in services().store.collections(year)]
    form = request.args.get("form", "")
    form = form if form in forms else forms[0]
    counts = _unsent_by_place(year, form)
    place = regions.get(request.args.get("region", ""))
    rows, cursor = [], ""
    if place is not None and counts[place.code]:
        page = services().store.unsent(year, form, place.code, request.args.get("after", "")[:100], PAGE)
        rows, cursor = [(found, services().unit_of(found)) for found in page.rows], page.cursor
    return render_template(
        "office/unsent.html",
        year=year,
        form=form,
        forms=forms,
        regions=regions,
        counts=sorted(counts.items()),
        place=place,
        rows=rows,
        cursor=cursor,
    )


def _unsent_by_place(year: int, form: str) -> Counter[str]:
    """Address region → units that never sent, within the territory of who looks."""
    regions, counts = own_regions(year), Counter[str]()
    for count in services().store.progress(year):
        if count.form == form and not count.sent and regions.is_within(count.region_code, staff().region_code):
            counts[count.region_code] += count.count
    return counts


@door.get("/<int:year>/find")
@requires(Action.SEE_SUBMISSIONS)
def find(year: int) -> Answer:
    """From a unit's code to its return."""
    own_regions(year)
    unit = request.args.get("unit_id", "").strip().upper()[:40]
    for collection in services().store.collections(year):
        key = submission_id(services().store.home_key(), year, collection.form, unit)
        if unit and services().store.submission(key) is not None:
            return redirect(url_for("office.submission", submission_id=key), 303)
    return render_template("office/not_found.html", year=year, unit=unit), 404


def _propose_disposition(who: Caseworker, key: str) -> Submission:
    kind, reason = DispositionKind(request.form.get("kind", "")), request.form.get("reason", "")
    return acts.propose_disposition(services(), who, key, kind=kind, reason=reason)


def _propose_extension(who: Caseworker, key: str) -> Submission:
    scope, reason = ExtensionScope(request.form.get("scope", "")), request.form.get("reason", "")
    expires = read_instant(request.form.get("expires", ""))
    return acts.propose_extension(services(), who, key, scope=scope, expires=expires, reason=reason)


def _shown() -> int:
    """The event he was shown and acts on: a page that was overtaken acts on nothing else."""
    text = request.form.get("shown", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _reopen(who: Caseworker, key: str) -> Submission:
    typed = request.form.get("items", "").replace(",", " ").replace("，", " ").replace("、", " ")
    items = tuple(dict.fromkeys([*request.form.getlist("mark"), *typed.split()]))[:100]
    reason, comment = request.form.get("reason_code", ""), request.form.get("reason", "")
    return acts.reopen(services(), who, key, reason=reason, items=items, comment=comment)


ACTS: Mapping[str, Callable[[Caseworker, str], Submission]] = {
    "propose-disposition": _propose_disposition,
    "confirm-disposition": lambda who, key: acts.confirm_disposition(services(), who, key, proposal=_shown()),
    "decline-disposition": lambda who, key: acts.decline_disposition(services(), who, key, proposal=_shown()),
    "confirm-waiver": lambda who, key: acts.confirm_waiver(services(), who, key, waiver=_shown()),
    "reinstate": lambda who, key: acts.reinstate(services(), who, key, reason=request.form.get("reason", "")),
    "propose-extension": _propose_extension,
    "grant-extension": lambda who, key: acts.grant_extension(services(), who, key, proposal=_shown()),
    "reopen": _reopen,
    "undo-reopening": lambda who, key: acts.undo_reopening(services(), who, key, decision=_shown()),
    "move": lambda who, key: acts.move(services(), who, key, first_body=request.form.get("body", "")),
}


@door.post("/submissions/<submission_id>/<act>")
@requires(Action.HANDLE_CASES)
def act(submission_id: str, act: str) -> Answer:
    """One act on one return; what leads to nothing says why on the same page, with what was typed."""
    if act not in ACTS:
        return submission_page(submission_id, _("没有这种操作。")), 404
    try:
        ACTS[act](caseworker(), submission_id)
    except CommandRefused as refused:
        return submission_page(submission_id, refusal_text(refused.refusal)), 409
    except NoReason:
        return submission_page(submission_id, _("请写明理由：它会与这次操作一起留存。")), 422
    except (DeadlineError, ValueError) as mistake:
        problem = str(mistake) if isinstance(mistake, DeadlineError) else _("请从列出的选项里选择。")
        return submission_page(submission_id, problem), 422
    return redirect(url_for("office.submission", submission_id=submission_id, done=act), 303)
