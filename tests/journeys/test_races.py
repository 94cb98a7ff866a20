"""Sixteen clients decide on one return at once: one decision counts, and the others are told whose it was."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest

from tests.journeys.driver import Browser, Home, Mail
from tests.journeys.pages import Page
from tests.journeys.registers import one_county, quiet_year

ROUNDS = 50
CLIENTS = 16
HOLDERS = "abcd"
ACCEPT = {"decision": "accept"}
RETURN = {"decision": "return", "reason_code": "other", "items": "papers", "comment": "请核实"}


@dataclass(slots=True)
class Round:
    """One race: the answers, by the holder whose link was used."""

    unit: int
    answers: list[tuple[str, Page]] = field(default_factory=list)


@pytest.fixture(scope="module")
def reviews(home: Home) -> Iterator[list[Mail]]:
    """The review mails of as many sent returns as there are rounds, to each of several holders of the seat."""
    home.load(*one_county(ROUNDS, holders=HOLDERS))
    home.zhibao("collection", "open", "--year", "2031", "--form", "107-2", "--due", "2099-03-10")
    home.start()
    home.zhibao("sweep")
    invitations = [mail.link("f") for mail in home.mails()]
    browser = Browser()
    for link in invitations:
        page = browser.open(link)
        sent = browser.send(page, "filing", {**quiet_year(page.forms["filing"]), "action": "submit"})
        assert sent.status == HTTPStatus.SEE_OTHER
    home.zhibao("sweep")
    yield [mail for mail in home.mails() if mail.opens("r")]
    home.stop()


@pytest.fixture(scope="module")
def rounds(home: Home, reviews: list[Mail]) -> list[Round]:
    """Every race, run over real connections; each client accepts or returns, by turns."""
    clients = [Browser(f"client {number}") for number in range(CLIENTS)]
    links: dict[int, dict[str, str]] = {}
    for mail in reviews:
        unit = int(mail.subject.split("示例企业")[1].split("号")[0])
        links.setdefault(unit, {})[mail.to[len("reviewer990101")]] = mail.link("r")
    tokens = [first_look(client, next(iter(links.values()))["a"]) for client in clients]
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = [race(pool, unit, links[unit], clients, tokens) for unit in sorted(links)]
    home.zhibao("sweep")
    return found


def first_look(client: Browser, link: str) -> str:
    """The client's CSRF token; it holds for its session."""
    return client.open(link).forms["decision"].fields["csrf_token"]


def race(
    pool: ThreadPoolExecutor, unit: int, links: dict[str, str], clients: list[Browser], tokens: list[str]
) -> Round:
    """All clients at once."""
    start = threading.Barrier(CLIENTS)

    def decide(number: int) -> tuple[str, Page]:
        holder = HOLDERS[number % len(HOLDERS)]
        verdict = ACCEPT if (number + unit) % 3 else RETURN
        start.wait()
        return holder, clients[number].open(links[holder], {**verdict, "csrf_token": tokens[number]})

    return Round(unit, list(pool.map(decide, range(CLIENTS))))


def winner(one: Round) -> str:
    """Whose decision was taken."""
    return next(holder for holder, page in one.answers if page.status == HTTPStatus.SEE_OTHER)


def test_of_sixteen_decisions_exactly_one_is_taken_each_time(rounds: list[Round]) -> None:
    assert len(rounds) == ROUNDS
    for one in rounds:
        counts = Counter(page.status for _, page in one.answers)
        assert counts == {HTTPStatus.SEE_OTHER: 1, HTTPStatus.CONFLICT: CLIENTS - 1}, one.unit


def test_the_others_are_told_who_decided(rounds: list[Round]) -> None:
    for one in rounds:
        name = f"审核990101{winner(one)}"
        told = [page.text for _, page in one.answers if page.status == HTTPStatus.CONFLICT]
        assert [text for text in told if name not in text] == [], one.unit
        others = {f"审核990101{letter}" for letter in HOLDERS if letter != winner(one)}
        assert not [text for text in told if any(f"已由 {other}" in text for other in others)]


def test_each_race_leaves_one_event(home: Home, rounds: list[Round]) -> None:
    with closing(sqlite3.connect(f"file:{home.root / 'zhibao.sqlite3'}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT submission, count(*) FROM events WHERE type IN ('LevelAccepted', 'Returned') GROUP BY submission"
        ).fetchall()
    assert len(rows) == len(rounds)
    assert {count for _, count in rows} == {1}
    home.zhibao("audit", "verify")


def test_each_addressee_gets_one_mail_about_the_decision(home: Home, rounds: list[Round]) -> None:
    letters = Counter((mail.to, mail.subject) for mail in home.mails())
    assert set(letters.values()) == {1}
    for one in rounds:
        name = f"（示例企业{one.unit}号）"
        told = [to for to, subject in letters if "已记录" in subject and f"示例企业{one.unit}号 " in subject]
        assert sorted(told) == [f"reviewer990101{letter}@review.example" for letter in HOLDERS]
        returned = [to for to, subject in letters if "退回" in subject and name in subject]
        asked = [to for to, subject in letters if "待审核" in subject and f"示例企业{one.unit}号 " in subject]
        onward = [to for to in asked if to.startswith("reviewer990100")]
        assert len(returned) + len(onward) == 1, one.unit
