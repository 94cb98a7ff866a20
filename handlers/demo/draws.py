"""Draws that come out the same on every machine and in every Python: a hash, not a generator."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")


def draw(low: int, high: int, *seed: object) -> int:
    """A whole number from low to high, both included, fixed by what it is drawn for."""
    digest = hashlib.sha256("\n".join(str(part) for part in seed).encode()).digest()
    return low + int.from_bytes(digest[:8]) % (high - low + 1)


def pick(choices: Sequence[Choice], *seed: object) -> Choice:
    """One of the choices, fixed by what it is drawn for."""
    return choices[draw(0, len(choices) - 1, *seed)]
