"""A busy server lets pages go first, and its mail goes out all the same."""

import itertools
import threading

import pytest

from handlers import courtesy
from handlers.courtesy import Courtesy


def test_a_quiet_server_mails_at_once() -> None:
    asked = itertools.count()

    def is_busy() -> bool:
        next(asked)
        return False

    assert Courtesy(is_busy, threading.Event()).go_on()
    assert next(asked) == 1


def test_a_letter_waits_until_the_pages_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "ONE_PAUSE", 1000.0)
    monkeypatch.setattr(courtesy, "ALLOWANCE", 1000.0)
    answers = iter([True, True, False])
    assert Courtesy(lambda: next(answers), threading.Event()).go_on()
    assert list(answers) == []


def test_no_rush_stops_the_mail() -> None:
    assert Courtesy(lambda: True, threading.Event()).go_on()


def test_a_pass_that_has_waited_enough_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "ONE_PAUSE", 1000.0)
    monkeypatch.setattr(courtesy, "ALLOWANCE", 0.01)
    polite = Courtesy(lambda: True, threading.Event())
    assert [polite.go_on() for _ in range(50)] == [True] * 50


def test_a_server_that_is_to_stop_ends_its_pass_even_in_a_rush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "ONE_PAUSE", 1000.0)
    monkeypatch.setattr(courtesy, "ALLOWANCE", 1000.0)
    stopping = threading.Event()
    stopping.set()
    assert not Courtesy(lambda: True, stopping).go_on()
    assert not Courtesy(lambda: False, stopping).go_on()
