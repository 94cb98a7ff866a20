"""Opening a link is looking: whoever opens it, however often, with or without scripts, changes nothing."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from tests.journeys.driver import Browser, Home
from tests.journeys.in_process import everything, served_without_sweep
from tests.journeys.registers import one_county, quiet_year

TIMES = 20
DEEP = 2
OFFICE = "office@province.example"


@pytest.fixture(scope="module")
def links(home: Home) -> Iterator[list[str]]:
    """One link of every kind and state: to fill, draft, sent, returned, overtaken, accepted, to review, to sign in."""
    regions, units, staff = one_county(5)
    staff += f"{OFFICE},省局,office,990000,,\n"
    home.load(regions, units, staff)
    home.zhibao("collection", "open", "--year", "2031", "--form", "107-2", "--due", "2099-03-10")
    home.zhibao("sweep")
    with served_without_sweep(home):
        live_a_little(home)
        found = {mail.link(door) for mail in home.mails() for door in "frcs" if mail.opens(door)}
        inboxes = {link for url in found for link in Browser().open(url).links if "/i/" in link}
        assert {urlsplit(link).path[1] for link in found | inboxes} == set("frcsi")
        yield sorted(found | inboxes)


def live_a_little(home: Home) -> None:
    """Unit 1 only saves, 2 is returned and refiles, 3 is accepted everywhere, 4 is sent, 5 does nothing."""
    browser = Browser()
    page = browser.open(home.mail_to("unit1@units.example", "f").link("f"))
    browser.send(page, "filing", {"papers": "三", "action": "save"})
    for unit in (2, 3, 4):
        send_return(home, unit)
    decide(home, "示例企业2号", {"decision": "return", "reason_code": "other", "items": "papers"})
    send_return(home, 2)
    for _ in range(3):
        decide(home, "示例企业3号", {"decision": "accept"})
    page = browser.open(f"{home.base}/signin")
    assert browser.send(page, f"{home.base}/signin", {"email": OFFICE}).status == HTTPStatus.SEE_OTHER
    home.zhibao("sweep")


def send_return(home: Home, unit: int) -> None:
    """File with zeros."""
    browser = Browser()
    page = browser.open(home.mail_to(f"unit{unit}@units.example", "f").link("f"))
    sent = browser.send(page, "filing", {**quiet_year(page.forms["filing"]), "action": "submit"})
    assert sent.status == HTTPStatus.SEE_OTHER
    home.zhibao("sweep")


def decide(home: Home, name: str, values: dict[str, str]) -> None:
    """Decide by the newest review mail about a unit."""
    browser = Browser()
    mail = [one for one in home.mails() if one.opens("r") and name in one.subject][-1]
    page = browser.open(mail.link("r"))
    assert browser.send(page, "decision", values).status == HTTPStatus.SEE_OTHER
    home.zhibao("sweep")


def test_get_and_head_of_every_link_change_no_row_and_no_object(home: Home, links: list[str]) -> None:
    before = everything(home.root)
    for link in links:
        browser = Browser("scanner")
        for _ in range(TIMES):
            assert browser.open(link).status == HTTPStatus.OK
            head = browser.open(link, method="HEAD")
            assert (head.status, head.body) == (HTTPStatus.OK, b"")
    assert everything(home.root) == before


def test_a_client_that_follows_links_changes_nothing(home: Home, links: list[str]) -> None:
    before = everything(home.root)
    browser, seen, ring = Browser("crawler"), set[str](), set(links)
    for _ in range(DEEP + 1):
        pages = [browser.open(url) for url in sorted(ring - seen)]
        seen |= ring
        ring = {link.split("#")[0] for page in pages for link in page.links if link.startswith(home.base)}
    assert len(seen) > len(links)
    assert everything(home.root) == before


@pytest.mark.browser
def test_a_client_that_runs_scripts_changes_nothing(home: Home, links: list[str]) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("CHROMIUM IS MISSING: nothing here shows that running the pages' scripts changes nothing")
    before = everything(home.root)
    with ThreadPoolExecutor(max_workers=1) as apart:  # a browser journey may hold this thread's event loop
        apart.submit(visit_everything, chromium, links, home.base).result()
    assert everything(home.root) == before


def visit_everything(chromium: str, links: list[str], base: str) -> None:
    """Open every link and what it leads to, with scripts on."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for link in links:
            page.goto(link, wait_until="load")
            onward = page.eval_on_selector_all("a[href]", "anchors => anchors.map(one => one.href)")
            for url in sorted({url.split("#")[0] for url in onward if url.startswith(base)}):
                if url.endswith(".xlsx"):  # a file to keep is no page to open
                    assert page.request.get(url).ok
                else:
                    page.goto(url, wait_until="load")
        browser.close()


def test_no_decision_and_no_button_is_pressed_beforehand(links: list[str]) -> None:
    """What a scanner that submits every form would send is no decision."""
    refused = 0
    for link in links:
        browser = Browser("scanner")
        page = browser.open(link)
        if "decision" in page.forms:
            assert "decision" not in page.forms["decision"].chosen
            assert browser.send(page, "decision", {}).status == HTTPStatus.UNPROCESSABLE_ENTITY
            refused += 1
    assert refused
