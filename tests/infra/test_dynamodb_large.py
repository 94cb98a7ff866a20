"""What is too long for an item of DynamoDB lies beside the table, under its hash; nothing altered there is believed."""

import secrets
from pathlib import Path

import pytest

from infra.dynamodb.large import MOST_BYTES, name_of, pack, unpack
from infra.dynamodb.states import pack_state, state_text, unpack_state
from infra.file_objects import FileObjects
from workflows.machine.states import State


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    return FileObjects(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"x" * 5_000_000, secrets.token_bytes(MOST_BYTES - 200)])
def test_what_fits_stays_in_the_item(objects: FileObjects, content: bytes) -> None:
    stored = pack(content, objects)
    assert unpack(stored, objects) == content
    assert len(stored) <= MOST_BYTES + 1
    assert objects.names("large/") == []


def test_what_does_not_fit_lies_beside_the_table_once(objects: FileObjects) -> None:
    content = secrets.token_bytes(3 * MOST_BYTES)
    stored = pack(content, objects)
    assert len(stored) < 100
    assert pack(content, objects) == stored
    assert unpack(stored, objects) == content
    assert objects.names("large/") == [name_of(stored[1:].decode())]


def test_what_is_missing_or_was_altered_beside_the_table_is_not_taken(objects: FileObjects, tmp_path: Path) -> None:
    stored = pack(secrets.token_bytes(2 * MOST_BYTES), objects)
    (lying,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    lying.chmod(0o600)
    lying.write_bytes(b"other")
    with pytest.raises(ValueError, match="altered"):
        unpack(stored, objects)
    lying.unlink()
    with pytest.raises(ValueError, match="missing"):
        unpack(stored, objects)


@pytest.mark.parametrize("stored", [b"", b"x", b"znot zlib", b"s" + b"0" * 64])
def test_what_this_program_did_not_write_is_refused(objects: FileObjects, stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"packed|missing"):
        unpack(stored, objects)


def test_a_state_comes_back_from_its_bytes_and_stays_small() -> None:
    state = State(filers=("ae81521a3e91667b",), rule_set="6edac33df0655727", events=3)
    assert unpack_state(pack_state(state)) == state
    assert len(pack_state(state)) < len(state_text(pack_state(state)))
    with pytest.raises(ValueError, match="not a state"):
        state_text(b"\xff\xff\xff")
