"""The route of a return: which reviewing bodies decide on it, lowest first. The rules are `routes.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from register.regions import Level, Region, Regions
from register.units import Unit, UnitKind


class ReviewLevel(StrEnum):
    """The levels at which returns are reviewed; a reviewing zone counts as county."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Body:
    """One stop of a route: a level and the region whose seat decides there."""

    level: ReviewLevel
    region: str


class RouteError(ValueError):
    """A unit for which no reviewing body is found; the register must be mended first."""


def route_of(unit: Unit, regions: Regions) -> tuple[Body, ...]:
    """The reviewing bodies of one unit, lowest first; no office is on the route of its own return.

    Raises `RouteError` when there is none.
    """
    own = "" if unit.kind is UnitKind.ENTERPRISE else unit.region_code
    try:
        return route_through(_first_body(unit, regions), unit.kind, regions, own=own)
    except RouteError as error:
        raise RouteError(f"{unit.unit_id}: {error}") from error


def route_through(first: str, kind: UnitKind, regions: Regions, *, own: str = "") -> tuple[Body, ...]:
    """The reviewing bodies from the region `first` upward for a kind of unit, its own office left out.

    Raises `RouteError` when there is none, `UnknownRegionError`.
    """
    rule = route_rules()[kind]
    levels = [level for level in rule["levels"] if level not in rule["skip"]]
    stops: list[Body] = []
    for region in regions.lineage(first):
        level = _review_level(region)
        is_free = all(stop.level != level for stop in stops)
        if region.reviews and level in levels and region.code != own and is_free:
            stops.append(Body(level, region.code))
    if not stops:
        raise RouteError(f"{first}: 没有审核机构 (no reviewing body on the route)")
    return tuple(stops)


def _first_body(unit: Unit, regions: Regions) -> str:
    """Blank in the register means its own region's office for an enterprise, the parent's for an office."""
    if unit.reviewing_body:
        return unit.reviewing_body
    if unit.kind is UnitKind.ENTERPRISE:
        return unit.region_code
    return regions[unit.region_code].parent_code or unit.region_code


def _review_level(region: Region) -> ReviewLevel:
    return ReviewLevel.COUNTY if region.level is Level.ZONE else ReviewLevel(region.level.value)


@cache
def route_rules() -> Mapping[str, Any]:
    """Kind of unit → its levels, lowest first, and those left out."""
    import yaml

    text = resources.files("workflows").joinpath("routes.yaml").read_text(encoding="utf-8")
    rules: Mapping[str, Any] = yaml.safe_load(text)
    return rules
