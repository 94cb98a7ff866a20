"""Commands that verify what is stored."""

import sys

import click

from handlers.commands.base import home, zhibao


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
