"""An upload that nobody filled in good faith is refused within 300 MB, in a process that could not take more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forms.loading import shipped_forms
from forms.spreadsheet import read_filled
from forms.spreadsheet_archive import MAX_FILE
from forms.spreadsheet_stamp import Stamp
from forms.spreadsheet_writing import Filling, write_template
from tests.forms.hostile_workbooks import HOSTILE, harmless

MOST_MEMORY = 300_000_000
HANGS = 60
"""Seconds after which a reader that hangs is ended; what is measured is its processor time."""
MOST_SECONDS = 2
READER = """
import resource, sys
from pathlib import Path
from forms.loading import shipped_forms
from forms.spreadsheet import WorkbookRefused, read_filled
definition = shipped_forms().in_force("107-2", 2031)
data = Path(sys.argv[1]).read_bytes()
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime
resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + int(sys.argv[3]) + 1,) * 2)
try:
    read_filled(data).inputs(definition, starred=True)
except WorkbookRefused as refused:
    print(refused.zh)
else:
    print("taken")
"""
"""Reads one file with 300 MB of addresses and 2 (at most 3) seconds of processor time; killed when it wants more."""


@pytest.fixture(scope="module")
def template() -> bytes:
    definition = shipped_forms().in_force("107-2", 2031)
    stamp = Stamp("submission", definition.version, 1)
    return write_template(Filling(definition, 2031, "U1", "示例企业", True, stamp, {"papers": "7"}))


def read_in_bounds(data: bytes, folder: Path) -> str:
    """What the reader says of a file; a reader that wanted more memory or time fails the test."""
    file = folder / "upload.xlsx"
    file.write_bytes(data)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", READER, str(file), str(MOST_MEMORY), str(MOST_SECONDS)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=HANGS, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout.strip()


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_with_what_to_do(case: str, template: bytes, tmp_path: Path) -> None:
    data = HOSTILE[case](template)
    said = read_in_bounds(data, tmp_path)
    assert said != "taken"
    assert "请" in said, said


def test_the_template_itself_is_taken_in_the_same_bounds(template: bytes, tmp_path: Path) -> None:
    assert read_in_bounds(template, tmp_path) == "taken"


def test_what_other_programs_leave_behind_does_no_harm(template: bytes) -> None:
    definition = shipped_forms().in_force("107-2", 2031)
    expected = read_filled(template).inputs(definition, starred=True)
    for name, data in harmless(template):
        assert read_filled(data).inputs(definition, starred=True) == expected, name


def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    assert read_in_bounds(b"PK" + bytes(MAX_FILE), tmp_path) != "taken"
