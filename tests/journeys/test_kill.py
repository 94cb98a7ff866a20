"""The server is killed again and again under load: what somebody was told is stored is stored, and told once."""

import http.client
import random
import signal
import sqlite3
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.journeys.driver import Browser, Home, free_port
from tests.journeys.registers import PROVINCE, one_county, quiet_year

KILLS = 50
MOST_KILLS = 200
ENOUGH_DECISIONS = 5
UNITS = 500
FILLERS = 3
SEED = 20260310
LONGEST_LIFE = 1.0
"""Seconds between the first healthy answer and the kill, at most."""
DOWN = (urllib.error.URLError, http.client.HTTPException, OSError)


@dataclass(slots=True)
class Load:
    """Fillers and a reviewer who work while the server dies under them, and what they were told."""

    home: Home
    links: list[str]
    up: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    receipts: list[str] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def fill(self) -> None:
        """Files one return after the other; an answer that never came is tried again after the restart."""
        browser = Browser("filler")
        while self.up.wait() and not self.over.is_set():
            try:
                link = self.links.pop()
            except IndexError:
                return
            try:
                self._file(browser, link)
            except DOWN:
                self.links.append(link)
                time.sleep(0.02)

    def _file(self, browser: Browser, link: str) -> None:
        page = browser.open(link)
        if page.status != HTTPStatus.OK:
            self.failures.append(f"{page.status}: {page.text}")
        elif "filing" in page.forms:
            sent = browser.send(page, "filing", {**quiet_year(page.forms["filing"]), "action": "submit"})
            if sent.status == HTTPStatus.SEE_OTHER:
                self.receipts.append(sent.location.partition("?")[0])
            else:
                self.failures.append(f"{sent.status}: {sent.text}")

    def review(self) -> None:
        """Accepts what arrives in the province's mail."""
        browser = Browser("reviewer")
        while self.up.wait() and not self.over.is_set():
            for link in [mail.link("r") for mail in self.home.mails() if mail.opens("r")]:
                if link in self.decided or self.over.is_set():
                    continue
                try:
                    page = browser.open(link)
                    if "decision" in page.forms:
                        browser.send(page, "decision", {"decision": "accept"})
                    self.decided.add(link)
                except DOWN:
                    time.sleep(0.02)
            time.sleep(0.05)


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """The work, and the kills, over; then one restart, one sweep."""
    home = Home(tmp_path_factory.mktemp("killed"), free_port())
    home.load(*one_county(UNITS, body=PROVINCE))
    home.zhibao("collection", "open", "--year", "2031", "--form", "107-2", "--due", "2099-03-10")
    home.zhibao("sweep")
    work = Load(home, [mail.link("f") for mail in home.mails()])
    threads = [threading.Thread(target=work.fill) for _ in range(FILLERS)] + [threading.Thread(target=work.review)]
    for thread in threads:
        thread.start()
    moments = random.Random(SEED)
    try:
        for kills in range(MOST_KILLS):
            if kills >= KILLS and len(work.receipts) > KILLS and len(work.decided) > ENOUGH_DECISIONS:
                break  # a slow machine sees as much load, in more lives
            live_and_die(work, moments.uniform(0, LONGEST_LIFE))
    finally:
        work.over.set()
        work.up.set()
        for thread in threads:
            thread.join()
    home.zhibao("sweep")
    home.start()
    yield work
    home.stop()


def live_and_die(work: Load, seconds: float) -> None:
    """One life of the server."""
    work.home.start()
    work.up.set()
    time.sleep(seconds)
    work.up.clear()
    assert work.home.stop(signal.SIGKILL) == -signal.SIGKILL


def rows(home: Home, sql: str) -> list[tuple[str, ...]]:
    """What the store holds."""
    with closing(sqlite3.connect(f"file:{home.root / 'zhibao.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def test_every_return_whose_sender_saw_a_receipt_is_there(load: Load) -> None:
    assert len(load.receipts) > KILLS, "there was hardly any load"
    assert load.failures == []
    browser = Browser()
    for receipt in load.receipts:
        page = browser.open(receipt)
        assert page.status == HTTPStatus.OK
        assert "✓" in page.text


def test_no_return_was_sealed_twice_by_a_repeated_try(load: Load) -> None:
    revisions = rows(load.home, "SELECT submission FROM revisions")
    assert len(revisions) == len(set(revisions)) >= len(load.receipts)


def test_every_chain_verifies(load: Load) -> None:
    load.home.zhibao("audit", "verify")


def test_each_receipt_and_each_review_request_is_in_the_mailbox_once(load: Load) -> None:
    sent = Counter(
        number for (number,) in rows(load.home, "SELECT unit_id FROM submissions WHERE sealed_at IS NOT NULL")
    )
    mails = load.home.mails()
    assert len({mail.id for mail in mails}) == len(mails)
    asked = Counter(unit for mail in mails if mail.opens("r") for unit in sent if unit in mail.text)
    assert asked == sent
    names = {row[0]: row[1] for row in rows(load.home, "SELECT unit_id, email FROM units")}
    receipts = Counter(mail.to for mail in mails if mail.opens("c") and "回执" in mail.subject)
    assert receipts == Counter(names[unit] for unit in sent)
    assert sum("请填报" in mail.subject for mail in mails) == UNITS


def test_each_acceptance_became_facts_once_and_nothing_is_left_to_do(load: Load) -> None:
    accepted = {key for (key,) in rows(load.home, "SELECT id FROM submissions WHERE stage = 'accepted'")}
    assert accepted, "the reviewer never came to decide"
    facts = [path for path in (load.home.root / "objects" / "facts").rglob("*") if holds_a_return(path)]
    assert Counter(path.name.partition("-")[0] for path in facts) == Counter(accepted)
    assert rows(load.home, "SELECT id FROM outbox WHERE done_at IS NULL") == []


def holds_a_return(path: Path) -> bool:
    """A loose fact document is named by its event: the submission, a dash and the event's number."""
    return path.is_file() and path.suffix == ".json" and path.stem.rpartition("-")[2].isdigit()
