"""The linter: it accepts every good definition, and says of each bad one what is wrong with it, and where."""

import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from forms.checking import check_file
from forms.faults import Fault
from forms.loading import shipped_forms
from handlers.cli import zhibao

EXAMPLES: Final = Path(__file__).parent / "examples"
VALID: Final = sorted((EXAMPLES / "valid").glob("*.yaml"))
INVALID: Final = sorted((EXAMPLES / "invalid").glob("*.yaml"))
SHIPPED: Final = sorted((Path(__file__).parents[2] / "forms" / "definitions").glob("*/*.yaml"))
ELSEWHERE: Final = {Fault.FILE_TOO_LONG, Fault.WRONG_FILE_NAME, Fault.NO_SUCH_RULE}
"""Said of a file too long to keep as an example, of a file in the wrong folder, and of an overlay of severities."""


def says(fault: Fault, message: str) -> bool:
    """Whether a message is this fault's, whatever was filled in."""
    pattern = re.escape(f"{fault.zh} {fault.en}")
    return re.search(re.sub(r"\\\{[^}]*\\\}", ".*", pattern), message, re.DOTALL) is not None


@pytest.mark.parametrize("file", [*VALID, *SHIPPED], ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_good_definition_is_accepted(file: Path) -> None:
    assert check_file(file.read_text(encoding="utf-8"), file.name, shipped_forms()) == ()


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_a_bad_definition_is_refused_with_its_own_message(file: Path) -> None:
    """The name of the file is the fault it was made with; each has no other."""
    fault = Fault[file.stem.upper()]
    text = file.read_text(encoding="utf-8")
    problems = check_file(text, file.name, shipped_forms())
    assert problems
    assert [problem.message for problem in problems if not says(fault, problem.message)] == []
    for problem in problems:
        assert 1 <= problem.line <= len(text.splitlines()) + 1
        assert problem.column >= 1


def test_there_is_a_bad_example_of_every_message() -> None:
    assert {Fault[file.stem.upper()] for file in INVALID} == set(Fault) - ELSEWHERE
    assert len(INVALID) >= 60


def test_no_two_messages_are_alike() -> None:
    assert len({fault.zh for fault in Fault}) == len({fault.en for fault in Fault}) == len(Fault)


def test_the_command_names_file_line_and_column_and_ends_with_2() -> None:
    file = EXAMPLES / "invalid" / "no_such_item.yaml"
    result = CliRunner().invoke(zhibao, ["forms", "check", str(file)])
    assert result.exit_code == 2
    line = next(
        number for number, text in enumerate(file.read_text().splitlines(), 1) if "parts," in text or ">= parts" in text
    )
    assert f"no_such_item.yaml:{line}:" in result.stderr
    assert "本表没有 'parts' 这一项" in result.stderr


def test_the_command_accepts_a_good_file_and_refuses_what_is_no_text(tmp_path: Path) -> None:
    good = CliRunner().invoke(zhibao, ["forms", "check", str(VALID[0])])
    assert (good.exit_code, "没有问题" in good.stdout) == (0, True)
    coded = tmp_path / "coded.yaml"
    coded.write_bytes("form: 小表".encode("gb18030"))
    assert CliRunner().invoke(zhibao, ["forms", "check", str(coded)]).exit_code == 2


def test_a_rule_across_forms_is_checked_in_the_place_of_each() -> None:
    text = """\
rules:
- {id: X1, forms: [107-1, 107-2], severity: query, source: 试, zh: 试。, en: Trial.,
   expression: 'form("107-2").rd_cost >= 1'}
"""
    (problem,) = check_file(text, "across.yaml", shipped_forms())
    assert says(Fault.NO_SUCH_ITEM, problem.message)
    assert problem.line == 3
