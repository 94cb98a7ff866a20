"""What a front on AWS sends and expects, as WSGI: HTTP API (format 2.0), REST API (1.0), application load balancer.

Only the translation; what an event means is decided in `handlers.lambda_entry`.
"""

import base64
import io
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlencode

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Event = Mapping[str, Any]
Pairs = Sequence[tuple[str, str]]

MOST_ANSWER_BYTES = 6_000_000
"""A synchronous answer of Lambda ends at 6 MB; larger tables go by a presigned link (`handlers.tables`)."""
_TEXT = ("text/", "application/json", "image/svg+xml")


class AnswerTooLarge(RuntimeError):
    """An answer that Lambda would refuse to pass on; the text says how long it is."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whatever front it came through."""

    method: str
    script: str
    """What stands before the application's own path: the stage of an API, or nothing."""
    path: str
    """Percent-encoded."""
    query: str
    headers: Pairs
    address: str
    """Who asked, as the front saw it."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application said."""

    status: int
    headers: Pairs
    body: bytes


@dataclass(frozen=True, slots=True)
class Front:
    """One kind of front: how to know, read and answer it."""

    sent: Callable[[Event], bool]
    read: Callable[[Event], Request]
    write: Callable[[Event, Answer], dict[str, Any]]


def front_of(event: Event) -> Front | None:
    """The front an event came through; None when it is no request."""
    return next((front for front in FRONTS if front.sent(event)), None)


def serve(application: "WSGIApplication", event: Event, front: Front) -> dict[str, Any]:
    """The application's answer to one request, as its front wants it. Raises `AnswerTooLarge`."""
    answer = front.write(event, ask(application, front.read(event)))
    size = len(answer["body"].encode())
    if size > MOST_ANSWER_BYTES:
        raise AnswerTooLarge(f"an answer of {size} bytes")
    return answer


def ask(application: "WSGIApplication", request: Request) -> Answer:
    """Call the application once."""
    begun: list[tuple[str, Pairs]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: Pairs, _exc_info: object = None) -> Callable[[bytes], object]:
        begun.append((status, headers))
        return written.append

    chunks: Iterable[bytes] = application(_environ(request), start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = begun[-1]
    return Answer(int(status[:3]), headers, b"".join(written) + body)


def _environ(request: Request) -> "WSGIEnvironment":
    headers: dict[str, str] = {}
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": request.script,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": headers.get("HTTP_HOST", "lambda"),
        "SERVER_PORT": headers.get("HTTP_X_FORWARDED_PORT", "443"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": headers.get("HTTP_X_FORWARDED_PROTO", "https"),
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _body(event: Event) -> bytes:
    text = event.get("body") or ""
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


def _content(answer: Answer) -> dict[str, Any]:
    """Status and body: text as it is, all else in base64."""
    names = {name.lower(): value for name, value in answer.headers}
    readable = names.get("content-type", "").startswith(_TEXT) and "content-encoding" not in names
    body = answer.body.decode() if readable else base64.b64encode(answer.body).decode()
    return {"statusCode": answer.status, "body": body, "isBase64Encoded": not readable}


def _every(event: Event, several: str, one: str) -> Pairs:
    """Pairs of a mapping to lists, or, where there is none, of one to single values."""
    if event.get(several) is not None:
        return [(name, value) for name, values in event[several].items() for value in values or ()]
    return [(name, value) for name, value in (event.get(one) or {}).items()]


def _lists(headers: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


# HTTP API, format 2.0


def _read_http_api(event: Event) -> Request:
    context, headers = event["requestContext"], list((event.get("headers") or {}).items())
    if event.get("cookies"):
        headers = [pair for pair in headers if pair[0].lower() != "cookie"]
        headers.append(("cookie", "; ".join(event["cookies"])))
    stage, path = f"/{context.get('stage', '$default')}", event["rawPath"]
    script = stage if path == stage or path.startswith(f"{stage}/") else ""
    return Request(
        method=context["http"]["method"],
        script=script,
        path=path.removeprefix(script) or "/",
        query=event.get("rawQueryString") or "",
        headers=headers,
        address=context["http"].get("sourceIp", ""),
        body=_body(event),
    )


def _write_http_api(_event: Event, answer: Answer) -> dict[str, Any]:
    cookies = [value for name, value in answer.headers if name.lower() == "set-cookie"]
    headers = _lists([pair for pair in answer.headers if pair[0].lower() != "set-cookie"])
    joined = {name: ", ".join(values) for name, values in headers.items()}
    return {**_content(answer), "headers": joined, "cookies": cookies}


# REST API, format 1.0


def _read_rest_api(event: Event) -> Request:
    context, path = event["requestContext"], event["path"]
    script = (context.get("path") or path).rstrip("/").removesuffix(path.rstrip("/"))
    return Request(
        method=event["httpMethod"],
        script=script,
        path=path,
        query=urlencode(_every(event, "multiValueQueryStringParameters", "queryStringParameters")),
        headers=_every(event, "multiValueHeaders", "headers"),
        address=(context.get("identity") or {}).get("sourceIp") or "",
        body=_body(event),
    )


def _write_rest_api(_event: Event, answer: Answer) -> dict[str, Any]:
    return {**_content(answer), "multiValueHeaders": _lists(answer.headers)}


# Application load balancer


def _read_balancer(event: Event) -> Request:
    """Its query arrives as it was written, percent-encoded; the last forwarded address is the one it saw itself."""
    headers = _every(event, "multiValueHeaders", "headers")
    forwarded = [value for name, value in headers if name.lower() == "x-forwarded-for"]
    query = _every(event, "multiValueQueryStringParameters", "queryStringParameters")
    return Request(
        method=event["httpMethod"],
        script="",
        path=event["path"],
        query="&".join(f"{name}={value}" if value else name for name, value in query),
        headers=headers,
        address=forwarded[-1].rpartition(",")[2].strip() if forwarded else "",
        body=_body(event),
    )


def _write_balancer(event: Event, answer: Answer) -> dict[str, Any]:
    """It answers in lists only where it asked in lists; else a repeated header keeps its last value."""
    content = {**_content(answer), "statusDescription": f"{answer.status} {HTTPStatus(answer.status).phrase}"}
    if event.get("multiValueHeaders") is not None:
        return {**content, "multiValueHeaders": _lists(answer.headers)}
    return {**content, "headers": dict(answer.headers)}


def _is_http_api(event: Event) -> bool:
    return event.get("version") == "2.0" and "http" in (event.get("requestContext") or {})


def _is_balancer(event: Event) -> bool:
    return "httpMethod" in event and "elb" in (event.get("requestContext") or {})


def _is_rest_api(event: Event) -> bool:
    return "httpMethod" in event and "requestId" in (event.get("requestContext") or {})


FRONTS = (
    Front(_is_http_api, _read_http_api, _write_http_api),
    Front(_is_balancer, _read_balancer, _write_balancer),
    Front(_is_rest_api, _read_rest_api, _write_rest_api),
)
