"""The server of the embedded ground: waitress in front, the sweep in a thread behind, and helpers for the other cores.

Python runs one thread at a time, so a process of its own for each further core answers pages and takes returns on the
same port (`handlers.helping`). A helper lives exactly as long as this process: it holds the other end of a
pipe, and leaves when that closes, however this process ended.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

from handlers.app import create_app
from handlers.courtesy import Courtesy

if TYPE_CHECKING:
    from waitress.server import BaseWSGIServer

    from handlers.bootstrap import Zhibao

THREADS = 12
"""Of each process. Most of them wait for the disk together: the more wait, the more returns one sync makes last."""
SWEEP_SECONDS = 0.5
MOST_HELPERS = 3
PATIENCE_SECONDS = 2.0
"""How long to wait for a port that a server just killed may still be letting go of."""
ORDERLY = b"q"
"""Written to a helper that shall finish what it is doing; a pipe that closes without it means the server was killed."""

logger = logging.getLogger(__name__)


class Stop(SystemExit):
    """Ends the server's loop on SIGTERM or SIGINT."""


class PortTaken(RuntimeError):
    """Nobody can listen on the port now; the text says so."""


def serve(installation: "Zhibao", port: int) -> None:
    """Serve until told to stop. Raises `PortTaken`."""
    try:
        _require_free(port)
    except PortTaken:
        installation.close()
        raise
    server = web_server(installation, listen(port))
    helpers = [_start_helper(port) for _ in range(min(MOST_HELPERS, (os.cpu_count() or 1) - 1))]
    stopping = threading.Event()
    sweeper = threading.Thread(target=_sweep_until, args=(installation, server, stopping), name="sweep")
    end_on_signals()
    sweeper.start()
    try:
        server.run()
    except Stop:
        logger.info("stopping")
    finally:
        stopping.set()
        _dismiss(helpers)
        server.close()
        sweeper.join(timeout=8)
        installation.close()


def web_server(installation: "Zhibao", listener: socket.socket) -> "BaseWSGIServer":
    """Waitress over a socket that listens already."""
    from waitress import create_server

    return create_server(
        create_app(installation),
        sockets=[listener],
        threads=THREADS,
        ident="zhibao",
        max_request_body_size=16_000_000,
        channel_timeout=60,
    )


def end_on_signals() -> None:
    """SIGTERM and SIGINT end the server's loop."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Stop(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def listen(port: int) -> socket.socket:
    """A listening socket that shares the port with the other processes of this server; the system deals out."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def _require_free(port: int) -> None:
    """Nobody listens there now. Raises `PortTaken`; sharing a port with another server would split its visitors."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise PortTaken(
                        f"端口 {port} 不能用：{error.strerror}。换一个端口：zhibao serve --port N (port not free)"
                    ) from error
            else:
                return
        time.sleep(0.1)


def _start_helper(port: int) -> subprocess.Popen[bytes]:
    command = (sys.executable, "-m", "handlers.helping", str(port))
    return subprocess.Popen(command, stdin=subprocess.PIPE)


def _dismiss(helpers: list[subprocess.Popen[bytes]]) -> None:
    """Let each helper finish its requests; one that does not leave in time is ended."""
    for helper in helpers:
        if helper.stdin is not None and helper.poll() is None:
            helper.stdin.write(ORDERLY)
            helper.stdin.close()
    for helper in helpers:
        try:
            helper.wait(timeout=6)
        except subprocess.TimeoutExpired:
            helper.kill()
            helper.wait()


def _sweep_until(installation: "Zhibao", server: "BaseWSGIServer", stopping: threading.Event) -> None:
    """Pass after pass; one that fails is logged and tried again, so that an outage never stops the mail."""

    def is_busy() -> bool:
        return bool(server.task_dispatcher.active_count)

    while not stopping.wait(SWEEP_SECONDS):
        try:
            installation.sweep.run(Courtesy(is_busy, stopping).go_on)
        except Exception:
            logger.exception("a sweep pass failed; the next one tries again")
            stopping.wait(5)
