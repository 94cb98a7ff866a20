"""Commands that verify what is stored."""

import sys
from pathlib import Path

import click

from handlers.commands.base import BadInput, home, zhibao


@zhibao.group()
def audit() -> None:
    """Verify what is stored, and hand it over to an inspector."""


@audit.command()
def verify() -> None:
    """Replay every chain, open every seal, build every signed day again; names the first bad link of each."""
    from workflows.audit import verify as verify_all

    with home() as installation:
        result = verify_all(installation.services)
    click.echo(f"{result.submissions} submissions, {result.events} events, {result.revisions} revisions")
    click.echo(f"{result.days} signed days{', the last ' + result.signed_until if result.days else ''}")
    for fault in result.faults:
        place = f" at {fault.number}" if fault.number else ""
        click.echo(f"{fault.where}{place}: {fault.what}", err=True)
    if result.faults:
        sys.exit(1)


@audit.command()
def keys() -> None:
    """List the public keys that signed days: id, raw key in hex, first day. Keep a copy elsewhere."""
    with home() as installation:
        for key, first_day in installation.store.audit_keys():
            click.echo(f"{key.id}  {key.hex}  {first_day}")


@audit.command()
@click.argument("submission")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export(submission: str, file: Path | None) -> None:
    """Write one SUBMISSION's whole story to FILE (or standard output), for docs/verify_export.py."""
    from workflows.exporting import export_story
    from workflows.filing import SubmissionUnknown

    with home() as installation:
        try:
            data = export_story(installation.services, submission, reader="command line")
        except SubmissionUnknown as error:
            raise BadInput(f"{submission}: 没有这份报送 (no such submission)") from error
    if file is not None:
        file.write_bytes(data)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
