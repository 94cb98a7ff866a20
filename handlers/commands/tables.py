"""Commands of the published tables."""

import sys

import click

from handlers.commands.base import BadInput, home, zhibao
from register.seats import Role


@zhibao.group()
def tables() -> None:
    """Build, list and get the published tables."""


@tables.command(name="build")
@click.argument("name", required=False)
@click.option("--year", type=int, required=True)
def build_tables(name: str | None, year: int) -> None:
    """Build NAME, or every table, of a year from what is accepted now."""
    with home() as installation:
        installation.sweep.run()
        for manifest in installation.workshop.build(name, year, installation.services.clock.now()):
            marks = " ".join(mark["mark"] for mark in manifest.marks if "region_code" not in mark)
            click.echo(
                f"{manifest.name} {manifest.year} v{manifest.number}: {manifest.body['rows']} rows {marks}".rstrip()
            )


@tables.command(name="list")
def list_tables() -> None:
    """List what is published."""
    from indicators.tables import published

    with home() as installation:
        for manifest in published(installation.objects, installation.frames.years()):
            rows = manifest.body["rows"]
            click.echo(f"{manifest.year} {manifest.name} v{manifest.number} {rows} rows {manifest.logical_hash}")


@tables.command(name="get")
@click.argument("name")
@click.option("--year", type=int, required=True)
@click.option(
    "--format", "wanted", type=click.Choice(["csv", "parquet", "xlsx", "json"]), default="csv", show_default=True
)
def get_table(name: str, year: int, wanted: str) -> None:
    """Write one table to standard output: the file alone."""
    from handlers.table_access import NotPublished, Reader, table_file

    with home() as installation:
        frame = installation.workshop.frame(year)
        reader = Reader("command line", Role.OFFICE.value, frame.regions.province.code)
        try:
            data = table_file(installation, reader, name, year, wanted)
        except NotPublished as error:
            raise BadInput(
                f"{error}: 还没有生成，先运行 zhibao tables build {name} --year {year} (not built)"
            ) from error
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@tables.command(name="verify")
def verify_tables() -> None:
    """Check every published file against its manifest, and what tables are built from against its hash."""
    from indicators.definition import shipped_tables
    from indicators.publishing import verify as verify_published
    from indicators.verifying_sources import verify_sources

    with home() as installation:
        problems = verify_published(installation.objects, list(shipped_tables()), installation.frames.years())
        problems += verify_sources(installation.objects)
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{len(problems)} problems")
    if problems:
        sys.exit(1)
