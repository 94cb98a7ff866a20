"""`zhibao forms import`: the definition on standard output, what is not in it on standard error, the exit status."""

from pathlib import Path

from click.testing import CliRunner

import handlers.cli  # the rooms register their commands
from handlers.commands.base import zhibao
from tests.forms.xlsforms import EXAMPLES, NOTHING_LEFT


def run(*arguments: str) -> tuple[int, str, str]:
    assert handlers.cli.ROOMS
    result = CliRunner().invoke(zhibao, ["forms", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_usable_definition_comes_out_with_the_list_of_what_is_not_in_it(tmp_path: Path) -> None:
    file, made = tmp_path / "types.xlsx", tmp_path / "types.yaml"
    file.write_bytes(EXAMPLES["question types"].workbook())
    code, text, listed = run("import", str(file), "--first-year", "2027")
    assert code == 0
    assert "types.xlsx: survey:9 type: 题型 geopoint 不能导入" in listed
    made.write_text(text, encoding="utf-8")
    assert run("check", str(made))[0] == 0
    assert "first_year: '2027'" in text


def test_it_may_be_written_to_a_file(tmp_path: Path) -> None:
    file, made = tmp_path / "hints.xlsx", tmp_path / "hints.yaml"
    file.write_bytes(EXAMPLES["hints"].workbook())
    code, text, _ = run("import", str(file), "--out", str(made))
    assert (code, text) == (0, "")
    assert run("check", str(made))[0] == 0


def test_nothing_usable_is_bad_input_and_writes_nothing(tmp_path: Path) -> None:
    file, made = tmp_path / "x.xlsx", tmp_path / "x.yaml"
    file.write_bytes(NOTHING_LEFT["only what a telephone can ask"].workbook())
    code, text, said = run("import", str(file), "--out", str(made))
    assert (code, text, made.exists()) == (2, "", False)
    assert "geopoint" in said
    file.write_bytes(b"not a workbook")
    assert run("import", str(file))[0] == 2
