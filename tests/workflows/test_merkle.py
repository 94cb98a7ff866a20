"""Merkle trees as RFC 6962 has them, whatever their size."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.merkle import BLOCK, blocks_of, climb, leaf_hash, path_of, root_of

DATA = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(2 * BLOCK + 3)]
LEAVES = [leaf_hash(one) for one in DATA]


def rfc_root(leaves: list[str]) -> str:
    """MTH of RFC 6962, section 2.1: split at the largest power of two below the number of leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = rfc_root(leaves[:split]), rfc_root(leaves[split:])
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


@given(st.integers(1, 70))
def test_the_root_is_that_of_the_rfc(size: int) -> None:
    assert root_of(LEAVES[:size]) == rfc_root(LEAVES[:size])


@given(st.integers(1, 40), st.data())
def test_every_leafs_path_leads_to_the_root_and_no_others_does(size: int, data: st.DataObject) -> None:
    place, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    path, root = path_of(LEAVES[:size], place), root_of(LEAVES[:size])
    assert climb(LEAVES[place], path) == root
    assert (climb(LEAVES[other], path) == root) == (other == place)


@pytest.mark.parametrize("size", [1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 3])
def test_blocks_stand_for_their_leaves(size: int) -> None:
    leaves = LEAVES[:size]
    blocks = blocks_of(leaves)
    assert root_of(blocks) == rfc_root(leaves)
    for place in {0, size // 2, size - 1}:
        block = leaves[place // BLOCK * BLOCK :][:BLOCK]
        path = path_of(block, place % BLOCK) + path_of(blocks, place // BLOCK)
        assert path == path_of(leaves, place)


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = LEAVES[:2]
    with pytest.raises(ValueError, match="hexadecimal"):
        leaf_hash("no hash")
    assert hashlib.sha256(b"\x00" + bytes.fromhex(left + right)).hexdigest() == leaf_hash(left + right)
    assert leaf_hash(left + right) != root_of([left, right])


def test_an_odd_leaf_is_promoted_and_not_doubled() -> None:
    assert root_of(LEAVES[:3]) != root_of([*LEAVES[:3], LEAVES[2]])


def test_no_leaves_have_no_root() -> None:
    with pytest.raises(ValueError, match="without leaves"):
        root_of([])
