"""What a program is told when something goes wrong: problem documents of RFC 9457, each type stable and described.

`title` and `detail` are Chinese, `title_en` and `detail_en` English; `errors` point into what was sent (RFC 6901).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any, Final

from flask import Response, json

from handlers.language import in_language
from handlers.refusals import refusal_text
from workflows.machine.refusals import Refusal, RefusalCode

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "urn:zhibao:problem:"
REFUSED: Final = "refused:"
"""What the type of a refusal of the review machine begins with; its code follows."""


@unique
class Problem(Enum):
    """The problems of the interface itself: type, status, and what happened in both languages."""

    code: str
    status: int
    zh: str
    en: str

    def __init__(self, code: str, status: int, zh: str, en: str) -> None:
        self.code = code
        self.status = status
        self.zh = zh
        self.en = en

    MALFORMED = ("malformed", 400, "请求读不懂", "The request cannot be read")
    NO_TOKEN = ("no-token", 401, "没有有效的令牌", "No valid token")
    NOT_ALLOWED = ("not-allowed", 403, "这个令牌不能这样做", "This token may not do this")
    NOT_FOUND = ("not-found", 404, "没有这样东西", "There is no such thing")
    METHOD = ("method-not-allowed", 405, "这个地址不接受这种请求", "This address does not take this method")
    REFUSED_NOW = ("refused", 409, "现在不能这样做", "This cannot be done now")
    DRAFT_CHANGED = ("draft-changed", 412, "草稿已在别处保存过", "The draft was saved elsewhere meanwhile")
    TOO_LARGE = ("too-large", 413, "提交的内容太大", "The body is too large")
    NOT_JSON = ("not-json", 415, "请求体应为 JSON", "The body must be JSON")
    UNFIT = ("unfit", 422, "内容与这份报表不符", "The content does not fit the form")
    NOT_READY = ("not-ready", 422, "还不能报送", "Not ready to be sent")
    KEY_REUSED = ("key-reused", 422, "这个幂等键已用于另一个请求", "This idempotency key stands for another request")
    NO_KEY = ("no-key", 400, "缺少幂等键", "No idempotency key")
    NO_VERSION = ("no-version", 428, "没有说明草稿的版本", "The version of the draft is not named")
    TOO_MANY = ("too-many-requests", 429, "请求太频繁", "Too many requests")
    UNEXPECTED = ("unexpected", 500, "系统出了问题", "Something went wrong here")

    @property
    def type(self) -> str:
        """The type URI."""
        return PREFIX + self.code


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was sent, and where (a JSON Pointer into the body; blank for none)."""

    pointer: str
    code: str
    zh: str
    en: str

    def as_data(self) -> dict[str, str]:
        """As it stands in `errors`."""
        return {"pointer": self.pointer, "code": self.code, "detail": self.zh, "detail_en": self.en}


class ProblemFound(Exception):
    """Ends a request of a program with a problem; caught where the door was opened."""

    def __init__(
        self,
        problem: Problem,
        zh: str = "",
        en: str = "",
        *,
        code: str = "",
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        reference: str = "",
    ) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.zh = zh or problem.zh
        self.en = en or problem.en
        self.code = code or problem.code
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.reference = reference


def refused(refusal: Refusal) -> ProblemFound:
    """A refusal of the review machine: its own type each, `urn:zhibao:problem:refused:<code>`."""
    with in_language("zh"):
        zh = refusal_text(refusal)
    with in_language("en"):
        en = refusal_text(refusal)
    return ProblemFound(Problem.REFUSED_NOW, zh, en, code=REFUSED + refusal.code.value)


def answer(found: ProblemFound) -> Response:
    """The problem document."""
    body: dict[str, Any] = {
        "type": PREFIX + found.code,
        "title": found.problem.zh,
        "title_en": found.problem.en,
        "status": found.problem.status,
        "detail": found.zh,
        "detail_en": found.en,
    }
    if found.reference:
        body["reference"] = found.reference
    if found.faults:
        body["errors"] = [fault.as_data() for fault in found.faults]
    response = Response(json.dumps(body), found.problem.status, mimetype=MEDIA_TYPE)
    response.headers.extend(found.headers)
    return response


def type_names() -> list[str]:
    """Every type there is."""
    return [problem.type for problem in Problem] + [f"{PREFIX}{REFUSED}{code.value}" for code in RefusalCode]


def types() -> dict[str, tuple[int, str, str]]:
    """The status of every type, and its words in both languages."""
    own = {problem.type: (problem.status, problem.zh, problem.en) for problem in Problem}
    said = {code: refused(Refusal(code)) for code in RefusalCode}
    return own | {PREFIX + found.code: (409, found.zh, found.en) for found in said.values()}


def of_status(status: int) -> Problem:
    """The problem that says a status where nothing more is known."""
    return next((problem for problem in Problem if problem.status == status), Problem.MALFORMED)
