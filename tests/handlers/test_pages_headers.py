"""What every answer carries: nothing from outside, nothing kept, nothing indexed; and the language of the page."""

import re

import pytest
from flask.testing import FlaskClient

from tests.handlers.world import YEAR, World

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
CLOSED = ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'")
ANSWERS = {
    "/": 200,
    "/healthz": 200,
    "/favicon.ico": 301,
    "/static/zhibao.css": 200,
    "/static/none.css": 404,
    "/signin": 200,
    "/nowhere": 404,
    "/f/nonsense": 404,
    "/office/": 303,
    "/api/v1/tables": 401,
    "/api/v1/openapi.json": 200,
    "/mailbox": 200,
    "/relink": 405,
}
LINKS = ("f", "c", "r")


def is_guarded(client: FlaskClient, path: str, method: str, status: int) -> None:
    """One answer has its status and every header."""
    with client.open(path, method=method) as answer:
        assert answer.status_code == status, (method, path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = answer.headers["Content-Security-Policy"]
    assert all(part in policy for part in CLOSED)
    assert "unsafe" not in policy
    assert "http" not in policy
    kept = "public, max-age=3600" if path.startswith("/static/") else "no-store"
    assert answer.headers["Cache-Control"] == kept, path


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PROPFIND"])
def test_every_answer_carries_the_headers(world: World, method: str) -> None:
    for path, status in ANSWERS.items():
        if method in {"GET", "HEAD"}:
            is_guarded(world.client(), path, method, status)
        else:
            with world.client().open(path, method=method) as answer:
                assert answer.headers["Referrer-Policy"] == "no-referrer", (method, path)


@pytest.mark.parametrize("door", LINKS)
def test_a_page_behind_a_link_is_not_kept_and_loads_nothing_from_outside(world: World, door: str) -> None:
    address = "reviewer990101@staff.example" if door == "r" else "unit2@units.example"
    path = world.link(address, door)
    is_guarded(world.client(), path, "GET", 200)
    is_guarded(world.client(), path, "HEAD", 200)
    text = world.client().get(path).text
    loaded = re.findall(r'(?:src|href|action)="([^"]*)"', text)
    assert loaded
    assert [one for one in loaded if not one.startswith(("/", "?", "#"))] == []
    assert "<script" not in text.replace("<script nonce=", "")
    assert not re.search(r"\son\w+=", text)
    assert "style=" not in text


def test_a_page_that_broke_says_so_without_saying_what_and_carries_the_headers(world: World) -> None:
    from handlers.app import create_app

    app = create_app(world.home)

    def broken() -> str:
        raise RuntimeError("unit1@units.example 7654321")

    app.add_url_rule("/broken", "broken", broken)
    is_guarded(app.test_client(), "/broken", "GET", 500)
    text = app.test_client().get("/broken").text
    assert "编号" in text
    assert "7654321" not in text


def test_the_language_is_chosen_in_the_address_and_remembered(world: World) -> None:
    client = world.client()
    assert 'lang="zh-CN"' in client.get("/signin").text
    english = client.get("/signin?lang=en")
    assert '<html lang="en">' in english.text
    assert "Sign in" in english.text
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="zh-CN">' in client.get("/?lang=zh").text
    assert '<html lang="zh-CN">' in client.get("/signin?lang=xx").text


def test_every_page_exists_in_english_without_chinese_of_ours(world: World) -> None:
    """Names from the register and the official head of a form stay Chinese; the words of the program do not."""
    client = world.signed_in("office@staff.example")
    client.get("/?lang=en")
    for path in ("/", "/signin", "/office/", "/office/collections", "/office/tables/", "/nowhere", "/mailbox"):
        text = re.sub(r"<[^>]*>", " ", client.get(path).text)
        text = re.sub(r"示例\S*|直报|中文|（[^）]*）", "", text)
        if path != "/mailbox":
            assert not re.search(r"[\u4e00-\u9fff]{4,}", text), (path, re.findall(r"[\u4e00-\u9fff]{4,}", text))


def test_cookies_are_kept_from_scripts_and_from_other_sites(world: World) -> None:
    answer = world.client().get("/signin?lang=en")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert not any("Secure" in cookie for cookie in cookies), "only an https front makes them Secure"


def test_a_review_page_shows_no_other_unit_and_no_target(world: World) -> None:
    text = world.client().get(world.link("reviewer990101@staff.example", "r", "示例企业2号")).text
    assert "示例企业2号" in text
    assert "示例企业1号" not in text
    assert "示例企业3号" not in text


def test_sample_forms_say_so_on_every_page_about_them(world: World) -> None:
    paths = [
        world.link("unit3@units.example", "f"),
        world.link("unit2@units.example", "f"),
        world.link("unit2@units.example", "c"),
        world.link("reviewer990101@staff.example", "r", "示例企业2号"),
    ]
    for path in paths:
        assert '<span class="stamp">示例</span>' in world.client().get(path).text, path
    office = world.signed_in("office@staff.example")
    for path in (f"/office/tables/response_rates/{YEAR}", f"/office/tables/enterprise_totals/{YEAR}"):
        assert "示例" in office.get(path).text, path
