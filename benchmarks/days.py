"""Closing a day on which many chains moved: time and peak memory, beside what one proof then costs.

`python -m benchmarks.days --chains 1000 20000`

So many submissions are expected on one day (`advance`, `Store.create`), then the day is closed, one receipt's proof is
made, and the day is verified. Each step is a process of its own: wall and CPU seconds of the
work without the start of Python; peak memory is the whole process's. `idle` starts, opens the home and does nothing.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from infra.sqlite.store import SqliteStore
from register.units import UnitKind
from workflows.audit.signed_days import SignedDays
from workflows.days import Closing
from workflows.machine.events import FilingExpected
from workflows.machine.states import State
from workflows.proofs import prove
from workflows.signing import SigningKey, new_key
from workflows.submissions import Identity, Submission, Transition, advance, submission_id

DAY, MORNING = date(2026, 3, 10), datetime(2026, 3, 10, 1, tzinfo=UTC)
BATCH = 500
ROUTE = (("county", "990101"), ("city", "990100"), ("province", "990000"))


def main() -> None:
    """Measure each size, or do one measured step in a child process."""
    parser = argparse.ArgumentParser(description="Time and memory of closing a day.")
    parser.add_argument("--chains", type=int, nargs="+", default=[1000, 20_000])
    parser.add_argument("--step", choices=sorted(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(_measured(STEPS[arguments.step], arguments.home)))
        return
    print("chains   step      wall s   CPU s  peak MiB")
    for count in arguments.chains:
        with tempfile.TemporaryDirectory(prefix="zhibao-bench-") as name:
            home = Path(name) / "zhibao.sqlite3"
            _fill(home, count)
            for step in ("idle", "close", "proof", "verify"):
                one = _child(step, home)
                print(f"{count:<9}{step:<8}{one['wall']:8.3f}{one['cpu']:8.3f}{one['peak']:10.0f}", flush=True)


def _fill(home: Path, count: int) -> None:
    """So many submissions, each with its first event on the day."""
    store = SqliteStore(home)
    key = store.home_key()
    for start in range(0, count, BATCH):
        store.create([_expected(key, number) for number in range(start, min(start + BATCH, count))])
    store.close()


def _expected(key: bytes, number: int) -> Transition:
    unit = f"U{number:06d}"
    name = submission_id(key, 2025, "107-2", unit)
    identity = Identity(name, 2025, "107-2", unit, UnitKind.ENTERPRISE, "990101", "990101", "990100", "990101")
    before = Submission(identity, State())
    after, links = advance(before, (FilingExpected(ROUTE),), MORNING)
    return Transition(before=before, after=after, at=MORNING, events=links)


def _child(step: str, home: Path) -> Mapping[str, float]:
    command = [sys.executable, "-m", "benchmarks.days", "--step", step, "--home", str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measure: Mapping[str, float] = json.loads(done.stdout)
    return measure


def _measured(step: Callable[[SqliteStore], None], home: Path) -> Mapping[str, float]:
    store = SqliteStore(home)
    wall, cpu = time.perf_counter(), time.process_time()
    step(store)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    store.close()
    return {"wall": wall, "cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _close(store: SqliteStore) -> None:
    closed = Closing(store, lambda: SigningKey(new_key())).run(MORNING + timedelta(days=1), lambda: True)
    if closed != 1:
        raise RuntimeError(f"{closed} days were closed")


def _proof(store: SqliteStore) -> None:
    (head,) = store.day_heads(DAY, 400, 1)
    proof = prove(store, store.events(head.submission), 1)
    if proof is None or not proof.holds():
        raise RuntimeError("the proof does not hold")


def _verify(store: SqliteStore) -> None:
    if list(SignedDays(store).faults()):
        raise RuntimeError("the day does not verify")


STEPS: Mapping[str, Callable[[SqliteStore], None]] = {
    "idle": lambda _: None,
    "close": _close,
    "proof": _proof,
    "verify": _verify,
}

if __name__ == "__main__":
    main()
