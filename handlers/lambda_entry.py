"""The one function behind a front on AWS: pages and API, the sweep, and what SES tells of letters. Nothing else.

The name the runtime asks for is `handlers.lambda_entry.handler`. It is made when it is first asked for, which is while
the function starts: a wrong setting ends the start, and importing this module does no I/O.
"""

import gc
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from handlers.lambda_http import front_of, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from handlers.bootstrap import Zhibao

Event = Mapping[str, Any]


class UnknownEvent(ValueError):
    """An event this function is not for. The invocation fails, so that whoever sent it sees it in the alarms."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is done with each kind of event. Whatever is raised is raised once: nothing is run a second time here."""

    installation: "Zhibao"
    application: "WSGIApplication"

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """Answer one event. Raises `UnknownEvent`, and whatever the work raises."""
        from handlers.lambda_logging import named

        with named(context):
            front = front_of(event)
            if front is not None:
                answer = serve(self.application, event, front)
                gc.enable()
                return answer
            return self._background(event)(event, context)

    def _background(self, event: Event) -> Callable[[Event, Any], dict[str, Any]]:
        from handlers import lambda_sweep
        from infra.ses_feedback import is_feedback

        if lambda_sweep.is_sweep(event):
            return lambda _event, context: lambda_sweep.sweep(self.installation, context)
        if is_feedback(event):
            return lambda feedback, _context: lambda_sweep.note_feedback(self.installation, feedback)
        raise UnknownEvent(describe(event))


def describe(event: object) -> str:
    """An event by its outline alone: its values may name people."""
    names = ", ".join(sorted(map(str, event))[:20]) if isinstance(event, Mapping) else type(event).__name__
    return f"no such event is known here; it holds: {names}"[:300]


def __getattr__(name: str) -> Entry:
    """`handler` is made when first asked for. Raises `SettingsError`."""
    if name != "handler":
        raise AttributeError(name)
    from handlers.lambda_logging import log_as_json
    from handlers.late_app import LateApp, LateInstallation
    from infra.parameters import with_parameters
    from infra.settings import read_settings, require_keys

    gc.disable()  # nothing that a start makes is garbage yet; the first answer lets it be collected again
    log_as_json()
    settings = read_settings(with_parameters(os.environ))
    require_keys(settings)
    installation = cast("Zhibao", LateInstallation(settings))
    entry = globals()["handler"] = Entry(installation, LateApp(installation))
    return entry
