"""The province's pages: how collections stand, every sealed return from its second, opening and closing a year."""

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for

from handlers.charts import Bar, bars
from handlers.context import services, zhibao
from handlers.language import _, language
from handlers.signing_in import Answer, requires, staff
from handlers.submission_page import own_regions, require_territory, submission_page
from indicators.rates_table import response_rates
from register.regions import Level, Region, Regions
from workflows.calendars import Calendar
from workflows.collecting import CollectionRefused, close_collection, open_collection
from workflows.deadlines import DeadlineError, read_instant
from workflows.hits import rule_hits
from workflows.machine.states import Stage
from workflows.overview import standings, uncovered_seats
from workflows.permissions import Action, may
from workflows.returning import seat_returns

door = Blueprint("office", __name__, url_prefix="/office")
PAGE = 50
_LEVELS = {Level.CITY: "city_code", Level.COUNTY: "county_code", Level.ZONE: "reviewing_body"}


@dataclass(frozen=True, slots=True)
class RatePage:
    """One form's response rates below one region: a row per child, and a bar for each."""

    form: str
    title: str
    rows: tuple[dict[str, str], ...]
    chart: tuple[Bar, ...]


@door.get("/")
@requires(Action.SEE_PROGRESS)
def overview() -> Answer:
    """How every open year stands, at a glance."""
    years = sorted({collection.year for collection in services().store.collections()}, reverse=True)
    shown = [(year, standings(services(), year), uncovered_seats(services(), year)) for year in years[:6]]
    return render_template(
        "office/overview.html",
        years=shown,
        forms=services().forms,
        now=services().clock.now(),
        may_handle_cases=may(staff().role, Action.HANDLE_CASES),
        may_see_submissions=may(staff().role, Action.SEE_SUBMISSIONS),
    )


@door.get("/<int:year>/progress")
@requires(Action.SEE_PROGRESS)
def progress(year: int) -> Answer:
    """Completeness by city, or by county of one city, with response rates."""
    regions = own_regions(year)
    region = regions.get(request.args.get("region", "")) or regions[_territory(regions)]
    require_territory(region.code, regions)
    frame = zhibao().frames.frame(year)
    if frame is None:
        abort(404)
    table = response_rates(frame)
    wanted = {region.code, *(child.code for child in regions.children(region.code, zones=True))}
    shown = [row for row in table.records() if row["region_code"] in wanted]
    forms = sorted({row["form"] for row in shown})
    return render_template(
        "office/progress.html",
        year=year,
        region=region,
        regions=regions,
        pages=[_rate_page(form, region, shown) for form in forms],
    )


@door.get("/<int:year>/submissions")
@requires(Action.SEE_SUBMISSIONS)
def submissions(year: int) -> Answer:
    """Every sealed return of a year, newest first, read-only."""
    regions = own_regions(year)
    region = regions.get(request.args.get("region", "")) or regions[_territory(regions)]
    require_territory(region.code, regions)
    filters = {name: request.args[name] for name in ("form", "stage") if request.args.get(name)}
    if region.level in _LEVELS:
        filters[_LEVELS[region.level]] = region.code
    page = services().store.sealed(year, filters, request.args.get("after", "")[:100], PAGE)
    return render_template(
        "office/submissions.html",
        year=year,
        region=region,
        regions=regions,
        rows=[(submission, services().unit_of(submission)) for submission in page.rows],
        cursor=page.cursor,
        forms=[collection.form for collection in services().store.collections(year)],
        stages=list(Stage),
        chosen=request.args,
    )


@door.get("/<int:year>/returns")
@requires(Action.SEE_SUBMISSIONS)
def returns(year: int) -> Answer:
    """What came of each seat's returns: counts, and how the main amount moved afterwards."""
    regions = own_regions(year)
    rows = [seat for seat in seat_returns(services(), year) if regions.is_within(seat.region, staff().region_code)]
    return render_template("office/returns.html", year=year, rows=rows, regions=regions)


@door.get("/<int:year>/rules")
@requires(Action.SEE_SUBMISSIONS)
def rules(year: int) -> Answer:
    """How often each rule fired, was explained and led to a change; counts of the whole province, and no unit's."""
    own_regions(year)
    return render_template("office/rules.html", year=year, rows=rule_hits(services(), year), sentences=_sentences(year))


def _sentences(year: int) -> dict[tuple[str, str], str]:
    """What a rule says, by form and rule: the first of its sentences."""
    said: dict[tuple[str, str], str] = {}
    for collection in services().store.collections(year):
        definition = services().forms.by_version(collection.form_version)
        for rule in definition.rules:
            text = rule.message_en if language() == "en" else rule.message_zh
            said.setdefault((definition.form, rule.id), text)
    return said


@door.get("/submissions/<submission_id>")
@requires(Action.SEE_SUBMISSIONS)
def submission(submission_id: str) -> Answer:
    """One return with its decisions and its chain, and what can be done with it."""
    return submission_page(submission_id)


@door.get("/collections")
@requires(Action.RUN_COLLECTIONS)
def collections() -> Answer:
    """The collections, and the form that opens one."""
    return _collections_page("", 200)


@door.post("/collections")
@requires(Action.RUN_COLLECTIONS)
def open_year() -> Answer:
    """Open one form for one year."""
    posted = request.form
    try:
        year = int(posted.get("year", ""))
        close = posted.get("close", "")
        calendar = Calendar(read_instant(posted.get("due", "")), read_instant(close) if close else None)
        open_collection(services(), year=year, form=posted.get("form", ""), calendar=calendar)
    except (CollectionRefused, DeadlineError) as refused:
        return _collections_page(str(refused), 422)
    except ValueError:
        return _collections_page(_("请填写年份和时间。"), 422)
    return redirect(url_for("office.collections"), 303)


@door.post("/collections/<int:year>/close")
@requires(Action.RUN_COLLECTIONS)
def close_year(year: int) -> Answer:
    """Close every form of a year; wants the year typed again, because nothing moves afterwards."""
    if request.form.get("confirm") != str(year):
        return _collections_page(_("没有截止：请在方框里输入年份 %(year)s 确认。", year=year), 422)
    try:
        close_collection(services(), year)
    except CollectionRefused as refused:
        return _collections_page(str(refused), 422)
    return redirect(url_for("office.collections"), 303)


def _collections_page(problem: str, status: int) -> tuple[str, int]:
    page = render_template(
        "office/collections.html",
        collections=services().store.collections(),
        forms=services().forms,
        problem=problem,
        typed=request.form,
        now=services().clock.now(),
    )
    return page, status


def _territory(regions: Regions) -> str:
    return staff().region_code if staff().region_code in regions else regions.province.code


def _rate_page(form: str, region: Region, rows: list[dict[str, str]]) -> RatePage:
    own = [row for row in rows if row["form"] == form]
    children = [row for row in own if row["region_code"] != region.code]
    versions = (one.form_version for one in services().store.collections() if one.form == form)
    title = services().forms.by_version(next(versions)).title(language())
    ordered = [row for row in own if row["region_code"] == region.code] + children
    return RatePage(form, title, tuple(ordered), bars(children))
