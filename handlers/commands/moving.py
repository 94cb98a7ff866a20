"""Commands that move a whole home from one ground to another, through one file."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handlers.bootstrap import Zhibao, moving_store, settings_from_environment, wire
from handlers.commands.base import BadInput, home, zhibao
from handlers.commands.keeping import faults_of
from infra.backup import DATABASE
from infra.settings import DEMO_MARK, LOADING, LOCAL, Settings

if TYPE_CHECKING:
    from infra.moving.archive import CheckedArchive


@zhibao.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="leave out the keys that sign links and days")
def export(file: Path, *, without_keys: bool) -> None:
    """Write the whole home into FILE (a new one), while it runs, on whatever ground it stands.

    FILE holds figures, addresses and, unless left out, secret keys: keep it as safe as the home.
    """
    from infra.moving.archive import writing
    from infra.moving.leaving import Belongings, leave

    with home() as installation, _new_file(file) as handle, writing(handle) as archive:
        settings, now = installation.settings, installation.services.clock.now()
        keys = {} if without_keys else {"secret_keys": list(settings.secret_keys), "audit_key": settings.audit_key}
        belongings = Belongings(now, keys, settings.is_demo, _letters(settings))
        try:
            counts = leave(moving_store(installation), installation.objects, belongings, archive)
        except ValueError as error:
            raise click.ClickException(f"有一行读不出来，见 zhibao audit verify (unreadable row): {error}") from error
        fingerprint = archive.close()
    click.echo(f"{file}: {_summary(counts)}\n{fingerprint}")


@zhibao.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Make the empty home that ZHIBAO_HOME (or the table on AWS) names from FILE: checked first, all or nothing."""
    from infra.moving.archive import checked

    with file.open("rb") as handle, checked(handle) as archive:
        settings = settings_from_environment()
        if settings.store == LOCAL["store"]:
            _load_here(settings, archive)
        else:
            with home() as installation:
                _fill(installation, archive, lambda _name, _data: None)
        click.echo(archive.fingerprint)


def _load_here(settings: Settings, archive: "CheckedArchive") -> None:
    """Beside the empty home that may be there, and put in its place when all of it verifies."""
    from infra.moving.growing import alone_in, begin, give_up, settle

    place = settings.home
    with alone_in(place):
        if (place / DATABASE).exists():
            with home() as present:
                if not moving_store(present).is_fresh():
                    raise BadInput(f"{place} 不是空的，什么都没有动 (not empty; nothing was touched)")
        if begin(place):
            click.echo("上一次 load 没有做完，重新开始 (an earlier load was cut short: beginning anew)", err=True)
        try:
            _grow(place / LOADING, archive)
            settle(place)
        except BaseException:
            give_up(place)
            raise


def _grow(folder: Path, archive: "CheckedArchive") -> None:
    from infra.moving.growing import write_private

    def keep(name: str, data: bytes) -> None:
        for file, content in _files(name, data):
            write_private(folder / file, content)

    installation = wire(settings_from_environment({**os.environ, "ZHIBAO_HOME": str(folder)}), make=True)
    try:
        _fill(installation, archive, keep)
    finally:
        installation.close()
    for leftover in ("zhibao.write", "zhibao.sweep"):
        (folder / leftover).unlink(missing_ok=True)


def _files(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of a local home that a part stands for. Raises `BadInput` for one that leads elsewhere."""
    room, _, rest = name.partition("/")
    if room == "keys.json":
        keys: dict[str, Any] = json.loads(data)
        yield "secret_keys", "\n".join([*keys["secret_keys"], ""]).encode()
        if keys["audit_key"]:
            yield "audit_key", f"{keys['audit_key']}\n".encode()
    elif room == DEMO_MARK:
        yield DEMO_MARK, data
    elif rest.partition("/")[0] in {"new", "cur"} and rest.count("/") == 1:
        yield f"mail/{rest}", data
    else:
        raise BadInput(f"{name}: 不该在里面 (must not be in it)")


def _fill(installation: Zhibao, archive: "CheckedArchive", keep: Callable[[str, bytes], None]) -> None:
    from infra.moving.arriving import Arrival, heads_of

    counts = Arrival(moving_store(installation), installation.objects, keep).load(archive)
    if heads_of(installation.store) != counts.heads:
        raise BadInput("链头与导出时不符 (the heads of the chains are not those that left)")
    faults = faults_of(installation)
    if faults:
        raise BadInput("\n".join(faults[:20]))
    moving_store(installation).arrived()
    click.echo(_summary(counts))


def _summary(counts: Any) -> str:
    rows, submissions = sum(counts.rows.values()), counts.rows.get("submissions", 0)
    return (
        f"{rows} 行 (rows), {submissions} 份报送 (submissions), {counts.objects} 个对象 (objects),"
        f" {counts.letters} 封本机邮件 (letters)\n链头 (heads) {counts.heads}"
    )


def _letters(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """A local mailbox, oldest first."""
    if settings.mail != LOCAL["mail"]:
        return
    files = [path for name in ("new", "cur") for path in (settings.home / "mail" / name).glob("*")]
    for path in sorted(files, key=lambda one: (one.stat().st_mtime_ns, one.name)):
        yield f"{path.parent.name}/{path.name}", path.read_bytes()


@contextmanager
def _new_file(file: Path) -> Iterator[Any]:
    """A file that is there whole, under a name that was free, or not at all. Raises `BadInput`."""
    if file.exists():
        raise BadInput(f"{file} 已存在，什么都没有动 (exists already; nothing was touched)")
    part = file.with_name(f".{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        part.rename(file)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
