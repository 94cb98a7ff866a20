"""What a handler reaches for: the installation it serves, the services of the use cases, the link it was opened by."""

from typing import TYPE_CHECKING

from flask import Response, current_app, request

from workflows.links import AnyLink
from workflows.services import Services
from workflows.submissions import Trace

if TYPE_CHECKING:
    from handlers.bootstrap import Zhibao


def zhibao() -> "Zhibao":
    """The installation this application serves."""
    installation: Zhibao = current_app.extensions["zhibao"]
    return installation


def services() -> Services:
    """The services of the use cases."""
    return zhibao().services


def read_link(kind: type[AnyLink], token: str) -> AnyLink:
    """The link a page was opened by. Raises `LinkInvalid`, `LinkExpired`."""
    return services().links.read(kind, token)


def download(data: bytes, name: str) -> Response:
    """A JSON file to keep; `name` is ours, never a visitor's."""
    answer = Response(data, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def trace(action: str) -> Trace:
    """Where this request comes from; kept apart from the figures."""
    return Trace(
        action=action,
        channel="web",
        address=(request.remote_addr or "")[:64],
        device=request.headers.get("User-Agent", "")[:300],
    )
