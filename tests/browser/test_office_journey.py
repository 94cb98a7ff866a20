"""Provincial staff at a browser: from the mailed sign-in link to a closed collection."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from handlers.demo.enterprise_years import CLOSED_YEAR, OPEN_YEAR
from handlers.demo.people import OFFICE_ADDRESS
from tests.browser.looks import LOOKS, Look
from tests.browser.small_home import OFFICE_YEAR
from tests.browser.steps import open_letter
from tests.browser.town import Town
from tests.browser.windows import Window

pytestmark = pytest.mark.browser


def _sign_in(window: Window) -> None:
    """Ask for a link, open the newest from the mailbox (few are mailed at a time); only the button signs in."""
    page = window.page
    window.go("/")
    page.get_by_role("link", name=window.look.say("登录")).click()
    page.fill("#email", OFFICE_ADDRESS)
    page.click("main button")
    expect(page.locator(".notice.good")).to_be_visible()
    open_letter(window, OFFICE_ADDRESS, "登录链接")
    page.click("main button")
    expect(page.get_by_role("heading", level=1)).to_have_text(window.look.say("概况"))


def test_the_office_goes_from_sign_in_to_a_downloaded_table(window: Window, town: Town, tmp_path: Path) -> None:
    page, say = window.page, window.look.say
    _sign_in(window)

    window.go("/office/")
    page.locator(f'a[href="/office/{OPEN_YEAR}/progress"]').click()
    page.locator(".rates a").first.click()
    expect(page.locator("h1 .quiet")).to_have_text(say_city(window.look))
    expect(page.locator(".rates tbody tr")).not_to_have_count(1)

    window.go("/office/")
    page.locator(f'a[href="/office/{OPEN_YEAR}/submissions"]').click()
    page.select_option("#stage", "accepted")
    page.get_by_role("button", name=say("筛选")).click()
    page.locator("tbody a").first.click()
    expect(page.locator(".decisions li")).to_have_count(3)
    expect(page.locator(".form-table input, .form-table textarea")).to_have_count(0)

    page.get_by_role("link", name=say("汇总表")).click()
    page.locator(f'form[action="/office/tables/{OFFICE_YEAR}/build"] button').click()
    page.locator(f'a[href="/office/tables/region_indicators/{OFFICE_YEAR}"]').click()
    expect(page.locator(".table-data .total")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "table.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text(encoding="utf-8"))))
    assert rows[0]["region_code"] == "530000"
    assert int(rows[0]["regions_in"]) >= 1

    page.get_by_role("button", name=say("退出")).click()
    window.go("/office/")
    expect(page.locator("#email")).to_be_visible()


def say_city(look: Look) -> str:
    """The first city of the register."""
    return "昆明市" if look.language == "zh" else "Kunming City"


@pytest.mark.parametrize(("look", "year"), [(look, 2031 + 10 * place) for place, look in enumerate(LOOKS)], ids=str)
def test_a_collection_is_opened_and_closed_only_under_its_year_typed_again(window: Window, year: int) -> None:
    page = window.page
    _sign_in(window)
    window.go("/office/collections")
    page.fill("#year", str(year))
    page.select_option("#form", "107-2")
    page.fill("#due", f"{year + 1}-03-10T24:00")
    page.locator("fieldset button").click()
    row = page.locator("tbody tr", has_text=str(year))
    expect(row).to_contain_text(f"{year + 1}-03-10 24:00")

    row.locator("summary").click()
    row.locator("input[name=confirm]").fill(str(CLOSED_YEAR))
    row.locator("button.danger").click()
    expect(page.locator(".notice.bad")).to_be_visible()
    expect(row.locator("summary")).to_be_visible()
    row.locator("summary").click()
    row.locator("input[name=confirm]").fill(str(year))
    row.locator("button.danger").click()
    expect(row.locator("summary")).to_have_count(0)
    expect(row).to_contain_text(window.look.say("已截止"))
