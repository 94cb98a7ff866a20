"""What every command shares: the group, the installation it opens, and how bad input ends it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from handlers.bootstrap import Zhibao, settings_from_environment, wire


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
