"""What a filler or a reviewer can get wrong: each mistake has its page and its status, and stores nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from tests.journeys.driver import Browser, Home
from tests.journeys.grounds import on_both_grounds
from tests.journeys.in_process import at_rest
from tests.journeys.registers import item_keys
from tests.journeys.served_year import csrf, filing, review, submit

pytestmark = on_both_grounds
MISTAKES = {
    "papers": "三百",
    "patents_applied": "12e3",
    "rd_cost_total": "-5",
    "rd_staff_total": "1,23",
    "standards": "2.5",
}


@pytest.mark.parametrize(("key", "typed"), MISTAKES.items())
def test_a_cell_that_cannot_be_read_keeps_the_return_from_being_sent(served: Home, key: str, typed: str) -> None:
    before, browser = at_rest(served), Browser()
    answer = submit(browser, browser.open(filing(served, 6)), **{key: typed})
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.forms["filing"].fields[key] == typed
    assert "还没有报送" in answer.text
    assert at_rest(served) == before


def test_a_missing_required_item_is_named(served: Home) -> None:
    before, browser = at_rest(served), Browser()
    answer = submit(browser, browser.open(filing(served, 6)), papers="")
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "发表科技论文" in answer.text.split("还没有报送")[1].split("报送期限")[0]
    assert at_rest(served) == before


@pytest.mark.parametrize("name", ["unit_head", "statistician", "filler", "phone"])
def test_a_missing_signature_keeps_the_return_from_being_sent(served: Home, name: str) -> None:
    before, browser = at_rest(served), Browser()
    answer = submit(browser, browser.open(filing(served, 6)), **{name: "  "})
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert at_rest(served) == before


def test_a_draft_full_of_mistakes_is_kept_keystroke_for_keystroke(served: Home) -> None:
    browser, link = Browser(), filing(served, 7)
    typed = {
        **MISTAKES,
        "rd_cost_labour": "１２，３４５",
        "rd_cost_design": "10.",
        "rd_cost_other": " 7 ",
        "phone": '转 8"<b>',
    }
    assert browser.send(browser.open(link), "filing", {**typed, "action": "save"}).status == HTTPStatus.SEE_OTHER
    fields = Browser().open(link).forms["filing"].fields
    assert {key: fields[key] for key in typed} == typed


def test_full_width_digits_grouping_and_a_trailing_point_are_read_as_meant(served: Home) -> None:
    browser = Browser()
    page = browser.open(filing(served, 8))
    figures = {
        "rd_cost_total": "１２，３４５",
        "rd_cost_labour": "12,335.",
        "rd_cost_other": "10.",
        "rd_staff_total": "1",
        "rd_src_own": "12345",
    }
    assert submit(browser, page, **figures).status == HTTPStatus.SEE_OTHER
    shown = browser.open(filing(served, 8)).text
    assert "12,345" in shown
    assert "12,335" in shown


def test_two_windows_do_not_overwrite_each_other(served: Home) -> None:
    link, first, second = filing(served, 9), Browser(), Browser()
    left, right = first.open(link), second.open(link)
    assert first.send(left, "filing", {"papers": "41", "action": "save"}).status == HTTPStatus.SEE_OTHER
    before = at_rest(served)
    clash = second.send(right, "filing", {"papers": "42", "action": "save"})
    assert clash.status == HTTPStatus.CONFLICT
    assert clash.forms["filing"].fields["papers"] == "42"
    assert "另一个窗口保存的：41" in clash.text
    assert at_rest(served) == before
    assert second.send(clash, "filing", {"papers": "43", "action": "save"}).status == HTTPStatus.SEE_OTHER
    assert first.open(link).forms["filing"].fields["papers"] == "43"


def test_sending_from_a_stale_window_sends_nothing(served: Home) -> None:
    link, first, second = filing(served, 9), Browser(), Browser()
    right = second.open(link)
    first.send(first.open(link), "filing", {"standards": "5", "action": "save"})
    before = at_rest(served)
    clash = submit(second, right)
    assert clash.status == HTTPStatus.CONFLICT
    assert at_rest(served) == before


def test_a_double_click_sends_once(served: Home) -> None:
    browser = Browser()
    page = browser.open(filing(served, 10))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: submit(browser, page), range(4)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [HTTPStatus.SEE_OTHER, *[HTTPStatus.CONFLICT] * 3]
    served.zhibao("sweep")
    address = "unit10@units.example"
    assert len([mail for mail in served.mails() if mail.to == address and mail.opens("c")]) == 1


def test_what_was_sent_cannot_be_sent_or_saved_again(served: Home) -> None:
    browser = Browser()
    token = csrf(browser.open(filing(served, 6)))
    before = at_rest(served)
    for action in ("save", "submit"):
        answer = browser.open(filing(served, 1), {**token, "papers": "99", "action": action})
        assert answer.status == HTTPStatus.CONFLICT
        assert "filing" not in answer.forms
    assert at_rest(served) == before


def test_an_action_that_is_no_button_is_refused(served: Home) -> None:
    before, browser = at_rest(served), Browser()
    answer = browser.send(browser.open(filing(served, 6)), "filing", {"papers": "1", "action": "accept"})
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert at_rest(served) == before


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"decision": "perhaps"},
        {"decision": "return"},
        {"decision": "return", "reason_code": "other"},
        {"decision": "return", "items": "papers"},
        {"decision": "return", "reason_code": "because", "items": "papers"},
        {"decision": "return", "reason_code": "other", "items": "papers no_such_item"},
        {"decision": "return", "reason_code": "other", "items": "，、 "},
    ],
)
def test_an_incomplete_decision_is_refused_on_the_page(served: Home, values: dict[str, str]) -> None:
    before, browser = at_rest(served), Browser()
    answer = browser.send(browser.open(review(served, 1)), "decision", {"comment": "请看第 40 项", **values})
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.forms["decision"].fields["comment"] == "请看第 40 项"
    assert "还没有记录" in answer.text
    assert at_rest(served) == before


def test_nothing_moves_after_the_close(served: Home) -> None:
    before, browser = at_rest(served), Browser()
    token = csrf(browser.open(filing(served, 6)))
    pages = [browser.open(filing(served, 4, "2030")), browser.open(review(served, 5, "2030"))]
    assert [(page.status, list(page.forms)) for page in pages] == [(HTTPStatus.OK, [])] * 2
    for answer in (
        browser.open(filing(served, 4, "2030"), {**token, "papers": "1", "action": "save"}),
        browser.open(filing(served, 4, "2030"), {**token, "papers": "1", "action": "submit"}),
        browser.open(review(served, 5, "2030"), {**token, "decision": "accept"}),
    ):
        assert answer.status == HTTPStatus.CONFLICT
        assert "截止" in answer.text
    assert at_rest(served) == before


@pytest.mark.parametrize("token", ["", "wrong", "ImY0.abc.def"])
def test_a_form_without_its_csrf_token_does_nothing(served: Home, token: str) -> None:
    before, browser = at_rest(served), Browser()
    page = browser.open(filing(served, 6))
    strangers = csrf(Browser().open(filing(served, 6)))["csrf_token"]
    for forged in (token, strangers):
        answer = browser.send(page, "filing", {"csrf_token": forged, "papers": "1", "action": "save"})
        assert answer.status == HTTPStatus.BAD_REQUEST
        assert "没有提交成功" in answer.text
    assert at_rest(served) == before


@pytest.mark.parametrize("name", ["papers", "comment_of_mine", "csrf_token"])
def test_five_megabytes_in_one_field_are_refused(served: Home, name: str) -> None:
    before, browser = at_rest(served), Browser()
    page = browser.open(filing(served, 6))
    fields = {**page.forms["filing"].fields, name: "9" * 5_000_000, "action": "save"}
    answer = browser.open(page.url, fields)
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert "太大" in answer.text
    assert at_rest(served) == before


def test_odd_characters_are_kept_or_refused_but_never_break_the_page(served: Home) -> None:
    browser, link = Browser(), filing(served, 11)
    odd = {"papers": "\x00", "standards": "\u202e1", "unit_head": "🚀'\"<script>", "phone": "\r\n", "filler": "é\ud7ff"}
    assert browser.send(browser.open(link), "filing", {**odd, "action": "save"}).status == HTTPStatus.SEE_OTHER
    page = browser.open(link)
    assert page.forms["filing"].fields["unit_head"] == odd["unit_head"]
    raw = browser.open(
        link, [*page.forms["filing"].fields.items(), ("papers-status", "no such status"), ("action", "save")]
    )
    assert raw.status in {HTTPStatus.SEE_OTHER, HTTPStatus.CONFLICT}
    assert browser.open(link).status == HTTPStatus.OK


@pytest.mark.parametrize("path", ["/nowhere", "/f", "/f/", "/r/", "/f/a/b", "/office/2031", "/%2e%2e/etc/passwd"])
def test_an_unknown_path_has_a_clear_page(served: Home, path: str) -> None:
    answer = Browser().open(f"{served.base}{path}")
    assert answer.status == HTTPStatus.NOT_FOUND
    assert "没有这一页" in answer.text


def test_an_unknown_path_of_the_api_is_told_to_programs(served: Home) -> None:
    answer = Browser().open(f"{served.base}/api/v9")
    assert answer.status == HTTPStatus.NOT_FOUND
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert json.loads(answer.body)["title_en"] == "There is no such thing"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_taken(served: Home, method: str) -> None:
    before = at_rest(served)
    answer = Browser().open(filing(served, 6), {"papers": "1"}, method=method)
    assert answer.status in {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.BAD_REQUEST}
    assert at_rest(served) == before


def test_the_page_asks_for_every_item_once(served: Home) -> None:
    """The form itself is sound: 51 items less the three starred ones, each with one input."""
    page = Browser().open(filing(served, 12))
    assert len(item_keys(page.forms["filing"])) == len(set(item_keys(page.forms["filing"]))) > 40
