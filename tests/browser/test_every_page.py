"""Every page at phone and desk width in both languages: axe-core finds nothing, and nothing runs over the edge."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from handlers.demo.courses import RETURN
from handlers.demo.shipped import filler_reasons
from tests.browser.looks import DESK_EN, DESK_ZH, PHONE_ZH
from tests.browser.scenes import SCENES
from tests.browser.small_home import LONG_NAME
from tests.browser.town import Town
from tests.browser.windows import Window

pytestmark = pytest.mark.browser

SMALLEST = {"width": 360, "height": 780}
BROKEN = re.compile(r"<bound method|\bNone\b|%\(\w+\)s|\{\{|Undefined")
"""What a template leaves on a page when it is handed something it did not expect."""

HAN = re.compile(r".*[\u4e00-\u9fff].*")
WRITTEN = [RETURN.comment, *(one.text for one in filler_reasons())]
PEOPLES_OWN = re.compile("|".join([LONG_NAME, r"\w+审核员（示例）", r"示例[\w〔〕（），-]*", *map(re.escape, WRITTEN)]))
"""What stays Chinese on an English page: names of units and people, document numbers, what people wrote."""
IN_CHINESE = {"mailbox"}
"""Letters are in Chinese, with a line of English at their end."""


def assert_accessible(page: Page) -> None:
    """axe-core has no complaint about the page as it stands."""
    results = Axe().run(page)
    assert not results.violations_count, results.generate_report()


@pytest.mark.parametrize("look", [DESK_ZH, DESK_EN], ids=str)
@pytest.mark.parametrize("scene", SCENES)
def test_a_page_is_accessible_and_fits_the_desk_and_the_phone(window: Window, town: Town, scene: str) -> None:
    page = window.page
    SCENES[scene](window, town)
    assert not BROKEN.search(page.content())
    if window.look.language == "en" and scene not in IN_CHINESE:
        assert HAN.findall(PEOPLES_OWN.sub("", page.inner_text("main"))) == []
    assert_accessible(page)
    page.set_viewport_size({"width": PHONE_ZH.width, "height": PHONE_ZH.height})
    assert_accessible(page)
    page.set_viewport_size({"width": SMALLEST["width"], "height": SMALLEST["height"]})
    assert window.overflow() <= 0


@pytest.mark.parametrize("look", [DESK_ZH], ids=str)
def test_axe_is_awake(window: Window) -> None:
    """The check above would see a fault: an input that has lost its label."""
    window.go("/signin")
    window.page.evaluate("document.querySelector('label').remove()")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(window.page)


@pytest.mark.parametrize("look", [DESK_ZH], ids=str)
def test_a_receipt_prints_on_one_page_without_buttons(window: Window, town: Town) -> None:
    page = window.page
    SCENES["receipt"](window, town)
    page.emulate_media(media="print")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    expect(page.locator(".receipt > dl")).to_be_visible()
    expect(page.locator(".receipt .steps").first).to_be_visible()
    expect(page.locator(".receipt .qr svg")).to_be_visible()
    for screen in page.locator(".top, .bottom, .screen-only").all():
        expect(screen).to_be_hidden()


@pytest.mark.parametrize("look", [DESK_ZH], ids=str)
@pytest.mark.parametrize("scene", ["filed", "filing", "review"])
def test_a_return_prints_without_what_is_for_the_screen(window: Window, town: Town, scene: str) -> None:
    SCENES[scene](window, town)
    window.page.emulate_media(media="print")
    expect(window.page.locator(".form-table")).to_be_visible()
    for screen in window.page.locator("button, .top, .mark, nav").all():
        expect(screen).to_be_hidden()
