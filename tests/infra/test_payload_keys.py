"""Figures and words at rest: not to be read in the file, bound to their place, under keys that change."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import handlers.cli
from handlers.commands.base import zhibao
from infra.payload_keys import Cipher, HomeKeys, new_payload_key
from infra.settings import SettingsError, read_settings
from tests.handlers.world import World, found, open_year
from tests.infra.test_moving import contents

OLD, NEW = bytes(32), b"n" * 32


def test_a_ciphertext_in_another_place_does_not_open() -> None:
    cipher = Cipher({"00" * 8: OLD}, "00" * 8)
    sealed = cipher.seal("秘密", "payloads|a|1")
    assert cipher.open(sealed, "payloads|a|1") == "秘密"
    for elsewhere in ("payloads|a|2", "payloads|b|1", "revisions|a|1"):
        with pytest.raises(ValueError, match="altered"):
            cipher.open(sealed, elsewhere)
    assert cipher.seal("秘密", "p") != cipher.seal("秘密", "p"), "equal words do not look equal"


def test_keys_show_nothing_of_themselves() -> None:
    assert base64.b64encode(NEW).decode() not in repr(HomeKeys([NEW]))
    assert "n" * 32 not in repr(HomeKeys([NEW]))


def test_a_key_that_is_none_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ZHIBAO_PAYLOAD_KEYS"):
        read_settings({"ZHIBAO_HOME": str(tmp_path), "ZHIBAO_PAYLOAD_KEYS": "too-short"})
    (tmp_path / "payload_keys").write_text("not base64!\n")
    with pytest.raises(SettingsError, match="ZHIBAO_PAYLOAD_KEYS"):
        read_settings({"ZHIBAO_HOME": str(tmp_path)})


@pytest.fixture
def home(tmp_path: Path) -> Iterator[World]:
    made = found(tmp_path / "home")
    open_year(made)
    made.file(1, papers="7")
    yield made
    made.home.close()


def run(home: World, *words: str) -> str:
    assert handlers.cli.ROOMS
    runner = CliRunner(env={"ZHIBAO_HOME": str(home.home.settings.home), "ZHIBAO_BASE_URL": "http://localhost"})
    result = runner.invoke(zhibao, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_turns_encryption_on_rotates_and_retires(home: World) -> None:
    file = home.home.settings.home / "payload_keys"
    run(home, "keys", "rotate")
    first = file.read_text().split()
    assert (len(first), file.stat().st_mode & 0o777) == (1, 0o600)
    run(home, "keys", "rotate")
    second = file.read_text().split()
    assert second[1:] == first
    run(home, "keys", "retire")
    assert file.read_text().split() == second[:1]
    assert "0 problems" not in run(home, "audit", "verify")
    assert contents(home.home.settings.home)["payload_keys"]


DYING = """
import os, signal, sys
from handlers import cli
from infra.sqlite.database import Database
when = sys.argv.pop(1)
def dying(self, keys, there=Database.rotate_keys):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    there(self, keys)
    os.kill(os.getpid(), signal.SIGKILL)
Database.rotate_keys = dying
cli.main()
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_rotation_that_was_killed_is_gone_on_with(home: World, when: str) -> None:
    place = home.home.settings.home
    run(home, "keys", "rotate")
    command = [sys.executable, "-c", DYING, when, "keys", "rotate"]
    environment = {"ZHIBAO_HOME": str(place), "PATH": "/usr/bin"}
    assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode < 0
    assert len((place / "payload_keys").read_text().split()) == 2
    run(home, "audit", "verify")
    run(home, "keys", "rotate")
    run(home, "keys", "retire")
    assert len((place / "payload_keys").read_text().split()) == 1
    run(home, "audit", "verify")


def test_a_fresh_key_is_a_key() -> None:
    assert read_settings({"ZHIBAO_PAYLOAD_KEYS": f"{new_payload_key()} {new_payload_key()}"}).payload_keys
