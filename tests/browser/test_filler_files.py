"""A filler at a browser with a spreadsheet: the template comes down, goes up filled, and is read on the page."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.looks import DESK_ZH, Look
from tests.browser.steps import open_letter
from tests.browser.town import Town
from tests.browser.windows import Window

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "look", [DESK_ZH, Look("phone", 390, 844, "zh", scripts=False)], ids=["desk", "phone-no-scripts"]
)
def test_a_template_is_downloaded_filled_and_uploaded(town: Town, window: Window, tmp_path: Path) -> None:
    unit, page = town.newcomer(), window.page
    open_letter(window, unit.email, unit.name)
    page.locator("#offline summary").click()
    with page.expect_download() as coming:
        page.locator("#offline a").click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)

    book = openpyxl.load_workbook(file)
    sheet = book["填报"]
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    sheet.cell(rows["papers"], 5).value, sheet.cell(rows["rd_staff_total"], 5).value = 7, "1O"
    book.save(file)

    page.set_input_files("#workbook", file)
    page.locator("#offline button").click()
    expect(page.get_by_text(window.look.say("已保存"), exact=True)).to_be_visible()
    expect(page.locator("#papers")).to_have_value("7")
    expect(page.locator("#rd_staff_total")).to_have_attribute("aria-invalid", "true")
    assert window.overflow() <= 0
