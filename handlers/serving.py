"""The server of the embedded ground: waitress in front, the sweep in a thread behind, ended by SIGTERM."""

import logging
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING

from handlers.app import create_app
from handlers.courtesy import Courtesy

if TYPE_CHECKING:
    from waitress.server import BaseWSGIServer

    from handlers.bootstrap import Zhibao

THREADS = 8
SWEEP_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Stop(SystemExit):
    """Ends the server's loop on SIGTERM or SIGINT."""


class PortTaken(RuntimeError):
    """Nobody can listen on the port now; the text says so."""


def serve(installation: "Zhibao", port: int) -> None:
    """Serve until told to stop. Raises `PortTaken`."""
    server = _listen(installation, port)
    stopping = threading.Event()
    sweeper = threading.Thread(target=_sweep_until, args=(installation, server, stopping), name="sweep")
    _end_on_signals()
    sweeper.start()
    try:
        server.run()
    except Stop:
        logger.info("stopping")
    finally:
        stopping.set()
        server.close()
        sweeper.join(timeout=8)
        installation.close()


def _listen(installation: "Zhibao", port: int) -> "BaseWSGIServer":
    from waitress import create_server

    try:
        return create_server(
            create_app(installation),
            host="127.0.0.1",
            port=port,
            threads=THREADS,
            ident="zhibao",
            max_request_body_size=16_000_000,
            channel_timeout=60,
        )
    except OSError as error:
        installation.close()
        raise PortTaken(
            f"端口 {port} 不能用：{error.strerror}。换一个端口：zhibao serve --port N (port not free)"
        ) from error


def _end_on_signals() -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        raise Stop(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


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
