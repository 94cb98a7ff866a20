"""A county clerk with thirty returns and a phone: most are accepted together, those with findings are looked at."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.county_seat import RETURNS, WITH_FINDINGS, Seat, county_seat
from tests.browser.looks import DESK_EN, Look
from tests.browser.windows import Window, Windows
from workflows.links import ReviewLink

pytestmark = pytest.mark.browser

SMALL_PHONE = Look("phone", 360, 780, "zh")
MOST_REQUESTS = 60


@pytest.fixture
def seat(tmp_path_factory: pytest.TempPathFactory, chromium: object) -> Iterator[Seat]:
    """Thirty returns, five with findings; Chromium is asked for first."""
    assert chromium
    with county_seat(tmp_path_factory.mktemp("seat") / "home") as served:
        yield served


@pytest.fixture
def small_seat(tmp_path_factory: pytest.TempPathFactory, chromium: object) -> Iterator[Seat]:
    """Five returns, one with a finding."""
    assert chromium
    with county_seat(tmp_path_factory.mktemp("seat") / "home", returns=5) as served:
        yield served


def accessible(page: Page) -> None:
    results = Axe().run(page)
    assert not results.violations_count, results.generate_report()


def pages_asked(seat: Seat) -> list[str]:
    return [one for one in seat.asked if "/static/" not in one]


def test_thirty_returns_are_decided_on_a_phone_in_few_requests(seat: Seat, windows: Windows) -> None:
    window = windows.open(seat.base, SMALL_PHONE)
    page = window.page
    window.go(seat.inbox())
    page.get_by_role("link", name="没有提示").click()
    expect(page.locator(".waiting li")).to_have_count(RETURNS)
    expect(page.locator(".waiting li.held")).to_have_count(len(WITH_FINDINGS))
    expect(page.locator('input[name="pick"]:checked')).to_have_count(0)
    page.get_by_role("link", name=f"勾选本页可以一起通过的 {RETURNS - len(WITH_FINDINGS)} 份").click()
    assert _picked_hashes(page) == _sealed_hashes(seat)
    page.get_by_role("button", name="通过勾选的").click()
    expect(page.locator(".results b.good")).to_have_count(RETURNS - len(WITH_FINDINGS))
    for _ in WITH_FINDINGS:
        page.get_by_role("link", name="还有哪些等着审核").first.click()
        page.locator(".waiting a").first.click()
        expect(page.locator("#findings")).to_contain_text("科技论文超过 100 篇")
        page.check('input[name="decision"][value="accept"]')
        page.click("#decision button[type=submit]")
        expect(page.locator(".notice.good")).to_be_visible()
    page.get_by_role("link", name="还有哪些等着审核").first.click()
    expect(page.locator(".empty")).to_be_visible()
    assert len(seat.world.home.store.inbox("990100", "", 100).rows) == RETURNS
    assert len(seat.asked) < MOST_REQUESTS, pages_asked(seat)


def _picked_hashes(page: Page) -> set[str]:
    picked = page.locator('input[name="pick"]:checked').evaluate_all("boxes => boxes.map(box => box.value)")
    return {value.split(":")[1] for value in picked}


def _sealed_hashes(seat: Seat) -> set[str]:
    waiting = seat.world.home.store.inbox("990101", "", 100).rows
    held = {f"示例企业{unit}号" for unit in WITH_FINDINGS}
    services = seat.world.home.services
    return {one.state.revision_hash for one in waiting if services.unit_of(one).name not in held}


def _returned_and_corrected(seat: Seat, window: Window, unit: int) -> None:
    """The reviewer returns it with an observation; the unit corrects two cells."""
    page = window.page
    window.go(seat.review(unit))
    page.check('input[name="mark"][value="papers"]')
    page.check('input[name="decision"][value="return"]')
    page.select_option("#reason_code", "change")
    page.fill("#comment", "论文数比上年增长85%，请改为 2 篇。")
    page.click("#decision button[type=submit]")
    expect(page.locator(".notice.bad")).to_contain_text("统计法第七条、第四十条")
    expect(page.locator("#comment")).to_have_value("论文数比上年增长85%，请改为 2 篇。")
    page.fill("#comment", "论文数比上年增长85%，请核实。")
    page.click("#decision button[type=submit]")
    expect(page.locator(".notice.good")).to_be_visible()
    seat.world.file(unit, papers="2", patents_applied="1", **_costs(unit), draft_version="1")


def _costs(unit: int) -> dict[str, str]:
    return {"rd_cost_total": str(1234 * unit), "rd_cost_other": str(1234 * unit), "rd_src_own": str(1234 * unit)}


@pytest.mark.parametrize("look", [SMALL_PHONE, DESK_EN], ids=str)
def test_a_second_revision_shows_exactly_the_changed_cells(small_seat: Seat, windows: Windows, look: Look) -> None:
    _returned_and_corrected(small_seat, windows.open(small_seat.base, SMALL_PHONE), 3)
    window = windows.open(small_seat.base, look)
    page = window.page
    window.go(small_seat.review(3))
    changed = page.locator("tr.changed").evaluate_all("rows => rows.map(row => row.id)")
    assert sorted(changed) == ["row-papers", "row-patents_applied"]
    expect(page.locator("#changes li")).to_have_count(2)
    page.locator("#changes li a").last.click()
    expect(page.locator("tr.changed").last).to_be_in_viewport()
    assert window.overflow() <= 0
    accessible(page)


def test_the_bar_at_the_bottom_hides_no_cell_that_was_jumped_to(small_seat: Seat, windows: Windows) -> None:
    _returned_and_corrected(small_seat, window := windows.open(small_seat.base, SMALL_PHONE), 3)
    page = window.page
    window.go(small_seat.review(3))
    bar = page.locator(".jump").bounding_box()
    for link in page.locator("#changes li a").all():
        link.click()
        row = page.locator(f"[id='{(link.get_attribute('href') or '').removeprefix('#')}']").bounding_box()
        bar = page.locator(".jump").bounding_box()
        assert row is not None
        assert bar is not None
        assert row["y"] > -1  # a fraction of a pixel
        assert row["y"] + row["height"] <= bar["y"]
        page.evaluate("window.scrollTo(0, 0)")
    page.get_by_role("link", name="去决定").click()
    expect(page.locator('input[name="decision"]').first).to_be_in_viewport()


def test_every_target_is_large_enough_for_a_thumb(small_seat: Seat, windows: Windows) -> None:
    window = windows.open(small_seat.base, SMALL_PHONE)
    for address in (small_seat.inbox(), small_seat.review(2)):
        window.go(address)
        for target in window.page.locator(
            "button:visible, td.mark label, label.pick, .choice:visible, .jump a, .orders a"
        ).all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 38, (address, target.inner_text(), box)


@pytest.mark.parametrize("look", [SMALL_PHONE, DESK_EN], ids=str)
def test_a_question_an_undo_and_a_claim_on_the_page(small_seat: Seat, windows: Windows, look: Look) -> None:
    window = windows.open(small_seat.base, look)
    page = window.page
    window.go(small_seat.review(1))
    page.locator('form[action$="/claim"] button').click()
    expect(page.locator(".notice.good")).to_be_visible()
    page.check('input[type="radio"][name="item"][value="papers"]')
    page.fill("#question", "是否包含会议论文？")
    page.click("#ask button[type=submit]")
    expect(page.locator(".thread.open")).to_contain_text("是否包含会议论文？")
    expect(page.locator("#row-papers .asked")).to_contain_text("是否包含会议论文？")
    accessible(page)
    page.click(".thread button")
    expect(page.locator(".thread.open")).to_have_count(0)
    page.check('input[name="decision"][value="accept"]')
    page.click("#decision button[type=submit]")
    expect(page.locator("#decision")).to_have_count(0)
    accessible(page)
    page.click('form[action$="/undo"] button')
    expect(page.locator("#decision")).to_be_visible()
    window.go(small_seat.inbox())
    accessible(page)
    assert window.overflow() <= 0


def test_an_answer_to_bulk_acceptance_that_came_late_names_who_was_faster(small_seat: Seat, windows: Windows) -> None:
    window = windows.open(small_seat.base, SMALL_PHONE)
    page = window.page
    window.go(f"{small_seat.inbox()}?select=1")
    assert small_seat.world.review(1, "990101") == 303
    page.get_by_role("button", name="通过勾选的").click()
    expect(page.locator(".results li.refused")).to_contain_text("已由 县审戊 于")
    accessible(page)
    token = small_seat.review(1).rsplit("/", 1)[1]
    assert small_seat.world.home.services.links.read(ReviewLink, token).revision == 1
