"""Commands on form definitions."""

import sys
from pathlib import Path

import click

from handlers.commands.base import BadInput, zhibao

BAD_INPUT = 2


@zhibao.group()
def forms() -> None:
    """Check form definitions."""


@forms.command(name="check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_form(file: Path) -> None:
    """Say all that is wrong with a definition FILE, each with its line and column; exit 2 if anything is."""
    from forms.checking import check_file
    from forms.loading import shipped_forms

    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: 不是 UTF-8 文本，请另存为 UTF-8。 This is not UTF-8 text.") from error
    problems = check_file(text, str(file), shipped_forms())
    for problem in problems:
        path = f"{problem.path}: " if problem.path else ""
        click.echo(f"{file}:{problem.line}:{problem.column}: {path}{problem.message}", err=True)
    if problems:
        click.echo(f"{len(problems)} 个问题 problems", err=True)
        sys.exit(BAD_INPUT)
    click.echo(f"{file}: 没有问题 no problems")
