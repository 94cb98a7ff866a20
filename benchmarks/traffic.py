"""What the clients ask of Zhibao, prepared beforehand: pages, saves, submits and decisions on live links."""

import itertools
import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from benchmarks.home import Targets
from benchmarks.load import Client, Job, Session

SESSIONS = 20
MIX = (("form page", 40), ("review page", 20), ("save", 25), ("submit", 10), ("decide", 5))
"""Of 100 requests: 60 pages, 25 saves, 10 submits, 5 decisions."""
_CSRF = re.compile(rb'name="csrf_token" value="([^"]+)"')
_COOKIE = re.compile(rb"(?im)^set-cookie: (zhibao=[^;\r\n]+)")


def get(path: str, session: Session) -> bytes:
    """The bytes of a GET."""
    return b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %b\r\n\r\n" % (path.encode(), session.cookie)


def post(path: str, session: Session, body: bytes) -> bytes:
    """The bytes of a POST of a filled page."""
    return (
        b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %b\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (path.encode(), session.cookie, len(body), body)
    )


def sessions(port: int, targets: Targets) -> tuple[Session, ...]:
    """Browsers that have each opened one page: their cookie and CSRF token."""
    client = Client(port, [Session()])
    found = []
    for path in itertools.islice(itertools.cycle(targets.drafts), SESSIONS):
        answer = client.fetch(Job("session", partial(get, path), 200))
        cookie, csrf = _COOKIE.search(answer), _CSRF.search(answer)
        if cookie is None or csrf is None:
            raise RuntimeError("the form page sets no session cookie or holds no CSRF token")
        found.append(Session(cookie[1], csrf[1]))
    return tuple(found)


class Traffic:
    """Hands out requests so that each finds what it needs: a draft nobody else saves, a return nobody decided on."""

    def __init__(self, targets: Targets) -> None:
        self._bodies = itertools.cycle(targets.bodies)
        self._look = itertools.cycle((*targets.drafts, *targets.untouched[: len(targets.drafts)]))
        self._review = itertools.cycle(targets.waiting[len(targets.waiting) // 2 :])
        self._drafts = deque((path, 1) for path in targets.drafts)
        self._untouched = deque((path, 0) for path in targets.untouched)
        self._waiting = deque(targets.waiting)
        self._makers: dict[str, Callable[[], Job]] = {
            "form page": self.form_page,
            "review page": self.review_page,
            "save": self.save,
            "submit": self.submit,
            "decide": self.decide,
        }

    def mixed(self, seed: int = 1) -> Iterator[Job]:
        """The mix of a busy day, in an order that is the same each time."""
        deck = [kind for kind, share in MIX for _ in range(share)]
        draw = Random(seed)
        while True:
            draw.shuffle(deck)
            yield from (self._makers[kind]() for kind in deck)

    def only(self, kind: str) -> Iterator[Job]:
        """One kind of request, as long as there is something to do."""
        while True:
            try:
                yield self._makers[kind]()
            except IndexError:
                return

    def form_page(self) -> Job:
        """A filler opens his form."""
        path = next(self._look)
        return Job("form page", partial(get, path), 200)

    def review_page(self) -> Job:
        """A reviewer opens a return."""
        path = next(self._review)
        return Job("review page", partial(get, path), 200)

    def save(self) -> Job:
        """A filler saves a full page; the draft comes up again, one version later, when the save is answered."""
        path, version = self._drafts.popleft()
        body = b"action=save&draft_version=%d&%b&csrf_token=" % (version, next(self._bodies))
        return Job(
            "save",
            lambda session: post(path, session, body + session.csrf),
            303,
            lambda: self._drafts.append((path, version + 1)),
        )

    def submit(self) -> Job:
        """A filler who had not begun sends a full page."""
        path, version = self._untouched.popleft()
        body = b"action=submit&draft_version=%d&%b&csrf_token=" % (version, next(self._bodies))
        return Job("submit", lambda session: post(path, session, body + session.csrf), 303)

    def decide(self) -> Job:
        """A county accepts a return."""
        path = self._waiting.popleft()
        body = b"decision=accept&reason_code=&items=&comment=&csrf_token="
        return Job("decide", lambda session: post(path, session, body + session.csrf), 303)
