"""Events as each front on AWS sends them, made by a test from one request."""

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

Pairs = Sequence[tuple[str, str]]
HOST = "zhibao.example"


def http_api(
    path: str, *, method: str = "GET", query: str = "", headers: Pairs = (), body: bytes = b"", stage: str = "$default"
) -> dict[str, Any]:
    """API Gateway, HTTP API, payload format 2.0."""
    cookies = [value for name, value in headers if name == "cookie"]
    plain = {name: value for name, value in headers if name != "cookie"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path if stage == "$default" else f"/{stage}{path}",
        "rawQueryString": query,
        "headers": {"host": HOST, "x-forwarded-proto": "https", **plain},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.7"}, "stage": stage},
        **_encoded(body),
    }
    return {**event, "cookies": cookies} if cookies else event


def rest_api(
    path: str, *, method: str = "GET", query: str = "", headers: Pairs = (), body: bytes = b"", stage: str = "prod"
) -> dict[str, Any]:
    """API Gateway, REST API, payload format 1.0."""
    pairs = [("Host", HOST), ("X-Forwarded-Proto", "https"), *headers]
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": dict(pairs),
        "multiValueHeaders": _lists(pairs),
        "queryStringParameters": dict(parse_qsl(query)) or None,
        "multiValueQueryStringParameters": _lists(parse_qsl(query)) or None,
        "requestContext": {"requestId": "r", "path": f"/{stage}{path}", "identity": {"sourceIp": "192.0.2.7"}},
        **_encoded(body),
    }


def balancer(
    path: str, *, method: str = "GET", query: str = "", headers: Pairs = (), body: bytes = b"", lists: bool = True
) -> dict[str, Any]:
    """Application load balancer; `lists` is the target group's setting for repeated headers."""
    pairs = [("host", HOST), ("x-forwarded-proto", "https"), ("x-forwarded-for", "9.9.9.9, 192.0.2.7"), *headers]
    split = [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]
    several = {"multiValueHeaders": _lists(pairs), "multiValueQueryStringParameters": _lists(split)}
    single = {"headers": dict(pairs), "queryStringParameters": dict(split)}
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:example"}},
        "httpMethod": method,
        "path": path,
        **(several if lists else single),
        **_encoded(body),
    }


def _encoded(body: bytes) -> dict[str, Any]:
    return {"body": base64.b64encode(body).decode() if body else None, "isBase64Encoded": bool(body)}


def _lists(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
