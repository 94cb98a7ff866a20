"""Commands that make, fill and run a home."""

import sys

import click

from handlers.bootstrap import Zhibao, settings_from_environment, wire
from handlers.commands.base import home, zhibao


@zhibao.command()
def init() -> None:
    """Make an empty home in ZHIBAO_HOME."""
    with home(make=True) as installation:
        click.echo(f"{installation.settings.home.resolve()}")


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

    _serve(show_example(settings_from_environment(), click.echo, progress=sys.stderr.isatty()), port)


@zhibao.command()
def sweep() -> None:
    """One pass of the sweep: mails, facts, reminders, deadlines, new seat holders. Waits for a running pass."""
    with home() as installation:
        report = installation.sweep.run()
    click.echo(
        f"{report.effects} effects, {report.letters} letters, {report.refused} refused, {report.deferred} put off,"
        f" {report.reminders} reminders, {report.deadlines} deadlines"
    )
    if report.failed:
        raise click.ClickException(f"{len(report.failed)} 件没有办成，稍后重试 (postponed)")


@zhibao.command()
@click.option("--to", default="", help="only letters to this address")
def mail(to: str) -> None:
    """List the local mailbox, newest first."""
    with home() as installation:
        for letter in installation.mailbox(1000, to):
            click.echo(f"{letter.date}  {letter.to}\n  {letter.subject}\n  {letter.link}")


@zhibao.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
def serve(port: int) -> None:
    """Serve the pages and run the sweep, until SIGTERM."""
    installation = wire(settings_from_environment(), make=True)
    click.echo(f"http://127.0.0.1:{port}", err=True)
    _serve(installation, port)


def _serve(installation: Zhibao, port: int) -> None:
    from handlers.serving import PortTaken
    from handlers.serving import serve as run_server

    try:
        run_server(installation, port)
    except PortTaken as taken:
        raise click.ClickException(str(taken)) from taken
