"""A filler after he has sent, on a phone: he takes back, answers, and each way his page can look is fit to read."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.afterwards import ANSWER, PEOPLES_OWN, QUESTION, STANDS, address, asked, served, submission
from tests.browser.looks import DESK_EN, DESK_ZH, Look
from tests.browser.steps import press
from tests.browser.test_every_page import BROKEN, HAN, SMALLEST, assert_accessible
from tests.browser.windows import Window, Windows
from tests.handlers.world import World
from workflows.machine.states import QueryStatus, Stage

pytestmark = pytest.mark.browser

SMALL_ZH, SMALL_EN = (Look("small", 360, 780, language) for language in ("zh", "en"))


@pytest.fixture
def world(windows: Windows, tmp_path: Path) -> Iterator[World]:
    """A home of this test's own, served. Chromium is asked for first: without it nothing is made."""
    with served(tmp_path) as made:
        yield made


def _open(windows: Windows, world: World, look: Look, where: str) -> Window:
    window = windows.open(world.home.settings.base_url, look)
    window.go(where)
    return window


def _assert_readable(window: Window) -> None:
    text = window.page.inner_text("main")
    assert not BROKEN.search(window.page.content())
    if window.look.language == "en":
        for own in PEOPLES_OWN:
            text = text.replace(own, "")
        assert HAN.findall(re.sub(r"示例[\w〔〕（），-]*", "", text)) == []
    assert_accessible(window.page)
    assert window.overflow() <= 0


@pytest.mark.parametrize("stands", STANDS)
def test_each_way_his_page_can_look_is_accessible_and_fits(windows: Windows, world: World, stands: str) -> None:
    where = STANDS[stands](world)
    for look in (DESK_ZH, DESK_EN):
        window = _open(windows, world, look, where)
        _assert_readable(window)
        window.page.set_viewport_size({"width": SMALLEST["width"], "height": SMALLEST["height"]})
        _assert_readable(window)


@pytest.mark.parametrize("look", [SMALL_ZH, Look("small", 360, 780, "zh", scripts=False)], ids=["zh", "no-scripts"])
def test_on_a_phone_he_takes_back_sends_again_and_answers_a_query(windows: Windows, world: World, look: Look) -> None:
    window = _open(windows, world, look, address(world))
    page, say = window.page, look.say
    page.click('form[action$="/withdraw"] button')
    expect(page.locator("form#filing")).to_be_visible()
    expect(page.get_by_text(say("第 %(number)s 版已撤回，报表在您手里", number=1))).to_be_visible()
    expect(page.locator("#papers")).to_have_value("7")
    page.fill("#papers", "8")
    press(window, "submit")
    expect(page.locator(".receipt")).to_be_visible()

    number = asked(world)
    world.home.sweep.run()
    letter = next(one for one in world.post.letters if "请答复查询" in one.subject)
    window.go(letter.link)
    page.click(f'.todo a[href="#query-{number}"]')
    expect(page.locator(f"#query-{number} .words")).to_have_text(QUESTION)
    page.fill(f"#answer-{number}", "   ")
    page.click(f"#query-{number} button")
    expect(page.locator(f"#answer-{number}-why")).to_be_visible()
    expect(page.locator(f"#answer-{number}")).to_have_value("   ")
    page.fill(f"#answer-{number}", ANSWER)
    page.click(f"#query-{number} button")
    expect(page.locator(f"#query-{number}")).to_contain_text(ANSWER)
    expect(page.locator(f"#answer-{number}")).to_have_count(0)
    expect(page.locator('form[action$="/withdraw"]')).to_have_count(0)
    assert window.overflow() <= 0

    state = submission(world).state
    assert (state.stage, state.revision, state.queries[0].status) == (Stage.IN_REVIEW, 2, QueryStatus.ANSWERED)


def test_an_answer_on_a_returned_form_leaves_what_was_saved(windows: Windows, world: World) -> None:
    window = _open(windows, world, SMALL_EN, STANDS["returned"](world))
    page, number = window.page, submission(world).state.queries[0].number
    page.fill("#papers", "9")
    press(window, "save")
    page.fill(f"#answer-{number}", ANSWER)
    page.click(f"#query-{number} button")
    expect(page.locator(f"#query-{number}")).to_contain_text(ANSWER)
    expect(page.locator("#papers")).to_have_value("9")


def test_enter_in_a_cell_saves_though_an_answer_field_stands_before_it(windows: Windows, world: World) -> None:
    window = _open(windows, world, replace(SMALL_ZH, scripts=False), STANDS["returned"](world))
    window.page.fill("#papers", "9")
    window.page.press("#papers", "Enter")
    expect(window.page.locator("#saved")).to_be_visible()
    assert submission(world).state.queries[0].status is QueryStatus.OPEN


@pytest.mark.parametrize("look", [SMALL_ZH, SMALL_EN], ids=str)
def test_on_a_device_that_is_not_confirmed_the_page_is_fit_to_read(
    windows: Windows, tmp_path: Path, look: Look
) -> None:
    with served(tmp_path, ZHIBAO_REVIEW_CONFIRM="device") as world:
        asked(world)
        window = _open(windows, world, look, address(world))
        expect(window.page.locator(".form-table")).to_have_count(0)
        _assert_readable(window)
        window.page.click('form[action$="/code"] button')
        expect(window.page.locator("#code")).to_be_visible()
        _assert_readable(window)
        world.home.sweep.run()
        codes = [re.search(r"\b\d{6}\b", one.text) for one in world.post.letters if "验证码" in one.subject]
        assert codes[-1] is not None
        window.page.fill("#code", codes[-1][0])
        window.page.click('form[action$="/confirm"] button')
        expect(window.page.locator(".form-table")).to_be_visible()
