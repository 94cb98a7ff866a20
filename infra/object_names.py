"""What an object may be called, on whatever ground: no name leaves its folder, hides, or differs by case alone."""

import re

_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,199}(/[a-z0-9_-][a-z0-9._-]{0,199})*")
_PREFIX = re.compile(r"([a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*/?)?")
LONGEST_NAME = 300


def check_name(name: str) -> str:
    """The name. Raises `ValueError` when it is none."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(f"not an object name: {name[:80]!r}")
    return name


def check_prefix(prefix: str) -> str:
    """The prefix. Raises `ValueError` when no name can begin with it."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"not the beginning of an object name: {prefix[:80]!r}")
    return prefix
