"""Takes the pictures in docs/screenshots from the example years: every page, phone and desk, in both languages.

Run as `python -m docs.take_screenshots` from the root of the project. Needs Chromium and about two minutes.
"""

import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from handlers.app import create_app
from handlers.bootstrap import settings_from_environment, wire
from handlers.demo.enterprise_years import CLOSED_YEAR, OPEN_YEAR
from handlers.demo.leads import Leads, leads
from handlers.demo.office_years import office_years
from handlers.demo.story import run_demo

FOLDER = Path(__file__).parent / "screenshots"
LANGUAGES = ("zh", "en")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Width:
    """A window: CSS pixels, the height at which a long page is cut, and picture pixels for each CSS pixel."""

    name: str
    pixels: int
    cut_at: int
    scale: float


WIDTHS = (Width("phone", 390, 940, 1.0), Width("desk", 1280, 1200, 0.66))
Visit = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its name, what it shows, and how to get there."""

    name: str
    shows: str
    visit: Visit


def main() -> None:
    """Make the example years in a temporary home, serve them, take every picture."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(Path(folder) / "home") as base,
        sync_playwright() as playwright,
    ):
        path = next(found for name in BROWSERS if (found := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        links = _leads()
        for old in FOLDER.glob("*.png"):
            old.unlink()
        shots = [*_public(base, links), *_office(base)]
        for width in WIDTHS:
            for language in LANGUAGES:
                _take_all(browser, base, links, shots, width, language)
        _compose(browser)
        browser.close()
    _list(shots)


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """The example years behind a server of their own."""
    from waitress import create_server

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    os.environ |= {"ZHIBAO_HOME": str(home), "ZHIBAO_BASE_URL": base, "ZHIBAO_REVIEW_CONFIRM": "link"}
    run_demo(home, lambda _line: None, progress=True)
    installation = wire(settings_from_environment())
    server = create_server(create_app(installation), host="127.0.0.1", port=port)
    threading.Thread(target=server.run, daemon=True).start()
    yield base
    server.close()
    installation.close()


def _leads() -> Leads:
    installation = wire(settings_from_environment())
    try:
        return leads(installation.services, OPEN_YEAR)
    finally:
        installation.close()


def _public(base: str, links: Leads) -> list[Shot]:
    """What people meet who have a link, or none."""

    def filled_with_mistakes(page: Page) -> None:
        page.goto(links.filler)
        for item, text in {"rd_staff_total": "1O", "patents_applied": "3", "patents_applied_invention": "5"}.items():
            page.fill(f"#{item}", text)
        page.click('button[value="submit"]')

    def first_letter(page: Page) -> None:
        page.goto(f"{base}/mailbox?to=qy0001@")
        page.locator("details", has_text=f"请填报{OPEN_YEAR}年").first.locator("summary").click()
        page.evaluate("scrollTo(0, 0)")

    def a_return(page: Page) -> None:
        page.goto(links.county_reviewer)
        page.check('input[name="decision"][value="return"]')
        page.locator("#decision").scroll_into_view_if_needed()

    def opened(address: str) -> Visit:
        return lambda page: page.goto(address)

    return [
        Shot("home", "the front page", opened(f"{base}/")),
        Shot("mailbox", "the local mailbox of a demo home, an invitation open", first_letter),
        Shot("filing", "a filler's form, not begun", opened(links.filler)),
        Shot("filing-mistakes", "the same after sending with mistakes", filled_with_mistakes),
        Shot("filing-returned", "a return that came back: the reason, the marked cells", opened(links.filler_returned)),
        Shot("review", "a return before a provincial reviewer, beside last year", opened(links.province_reviewer)),
        Shot("review-return", "choosing to return", a_return),
        Shot("inbox", "all that waits for a seat, to be accepted together", opened(links.county_inbox)),
        Shot("inbox-settings", "how a seat wants its mail", opened(f"{links.county_inbox}/settings")),
        Shot("sign-in", "where provincial staff sign in", opened(f"{base}/signin")),
        Shot("link-invalid", "what a broken link says", opened(f"{base}/f/broken")),
    ]


def _office(base: str) -> list[Shot]:
    """What provincial staff see, signed in."""

    def opened(path: str) -> Visit:
        return lambda page: page.goto(f"{base}/office/{path}")

    def one_submission(page: Page) -> None:
        page.goto(f"{base}/office/{CLOSED_YEAR}/submissions")
        page.locator("tbody a").first.click()

    def receipt(page: Page) -> None:
        page.goto(f"{base}/mailbox?to=qy0003@")
        letter = page.locator("details", has_text="回执").first
        letter.locator("summary").click()
        letter.get_by_role("link").click()

    tables = f"tables/enterprise_totals/{CLOSED_YEAR}"
    return [
        Shot("receipt", "a filler's receipt, checked anew", receipt),
        Shot("overview", "how every year stands", opened("")),
        Shot("progress", "response rates by city", opened(f"{OPEN_YEAR}/progress")),
        Shot("progress-city", "response rates of one city by county", opened(f"{OPEN_YEAR}/progress?region=530100")),
        Shot("submissions", "sealed returns, newest first", opened(f"{OPEN_YEAR}/submissions")),
        Shot("submission", "one sealed return with its decisions and its chain", one_submission),
        Shot("seat-returns", "what each seat sent back, and what moved after it", opened(f"{CLOSED_YEAR}/returns")),
        Shot("unsent", "who has not sent yet", opened(f"{OPEN_YEAR}/unsent")),
        Shot("collections", "opening and closing a year", opened("collections")),
        Shot("tables", "what is published", opened("tables/")),
        Shot("table-regions", "indicators by region", opened(f"tables/region_indicators/{office_years()[-1]}")),
        Shot("table-enterprises", "totals of the enterprises (restricted)", opened(tables)),
    ]


def _take_all(browser: Browser, base: str, links: Leads, shots: list[Shot], width: Width, language: str) -> None:
    context = browser.new_context(
        viewport={"width": width.pixels, "height": 844}, device_scale_factor=width.scale, locale="zh-CN"
    )
    context.add_cookies([{"name": "lang", "value": language, "url": base}])
    page = context.new_page()
    page.goto(links.sign_in)
    page.click("main button")
    for shot in shots:
        page.set_viewport_size({"width": width.pixels, "height": 844})
        shot.visit(page)
        page.wait_for_load_state()
        if not page.evaluate("scrollY"):  # a page taller than the window is shown as in a taller window
            height = min(page.evaluate("document.documentElement.scrollHeight"), width.cut_at)
            page.set_viewport_size({"width": width.pixels, "height": max(height, 500)})
        page.screenshot(path=FOLDER / f"{shot.name}-{width.name}-{language}.png")
    context.close()


OVERVIEW = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; width: 1600px; height: 980px; position: relative; overflow: hidden; color: #1d2733;
  background: linear-gradient(#eef3f9, #dbe6f2); font: 22px "Noto Sans CJK SC", sans-serif; }
figure { margin: 0; position: absolute; overflow: hidden; background: #fff; border-radius: 14px;
  box-shadow: 0 18px 50px rgb(20 40 70 / 28%); }
img { display: block; width: 100%; }
p { position: absolute; margin: 0; font-weight: 600; }
small { font-weight: 400; color: #55616e; margin-left: .6em; }
#form { left: 40px; top: 70px; width: 370px; height: 870px; box-sizing: border-box;
  border: 9px solid #1d2733; border-radius: 34px; }
#review { left: 450px; top: 70px; width: 800px; height: 600px; }
#rates { left: 850px; top: 500px; width: 710px; height: 440px; }
</style>
<p style="left:40px;top:26px">填报<small>a filler, on a phone</small></p><figure id="form"><img src="FORM"></figure>
<p style="left:450px;top:26px">审核<small>a reviewer, beside last year</small></p>
<figure id="review"><img src="REVIEW"></figure>
<p style="left:1275px;top:450px">各地报送率<small>response rates</small></p>
<figure id="rates"><img src="RATES"></figure>
"""


def _compose(browser: Browser) -> None:
    """One picture of three pages, drawn by the browser itself."""
    pictures: Mapping[str, str] = {"FORM": "filing-returned-phone", "REVIEW": "review-desk", "RATES": "progress-desk"}
    text = OVERVIEW
    for mark, name in pictures.items():
        text = text.replace(mark, (FOLDER / f"{name}-zh.png").as_uri())
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        page = browser.new_page(viewport={"width": 1600, "height": 980})
        page.goto(Path(file.name).as_uri())
        page.screenshot(path=FOLDER / "overview.png")


def _list(shots: list[Shot]) -> None:
    """The README of the folder."""
    lines = [
        "# The pages",
        "",
        "Taken from the example years by `make screenshots`; all in them is invented (示例).",
        "",
        "![A form on a phone, a review on a desk, response rates by city](overview.png)",
        "",
        "| page | shows | phone | desk |",
        "|---|---|---|---|",
    ]
    for shot in shots:
        cells = (
            " · ".join(f"[{language}]({shot.name}-{width.name}-{language}.png)" for language in LANGUAGES)
            for width in WIDTHS
        )
        lines.append(f"| {shot.name} | {shot.shows} | {' | '.join(cells)} |")
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
