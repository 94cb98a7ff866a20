"""Commands of the keys that encrypt figures and words at rest on one machine."""

from pathlib import Path

import click

from handlers.bootstrap import Zhibao, local_database, payload_keys
from handlers.commands.base import BadInput, home, zhibao
from infra.settings import PAYLOAD_KEYS


@zhibao.group()
def keys() -> None:
    """The keys that encrypt figures and words at rest (one machine; on AWS: KMS)."""


@keys.command()
def rotate() -> None:
    """Make a new key (the first one turns encryption on) and wrap the data keys by it. Stop the server meanwhile.

    Killed half-way nothing is lost: both keys are in the file, and running it again goes on.
    """
    from infra.payload_keys import new_payload_key

    with home() as installation:
        present = installation.settings.payload_keys
        database = local_database(installation)
        wrapping, others = database.wrapping(payload_keys(installation.settings))
        if not others and (wrapping or not present):
            _write(installation, [new_payload_key(), *present])
    with home() as installation:
        database, own = local_database(installation), payload_keys(installation.settings)
        if own is None:
            raise BadInput("没有密钥 (no key)")
        count = database.rotate_keys(own)
    click.echo(f"{count} 把数据密钥由新密钥包裹；请重启服务 (data keys wrapped by the new key; restart the server)")


@keys.command()
def retire() -> None:
    """Take out of the file every key that wraps no data key any more."""
    with home() as installation:
        _, others = local_database(installation).wrapping(payload_keys(installation.settings))
        if others:
            raise BadInput("旧密钥还在用，先运行 zhibao keys rotate (an old key is still needed: rotate first)")
        present = installation.settings.payload_keys
        if len(present) > 1:
            _write(installation, list(present[:1]))
    click.echo(f"{max(len(present) - 1, 0)} 把旧密钥已取出 (old keys taken out)")


def _write(installation: Zhibao, lines: list[str]) -> None:
    """The key file, whole or as it was. Raises `BadInput` where the keys are a setting."""
    from infra.moving.growing import write_private

    path: Path = installation.settings.home / PAYLOAD_KEYS
    if installation.settings.payload_keys and not path.exists():
        raise BadInput("密钥来自 ZHIBAO_PAYLOAD_KEYS：请把新密钥放在最前，再运行一次 (put the new key first there)")
    beside = path.with_name(f".{path.name}.new")
    write_private(beside, "".join(f"{line}\n" for line in lines).encode())
    beside.replace(path)
