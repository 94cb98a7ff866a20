"""The log of a whole filing and review holds no link, no figure and no address, even at its most talkative."""

import logging
import socket
import threading

import pytest
from waitress.server import create_server

from tests.handlers.world import World

FIGURE, TYPO = "7654321", "八百万"


def look_over_waitress(world: World, path: str) -> None:
    """Open a link, a broken link and a request that is none through the server in front."""
    server = create_server(world.app, host="127.0.0.1", port=0, threads=1)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        for target in (path, path + "x", path + " HTTP/9.9\r\n"):
            with socket.create_connection(("127.0.0.1", server.effective_port), timeout=10) as raw:
                raw.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
                assert raw.recv(5) == b"HTTP/"
    finally:
        server.trigger.pull_trigger(server.close)
        thread.join()
        server.task_dispatcher.shutdown()


@pytest.fixture
def talk(world: World, caplog: pytest.LogCaptureFixture) -> str:
    """Everything any logger said while unit 3 filed, was returned, refiled and was accepted."""
    caplog.set_level(logging.DEBUG)
    world.app.logger.setLevel(logging.DEBUG)
    browser = world.client()
    path = world.link("unit3@units.example", "f")
    look_over_waitress(world, path)
    assert browser.post(path, data={"papers": TYPO, "action": "save", **world.csrf(browser, path)}).status_code == 303
    version = {"draft_version": "1"}
    world.file(3, browser, papers=FIGURE, **version)
    assert world.review(3, "990101", decision="return", reason_code="other", items="papers", comment="请核实") == 303
    world.file(3, browser, papers=FIGURE, draft_version="2")
    for region in ("990101", "990100", "990000"):
        assert world.review(3, region) == 303
    assert world.review(3, "990000") == 409
    assert browser.get(path + "x").status_code == 404
    browser.post("/signin", data={"email": "office@staff.example", **world.csrf(browser)})
    browser.post("/relink", data={"token": path.rsplit("/", 1)[1], **world.csrf(browser)})
    world.sweep()
    return caplog.text + "".join(str(record.__dict__) for record in caplog.records)


def test_a_whole_filing_and_review_leave_no_secret_in_the_log(world: World, talk: str) -> None:
    secrets = [letter.link.rsplit("/", 1)[1] for letter in world.post.letters if letter.link]
    secrets += [letter.to_email for letter in world.post.letters]
    secrets += [FIGURE, TYPO, "7,654,321", "请核实", "赵一"]
    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in talk] == []


def test_an_error_is_logged_under_the_reference_the_page_shows_and_without_its_path(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = world.link("unit2@units.example", "f")

    def fail(*_args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(type(world.home.store), "collection", fail)
    answer = world.client().get(path)
    assert answer.status_code == 500
    reference = caplog.text.split("reference ")[1][:8]
    assert reference in answer.text
    assert "disk full" in caplog.text
    assert path.rsplit("/", 1)[1] not in caplog.text
