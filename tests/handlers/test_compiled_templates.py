"""Templates compiled while packing: used where they fit, compiled anew where they do not, never written by a page."""

import shutil
from pathlib import Path

import pytest
from flask import Flask, render_template

from handlers.compiled_templates import CompiledTemplates, compile_templates


def application(folder: Path, compiled: Path | None = None) -> Flask:
    app = Flask("templates", template_folder=str(folder))
    if compiled is not None:
        app.jinja_env.bytecode_cache = CompiledTemplates(compiled)
    return app


def shown(app: Flask, name: str = "page.html") -> str:
    with app.app_context():
        return render_template(name, figure=7)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "packing"
    folder.mkdir()
    (folder / "page.html").write_text("{% extends 'base.html' %}{% block main %}{{ figure }}{% endblock %}")
    (folder / "base.html").write_text("<main>{% block main %}{% endblock %}</main>")
    return folder


@pytest.fixture
def compiled(pages: Path, tmp_path: Path) -> Path:
    assert compile_templates(application(pages), tmp_path / "compiled") == 2
    return tmp_path / "compiled"


def test_a_page_is_shown_without_being_compiled_wherever_its_folder_lies(
    pages: Path, compiled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = shutil.copytree(pages, tmp_path / "unpacked")
    app = application(unpacked, compiled)

    def compile_nothing(*_args: object, **_options: object) -> None:
        raise AssertionError("a page was compiled while somebody waits")

    monkeypatch.setattr(type(app.jinja_env), "_generate", compile_nothing)
    assert shown(app) == "<main>7</main>"


def test_a_template_that_changed_is_compiled_as_ever_and_nothing_is_written(pages: Path, compiled: Path) -> None:
    before = {path.name: path.read_bytes() for path in compiled.iterdir()}
    (pages / "page.html").write_text("{{ figure + 1 }}")
    assert shown(application(pages, compiled)) == "8"
    assert {path.name: path.read_bytes() for path in compiled.iterdir()} == before


def test_without_the_folder_pages_are_shown_all_the_same(pages: Path, tmp_path: Path) -> None:
    assert shown(application(pages, tmp_path / "nowhere")) == "<main>7</main>"


def test_what_another_jinja_or_half_a_copy_left_is_not_used(pages: Path, compiled: Path) -> None:
    for path in compiled.iterdir():
        path.write_bytes(b"j2\x00garbage")
    assert shown(application(pages, compiled)) == "<main>7</main>"
