"""A served home whose enterprises file 107-1 and 107-2: for what happens in one browser, with nobody else's mail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from werkzeug.serving import make_server

from tests.handlers.rows import FORM, open_projects, page_path, submission
from tests.handlers.world import World
from workflows.submissions import Draft, Submission

UNITS = 160


@dataclass(slots=True)
class Projects:
    """The home, its address, and the enterprises that no test has taken yet."""

    world: World
    base: str
    _next: Iterator[int] = field(default_factory=lambda: iter(range(1, UNITS + 1)))

    def newcomer(self) -> int:
        """An enterprise for one test alone."""
        return next(self._next)

    def starred(self) -> int:
        """One with a star."""
        return next(unit for unit in self._next if unit % 2)

    def path(self, unit: int, form: str = FORM) -> str:
        """The path of its page."""
        return page_path(self.world, unit, form)

    def draft(self, unit: int, form: str = FORM) -> Draft | None:
        """What the server has of it."""
        return self.world.home.store.draft(submission(self.world, unit, form).id)

    def submission(self, unit: int, form: str = FORM) -> Submission:
        """How it stands."""
        return submission(self.world, unit, form)


@contextmanager
def served_projects(folder: Path) -> Iterator[Projects]:
    """The home behind a server of its own, in a thread of this process."""
    world = open_projects(folder, UNITS)
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Projects(world, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        world.home.close()
