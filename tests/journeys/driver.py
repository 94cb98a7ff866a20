"""A stranger at the door: plain HTTP, forms, mail and the command line, from the standard library alone.

It knows what the public interface promises and imports nothing of the product, so that it breaks when a promise does.
"""

import csv
import http.client
import io
import mailbox
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.journeys.pages import Page, read_page

ZHIBAO = Path(sys.executable).with_name("zhibao")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SIGN_OFF = {"unit_head": "赵一", "statistician": "钱二", "filler": "孙三", "phone": "000-0000"}


def credit_code(serial: int) -> str:
    """A synthetic credit code (GB 32100-2015): weights are the powers of 3 modulo 31."""
    stem = f"91999999{serial:09d}"
    total = sum(_ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(stem))
    return stem + _ALPHABET[-total % 31]


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as a CSV file, the header from the first."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        """The driver looks at each answer before it goes on."""


class Browser:
    """One person's browser: keeps cookies, follows nothing unasked."""

    def __init__(self, agent: str = "driver") -> None:
        self._headers = {"User-Agent": agent}
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()), _NoRedirect()
        )

    def open(
        self, url: str, fields: Mapping[str, str] | Sequence[tuple[str, str]] | None = None, method: str = ""
    ) -> Page:
        """GET, or POST of fields; any status is an answer."""
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        scheme, _, address = url.partition("://")
        assert scheme == "http", url
        method = method or ("GET" if data is None else "POST")
        request = urllib.request.Request(f"http://{address}", data, self._headers, method=method)
        try:
            answer = self._opener.open(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return read_page(url, answer.status, headers, answer.read())

    def send(self, page: Page, form_id: str, values: Mapping[str, str]) -> Page:
        """Fill a form of the page and send it; a name the form does not have is a mistake of the test."""
        form = page.forms[form_id]
        buttons = {name for name, _ in form.buttons}
        unknown = values.keys() - form.names - buttons
        assert not unknown, f"the form has no {sorted(unknown)}"
        assert form.method == "post"
        return self.open(form.action, {**form.fields, **values})


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter of the Maildir."""

    id: str
    to: str
    subject: str
    text: str

    def link(self, door: str) -> str:
        """The link through a door (f, r, c, i, s): it stands once, on a line of its own."""
        found = [line for line in self.text.splitlines() if f"/{door}/" in line]
        assert len(found) == 1, self.text
        [line] = found
        assert line.startswith("http")
        assert line.split() == [line]
        return line

    def opens(self, door: str) -> bool:
        """Whether it carries a link through that door."""
        return any(line.startswith("http") and f"/{door}/" in line for line in self.text.splitlines())


def read_mail(data: bytes) -> tuple[datetime, Mail]:
    """When a letter was written, and what it says."""
    parsed = BytesParser(EmailMessage, policy=default).parsebytes(data)
    part = parsed.get_body(("plain",))
    assert part is not None
    to = parsed["To"].addresses[0].addr_spec
    return parsed["Date"].datetime, Mail(parsed["Message-ID"], to, parsed["Subject"], part.get_content())


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Home:
    """One installation in a folder of its own, worked through the command line and a server process."""

    folder: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None
    letters: dict[str, tuple[datetime, Mail]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The address of its server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def root(self) -> Path:
        """What ZHIBAO_HOME names."""
        return self.folder / "home"

    @property
    def log(self) -> Path:
        """What the server wrote to its standard error."""
        return self.folder / "server.log"

    def environment(self) -> dict[str, str]:
        """The process environment: the machine's own, and nothing of Zhibao but what is set here."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ZHIBAO_")}
        own = {"ZHIBAO_HOME": str(self.root), "ZHIBAO_BASE_URL": self.base, "ZHIBAO_REVIEW_CONFIRM": "link"}
        return {**clean, "PYTHONUNBUFFERED": "1", **own, **self.settings}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """One command, whatever its exit status."""
        command = [str(ZHIBAO), *arguments]
        return subprocess.run(command, env=self.environment(), cwd=self.folder, capture_output=True, check=False)

    def zhibao(self, *arguments: str) -> str:
        """One command that must succeed; its standard output."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stderr.decode()}"
        return done.stdout.decode()

    def write(self, name: str, text: str) -> str:
        """A file beside the home."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def load(self, regions: str, units: str, staff: str) -> None:
        """A fresh home with this register."""
        self.zhibao("init")
        for kind, text in (("regions", regions), ("units", units), ("staff", staff)):
            self.zhibao("import", kind, self.write(f"{kind}.csv", text))

    def start(self) -> None:
        """Start the server and wait until it is healthy."""
        with self.log.open("ab") as log:
            command = [str(ZHIBAO), "serve", "--port", str(self.port)]
            self.server = subprocess.Popen(command, env=self.environment(), cwd=self.folder, stdout=log, stderr=log)
        end = time.monotonic() + 120
        while not self._healthy():
            assert self.server.poll() is None, self.log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < end, "the server did not become healthy"
            time.sleep(0.03)

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End the server with a signal; its exit status. A server that outlives 10 s fails the test."""
        assert self.server is not None
        self.server.send_signal(number)
        try:
            return self.server.wait(timeout=10)
        finally:
            if self.server.poll() is None:
                self.server.kill()
                self.server.wait()
            self.server = None

    def mails(self) -> list[Mail]:
        """All letters of the standard Maildir in order of arrival; one read before is not read again."""
        if (self.root / "mail").exists():
            box = mailbox.Maildir(self.root / "mail", factory=None, create=False)
            for key in box.iterkeys():
                if key not in self.letters:
                    self.letters[key] = read_mail(box.get_bytes(key))
        return [letter for _, letter in sorted(self.letters.values(), key=lambda pair: pair[0])]

    def mail_to(self, address: str, door: str) -> Mail:
        """The latest letter to an address that has a link through a door."""
        return [mail for mail in self.mails() if mail.to == address and mail.opens(door)][-1]
