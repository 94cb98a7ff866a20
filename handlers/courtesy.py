"""Pages go first: the sweep of a busy server waits between two letters, within bounds, while requests are answered."""

import threading
import time
from collections.abc import Callable

ONE_PAUSE = 0.05
"""Seconds the sweep waits at most before one effect."""
ALLOWANCE = 20.0
"""Seconds it waits at most in one pass: a rush delays mail by that much, and no rush stops it."""
_GLANCE = 0.005


class Courtesy:
    """What the sweep of a server asks before each effect; one for each pass."""

    def __init__(self, is_busy: Callable[[], bool], stopping: threading.Event) -> None:
        self._is_busy = is_busy
        self._stopping = stopping
        self._left = ALLOWANCE

    def go_on(self) -> bool:
        """Wait for a quiet moment, but not long; False once the server is to stop."""
        began = time.monotonic()
        pause = min(ONE_PAUSE, self._left)
        while self._is_busy() and time.monotonic() - began < pause and not self._stopping.wait(_GLANCE):
            pass
        self._left -= time.monotonic() - began
        return not self._stopping.is_set()
