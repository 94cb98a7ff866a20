"""Who comes by token: the guard of every route of `/api/v1` that is not public."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, g, request
from werkzeug.wrappers import Response as BaseResponse

from handlers.context import services
from handlers.problems import Problem, ProblemFound
from workflows.ports import ApiToken
from workflows.tokens import read_token

Parameters = ParamSpec("Parameters")
Answer = Response | BaseResponse | tuple[Response, int]


def by_token(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Only with a live token in `Authorization: Bearer`."""

    @wraps(view)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        token = read_token(services(), secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise ProblemFound(
                Problem.NO_TOKEN,
                "请带上 Authorization: Bearer <令牌>；令牌可能已到期或被收回，请联系省级统计机构。",
                "Send Authorization: Bearer <token>. It may have expired or been revoked: ask the provincial office.",
                headers={"WWW-Authenticate": 'Bearer realm="zhibao"'},
            )
        g.api_token = token
        return view(*args, **kwargs)

    return guarded


def token_here() -> ApiToken:
    """The token of this request."""
    token: ApiToken = g.api_token
    return token
