"""Commands of the register and of a year: importing, opening, closing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from handlers.bootstrap import Zhibao
from handlers.commands.base import BadInput, home, zhibao
from workflows.calendars import Calendar, read_calendar
from workflows.collecting import check_opening, close_collection, open_collection
from workflows.deadlines import show_deadline

MAX_FILE = 500_000_000


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
    "--calendar",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML, per form: due, close, review (a time per level), correction_days, review_days, filling, reviewing",
)
def open_year(year: int, forms: tuple[str, ...], due: str | None, close: str | None, calendar: Path | None) -> None:
    """Freeze the register, expect every unit the forms are for, and invite them."""
    times = _calendar_file(calendar) if calendar else {}
    with home() as installation:
        calendars = {form: _calendar(times.get(form, {}), due, close) for form in forms}
        for form in calendars:
            check_opening(installation.services, year, form)
        for form, its in calendars.items():
            opened = open_collection(installation.services, year=year, form=form, calendar=its)
            click.echo(f"{year} {form}: {opened.expected} 个单位，期限 {show_deadline(its.due)} (expected filers, due)")


def _calendar(own: dict[str, Any], due: str | None, close: str | None) -> Calendar:
    times = {**own, "due": own.get("due") or due, "close": own.get("close") or close}
    if not times["due"]:
        raise BadInput("--due: 请给出报送期限 (say when the returns are due)")
    return read_calendar(times)


def _calendar_file(path: Path) -> dict[str, dict[str, Any]]:
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name}: 不是 YAML: {error} (not YAML)") from error
    if not isinstance(data, dict) or not all(isinstance(times, dict) for times in data.values()):
        raise BadInput(f"{path.name}: 应为 “表: {{due: …, close: …}}” (expected form: {{due, close}})")
    return {str(form): {str(name): value for name, value in times.items()} for form, times in data.items()}


@collection.command()
@click.option("--year", type=int, required=True)
def close(year: int) -> None:
    """Close every form of a year; nothing moves afterwards."""
    with home() as installation:
        for closed in close_collection(installation.services, year):
            click.echo(f"{closed.year} {closed.form}: 已截止 (closed)")
