"""The local mailbox of a demo home, on a loopback address only: it shows live links to whoever sits at the machine."""

from flask import Blueprint, abort, render_template, request

from handlers.context import zhibao

door = Blueprint("mailbox", __name__)
SHOWN = 100


@door.get("/mailbox")
def show() -> str:
    """The newest letters, optionally to one address."""
    if request.remote_addr not in {"127.0.0.1", "::1"}:
        abort(404)
    to = request.args.get("to", "")[:254]
    letters = list(zhibao().mailbox(SHOWN, to))
    return render_template("mailbox.html", letters=letters, to=to, shown=SHOWN)
