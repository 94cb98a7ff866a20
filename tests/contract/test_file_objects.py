"""Objects as files: what a kill or a power failure leaves behind."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from infra.file_objects import FileObjects

KILLED = """
import sys
from pathlib import Path
from infra.file_objects import FileObjects
objects = FileObjects(Path(sys.argv[1]))
data = b"x" * 8_000_000
print("begun", flush=True)
for number in range(1000):
    objects.create(f"big/{number:04d}", data)
    objects.swap("pointer", data + str(number).encode(), (objects.read_with_tag("pointer") or (b"", None))[1])
"""


@pytest.mark.parametrize("milliseconds", [1, 30, 90])
def test_a_kill_in_the_middle_leaves_only_whole_objects(tmp_path: Path, milliseconds: int) -> None:
    folder = tmp_path / "objects"
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, cwd=Path.cwd())
    assert child.stdout is not None
    with child.stdout as said:
        assert said.readline() == b"begun\n"
        threading.Event().wait(milliseconds / 1000)
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    objects = FileObjects(folder)
    names = objects.names("")
    assert all(len(objects.read(name) or b"") >= 8_000_000 for name in names)
    assert set(names) <= {"pointer", *(f"big/{number:04d}" for number in range(1000))}
    following = f"big/{len(objects.names('big/')):04d}"
    assert objects.create(following, b"after")
    assert objects.read(following) == b"after"


class Killed(BaseException):
    """The process ended here."""


def test_a_writer_killed_before_its_object_appears_leaves_nothing_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = FileObjects(tmp_path / "objects")

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(Killed):
            objects.create("big/1", b"half")
    leftovers = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(leftovers) <= 1
    assert objects.names("") == objects.names("big/") == []
    assert objects.read("big/1") is None
    assert objects.create("big/1", b"whole")
    assert objects.names("") == ["big/1"]


def test_files_are_synced_before_they_appear_and_their_folders_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power failure would otherwise undo: the object's name, and that of each folder made for it."""
    objects, happened = FileObjects(tmp_path / "objects"), list[str]()
    fsync, link = os.fsync, os.link

    def synced(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink()).removeprefix(str(tmp_path)).lstrip("/")
        happened.append("file" if ".tmp-" in path else path)
        fsync(handle)

    def linked(source: Path, target: Path) -> None:
        happened.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "link", linked)
    objects.create("a/b/c", b"x")
    assert happened == ["objects", "objects/a", "file", "link", "objects/a/b"]
    happened.clear()
    assert objects.create("a/b/c", b"x") is False
    assert happened == ["objects/a/b"], "who is told that it is there may rely on it"
