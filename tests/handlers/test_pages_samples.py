"""Law 3: every page that shows a collection on a sample form bears 示例."""

from dataclasses import replace

import pytest

from forms.definition import Approval
from forms.loading import FormCatalogue
from tests.handlers.test_pages_reading import links, staff_pages
from tests.handlers.world import World

STAMP = '<span class="stamp">示例</span>'
NO_COLLECTION = ("/s/", "/office/tables/region_indicators/")
"""Signing in shows none, and this year no office was asked for a region-st."""


def pages(world: World) -> dict[str, str]:
    """The text of every page that shows a collection."""
    shown = {path: world.client().get(path).text for path in links(world) if not path.startswith(NO_COLLECTION)}
    office = world.signed_in("office@staff.example")
    files = (".csv", ".json", ".parquet", ".xlsx")
    wanted = [path for path in staff_pages(world) if not path.endswith(files) and not path.startswith(NO_COLLECTION)]
    return shown | {path: office.get(path).text for path in wanted}


def test_every_page_of_a_sample_forms_collection_bears_the_mark(world: World) -> None:
    missing = [path for path, text in pages(world).items() if STAMP not in text]
    assert missing == []


def test_an_approved_forms_collection_bears_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    by_version = FormCatalogue.by_version

    def approved(catalogue: FormCatalogue, version: str) -> object:
        found = by_version(catalogue, version)
        return replace(found, header=replace(found.header, approval=Approval.OFFICIAL))

    monkeypatch.setattr(FormCatalogue, "by_version", approved)
    published = "/office/tables/"  # a table keeps the marks it was built with
    stamped = [path for path, text in pages(world).items() if STAMP in text and not path.startswith(published)]
    assert stamped == []
