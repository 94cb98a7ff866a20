"""The real application over a home, in a thread of the test and without the sweep: only requests can change it."""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from handlers.app import create_app
from handlers.bootstrap import wire
from infra.settings import read_settings
from tests.journeys.driver import Home
from tests.journeys.grounds import in_the_cloud


class _Quiet(WSGIRequestHandler):
    def log(self, *_args: object) -> None:
        """No access log."""


@contextmanager
def served_without_sweep(home: Home) -> Iterator[None]:
    """Answer on the home's port until the block ends."""
    installation = wire(read_settings(home.environment()))
    app = create_app(installation)
    server = make_server("127.0.0.1", home.port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="served")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        installation.close()


def at_rest(home: Home) -> dict[str, str]:
    """Everything, once the running server's sweep has kept all its promises."""
    end = time.monotonic() + 120
    on_aws = in_the_cloud(home)
    while on_aws.pending() if on_aws else pending(home.root):
        assert time.monotonic() < end, "the sweep does not come to rest"
        time.sleep(0.05)
    return {**on_aws.everything(), **letters(home.root)} if on_aws else everything(home.root)


def pending(root: Path) -> int:
    """How many promised letters and facts are still to come."""
    with closing(sqlite3.connect(f"file:{root / 'zhibao.sqlite3'}?mode=ro", uri=True)) as database:
        count: int = database.execute("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetchone()[0]
    return count


def everything(root: Path) -> dict[str, str]:
    """Every row of every table as SQL text, and the hash of every object and every letter."""
    with closing(sqlite3.connect(f"file:{root / 'zhibao.sqlite3'}?mode=ro", uri=True)) as database:
        found = {f"sql {number}": line for number, line in enumerate(database.iterdump())}
    return found | letters(root)


def letters(root: Path) -> dict[str, str]:
    """The hash of every object and every letter in the home's own folder."""
    paths = [path for folder in ("objects", "mail") for path in (root / folder).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
