"""What tables are built from is checked too: a part or a series that was altered or lost is named."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forms.loading import FormCatalogue
from indicators.compaction import compact
from indicators.facts import AcceptedReturn, record
from indicators.reference import import_reference
from indicators.verifying_sources import verify_sources
from infra.file_objects import FileObjects

REFERENCE = (
    b"series,region_code,year,value,unit,vintage,source,published_on\n"
    b"gdp,530100,2019,6475.88,\xe4\xba\xbf\xe5\x85\x83,2020,bulletin,2020-04-01\n"
)


@pytest.fixture
def files(tmp_path: Path, accepted_return: Callable[..., AcceptedReturn], catalogue: FormCatalogue) -> FileObjects:
    """Three acceptances in two parts, and a reference series."""
    objects = FileObjects(tmp_path)
    for number in range(3):
        record(objects, accepted_return(number, {"rd_cost_total": 1}))
    compact(objects, 2025, "107-2", catalogue, batch=2)
    import_reference(objects, REFERENCE, "gdp.csv", datetime(2026, 1, 1, tzinfo=UTC))
    return objects


def sources(files: FileObjects) -> list[Path]:
    """Every file but the sums of a part."""
    found = [path for folder in ("compacted", "reference") for path in (files.root / folder).rglob("*")]
    return sorted(path for path in found if path.is_file() and path.parent.name != "sums")


def test_sound_sources_have_no_fault(files: FileObjects) -> None:
    assert len(sources(files)) == 7
    assert verify_sources(files) == []


@pytest.mark.parametrize("number", range(7))
def test_a_source_cut_short_or_lost_is_named(files: FileObjects, number: int) -> None:
    path = sources(files)[number]
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert verify_sources(files), f"{path.name} cut short"
    path.unlink()
    if path.name != "latest.json":  # what no pointer names counts for nothing
        assert any(path.name in fault for fault in verify_sources(files)), path.name


def test_a_home_without_sources_has_no_fault(tmp_path: Path) -> None:
    assert verify_sources(FileObjects(tmp_path)) == []
