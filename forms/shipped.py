"""The forms that come with the program, without reading a line of YAML where they came compiled (`infra.package`).

A function starts while somebody waits, and reading and linting the definitions takes longer than showing a form. What
was compiled holds the hash of the definitions it was made of: a definition that changed since is read as ever.
"""

import hashlib
import io
import pickle
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forms.catalogue import FormCatalogue

COMPILED = Path(__file__).with_name("compiled.pickle")
_HASH_BYTES = 32


@cache
def shipped_forms() -> FormCatalogue:
    """The forms that come with the program, read once."""
    return read_compiled(COMPILED) or _read_definitions()


def read_compiled(file: Path) -> FormCatalogue | None:
    """The compiled forms, if there are any and they are those of the definitions; our own package, never another's."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    if data[:_HASH_BYTES] != source_hash():
        return None
    found: FormCatalogue = pickle.loads(data[_HASH_BYTES:])  # noqa: S301 - lies beside our own bytecode, made with it
    return found


def compile_forms(file: Path) -> None:
    """Write the forms as they are read, for the package."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {MappingProxyType: lambda proxy: (read_only, (dict(proxy),))}
    pickler.dump(_read_definitions())
    file.write_bytes(source_hash() + out.getvalue())


def source_hash() -> bytes:
    """SHA-256 over the names and bytes of every definition."""
    digest, folder = hashlib.sha256(), Path(str(files("forms").joinpath("definitions")))
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()


def read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A mapping that nobody changes, as definitions hold them."""
    return MappingProxyType(values)


def _read_definitions() -> FormCatalogue:
    from forms.loading import load_folder

    return load_folder(files("forms").joinpath("definitions"))
