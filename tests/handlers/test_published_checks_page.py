"""The office's page of a table shows what came out of the published checks, and the manifest holds it."""

from dataclasses import replace

import pytest

from indicators import published_checks
from indicators.published_checks import shipped_checks
from indicators.reference import import_reference
from tests.handlers.world import YEAR, World

HEADER = "series,region_code,year,value,unit,vintage,source,published_on\n"
FIGURES = "".join(
    f"rd_intensity_gdp,{region},{YEAR},{value},%,,test,2032-01-01\n"
    for region, value in (("530100", 1.8), ("530000", 1))
)


@pytest.mark.parametrize(("language", "said"), [("zh", "不成立"), ("en", "does not hold")])
def test_an_identity_that_does_not_hold_stands_on_the_tables_page(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    (check,) = [one for one in shipped_checks() if one.id == "C208"]
    figures = {name: replace(figure, year=YEAR) for name, figure in check.figures.items()}
    moved = replace(check, year=YEAR, figures=figures)
    monkeypatch.setattr(published_checks, "shipped_checks", lambda: (moved,))
    now = world.clock.now()
    import_reference(world.home.objects, (HEADER + FIGURES).encode(), "reference.csv", now)
    (manifest,) = world.home.workshop.build("region_indicators", YEAR, now)
    ((outcome, difference),) = [(one["outcome"], one["difference"]) for one in manifest.checks]
    assert (outcome, difference) == ("fails", "0.02")
    client = world.signed_in("office@staff.example")
    page = client.get(f"/office/tables/region_indicators/{YEAR}?lang={language}").text
    for text in ("C208", "city - province == 0.78", said):
        assert text in page
    assert "C208" not in client.get(f"/office/tables/response_rates/{YEAR}").text
