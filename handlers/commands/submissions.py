"""Commands on returns: the operator's import of drafts in the units' names."""

import sys
from pathlib import Path

import click

from handlers.commands.base import BadInput, home, zhibao

MAX_FILE = 100_000_000
"""Bytes; the rows of a file are held until its last one is read."""


@zhibao.group()
def submissions() -> None:
    """Import returns."""


@submissions.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=int, required=True)
@click.option("--form", required=True)
@click.option("--sealed", is_flag=True, help="seal them as well: only in a demo home or a closed past year")
def import_file(file: Path, year: int, form: str, *, sealed: bool) -> None:
    """Make a draft of each unit in FILE.csv, which the unit looks through and seals by its own link.

    All of FILE or nothing; killed half-way, the same command goes on. Columns: unit_id, item, value, unit, and if
    wanted status and explanation. Exit 1 when a unit began to fill while the drafts were written: it keeps its own.
    """
    from workflows.importing_returns import ImportRefused, ReturnsFile, import_returns, overtaken_text

    if file.stat().st_size > MAX_FILE:
        raise BadInput(f"{file.name}: 超过 100 MB，请分几个文件导入 (larger than 100 MB; split it)")
    with home() as installation:
        source, demo = ReturnsFile(file.name, file.read_bytes()), installation.settings.is_demo
        try:
            report = import_returns(installation.services, source, year=year, form=form, sealed=sealed, demo=demo)
        except ImportRefused as refused:
            raise BadInput(str(refused)) from refused
    kind = "份已封存 (sealed)" if sealed else "份草稿 (drafts)"
    click.echo(f"{file.name}: {report.written} {kind}, {report.already} 份此前已导入 (already there)")
    if report.overtaken:
        click.echo(overtaken_text(report.overtaken), err=True)
        sys.exit(1)
