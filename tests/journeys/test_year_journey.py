"""A year of an invented province, lived by a driver that knows the public interface alone."""

import csv
import io
import re
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus

import pytest

from tests.journeys.arithmetic import Filing, Regions, enterprise_totals, response_rates
from tests.journeys.driver import Browser, Home, Mail
from tests.journeys.grounds import on_both_grounds
from tests.journeys.invented_year import COURSES, PLACES, SEATLESS, Course, figures_of, inputs_of, register_files
from tests.journeys.pages import Page
from tests.journeys.registers import item_keys

pytestmark = on_both_grounds
YEAR = "2031"
LOOKS = 3
LEVELS = {"province": "in_review_province", "city": "in_review_city"}
RATIOS = {
    "rd_intensity_gdp": ("rd_expenditure", "gdp", 100),
    "gdp_per_capita": ("gdp", "resident_population", 1),
}
Table = list[dict[str, str]]


@dataclass(slots=True)
class Year:
    """What came of the year: the driver's own account, and the tables as they were given out."""

    home: Home
    filings: dict[str, Filing] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    told_late: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Enterprises whose return was sent with reasons for what fired."""
    tables: dict[str, Table] = field(default_factory=dict)
    log: str = ""


def look(browser: Browser, url: str) -> Page:
    """Opens a link several times, as a mail program, a scanner and a person do."""
    assert browser.open(url, method="HEAD").status == HTTPStatus.OK
    return [browser.open(url) for _ in range(LOOKS)][-1]


def file_return(year: Year, course: Course) -> None:
    """Open the newest link, fill the page and send it; then look at the receipt."""
    browser, revision = Browser(), year.revisions.get(course.unit_id, 0) + 1
    link = year.home.mail_to(course.row["email"], "f").link("f")
    page = look(browser, link)
    form = page.forms["filing"]
    keys = item_keys(form)
    assert {"unit_head", "statistician", "filler", "phone"} <= form.required
    assert form.fields["report_date"]
    values = inputs_of(course, revision, keys)
    if revision == 1:
        saved = browser.send(page, "filing", {**values, "action": "save"})
        assert saved.status == HTTPStatus.SEE_OTHER
        page = browser.open(link)
        assert {key: page.forms["filing"].fields[key] for key in values} == values
    sent = browser.send(page, "filing", {**values, "action": "submit"})
    if sent.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        year.asked.append(course.unit_id)
        sent = browser.send(sent, "filing", {**values, **reasons_for(sent), "action": "submit"})
    assert sent.status == HTTPStatus.SEE_OTHER, sent.text
    assert "filing" not in browser.open(sent.location).forms
    filing = year.filings[course.unit_id]
    filing.figures, filing.sent, filing.late = figures_of(course, revision, keys), True, course.form == "region-st"
    filing.stage = stage_at(course.first_seat)
    year.revisions[course.unit_id] = revision


def reasons_for(page: Page) -> dict[str, str]:
    """A true reason of its own in each explanation input of a page that was not taken."""
    names = [name for name in page.forms["filing"].fields if re.fullmatch(r"explanation-[A-Z][0-9]+", name)]
    assert names, page.text
    return {name: f"本年并入一家研究所，{name} 所问的数随之变动" for name in names}


def stage_at(seat: str) -> str:
    """Where a return waits when its turn is at this seat."""
    return LEVELS["province"] if seat == "990000" else LEVELS["city"] if seat.endswith("00") else "in_review_county"


def review(year: Year, mail: Mail) -> None:
    """Open a review request and decide as the story says; the second holder of a seat is told it is done."""
    seat = mail.to.removeprefix("reviewer").partition("@")[0][:6]
    browser = Browser()
    page = look(browser, mail.link("r"))
    units = [unit_id for unit_id in COURSES if unit_id in page.text]
    assert len(units) == 1, "a review page shows its own unit and no other"
    course = COURSES[units[0]]
    verdict = course.verdicts.get((seat, year.revisions[course.unit_id]), "accept")
    if "decision" not in page.forms:
        year.told_late.append(page.text)
    elif verdict != "leave":
        decide(year, course, browser, page, verdict, seat)


def decide(year: Year, course: Course, browser: Browser, page: Page, verdict: str, seat: str) -> None:
    """Send one decision: nothing is chosen beforehand, and a return without a reason is refused on the page."""
    form = page.forms["decision"]
    assert form.choices["decision"] == ["accept", "return"]
    assert "decision" not in form.chosen
    values = {"decision": verdict}
    if verdict == "return":
        assert browser.send(page, "decision", values).status == HTTPStatus.UNPROCESSABLE_ENTITY
        reason = next(code for code in form.choices["reason_code"] if code)
        values |= {"reason_code": reason, "items": next(iter(course.typed[0])), "comment": "请核实"}
    assert browser.send(page, "decision", values).status == HTTPStatus.SEE_OTHER
    filing = year.filings[course.unit_id]
    if verdict == "return":
        filing.stage = "returned"
    else:
        filing.stage = "accepted" if seat == "990000" else stage_at(PLACES.parents[seat])


def rounds(year: Year) -> None:
    """Reviews, returns and refilings until nobody has mail that asks for anything."""
    while True:
        year.home.zhibao("sweep")
        new = [mail for mail in year.home.mails() if mail.id not in year.seen]
        year.seen |= {mail.id for mail in new}
        asked = [mail for mail in new if mail.opens("r")]
        back = [mail for mail in new if mail.opens("f")]
        for mail in asked:
            review(year, mail)
        for course in COURSES.values():
            again = any(mail.to == course.row["email"] for mail in back)
            if again and year.revisions.get(course.unit_id, 0) < len(course.typed):
                file_return(year, course)
        if not asked and not back:
            return


@pytest.fixture(scope="module")
def year(home: Home) -> Year:
    """The year, lived."""
    home.load(*register_files())
    home.zhibao("collection", "open", "--year", YEAR, "--form", "107-2", "--due", "2099-03-10T24:00")
    home.zhibao("collection", "open", "--year", YEAR, "--form", "region-st", "--due", "2020-03-10T24:00")
    lived = Year(home)
    for course in COURSES.values():
        row = course.row
        lived.filings[course.unit_id] = Filing(
            course.unit_id, course.form, row["region_code"], row["reviewing_body"], course.section
        )
    home.start()
    rounds(lived)
    home.zhibao("tables", "build", "--year", YEAR)
    for name in ("region_indicators", "enterprise_totals", "response_rates"):
        text = home.zhibao("tables", "get", name, "--year", YEAR, "--format", "csv")
        lived.tables[name] = list(csv.DictReader(io.StringIO(text)))
    assert home.stop() == 0
    lived.log = home.log.read_text(encoding="utf-8")
    return lived


def number(text: str) -> Decimal | None:
    """A cell of a CSV."""
    return Decimal(text) if text else None


def test_every_unit_came_to_stand_where_the_story_left_it(year: Year) -> None:
    """The story is what it says: one returned, one left at city, one without a seat, one that never filed."""
    stages = {filing.stage for filing in year.filings.values()}
    wanted = {"not_started", "in_review_county", "in_review_city", "returned", "accepted"}
    assert stages == wanted
    assert [one.region for one in year.filings.values() if one.stage == "in_review_county"] == [SEATLESS]


def test_only_what_fired_was_asked_about(year: Year) -> None:
    """Money that looks as if in another unit was explained; what is ordinary was taken as it came, and every region."""
    asked = {COURSES[unit].form for unit in year.asked}
    assert asked == {"107-2"}
    assert 0 < len(set(year.asked)) < sum(course.form == "107-2" for course in COURSES.values())


def test_enterprise_totals_are_the_sums_of_what_was_accepted(year: Year) -> None:
    wanted = enterprise_totals(PLACES, year.filings.values())
    rows = [row for row in year.tables["enterprise_totals"] if row["level"] != "unallocated"]
    assert {row["form"] for row in rows} == {"107-2"}
    assert {row["year"] for row in rows} == {YEAR}
    found = {
        (row["region_code"], row["industry_section"], row["item"]): (Decimal(row["value"]), int(row["contributors"]))
        for row in rows
        if row["value"]
    }
    assert found == wanted
    assert all(row["contributors"] == "0" for row in rows if not row["value"])
    units = {row["item"]: row["unit"] for row in rows}
    assert (units["rd_cost_total"], units["rd_staff_total"]) == ("千元", "人")


def test_returned_and_unaccepted_figures_stand_in_no_table(year: Year) -> None:
    cells = {cell for table in year.tables.values() for row in table for cell in row.values()}
    assert not cells & {"987654", "987999", "66666", "67011", "77777", "78122", "444444", "123123", "777777"}


def test_response_rates_count_every_expected_filer_once_a_level(year: Year) -> None:
    wanted = response_rates(PLACES, year.filings.values())
    rows = {(row["region_code"], row["form"]): row for row in year.tables["response_rates"]}
    assert rows.keys() == wanted.keys()
    names = [name for name in next(iter(rows.values())) if name.startswith("in_review_")]
    for key, row in rows.items():
        for name in ("expected", "exceptions", "sent", "late", "returned", "accepted", *names):
            assert int(row[name]) == wanted[key].get(name, 0), (key, name)


def test_region_items_are_own_values_or_sums_of_the_regions_below(year: Year) -> None:
    regions = own_arithmetic(year)
    rows = {row["region_code"]: row for row in year.tables["region_indicators"]}
    assert rows.keys() == PLACES.parents.keys()
    keys = next(iter(regions.own.values())).keys()
    for code, row in rows.items():
        found = {key: number(row[key]) for key in keys}
        assert found == {key: regions.cell(code, key) for key in keys}, code


def test_ratios_and_ranks_are_computed_only_where_all_is_in(year: Year) -> None:
    regions = own_arithmetic(year)
    for row in year.tables["region_indicators"]:
        code = row["region_code"]
        for name, (above, below, factor) in RATIOS.items():
            wanted, found = regions.ratio(code, above, below, factor), number(row[name])
            assert (found is None) == (wanted is None), (code, name)
            if found is not None and wanted is not None:
                assert abs(found - wanted) <= Decimal("0.000001"), (code, name)
        if code not in PLACES.zones:
            assert number(row["rd_rank_in_parent"]) == regions.rank(code, "rd_expenditure"), code
        assert row["rd_expenditure_growth"] == ""


def test_each_region_says_whether_its_figures_are_its_own_and_how_many_are_in(year: Year) -> None:
    regions = own_arithmetic(year)
    basis = {row["region_code"]: row["basis"] for row in year.tables["region_indicators"]}
    assert {code: basis[code] for code in ("990101", "990100", "990200", "990000", "990103", "990202")} == {
        "990101": "own",
        "990100": "sum",
        "990200": "sum",
        "990000": "sum",
        "990103": "",
        "990202": "",
    }
    for row in year.tables["region_indicators"]:
        if row["region_code"] not in PLACES.zones:
            counts = int(row["regions_expected"]), int(row["regions_in"])
            assert counts == regions.counts(row["region_code"]), row["region_code"]


def own_arithmetic(year: Year) -> Regions:
    """The driver's own account of the offices' returns."""
    offices = [filing for filing in year.filings.values() if filing.form == "region-st"]
    own = {filing.region: filing.figures for filing in offices if filing.stage == "accepted"}
    return Regions(PLACES, own, frozenset(filing.region for filing in offices))


def test_the_second_holder_of_a_seat_is_told_who_decided(year: Year) -> None:
    assert year.told_late
    assert all("已由 审核990101" in text for text in year.told_late)


def test_every_chain_and_every_table_verifies(year: Year) -> None:
    year.home.zhibao("audit", "verify")
    year.home.zhibao("tables", "verify")


def test_a_seat_that_nobody_holds_is_not_skipped(year: Year) -> None:
    filing = next(one for one in year.filings.values() if one.region == SEATLESS)
    course = COURSES[filing.unit_id]
    asked = [mail for mail in year.home.mails() if mail.opens("r") and course.unit_id in mail.text]
    assert asked == []


def test_the_servers_log_holds_no_link_no_address_and_no_figure(year: Year) -> None:
    tokens = [mail.link(door).rsplit("/", 1)[1] for mail in year.home.mails() for door in "frc" if mail.opens(door)]
    addresses = [course.row["email"] for course in COURSES.values()]
    assert tokens
    assert not [secret for secret in [*tokens, *addresses, "987654", "12345"] if secret in year.log]


def test_mails_carry_no_figure(year: Year) -> None:
    texts = [mail.text for mail in year.home.mails()]
    assert texts
    assert not [text for text in texts for figure in ("987654", "１２，３４５", "30000", "77777") if figure in text]
