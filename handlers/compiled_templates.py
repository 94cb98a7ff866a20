"""Templates compiled while packing: a function has no time to compile a page while somebody waits for it.

Jinja keeps compiled templates under the path of their source, which is another one where the package is unpacked;
here they lie under their names. A template that changed since is compiled as ever: its source's hash is in the file.
"""

import hashlib
from pathlib import Path

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

FOLDER = Path(__file__).with_name("compiled")


class CompiledTemplates(BytecodeCache):
    """Reads what is there; writes only while packing."""

    def __init__(self, folder: Path, *, writing: bool = False) -> None:
        self.folder = folder
        self.writing = writing

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The template's own name, whatever folder it lies in."""
        return hashlib.sha256(name.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled, if it was compiled from this source by this Jinja and Python."""
        try:
            data = (self.folder / bucket.key).read_bytes()
        except FileNotFoundError:
            return
        bucket.bytecode_from_string(data)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the package."""
        if self.writing:
            (self.folder / bucket.key).write_bytes(bucket.bytecode_to_string())


def compile_templates(app: Flask, folder: Path) -> int:
    """Compile every template of an application that is furnished; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = CompiledTemplates(folder, writing=True)
    names = app.jinja_env.list_templates(filter_func=lambda name: name.endswith((".html", ".txt")))
    for name in names:
        app.jinja_env.get_template(name)
    return len(names)
