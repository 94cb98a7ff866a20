"""Windows of one Chromium, watched: a console error or a request to another host fails the journey."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.looks import Look

ANSWERS = ("403", "404", "409", "410", "422")
"""Statuses under which a page of ours tells its reader something; Chromium notes them as console errors."""


@dataclass(frozen=True, slots=True)
class Window:
    """One page of one person's browser."""

    page: Page
    look: Look
    base: str

    def go(self, address: str) -> None:
        """Open an address, or a path of the town."""
        self.page.goto(address if address.startswith("http") else self.base + address)

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide


@dataclass(slots=True)
class Windows:
    """All windows of one test, each with cookies of its own."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, base: str, look: Look) -> Window:
        """A window of somebody new, in the language of the look."""
        context = self.browser.new_context(
            viewport={"width": look.width, "height": look.height}, java_script_enabled=look.scripts, locale="zh-CN"
        )
        context.set_default_timeout(90_000)
        context.add_cookies([{"name": "lang", "value": look.language, "url": base}])
        self.contexts.append(context)

        def heard(message: ConsoleMessage) -> None:  # Playwright cannot keep its wrapper on a slotted object
            self._heard(message)

        context.on("console", heard)
        context.on("request", lambda request: self._asked(request, base))
        return Window(context.new_page(), look, base)

    def close(self) -> None:
        """Close all; the test fails if anything was complained about."""
        for context in self.contexts:
            context.close()
        assert self.complaints == []

    def _heard(self, message: ConsoleMessage) -> None:
        status = message.text.partition("status of ")[2][:3]
        expected = status in ANSWERS and "/static/" not in message.location["url"]
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _asked(self, request: Request, base: str) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(base).netloc:
            self.complaints.append(f"asked another host: {request.url}")
