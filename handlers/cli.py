"""The command line of staff and operators: `zhibao`. Exit 0 on success, 2 on bad usage or bad input, 1 otherwise."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from handlers.bootstrap import NoHome, Zhibao, settings_from_environment, wire
from handlers.demo.home import DemoRefused
from indicators.tables import NoCollection
from infra.settings import SettingsError
from register.problems import ImportProblems
from register.seats import Role
from workflows.collecting import CollectionRefused, close_collection, open_collection
from workflows.deadlines import Calendar, DeadlineError, read_instant, show_deadline, show_instant
from workflows.tokens import TokenRefused, create_token, revoke_token

MAX_FILE = 500_000_000


class BadInput(click.ClickException):
    """Something the user gave is wrong; nothing was written."""

    exit_code = 2


@contextmanager
def home(*, make: bool = False) -> Iterator[Zhibao]:
    """The installation the environment names, closed again at the end."""
    installation = wire(settings_from_environment(), make=make)
    try:
        yield installation
    finally:
        installation.close()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhibao")
def zhibao() -> None:
    """直报: annual statistical returns, reviewed by mailed link, published as indicator tables."""


@zhibao.command()
def init() -> None:
    """Make an empty home in ZHIBAO_HOME."""
    with home(make=True) as installation:
        click.echo(f"{installation.settings.home.resolve()}")


@zhibao.command(name="import")
@click.argument("kind", type=click.Choice(["regions", "units", "staff", "reference"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(kind: str, file: Path) -> None:
    """Put a new register snapshot (or reference series) in force: all of FILE, or nothing."""
    if file.stat().st_size > MAX_FILE:
        raise BadInput(f"{file.name}: 超过 500 MB (larger than 500 MB)")
    with home() as installation:
        count = _importer(kind)(installation, file.read_bytes(), file.name)
    click.echo(f"{file.name}: {count} {kind}")


def _importer(kind: str) -> Callable[[Zhibao, bytes, str], int]:
    from indicators.reference import import_reference
    from workflows import registering

    if kind == "reference":
        return lambda installation, data, file: import_reference(
            installation.objects, data, file, installation.services.clock.now()
        )
    use_case = {
        "regions": registering.import_regions,
        "units": registering.import_units,
        "staff": registering.import_staff,
    }[kind]
    return lambda installation, data, file: use_case(installation.services, data, file)


@zhibao.group()
def collection() -> None:
    """Open and close a year."""


@collection.command(name="open")
@click.option("--year", type=int, required=True)
@click.option("--form", "forms", multiple=True, required=True, help="may be given several times")
@click.option("--due", help="ISO 8601, China time unless an offset is given; 24:00 is allowed")
@click.option("--close", help="when everything ends; optional")
@click.option(
    "--calendar", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="YAML: form: {due, close}"
)
def open_year(year: int, forms: tuple[str, ...], due: str | None, close: str | None, calendar: Path | None) -> None:
    """Freeze the register, expect every unit the forms are for, and invite them."""
    times = _calendar_file(calendar) if calendar else {}
    with home() as installation:
        calendars = {form: _calendar(times.get(form, {}), due, close) for form in forms}
        for form, its in calendars.items():
            opened = open_collection(installation.services, year=year, form=form, calendar=its)
            click.echo(f"{year} {form}: {opened.expected} 个单位，期限 {show_deadline(its.due)} (expected filers, due)")


def _calendar(own: dict[str, str], due: str | None, close: str | None) -> Calendar:
    due, close = own.get("due") or due, own.get("close") or close
    if not due:
        raise BadInput("--due: 请给出报送期限 (say when the returns are due)")
    return Calendar(read_instant(due), read_instant(close) if close else None)


def _calendar_file(path: Path) -> dict[str, dict[str, str]]:
    import yaml

    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - BaseLoader makes text only
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name}: 不是 YAML: {error} (not YAML)") from error
    if not isinstance(data, dict) or not all(isinstance(times, dict) for times in data.values()):
        raise BadInput(f"{path.name}: 应为 “表: {{due: …, close: …}}” (expected form: {{due, close}})")
    return data


@collection.command()
@click.option("--year", type=int, required=True)
def close(year: int) -> None:
    """Close every form of a year; nothing moves afterwards."""
    with home() as installation:
        for closed in close_collection(installation.services, year):
            click.echo(f"{closed.year} {closed.form}: 已截止 (closed)")


@zhibao.command()
def sweep() -> None:
    """One pass of the sweep: mails, facts, new seat holders. Waits for a running pass."""
    with home() as installation:
        report = installation.sweep.run()
    click.echo(f"{report.effects} effects, {report.letters} letters, {report.refused} refused")
    if report.failed:
        raise click.ClickException(f"{len(report.failed)} 件没有办成，稍后重试 (postponed)")


@zhibao.command()
@click.option("--to", default="", help="only letters to this address")
def mail(to: str) -> None:
    """List the local mailbox, newest first."""
    with home() as installation:
        for letter in installation.mailbox(1000, to):
            click.echo(f"{letter.date}  {letter.to}\n  {letter.subject}\n  {letter.link}")


@zhibao.group()
def audit() -> None:
    """Verify what is stored."""


@audit.command()
def verify() -> None:
    """Replay every chain and open every seal."""
    from workflows.audit import verify as verify_all

    with home() as installation:
        result = verify_all(installation.services)
    click.echo(f"{result.submissions} submissions, {result.events} events, {result.revisions} revisions")
    for fault in result.faults:
        click.echo(f"{fault.submission} event {fault.number}: {fault.what}", err=True)
    if result.faults:
        sys.exit(1)


@zhibao.group()
def token() -> None:
    """API tokens."""


@token.command(name="create")
@click.option("--role", required=True, type=click.Choice(["office", "enterprise"]))
@click.option("--region", default="", help="territory of an office token: a region code")
@click.option("--unit", default="", help="the unit of an enterprise token")
@click.option("--days", type=int, required=True)
def create(role: str, region: str, unit: str, days: int) -> None:
    """Make a token and print it, once: only its hash is kept."""
    if bool(region) == bool(unit) or bool(unit) != (role == "enterprise"):
        raise BadInput("office 用 --region，enterprise 用 --unit (an office has a region, an enterprise a unit)")
    with home() as installation:
        secret, made = create_token(installation.services, role=role, territory=region or unit, days=days)
    click.echo(secret)
    click.echo(f"{made.id} {made.role} {made.territory} 有效至 {show_instant(made.expires_at)} (expires)", err=True)


@token.command(name="list")
def list_tokens() -> None:
    """List the tokens."""
    with home() as installation:
        for one in installation.store.tokens():
            end = (
                f"revoked {show_instant(one.revoked_at)}" if one.revoked_at else f"until {show_instant(one.expires_at)}"
            )
            click.echo(f"{one.id}  {one.role}  {one.territory}  {end}")


@token.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End a token now."""
    with home() as installation:
        revoke_token(installation.services, token_id)
    click.echo(f"{token_id}: 已作废 (revoked)")


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
    """Check every published file against its manifest."""
    from indicators.definition import shipped_tables
    from indicators.publishing import verify as verify_published

    with home() as installation:
        problems = verify_published(installation.objects, list(shipped_tables()), installation.frames.years())
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{len(problems)} problems")
    if problems:
        sys.exit(1)


@zhibao.command()
def demo() -> None:
    """Make a fresh home with the example years, and say where to look."""
    from handlers.demo.story import run_demo

    result = run_demo(settings_from_environment().home, click.echo, progress=sys.stderr.isatty())
    click.echo(f"\n{result.home}  {result.seconds:.0f} s")


@zhibao.command(name="run-example")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def run_example(port: int) -> None:
    """Load the example years where there is no home yet, print a link for each kind of person, and serve."""
    from handlers.demo.showing import show_example
    from handlers.serving import serve as run_server

    installation = show_example(settings_from_environment(), click.echo, progress=sys.stderr.isatty())
    run_server(installation, port)


@zhibao.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(port: int) -> None:
    """Serve the pages and run the sweep, until SIGTERM."""
    from handlers.serving import PortTaken
    from handlers.serving import serve as run_server

    installation = wire(settings_from_environment(), make=True)
    click.echo(f"http://127.0.0.1:{port}", err=True)
    try:
        run_server(installation, port)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken


def main() -> None:
    """Entry point: turns what can go wrong into an exit status and one clear message."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        zhibao(prog_name="zhibao")
    except (
        SettingsError,
        ImportProblems,
        CollectionRefused,
        DeadlineError,
        DemoRefused,
        NoCollection,
        NoHome,
        TokenRefused,
    ) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
