"""What is long: compressed in its item; what is too long for an item even so lies beside the table, under its hash."""

import hashlib
import zlib

from indicators.ports import Objects

MOST_BYTES = 300_000
"""Of one attribute: an item ends at 400 KB, with its other attributes and names."""
_PACKED, _BESIDE = b"z", b"s"


def name_of(digest: str) -> str:
    """Where long content lies beside the table."""
    return f"large/{digest[:2]}/{digest}"


def pack(content: bytes, objects: Objects) -> bytes:
    """What the item holds. Content that lies beside it is written first, create-only: equal bytes are one object."""
    packed = zlib.compress(content, 6)
    if len(packed) <= MOST_BYTES:
        return _PACKED + packed
    digest = hashlib.sha256(packed).hexdigest()
    objects.create(name_of(digest), packed)
    return _BESIDE + digest.encode()


def unpack(stored: bytes, objects: Objects) -> bytes:
    """The inverse of `pack`. Raises `ValueError` for what this program did not write, or is not there."""
    kind, rest = stored[:1], stored[1:]
    if kind == _BESIDE:
        found = objects.read(name_of(rest.decode("ascii")))
        if found is None or hashlib.sha256(found).hexdigest().encode() != rest:
            raise ValueError("large content is missing or was altered")
        rest = found
    elif kind != _PACKED:
        raise ValueError("not packed content")
    try:
        return zlib.decompress(rest)
    except zlib.error as error:
        raise ValueError("not packed content") from error
