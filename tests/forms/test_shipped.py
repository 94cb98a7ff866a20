"""The forms as they come compiled: the same as their definitions, or not used."""

from pathlib import Path

import pytest

from forms import shipped
from forms.shipped import compile_forms, read_compiled, shipped_forms


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    file = tmp_path / "compiled.pickle"
    compile_forms(file)
    return file


def test_what_was_compiled_is_what_the_definitions_say(compiled: Path) -> None:
    found = read_compiled(compiled)
    assert found is not None
    assert repr(found.layouts) == repr(shipped_forms().layouts)
    assert [one.version for one in found.layouts] == [one.version for one in shipped_forms().layouts]


def test_a_definition_that_changed_since_is_read_as_ever(compiled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "source_hash", lambda: bytes(32))
    assert read_compiled(compiled) is None


def test_what_no_definition_stands_behind_is_never_opened(tmp_path: Path) -> None:
    """A pickle could run anything: its own hash is looked at first, and a missing file is no error."""
    file = tmp_path / "forged.pickle"
    file.write_bytes(bytes(32) + b"cos\nsystem\n(S'false'\ntR.")
    assert read_compiled(file) is None
    assert read_compiled(tmp_path / "missing") is None


def test_nothing_compiled_lies_in_the_source(tmp_path: Path) -> None:
    assert not shipped.COMPILED.exists()
