"""What an operator can get wrong: bad files, bad settings, a taken port; and how the server ends."""

import http.client
import signal
import socket
import time

import pytest

from tests.journeys.driver import Browser, Home, credit_code, csv_text
from tests.journeys.in_process import everything
from tests.journeys.registers import enterprise, one_county, region, reviewer

SLOWEST_END = 10


@pytest.fixture(scope="module")
def loaded(home: Home) -> Home:
    """A home with a register, no server."""
    home.load(*one_county(3))
    home.zhibao("sweep")
    return home


BAD_LINES = {
    "regions": (region("990100", "示例甲市", "town", "990000"), "level"),
    "units": ({**enterprise(2, "990101"), "unit_id": credit_code(2)[:-1] + "I"}, "unit_id"),
    "staff": ({**reviewer("990100"), "email": "not an address"}, "email"),
}


@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_file_with_one_bad_line_imports_nothing_and_names_it(loaded: Home, kind: str) -> None:
    good = {
        "regions": region("990000", "示例省", "province"),
        "units": enterprise(1, "990101"),
        "staff": reviewer("990101"),
    }[kind]
    bad, column = BAD_LINES[kind]
    before = everything(loaded.root)
    done = loaded.run("import", kind, loaded.write("bad.csv", csv_text([good, bad])))
    assert done.returncode == 2
    assert f"bad.csv:3: column {column}" in done.stderr.decode()
    assert bad[column] in done.stderr.decode()
    assert done.stdout == b""
    assert everything(loaded.root) == before


def test_a_bad_line_of_a_reference_file_imports_nothing_and_names_it(loaded: Home) -> None:
    header = "series,region_code,year,value,unit,vintage,source,published_on\n"
    rows = "gdp,990100,2030,100,亿元,final,统计公报,2031-03-01\ngdp,990100,2030,一百,亿元,final,统计公报,2031-03-01\n"
    before = everything(loaded.root)
    done = loaded.run("import", "reference", loaded.write("bad.csv", header + rows))
    assert done.returncode == 2
    assert "bad.csv:3: column value" in done.stderr.decode()
    assert everything(loaded.root) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZHIBAO_MAIL", "pigeon"),
        ("ZHIBAO_STORE", "punchcards"),
        ("ZHIBAO_OBJECTS", "floppy"),
        ("ZHIBAO_BASE_URL", "ftp://somewhere"),
        ("ZHIBAO_REVIEW_CONFIRM", "perhaps"),
        ("ZHIBAO_SECRET_KEYS", "short"),
    ],
)
def test_serve_with_a_bad_setting_says_which(loaded: Home, name: str, value: str) -> None:
    crooked = Home(loaded.folder, settings={name: value})
    done = crooked.run("serve", "--port", str(crooked.port))
    assert done.returncode == 2
    assert name in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_home_that_is_a_file_is_named(loaded: Home) -> None:
    crooked = Home(loaded.folder, settings={"ZHIBAO_HOME": loaded.write("a_file", "")})
    done = crooked.run("serve", "--port", str(crooked.port))
    assert done.returncode == 2
    assert "ZHIBAO_HOME" in done.stderr.decode()


def test_a_command_before_init_says_what_to_do_and_makes_nothing(loaded: Home) -> None:
    empty = Home(loaded.folder, settings={"ZHIBAO_HOME": str(loaded.folder / "nowhere")})
    done = empty.run("sweep")
    assert done.returncode == 2
    assert "zhibao init" in done.stderr.decode()
    assert not (loaded.folder / "nowhere").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("collection", "open", "--year", "2031", "--form", "no-such-form", "--due", "2099-03-10"),
        ("collection", "open", "--year", "2031", "--form", "107-2", "--due", "soon"),
        ("collection", "open", "--year", "2031", "--form", "107-2"),
        ("collection", "open", "--year", "2031", "--form", "107-2", "--due", "2099-03-10", "--close", "2098-03-10"),
        ("collection", "close", "--year", "1999"),
        ("token", "create", "--role", "office", "--unit", "x", "--days", "3"),
        ("token", "create", "--role", "office", "--region", "990000", "--days", "4000"),
        ("serve", "--port", "99999"),
        ("no-such-command",),
    ],
)
def test_a_bad_command_exits_with_2_and_changes_nothing(loaded: Home, arguments: tuple[str, ...]) -> None:
    before = everything(loaded.root)
    done = loaded.run(*arguments)
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr.decode()
    assert everything(loaded.root) == before


def test_a_taken_port_gives_a_clear_message(loaded: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = loaded.run("serve", "--port", port)
    assert done.returncode == 1
    message = done.stderr.decode()
    assert port in message
    assert "端口" in message
    assert "Traceback" not in message


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_though_a_connection_is_open(loaded: Home, number: signal.Signals) -> None:
    loaded.start()
    idle = http.client.HTTPConnection("127.0.0.1", loaded.port, timeout=60)
    idle.request("GET", "/healthz")
    assert idle.getresponse().read() == b"ok\n"
    begun = time.monotonic()
    assert loaded.stop(number) == 0
    assert time.monotonic() - begun < SLOWEST_END
    idle.close()
    assert "Traceback" not in loaded.log.read_text(encoding="utf-8")


def test_many_and_long_headers_are_refused_and_the_server_lives_on(loaded: Home) -> None:
    loaded.start()
    try:
        for headers in (["X-Many: 1"] * 100_000, ["X-Long: " + "x" * 1_000_000], ["Content-Length: -5"]):
            with socket.create_connection(("127.0.0.1", loaded.port), timeout=60) as raw:
                request = "\r\n".join(["GET /healthz HTTP/1.1", "Host: localhost", *headers, "", ""])
                assert refused(raw, request.encode())
        assert Browser().open(f"{loaded.base}/healthz").status == 200
    finally:
        loaded.stop()


def refused(raw: socket.socket, request: bytes) -> bool:
    """Whether the server answers with a client error, or drops the connection while it is still being sent."""
    try:
        raw.sendall(request)
        answer = raw.recv(1000)
    except ConnectionError:
        return True
    return answer == b"" or answer.split()[1].startswith(b"4")
