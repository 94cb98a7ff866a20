"""Commands that keep a home: a verified copy while it runs, putting one back, erasing what is past its term."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from handlers.bootstrap import Zhibao, moving_store, settings_from_environment, wire
from handlers.commands.base import BadInput, home, zhibao


@zhibao.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Copy the home into FOLDER (new or empty), while it runs; verify every chain, seal and file of the copy.

    The copy holds the secret keys: keep it as safe as the home.
    """
    from infra.backup import copy_home, seal

    with home() as installation:
        _require_one_machine(installation)
        copy_home(installation.settings.home, folder)
        copied = wire(replace(installation.settings, home=folder, mail="maildir"))
        try:
            _verify(copied)
        finally:
            copied.close()
        for leftover in ("zhibao.write", "zhibao.sweep"):
            (folder / leftover).unlink(missing_ok=True)
        manifest = seal(folder, installation.services.clock.now())
    click.echo(f"{folder}: {len(manifest['files'])} 个文件 (files)")


@zhibao.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Make the home that ZHIBAO_HOME names (new or empty) from the backup in FOLDER: all of it or nothing."""
    from infra.backup import put_back

    settings = settings_from_environment()
    put_back(folder, settings.home)
    with home() as installation:
        _verify(installation)
    click.echo(f"{settings.home.resolve()}: 已恢复 (restored)")


@zhibao.command()
@click.option("--years", type=click.IntRange(0, 100), default=2, show_default=True, help="erase what is older")
@click.option("--apply", "code", default="", help="the code of the plan that was printed: erase exactly that")
@click.option("--by", default="", help="who erases")
@click.option("--reason", default="", help="why")
def retention(years: int, code: str, by: str, reason: str) -> None:
    """Print what may be erased after its legal term; erase it when given the printed code. Seals and chains stay."""
    from workflows.retention import carry_out, plan, terms

    with home() as installation:
        store = moving_store(installation)
        if code:
            done = carry_out(installation.services, store, years, code, by=by, why=reason)
        else:
            done = plan(installation.services, store, years)
    for kind, count in done.counts.items():
        term = terms()[kind]
        click.echo(f"{count:8} {kind}: {term.zh}（{term.law}，至少 {term.years} 年） ({term.en})")
    if code:
        click.echo("已删除并留下记录 (erased, each with a mark)")
    elif done.doomed:
        click.echo(f"执行 (to erase): zhibao retention --years {years} --apply {done.code} --by ... --reason ...")


def _require_one_machine(installation: Zhibao) -> None:
    if (installation.settings.store, installation.settings.objects) != ("sqlite", "files"):
        raise BadInput(
            "backup 只用于本机；云上见 docs/operating.md (on AWS: point-in-time recovery and object versions)"
        )


def _verify(installation: Zhibao) -> None:
    """Ends the command with 1 on a fault."""
    faults = faults_of(installation)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)


def faults_of(installation: Zhibao) -> list[str]:
    """Replay every chain, open every seal, hash every published file; each fault in words."""
    from indicators.definition import shipped_tables
    from indicators.publishing import verify as verify_published
    from workflows.audit import verify as verify_chains

    result = verify_chains(installation.services)
    faults = [f"{fault.where} event {fault.number}: {fault.what}" for fault in result.faults]
    years = installation.frames.years()
    faults += map(str, verify_published(installation.objects, list(shipped_tables()), years))
    click.echo(f"{result.submissions} submissions, {result.events} events, {result.revisions} revisions")
    return faults
