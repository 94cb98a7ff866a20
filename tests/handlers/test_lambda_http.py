"""The fronts on AWS, as the application sees them: the same request, whichever front it came through."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

from handlers.lambda_http import MOST_ANSWER_BYTES, AnswerTooLarge, front_of, serve
from tests.handlers.lambda_events import balancer, http_api, rest_api

MakeEvent = Callable[..., dict[str, Any]]
FRONTS = {
    "HTTP API": http_api,
    "REST API": rest_api,
    "balancer": balancer,
    "balancer, single": lambda *a, **k: balancer(*a, **k, lists=False),
}


@pytest.fixture(params=FRONTS)
def event_of(request: pytest.FixtureRequest) -> MakeEvent:
    """One front's way of sending a request."""
    return FRONTS[request.param]


@pytest.fixture(scope="module")
def echo() -> Flask:
    """An application that says what it was asked."""
    app = Flask("echo")

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def say(path: str) -> Response:
        return jsonify(
            method=request.method,
            path=path,
            url=request.base_url,
            query=request.args.to_dict(flat=False),
            cookies=request.cookies,
            form=request.form.to_dict(),
            address=request.remote_addr,
            length=request.content_length,
        )

    @app.get("/cookies")
    def cookies() -> Response:
        answer = Response("gesetzt 已设")
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer

    @app.get("/bytes/<int:count>")
    def some(count: int) -> Response:
        return Response(b"\xff" * count, mimetype="application/octet-stream")

    @app.get("/text/<int:count>")
    def text(count: int) -> Response:
        return Response("统" * count)

    @app.get("/late-failure")
    def fails() -> Response:
        def chunks() -> Any:
            yield b"begun"
            raise TypeError("in the middle")

        return Response(chunks())

    return app


def answer_to(app: Flask, event: dict[str, Any]) -> dict[str, Any]:
    front = front_of(event)
    assert front is not None
    answer = serve(app, event, front)
    assert json.loads(json.dumps(answer)) == answer, "Lambda passes on JSON alone"
    return answer


def body_of(answer: dict[str, Any]) -> bytes:
    return base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()


def said(app: Flask, event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body_of(answer_to(app, event)))
    return found


def test_a_page_is_asked_for_in_the_same_way_through_every_front(echo: Flask, event_of: MakeEvent) -> None:
    heard = said(echo, event_of("/f/token.x-y_z", query="lang=en&region=99%2001"))
    assert (heard["method"], heard["path"]) == ("GET", "f/token.x-y_z")
    assert heard["query"] == {"lang": ["en"], "region": ["99 01"]}
    assert heard["address"] == "192.0.2.7"
    assert heard["url"].startswith("https://zhibao.example")


def test_a_form_is_sent_in_the_same_way_through_every_front(echo: Flask, event_of: MakeEvent) -> None:
    body = b"papers=7&comment=%E5%B7%B2%E6%A0%B8"
    headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", "zhibao=s1"), ("cookie", "l=zh")]
    if event_of is FRONTS["balancer, single"]:
        headers[-2:] = [("cookie", "zhibao=s1; l=zh")]
    heard = said(echo, event_of("/f/t", method="POST", body=body, headers=headers))
    assert heard["form"] == {"papers": "7", "comment": "已核"}
    assert heard["length"] == len(body)
    assert heard["cookies"]["zhibao"].startswith("s1")


def test_cookies_sent_one_by_one_are_all_heard(echo: Flask) -> None:
    heard = said(echo, http_api("/x", headers=[("cookie", "a=1"), ("cookie", "b=2")]))
    assert heard["cookies"] == {"a": "1", "b": "2"}


def test_a_path_in_chinese_arrives_whole(echo: Flask, event_of: MakeEvent) -> None:
    assert said(echo, event_of("/%E8%A1%A8"))["path"] == "表"


def test_a_query_may_repeat_a_name(echo: Flask) -> None:
    for event in (http_api("/x", query="a=1&a=2"), rest_api("/x", query="a=1&a=2"), balancer("/x", query="a=1&a=2")):
        assert said(echo, event)["query"] == {"a": ["1", "2"]}


@pytest.mark.parametrize(
    ("event", "url"),
    [
        (http_api("/x", stage="beta"), "https://zhibao.example/beta/x"),
        (http_api("/", stage="beta"), "https://zhibao.example/beta/"),
        (http_api("/x"), "https://zhibao.example/x"),
        (http_api("/betamax", stage="$default"), "https://zhibao.example/betamax"),
        (rest_api("/x", stage="prod"), "https://zhibao.example/prod/x"),
        (rest_api("/", stage="prod"), "https://zhibao.example/prod/"),
    ],
)
def test_links_keep_the_stage_of_the_api(echo: Flask, event: dict[str, Any], url: str) -> None:
    assert said(echo, event)["url"] == url


def test_both_cookies_of_an_answer_are_set(echo: Flask) -> None:
    new, old, lists = (answer_to(echo, make("/cookies")) for make in (http_api, rest_api, balancer))
    assert [cookie.partition(";")[0] for cookie in new["cookies"]] == ["a=1", "b=2"]
    assert "set-cookie" not in {name.lower() for name in new["headers"]}
    assert len(old["multiValueHeaders"]["Set-Cookie"]) == len(lists["multiValueHeaders"]["Set-Cookie"]) == 2
    assert lists["statusDescription"] == "200 OK"


def test_a_balancer_is_answered_in_the_way_it_asked(echo: Flask) -> None:
    single = answer_to(echo, balancer("/x", lists=False))
    assert "multiValueHeaders" not in single
    assert single["headers"]["Content-Type"] == "application/json"


def test_text_goes_as_text_and_bytes_as_bytes(echo: Flask, event_of: MakeEvent) -> None:
    text, data = answer_to(echo, event_of("/cookies")), answer_to(echo, event_of("/bytes/3"))
    assert (text["body"], text["isBase64Encoded"]) == ("gesetzt 已设", False)
    assert (body_of(data), data["isBase64Encoded"]) == (b"\xff\xff\xff", True)


@pytest.mark.parametrize("path", ["/bytes/4500001", "/text/2000001"])
def test_an_answer_that_lambda_would_not_pass_on_is_an_error_of_ours(echo: Flask, path: str) -> None:
    with pytest.raises(AnswerTooLarge):
        answer_to(echo, http_api(path))
    assert len(answer_to(echo, http_api("/bytes/4400000"))["body"]) < MOST_ANSWER_BYTES


def test_what_fails_while_it_is_written_fails_whole(echo: Flask, event_of: MakeEvent) -> None:
    with pytest.raises(TypeError, match="in the middle"):
        answer_to(echo, event_of("/late-failure"))


@pytest.mark.parametrize("event", [{}, {"httpMethod": "GET"}, {"version": "2.0"}, {"requestContext": None}])
def test_what_is_no_request_has_no_front(event: dict[str, Any]) -> None:
    assert front_of(event) is None
