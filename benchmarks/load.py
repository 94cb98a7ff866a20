"""A light HTTP client for load: one thread, keep-alive connections over a selector, requests prepared beforehand.

Open loop: requests leave at their intended times whether or not earlier ones were answered, and latency counts from
the intended time, so a server that stalls cannot hide it. Closed loop: every connection asks again as soon as it is
answered. Every status is checked; what was not expected is counted by name.
"""

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

CONNECTIONS = 64
"""Connections of an open loop; a request that finds none free waits, and its latency counts the wait."""
GIVE_UP_SECONDS = 30.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(slots=True)
class Job:
    """One prepared request: its kind, its bytes for a session, the status that counts as done."""

    kind: str
    raw: Callable[["Session"], bytes]
    expected: int
    done: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Session:
    """One browser: its cookie and the CSRF token that goes with it."""

    cookie: bytes = b""
    csrf: bytes = b""


@dataclass(slots=True)
class Outcome:
    """What one run measured: latencies in milliseconds by kind, the answers nobody expected, client and wall time."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    unexpected: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    client_cpu: float = 0.0
    """CPU seconds of the client itself."""

    def percentile(self, percent: float, kind: str | None = None) -> float:
        """Latency in milliseconds below which so many per cent of the answers stayed; of all kinds without `kind`."""
        found = sorted(value for name, values in self.latencies.items() if kind in {None, name} for value in values)
        return found[min(len(found) - 1, int(len(found) * percent / 100))] if found else float("nan")

    @property
    def answered(self) -> int:
        """How many requests were answered as expected."""
        return sum(len(values) for values in self.latencies.values())

    @property
    def rate(self) -> float:
        """Expected answers a second."""
        return self.answered / self.seconds


class _Connection:
    """One keep-alive connection with at most one request on its way."""

    def __init__(self, port: int, session: Session) -> None:
        self.session = session
        self._port = port
        self.socket = self._open()
        self.job: Job | None = None
        self.intended = 0.0
        self._received = bytearray()
        self._wanted = -1

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=GIVE_UP_SECONDS)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def send(self, job: Job, intended: float) -> None:
        """Send a request. Raises `ConnectionError` when the server has closed the connection."""
        self.job, self.intended = job, intended
        self._received.clear()
        self._wanted = -1
        self.socket.sendall(job.raw(self.session))

    def reopen(self) -> None:
        """A fresh socket in place of one that was closed."""
        self.socket.close()
        self.socket = self._open()

    def receive(self) -> int | None:
        """Read what is there: the status once the answer is complete, 0 when the connection was lost."""
        try:
            data = self.socket.recv(262_144)
        except ConnectionError:
            return 0
        if not data:
            return 0
        self._received += data
        if self._wanted < 0:
            self._wanted = _answer_length(self._received)
        if self._wanted < 0 or len(self._received) < self._wanted:
            return None
        return int(self._received[9:12])

    @property
    def body(self) -> bytes:
        """The last answer, head and body."""
        return bytes(self._received)


def _answer_length(received: bytearray) -> int:
    """Octets of the whole answer, or -1 while its head is not complete."""
    end = received.find(_HEAD_END)
    if end < 0:
        return -1
    for line in bytes(received[:end]).lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return end + len(_HEAD_END) + int(line[len(_LENGTH) :])
    return end + len(_HEAD_END)


class Client:
    """Drives one server on this machine."""

    def __init__(self, port: int, sessions: Iterable[Session]) -> None:
        self._port = port
        self._sessions = tuple(sessions)

    def fetch(self, job: Job) -> bytes:
        """One answer, head and body, outside any measurement. Raises `RuntimeError` for an unexpected status."""
        connection = _Connection(self._port, self._sessions[0])
        connection.send(job, time.perf_counter())
        while (status := connection.receive()) is None:
            pass
        connection.socket.close()
        if status != job.expected:
            raise RuntimeError(f"{job.kind}: {status} instead of {job.expected}")
        return connection.body

    def open_loop(self, jobs: Iterator[Job], rate: float, seconds: float) -> Outcome:
        """So many requests a second for so long, each at its own time."""
        start = time.perf_counter() + 0.1
        times = deque(start + number / rate for number in range(int(rate * seconds)))
        return self._run(times, jobs, CONNECTIONS, lambda: False)

    def closed_loop(self, jobs: Iterator[Job], connections: int, seconds: float) -> Outcome:
        """Every connection busy for so long, or until the jobs run out."""
        now = time.perf_counter()
        return self._run(deque([now] * connections), jobs, connections, lambda: time.perf_counter() < now + seconds)

    def _run(self, times: deque[float], jobs: Iterator[Job], connections: int, goes_on: Callable[[], bool]) -> Outcome:
        opened = [_Connection(self._port, self._sessions[i % len(self._sessions)]) for i in range(connections)]
        run = _Run(opened, jobs, goes_on)
        began, cpu = time.perf_counter(), time.process_time()
        run.drive(times)
        run.outcome.seconds = time.perf_counter() - began
        run.outcome.client_cpu = time.process_time() - cpu
        run.close()
        return run.outcome


class _Run:
    """One measurement: the connections that are free, those that wait, and what came of it."""

    def __init__(self, connections: list[_Connection], jobs: Iterator[Job], goes_on: Callable[[], bool]) -> None:
        self.outcome = Outcome()
        self._jobs = jobs
        self._goes_on = goes_on
        self._free = deque(connections)
        self._all = connections
        self._selector = selectors.DefaultSelector()
        for connection in connections:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def drive(self, times: deque[float]) -> None:
        """Send what is due, take what is answered, until nothing is planned or on its way."""
        last_answer = time.perf_counter()
        while times or len(self._free) < len(self._all):
            now = time.perf_counter()
            while times and times[0] <= now and self._free:
                self._ask(self._free.popleft(), times.popleft())
            wait = max(0.0, times[0] - now) if times and self._free else 1.0
            for key, _ in self._selector.select(wait):
                self._take(key.data)
                last_answer = time.perf_counter()
            if now - last_answer > GIVE_UP_SECONDS:
                self.outcome.unexpected["no answer"] += len(self._all) - len(self._free) + len(times)
                return

    def _ask(self, connection: _Connection, intended: float) -> None:
        job = next(self._jobs, None)
        if job is None:
            self._free.append(connection)
            return
        try:
            connection.send(job, intended)
        except ConnectionError:
            self._note(job, 0, intended)
            self._reopen(connection)
            self._free.append(connection)

    def _take(self, connection: _Connection) -> None:
        status = connection.receive()
        if status is None:
            return
        job, connection.job = connection.job, None
        if status == 0:
            self._reopen(connection)
        if job is None:  # closed while idle
            return
        self._note(job, status, connection.intended)
        if self._goes_on():
            self._ask(connection, time.perf_counter())
        else:
            self._free.append(connection)

    def _reopen(self, connection: _Connection) -> None:
        self._selector.unregister(connection.socket)
        connection.reopen()
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def _note(self, job: Job, status: int, intended: float) -> None:
        if status != job.expected:
            self.outcome.unexpected[f"{job.kind} {status or 'connection lost'}"] += 1
            return
        job.done()
        self.outcome.latencies.setdefault(job.kind, []).append((time.perf_counter() - intended) * 1000)

    def close(self) -> None:
        """Close every connection."""
        self._selector.close()
        for connection in self._all:
            connection.socket.close()
