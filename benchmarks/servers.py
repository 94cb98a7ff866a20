"""Servers as processes of their own: Zhibao's and the bare one, started, watched and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server on 127.0.0.1."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """CPU time the process has used so far, of all its threads; 0 where the system does not tell."""
        path = Path(f"/proc/{self.process.pid}/stat")
        if not path.exists():
            return 0.0
        fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(command: Sequence[str], port: int, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """Start a server and wait until it answers; end it by SIGTERM. Raises `RuntimeError` when it does not start."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
        try:
            _await_port(process, port, log)
            yield Server(port, process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def zhibao(folder: Path, environment: Mapping[str, str]) -> tuple[list[str], int, Mapping[str, str], Path]:
    """What `running` needs for `zhibao serve` on a home."""
    port = free_port()
    program = Path(sys.executable).with_name("zhibao")
    return [str(program), "serve", "--port", str(port)], port, environment, folder.with_suffix(".log")


def bare(folder: Path) -> tuple[list[str], int, Mapping[str, str], Path]:
    """What `running` needs for the bare application."""
    port = free_port()
    database = folder / "bare.sqlite3"
    command = [sys.executable, "-m", "benchmarks.bare_app", str(port), str(database)]
    return command, port, {}, folder / "bare.log"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
