"""The application as a WSGI object, for a front that wants a module-level name.

On AWS the store and objects it needs do not exist yet (see README, "Not verified"): there it stops at start and says
so, because `ZHIBAO_STORE` has no value that could work in a function without a disk.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def __getattr__(name: str) -> "Flask":
    """`app` is made when first asked for: importing this module does no I/O."""
    if name != "app":
        raise AttributeError(name)
    from handlers.app import create_app
    from handlers.bootstrap import settings_from_environment, wire

    application = globals()["app"] = create_app(wire(settings_from_environment()))
    return application
