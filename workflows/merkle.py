"""Merkle trees over a day's leaves, and the path that proves one leaf.

Hashing as in RFC 6962, section 2.1: a leaf under the prefix 0x00 and a node under 0x01, so that neither passes for the
other; a node without a partner is promoted to the next row, never paired with itself. A tree so built is the RFC's own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

BLOCK = 256
"""Leaves below one stored inner node. A path needs the leaves of one block and the nodes of all, not every leaf."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step up: the neighbour's hash, and whether the neighbour stands on the left."""

    left: bool
    hash: str


def leaf_hash(data: str) -> str:
    """The hash of one leaf; its data are a SHA-256 in hex. Raises `ValueError` for anything else."""
    return hashlib.sha256(b"\x00" + bytes.fromhex(data)).hexdigest()


def root_of(hashes: Sequence[str]) -> str:
    """The root over the hashes of leaves, or of whole blocks. Raises `ValueError` when there are none."""
    if not hashes:
        raise ValueError("a tree without leaves has no root")
    row = list(hashes)
    while len(row) > 1:
        row = _next_row(row)
    return row[0]


def path_of(hashes: Sequence[str], place: int) -> tuple[Step, ...]:
    """The steps from the hash at this place (from 0) up to the root."""
    row, steps = list(hashes), []
    while len(row) > 1:
        partner = place ^ 1
        if partner < len(row):
            steps.append(Step(partner < place, row[partner]))
        row, place = _next_row(row), place // 2
    return tuple(steps)


def climb(start: str, path: Sequence[Step]) -> str:
    """The root that a path leads to. Raises `ValueError` when a hash is not hexadecimal."""
    found = start
    for step in path:
        found = _node_hash(step.hash, found) if step.left else _node_hash(found, step.hash)
    return found


def blocks_of(hashes: Sequence[str]) -> tuple[str, ...]:
    """The inner nodes over each `BLOCK` leaves: blocks are a power of two, so that their root is the tree's own."""
    return tuple(root_of(hashes[start : start + BLOCK]) for start in range(0, len(hashes), BLOCK))


def _next_row(row: Sequence[str]) -> list[str]:
    pairs = [_node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return pairs + list(row[len(pairs) * 2 :])


def _node_hash(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()
