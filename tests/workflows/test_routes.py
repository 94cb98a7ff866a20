"""Which bodies review the return of which unit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from register.regions import Regions
from register.units import Unit
from workflows import routes
from workflows.routes import RouteError, route_of

Units = Mapping[str, Unit]


def stops(unit: Unit, regions: Regions) -> list[tuple[str, str]]:
    return [(body.level.value, body.region) for body in route_of(unit, regions)]


def test_an_enterprise_is_reviewed_by_county_city_and_province(unit_list: Units, regions: Regions) -> None:
    expected = [("county", "990101"), ("city", "990100"), ("province", "990000")]
    assert stops(unit_list["E1"], regions) == expected


def test_a_zone_that_reviews_stands_in_for_the_county(unit_list: Units, regions: Regions) -> None:
    expected = [("county", "990171"), ("city", "990100"), ("province", "990000")]
    assert stops(unit_list["E2"], regions) == expected
    assert stops(replace(unit_list["E1"], region_code="990171"), regions) == expected


def test_a_zone_without_a_seat_of_its_own_is_on_no_route(unit_list: Units, regions: Regions) -> None:
    unit = replace(unit_list["E1"], region_code="990174")
    assert stops(unit, regions) == [("county", "990101"), ("city", "990100"), ("province", "990000")]


def test_an_enterprise_addressed_at_a_city_has_no_county_on_its_route(unit_list: Units, regions: Regions) -> None:
    unit = replace(unit_list["E1"], region_code="990200")
    assert stops(unit, regions) == [("city", "990200"), ("province", "990000")]


def test_an_enterprise_of_the_province_itself_is_reviewed_by_the_province(unit_list: Units, regions: Regions) -> None:
    assert stops(replace(unit_list["E1"], region_code="990000"), regions) == [("province", "990000")]


def test_the_register_may_name_another_first_body(unit_list: Units, regions: Regions) -> None:
    unit = replace(unit_list["E1"], reviewing_body="990200")
    assert stops(unit, regions) == [("city", "990200"), ("province", "990000")]


def test_a_county_offices_own_return_starts_at_the_city(unit_list: Units, regions: Regions) -> None:
    assert stops(unit_list["OFFICE990101"], regions) == [("city", "990100"), ("province", "990000")]


def test_a_city_offices_own_return_goes_to_the_province(unit_list: Units, regions: Regions) -> None:
    assert stops(unit_list["OFFICE990200"], regions) == [("province", "990000")]


def test_no_office_is_on_the_route_of_its_own_return(unit_list: Units, regions: Regions) -> None:
    unit = replace(unit_list["OFFICE990200"], reviewing_body="990200")
    assert stops(unit, regions) == [("province", "990000")]


def test_no_rule_can_put_an_office_on_the_route_of_its_own_return(
    unit_list: Units, regions: Regions, skipping: Any
) -> None:
    skipping["city"]["levels"] = ["county", "city", "province"]
    unit = replace(unit_list["OFFICE990200"], reviewing_body="990200")
    assert stops(unit, regions) == [("province", "990000")]


@pytest.fixture
def skipping(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The rules of `routes.yaml` with a copy that a test may change."""
    rules = {kind: dict(rule) for kind, rule in routes.route_rules().items()}
    monkeypatch.setattr(routes, "route_rules", lambda: rules)
    return rules


def test_no_level_is_skipped_unless_the_rules_say_so(unit_list: Units, regions: Regions, skipping: Any) -> None:
    assert {kind: rule["skip"] for kind, rule in skipping.items()} == {"enterprise": [], "county": [], "city": []}
    skipping["enterprise"]["skip"] = ["city"]
    assert stops(unit_list["E1"], regions) == [("county", "990101"), ("province", "990000")]
    assert stops(unit_list["OFFICE990101"], regions) == [("city", "990100"), ("province", "990000")]


def test_a_unit_that_nobody_reviews_is_refused_by_name(unit_list: Units, regions: Regions, skipping: Any) -> None:
    skipping["city"]["skip"] = ["province"]
    with pytest.raises(RouteError, match="OFFICE990200"):
        route_of(unit_list["OFFICE990200"], regions)
