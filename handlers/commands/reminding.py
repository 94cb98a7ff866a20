"""Commands of the record of reminders (催报)."""

from pathlib import Path

import click

from handlers.commands.base import BadInput, home, zhibao


@zhibao.group()
def reminders() -> None:
    """The record of reminders, as evidence."""


@reminders.command(name="export")
@click.option("--year", type=int, required=True)
@click.option("--form", required=True)
@click.option("--unit", default="", help="only this unit")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_reminders(year: int, form: str, unit: str, file: Path) -> None:
    """Write every reminder, its addressee, words and outcome to FILE (CSV, UTF-8, China time)."""
    from handlers.evidence_csv import evidence_csv
    from workflows.evidence import evidence

    with home() as installation:
        if installation.store.collection(year, form) is None:
            raise BadInput(f"没有 {year} 年 {form} 的年报 (no collection of {form} for {year})")
        beside, count = file.with_name(f".{file.name}.part"), -1  # the header is no reminder
        with beside.open("w", encoding="utf-8", newline="") as out:
            for line in evidence_csv(evidence(installation.services, year, form, unit)):
                out.write(line)
                count += 1
        beside.replace(file)
    click.echo(f"{file.name}: {count} 条催报记录 (reminders)")


@reminders.command()
@click.argument("letter")
@click.option("--reason", default="", help="what the other side's mail server said")
@click.option("--final", is_flag=True, help="the address is dead: write no more to it until it is changed")
def bounced(letter: str, reason: str, *, final: bool) -> None:
    """Record that a letter came back after it had gone out."""
    from workflows.bounces import LetterUnknown, record_bounce

    with home() as installation:
        try:
            is_news = record_bounce(installation.services, letter, reason, is_final=final)
        except LetterUnknown as unknown:
            raise BadInput(f"{letter}: 没有这封信 (no such letter)") from unknown
    click.echo(f"{letter}: {'已登记退信 (recorded)' if is_news else '此前已有结果，没有改动 (unchanged)'}")


@reminders.command()
@click.argument("address")
def resume(address: str) -> None:
    """Write to ADDRESS again, which was stopped because letters came back, and turned out to be good."""
    from workflows.bounces import lift

    with home() as installation:
        was_stopped = lift(installation.services, address)
    click.echo(f"{address}: {'恢复寄信 (resumed)' if was_stopped else '没有停发过 (was not stopped)'}")
