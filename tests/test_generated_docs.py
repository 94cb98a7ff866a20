"""The generated pages say what the code does today."""

from pathlib import Path

import pytest

from docs.generate import pages

ROOT = Path(__file__).parent.parent
PAGES = pages()


def test_there_are_pages_to_compare() -> None:
    assert {"review-machine.md", "openapi.json", "form-pages/107-2.md", "form-pages/region-st.md"} <= PAGES.keys()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_not_stale(name: str) -> None:
    stored = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert stored == PAGES[name], f"docs/{name} is stale: run make docs"
