"""The folder of the example years: made afresh each time, and never anybody else's."""

import shutil
from pathlib import Path

from infra.settings import DEMO_MARK

FILES = ("zhibao.sqlite3", "zhibao.sqlite3-wal", "zhibao.sqlite3-shm", "zhibao.sweep", "zhibao.write", "secret_keys")
FOLDERS = ("objects", "mail")
MARK_TEXT = "zhibao demo 建立的示例文件夹：再次运行时会清空重建。Made by zhibao demo, and made afresh by it.\n"


class DemoRefused(ValueError):
    """The example years cannot be made here; the text says why and what to do."""


def make_fresh(home: Path) -> None:
    """An empty home with the mark of a demo. Only what a demo makes is removed, and only under its mark.

    Raises `DemoRefused` for a folder that holds anything else, before anything is touched.
    """
    if home.exists() and not home.is_dir():
        raise DemoRefused(f"{home} 不是文件夹 (not a folder)")
    mark = home / DEMO_MARK
    there = sorted(path.name for path in home.iterdir()) if home.exists() else []
    if there and not mark.is_file():
        raise DemoRefused(
            f"{home} 不是空的，也不是 zhibao demo 建立的，什么都没有动。请把 ZHIBAO_HOME 指向一个空文件夹"
            " (this folder is not empty and no demo made it; nothing was touched: choose an empty one)"
        )
    strangers = set(there) - {DEMO_MARK, *FILES, *FOLDERS}
    if strangers:
        raise DemoRefused(
            f"{home} 里有不属于示例的文件：{'、'.join(sorted(strangers)[:5])}。请先移走"
            " (something else lies in this demo home; move it away first)"
        )
    _empty(home)
    home.mkdir(parents=True, exist_ok=True)
    mark.write_text(MARK_TEXT, encoding="utf-8")


def _empty(home: Path) -> None:
    """The mark goes last, so that a run cut short can be made afresh. A link is removed, never followed."""
    for name in FOLDERS:
        path = home / name
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
    for name in FILES:
        (home / name).unlink(missing_ok=True)
