"""The same application for a function that starts while somebody waits: each door is opened by its first visitor.

A unit's form needs neither the tables nor the province's pages, and loading those takes longer than showing the form.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from handlers.app import DOORS, FRONT_DOOR, begin, furnish, open_door
from handlers.compiled_templates import FOLDER, CompiledTemplates

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from handlers.bootstrap import Zhibao
    from infra.settings import Settings


class LateInstallation:
    """Stands for an installation until something of it is asked for: settings are known, the rest is wired then."""

    def __init__(self, settings: "Settings") -> None:
        self.settings = settings

    @cached_property
    def _wired(self) -> "Zhibao":
        from handlers.bootstrap import wire

        return wire(self.settings)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wired, name)


class LateApp(Flask):
    """Opens its doors one by one, between two requests of a process that answers one at a time."""

    def __init__(self, installation: "Zhibao") -> None:
        super().__init__("handlers")
        self.closed = set(DOORS)
        self.furnished = False
        begin(self, installation)
        self.jinja_env.bytecode_cache = CompiledTemplates(FOLDER)
        self.register_error_handler(HTTPException, self._explain)
        self.register_error_handler(Exception, self._explain)
        self.url_build_error_handlers.append(self._address_of)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Open the doors that this path may lead to, then answer."""
        first = environ.get("PATH_INFO", "").split("/")[1:2]
        for name in [name for name, words in DOORS.items() if words.intersection(first)]:
            self._furnish()
            self._open(name)
        return super().wsgi_app(environ, start_response)

    def _open(self, name: str) -> None:
        if name in self.closed:
            self.closed.discard(name)
            open_door(self, name)

    def _furnish(self) -> None:
        if not self.furnished:
            self.furnished = True
            furnish(self)

    def _explain(self, error: Exception) -> Any:
        """The first thing that goes wrong: fetch the error pages, which replace this handler, and ask again."""
        self._furnish()
        return self.handle_user_exception(error)

    def _address_of(self, error: Exception, endpoint: str, values: dict[str, Any]) -> str:
        """A page links to a door that is still closed."""
        if endpoint in FRONT_DOOR:
            return request.script_root + FRONT_DOOR[endpoint]
        name = endpoint.partition(".")[0]
        if name not in self.closed:
            raise error
        self._open(name)
        return self.url_for(endpoint, **values)

    def _check_setup_finished(self, f_name: str) -> None:
        """Flask's guard against other threads that might miss what is added late; a function has none."""
