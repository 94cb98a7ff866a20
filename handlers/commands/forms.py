"""Commands on form definitions."""

import sys
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import click

from handlers.commands.base import BadInput, home, zhibao

BAD_INPUT = 2


@zhibao.group()
def forms() -> None:
    """Check form definitions, and make one of an XLSForm."""


@forms.command(name="check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_form(file: Path) -> None:
    """Say all that is wrong with a definition FILE, each with its line and column; exit 2 if anything is."""
    from forms.checking import check_file
    from forms.loading import shipped_forms

    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: 不是 UTF-8 文本，请另存为 UTF-8。 This is not UTF-8 text.") from error
    problems = check_file(text, str(file), shipped_forms())
    for problem in problems:
        path = f"{problem.path}: " if problem.path else ""
        click.echo(f"{file}:{problem.line}:{problem.column}: {path}{problem.message}", err=True)
    if problems:
        click.echo(f"{len(problems)} 个问题 problems", err=True)
        sys.exit(BAD_INPUT)
    click.echo(f"{file}: 没有问题 no problems")


@forms.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="write the definition here, not to stdout")
@click.option("--first-year", type=click.IntRange(1949, 2999), help="the layout's first year; this year if not given")
def import_form(file: Path, out: Path | None, first_year: int | None) -> None:
    """Make a definition (YAML) of the XLSForm FILE.xlsx, and list what was not carried over.

    The list goes to standard error, each line with sheet, row and column. Exit 2, and no definition, when nothing
    usable came out.
    """
    from forms.loading import shipped_forms
    from forms.xlsform import XlsFormRefused, convert_xlsform

    if find_spec("pyxform") is None:
        raise BadInput(
            "这里没有装 pyxform：pip install --require-hashes -r requirements-xlsform.txt (pyxform is missing)"
        )
    year = first_year or datetime.now().astimezone().year
    try:
        converted = convert_xlsform(file.read_bytes(), file.name, first_year=year, known=shipped_forms())
    except XlsFormRefused as refused:
        raise BadInput(f"{file.name}: 没有导入 (nothing was imported)\n{refused}") from refused
    if out is None:
        click.echo(converted.text, nl=False)
    else:
        out.write_text(converted.text, encoding="utf-8")
    for note in converted.notes:
        click.echo(f"{file.name}: {note}", err=True)
    click.echo(f"{file.name}: {len(converted.notes)} 条说明 (notes)", err=True)


@forms.command(name="severities")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=int, required=True, help="The year whose accepted returns are looked at.")
@click.option("--adopt", is_flag=True, help="Put the severities in force.")
def severities(file: Path, year: int, *, adopt: bool) -> None:
    """Say what severities in FILE would do to the accepted returns of a year; with --adopt put them in force."""
    from forms.loading import DefinitionError, shipped_forms
    from forms.severities import read_overlay
    from workflows import rule_sets
    from workflows.comparing_rules import compare

    text, shipped = file.read_text(encoding="utf-8-sig"), shipped_forms()
    try:
        overlay = read_overlay(text, str(file), shipped)
    except DefinitionError as error:
        raise BadInput(str(error)) from error
    with home() as installation:
        for collection in installation.store.collections(year):
            found = compare(installation.services, year, collection.form, overlay.over(shipped))
            click.echo(f"{found.form}: 已验收 accepted {found.accepted}，会不通过 would fail {found.failed}")
            for (rule, severity), count in sorted(found.by_rule.items()):
                click.echo(f"  {rule} {severity.value}: {count}")
        if adopt:
            rule_sets.adopt(installation.services, text, shipped)
            click.echo(f"{overlay.version}: 从下次启动起生效 in force from the next start")


@forms.command(name="outliers")
@click.option("--year", type=int, required=True, help="The year whose returns are looked at together.")
def outliers(year: int) -> None:
    """Find figures that moved unlike those of similar units, and rank them for every seat by their effect."""
    from handlers.bootstrap import bulk_edits
    from workflows.outlying import find_outliers

    with home() as installation:
        found = find_outliers(installation.services, bulk_edits(), year)
    click.echo(f"{year}: {found} 份报表有变动不寻常的数，已按影响排序 returns ranked for their reviewers")
