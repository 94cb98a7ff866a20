"""`zhibao submissions import`: drafts in the units' names, all of a file or nothing, nothing typed is overwritten."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import handlers.cli  # the rooms register their commands
from handlers.commands.base import zhibao
from infra.settings import DEMO_MARK
from register.units import make_synthetic_credit_code
from tests.handlers.world import SIGN_OFF, YEAR, World, found, open_year
from workflows import checking_returns, imported, importing_returns
from workflows.deadlines import read_instant
from workflows.filing import Entry, save
from workflows.links import FilingLink
from workflows.ports import DraftConflict
from workflows.services import Services
from workflows.submissions import Submission, submission_id

HEADER = "unit_id,item,value,unit,status,explanation\n"
Run = Callable[..., Result]


def unit(number: int) -> str:
    return make_synthetic_credit_code(number)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three invited enterprises."""
    made = found(tmp_path / "home")
    open_year(made)
    yield made
    made.home.close()


@pytest.fixture
def run(world: World, tmp_path: Path) -> Run:
    """Imports a text (or bytes) as a file, by the command line over that home."""
    assert handlers.cli.ROOMS
    runner = CliRunner(env={"ZHIBAO_HOME": str(world.home.settings.home), "ZHIBAO_BASE_URL": "http://localhost"})

    def importing(data: str | bytes, *more: str, year: int = YEAR, name: str = "returns.csv") -> Result:
        file = tmp_path / name
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        arguments = ["submissions", "import", str(file), "--year", str(year), "--form", "107-2", *more]
        return runner.invoke(zhibao, arguments)

    return importing


def submission(world: World, number: int) -> Submission:
    there = world.home.store.submission(submission_id(world.home.store.home_key(), YEAR, "107-2", unit(number)))
    assert there is not None
    return there


def inputs(world: World, number: int) -> dict[str, str]:
    """What a unit's draft holds; empty when there is none."""
    draft = world.home.store.draft(submission(world, number).id)
    return dict(draft.inputs) if draft else {}


def whole(world: World, *numbers: int, **other: str) -> str:
    """A file with every item of these units, 0 unless said otherwise."""
    items = world.home.forms.in_force("107-2", YEAR).items.values()
    rows = [f"{unit(n)},{item.key},{other.get(item.key, '0')},{item.unit},,\n" for n in numbers for item in items]
    return HEADER + "".join(rows)


def refused(result: Result) -> list[str]:
    """The lines of a refusal with status 2 (`main` prints them; here they are the exception)."""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return str(result.exception).splitlines()
    assert result.exit_code == 2, result.output
    return result.output.splitlines()


def test_an_imported_draft_waits_for_its_unit_to_seal_it(world: World, run: Run) -> None:
    text = f"{HEADER}{unit(1)},rd_staff_total,12,人,,\n{unit(1)},papers,3,篇,estimated,年末另有一篇待刊\n"
    result = run(text)
    assert (result.exit_code, "1 份草稿" in result.output) == (0, True)
    draft = inputs(world, 1)
    assert draft.pop("report_date")
    assert draft == {
        "rd_staff_total": "12",
        "papers": "3",
        "papers-status": "estimated",
        "papers-note": "年末另有一篇待刊",
    }
    assert submission(world, 1).state.stage.value == "draft"
    assert submission(world, 1).state.revision == 0
    assert inputs(world, 2) == {}
    traces = [trace for _, trace in world.home.store.traces(submission(world, 1).id)]
    assert [(trace.action, trace.channel) for trace in traces] == [("save", "imported")]
    assert traces[0].device == f"returns.csv sha256:{sha256(text.encode()).hexdigest()}"


def test_the_unit_has_its_invitation_and_seals_the_import_by_its_own_link(world: World, run: Run) -> None:
    assert run(whole(world, 1, papers="7")).exit_code == 0
    path, browser = world.link("unit1@units.example", "f"), world.client()
    assert 'value="7"' in browser.get(path).text
    data = {**inputs(world, 1), **SIGN_OFF, "draft_version": "1", "action": "submit", **world.csrf(browser)}
    assert browser.post(path, data=data).status_code == 303
    assert submission(world, 1).state.revision == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheets_encodings_are_read(world: World, run: Run, encoding: str) -> None:
    text = f"{HEADER}{unit(1)},rd_staff_total,12,人,预估,约数\n"
    assert run(text.encode(encoding)).exit_code == 0
    assert inputs(world, 1)["rd_staff_total-note"] == "约数"


WRONG = {
    "unknown unit": ("X1,papers,1,篇,,", 2, "unit_id", "名录库"),
    "unknown item": (f"{unit(1)},paperz,1,篇,,", 2, "item", "rd_staff_total"),
    "a table the form has not": (f"{unit(1)},projects.1.project_name,甲,,,", 2, "item", "107-2"),
    "wrong unit of measure": (f"{unit(1)},rd_cost_total,1,万元,,", 2, "unit", "计量单位 千元"),
    "no unit of measure": (f"{unit(1)},rd_cost_total,1,,,", 2, "unit", "计量单位 千元"),
    "not a number": (f"{unit(1)},papers,三,篇,,", 2, "value", "只填阿拉伯数字"),
    "an exponent": (f"{unit(1)},papers,1e3,篇,,", 2, "value", "只填阿拉伯数字"),
    "negative": (f"{unit(1)},papers,-1,篇,,", 2, "value", "负数"),
    "too fine": (f"{unit(1)},papers,1.5,篇,,", 2, "value", "整数"),
    "infinite": (f"{unit(1)},papers,Infinity,篇,,", 2, "value", "只填阿拉伯数字"),
    "unknown status": (f"{unit(1)},papers,1,篇,maybe,", 2, "status", "estimated"),
    "refused without a reason": (f"{unit(1)},papers,,篇,refused,", 2, "explanation", "原因"),
    "a figure beside unknown": (f"{unit(1)},papers,1,篇,unknown,", 2, "value", "未知"),
    "twice": (f"{unit(1)},papers,1,篇,,\n{unit(2)},papers,1,篇,,\n{unit(1)},papers,1,篇,,", 4, "item", "第 2 行"),
    "a formula": (f'{unit(1)},papers,"=1+1",篇,,', 2, "value", "只填阿拉伯数字"),
    "too few cells": (f"{unit(1)},papers,1", 2, "", "6 格"),
    "a blank unit": (",papers,1,篇,,", 2, "unit_id", "必填"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_wrong_cell_keeps_the_whole_file_out_and_says_where(world: World, run: Run, case: str) -> None:
    rows, line, column, expected = WRONG[case]
    lines = refused(run(f"{HEADER}{rows}\n{unit(3)},papers,1,篇,,\n"))
    place = f"returns.csv:{line}: " + (f"column {column}: " if column else "")
    assert any(one.startswith(place) and expected in one for one in lines), lines
    assert [inputs(world, number) for number in (1, 2, 3)] == [{}, {}, {}]


def test_a_unit_of_which_the_form_is_not_expected_is_named(world: World, run: Run) -> None:
    header = "unit_id,name,kind,region_code,reviewing_body,industry_code,email\n"
    from workflows.calendars import Calendar
    from workflows.collecting import open_collection
    from workflows.registering import import_units

    rows = f"{unit(8)},示例企业8号,enterprise,990101,,3911,u8@units.example\n"
    rows += "OFFICE,示例县局,county,990101,,,o@units.example\n"
    import_units(world.home.services, (header + rows).encode(), "units.csv")
    open_collection(
        world.home.services, year=YEAR + 1, form="107-2", calendar=Calendar(read_instant("2033-03-10T24:00"))
    )
    lines = refused(run(f"{HEADER}OFFICE,papers,1,篇,,\n", year=YEAR + 1))
    assert "returns.csv:2: column unit_id" in lines[0]
    assert "应报单位" in lines[0]


def test_what_a_unit_has_typed_is_never_overwritten(world: World, run: Run) -> None:
    browser, path = world.client(), world.link("unit2@units.example", "f")
    browser.post(path, data={"papers": "9", "action": "save", **world.csrf(browser)})
    world.file(3)
    before = inputs(world, 2)
    lines = refused(run(whole(world, 1, 2, 3)))
    assert any("还没有动过的草稿" in one and f'"{unit(2)}"' in one for one in lines), lines
    assert any("还没有报送过" in one and f'"{unit(3)}"' in one for one in lines), lines
    assert len(lines) == 2
    assert (inputs(world, 1), inputs(world, 2)) == ({}, before)


def test_a_corrected_file_replaces_an_import_nobody_touched(world: World, run: Run) -> None:
    assert run(f"{HEADER}{unit(1)},papers,3,篇,,\n").exit_code == 0
    assert run(f"{HEADER}{unit(1)},papers,4,篇,,\n").exit_code == 0
    assert inputs(world, 1)["papers"] == "4"
    assert len(world.home.store.traces(submission(world, 1).id)) == 2


def test_the_same_file_goes_on_where_it_stopped(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine dies at the second unit; the first begins to type; then the operator repeats the command."""
    text, saved = whole(world, 1, 2, 3), list[tuple[Any, ...]]()

    def dying(*arguments: Any) -> object:
        if saved:
            raise KeyboardInterrupt
        saved.append(arguments)
        return save(*arguments)

    monkeypatch.setattr(importing_returns, "save", dying)
    assert run(text).exit_code != 0
    monkeypatch.undo()
    assert [bool(inputs(world, number)) for number in (1, 2, 3)] == [True, False, False]
    browser, path = world.client(), world.link("unit1@units.example", "f")
    typed = {"papers": "5", "draft_version": "1", "action": "save", **world.csrf(browser)}
    assert browser.post(path, data=typed).status_code == 303
    result = run(text)
    assert (result.exit_code, "2 份草稿" in result.output, "1 份此前已导入" in result.output) == (0, True, True)
    assert inputs(world, 1)["papers"] == "5"
    assert inputs(world, 3)["papers"] == "0"


def test_a_unit_that_begins_to_type_while_drafts_are_written_keeps_its_own(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faster(services: Services, link: FilingLink, entry: Entry, *rest: Any) -> object:
        if entry.inputs["papers"] == "2":
            raise DraftConflict(None)
        return save(services, link, entry, *rest)

    monkeypatch.setattr(importing_returns, "save", faster)
    result = run(f"{HEADER}{unit(1)},papers,1,篇,,\n{unit(2)},papers,2,篇,,\n{unit(3)},papers,3,篇,,\n")
    assert result.exit_code == 1
    assert unit(2) in result.output
    assert [bool(inputs(world, number)) for number in (1, 2, 3)] == [True, False, True]


def test_an_explanation_answers_the_rules_that_ask_about_its_item(world: World, run: Run) -> None:
    """R17 asks why costs and sources of funds differ; the reason of the item is what the unit would have written."""
    text, reason = whole(world, 1, rd_staff_total="1", rd_cost_labour="10", rd_cost_total="10"), "来源为上年结转"
    asked = f"{unit(1)},rd_cost_total,10,千元,,"
    assert run(text.replace(asked, asked + reason)).exit_code == 0
    draft = inputs(world, 1)
    assert {draft["rd_cost_total-note"], draft["explanation-R17"]} == {reason}
    assert [name for name in draft if name.startswith("explanation-") and "-for" not in name] == ["explanation-R17"]


def test_a_row_may_give_the_reason_of_one_rule(world: World, run: Run) -> None:
    row = f"{unit(1)},explanation-R17,来源为上年结转,,,\n"
    assert run(whole(world, 1, rd_cost_total="10", rd_cost_labour="10", rd_staff_total="1") + row).exit_code == 0
    assert inputs(world, 1)["explanation-R17"] == "来源为上年结转"
    lines = refused(run(f"{HEADER}{unit(2)},explanation-R01,不能说明,,,\n"))
    assert "column item" in lines[0]


def test_the_unit_sees_from_what_its_draft_was_imported(world: World, run: Run) -> None:
    text = whole(world, 1)
    assert run(text, name="上年报表.csv").exit_code == 0
    page = world.client().get(world.link("unit1@units.example", "f")).text
    assert "上年报表.csv" in page
    assert sha256(text.encode()).hexdigest() in page
    assert "导入" not in world.client().get(world.link("unit2@units.example", "f")).text


def test_sealing_is_for_a_demo_home_or_a_closed_past_year(world: World, run: Run) -> None:
    (world.home.settings.home / DEMO_MARK).unlink()
    lines = refused(run(whole(world, 1), "--sealed"))
    assert "--sealed" in lines[-1]
    assert inputs(world, 1) == {}


def test_what_the_unit_has_sent_itself_is_no_import_any_more(world: World, run: Run) -> None:
    assert run(whole(world, 1)).exit_code == 0
    path, browser = world.link("unit1@units.example", "f"), world.client()
    data = {**inputs(world, 1), **SIGN_OFF, "draft_version": "1", "action": "submit", **world.csrf(browser)}
    assert browser.post(path, data=data).status_code == 303
    assert "returns.csv" not in browser.get(path).text


def test_the_unit_sees_that_its_return_was_sealed_by_an_import(world: World, run: Run) -> None:
    assert run(whole(world, 1), "--sealed").exit_code == 0
    page = world.client().get(world.link("unit1@units.example", "f")).text
    assert "returns.csv" in page
    assert "导入并封存" in page


def test_the_program_itself_exits_with_2_and_says_where(world: World, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{HEADER}{unit(1)},papers,三,篇,,\n", encoding="utf-8")
    arguments = ["submissions", "import", str(file), "--year", str(YEAR), "--form", "107-2"]
    environment = {"ZHIBAO_HOME": str(world.home.settings.home), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", "from handlers.cli import main; main()", *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("bad.csv:2: column value: found")


def test_a_demo_home_takes_sealed_returns(world: World, run: Run) -> None:
    result = run(whole(world, 1, 2), "--sealed")
    assert (result.exit_code, "2 份已封存" in result.output) == (0, True)
    state = submission(world, 1).state
    assert (state.stage.value, state.revision) == ("in_review", 1)
    again = run(whole(world, 1, 2), "--sealed")
    assert (again.exit_code, "2 份此前已导入" in again.output) == (0, True)
    assert submission(world, 1).state.revision == 1


def test_a_sealed_import_says_that_nobody_signed_unless_the_file_says_who(world: World, run: Run) -> None:
    from workflows.filing import sealed_content

    signed = "".join(f"{unit(2)},{name},{text},,,\n" for name, text in SIGN_OFF.items())
    assert run(whole(world, 1, 2) + signed, "--sealed").exit_code == 0
    contents = [sealed_content(world.home.services, submission(world, number), 1) for number in (1, 2)]
    heads = [content.signoff.unit_head for content in contents if content]
    assert heads == [checking_returns.UNSIGNED, SIGN_OFF["unit_head"]]


def test_what_a_unit_could_not_seal_no_import_seals(world: World, run: Run) -> None:
    """A total is not its parts; a required item is missing."""
    spoiled = whole(world, 1, rd_cost_total="5") + whole(world, 2).removeprefix(HEADER)
    lines = refused(run(spoiled.replace(f"{unit(2)},papers,0,篇,,\n", ""), "--sealed"))
    assert any("研究开发费用合计" in one and unit(1) in one for one in lines), lines
    assert any("发表科技论文" in one and unit(2) in one for one in lines), lines
    assert [submission(world, number).state.revision for number in (1, 2)] == [0, 0]


def test_a_closed_past_year_takes_sealed_returns_and_no_drafts(world: World, run: Run) -> None:
    from workflows.collecting import close_collection

    (world.home.settings.home / DEMO_MARK).unlink()
    close_collection(world.home.services, YEAR)
    # the command line's own clock stands before 2031: the use case is asked with the clock of this world
    from workflows.importing_returns import ImportRefused, ReturnsFile, import_returns

    file = ReturnsFile("returns.csv", whole(world, 1).encode())
    with pytest.raises(ImportRefused, match="已经截止"):
        import_returns(world.home.services, file, year=YEAR, form="107-2")
    report = import_returns(world.home.services, file, year=YEAR, form="107-2", sealed=True)
    assert (report.written, submission(world, 1).state.revision) == (1, 1)
    before = len(world.post.letters)
    world.sweep()
    sent = [(letter.to_email, letter.subject[:8]) for letter in world.post.letters[before:]]
    assert sent == [("unit1@units.example", "【直报】【示例】")]
    assert "回执" in world.post.letters[-1].subject


def test_a_year_that_was_never_opened_is_bad_input(run: Run) -> None:
    assert "collection open" in refused(run(f"{HEADER}X,papers,1,篇,,\n", year=2019))[-1]


def test_a_file_of_too_many_rows_is_refused_before_anything_is_written(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows import returns_file

    monkeypatch.setattr(returns_file, "MAX_ROWS", 50)
    lines = refused(run(whole(world, 1)))
    assert lines[0].startswith("returns.csv:52:")
    assert inputs(world, 1) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"PK\x03\x04" + bytes(range(256)),
        b"unit_id,item\n",
        HEADER.encode(),
        b"\xff\xfe" + HEADER.encode("utf-16-le"),
        (HEADER + '"' + "a," * 100_000).encode(),
        HEADER.encode() + b"\xe4\xb8",
        ("," * 5000 + "\n").encode(),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_place(world: World, run: Run, data: bytes) -> None:
    lines = refused(run(data))
    assert all(line.startswith(("returns.csv:", "共")) for line in lines), lines
    assert world.home.store.draft(submission(world, 1).id) is None


def test_the_channel_is_one_word_for_those_who_check_for_filling_in_for_others() -> None:
    assert imported.CHANNEL == "imported"
