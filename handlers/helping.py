"""A helper process of the server: answers requests on the server's own port, and leaves when the server does.

Run by `handlers.serving` as `python -m handlers.helping HOST PORT`; its standard input is the pipe that tells it when
to leave.
"""

import logging
import os
import signal
import sys
import threading

from handlers.bootstrap import settings_from_environment, wire
from handlers.serving import ORDERLY, Stop, end_on_signals, listen, web_server


def help_serve(host: str, port: int) -> None:
    """Serve until the pipe says that the server ends."""
    end_on_signals()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server tells us when to leave
    threading.Thread(target=_watch, name="watch", daemon=True).start()
    installation = wire(settings_from_environment())
    server = web_server(installation, listen(host, port))
    try:
        server.run()
    except Stop:
        pass
    finally:
        server.close()
        installation.close()


def _watch() -> None:
    """An orderly end finishes what is being answered; a pipe that just closes means that the server was killed."""
    if os.read(sys.stdin.fileno(), 1) == ORDERLY:
        signal.raise_signal(signal.SIGTERM)
    else:
        os._exit(1)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    help_serve(sys.argv[1], int(sys.argv[2]))
