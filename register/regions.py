"""Regions (行政区划): province, cities and counties of GB/T 2260, and the zones laid over them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from register.errors import RegisterError, UnknownRegionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Fault",
    "Level",
    "Region",
    "Regions",
    "RegisterError",
    "UnknownRegionError",
    "ZoneRole",
    "find_faults",
]


class Level(StrEnum):
    """A region's place in the hierarchy; a zone is an overlay and never adds to the counties."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    ZONE = "zone"


class ZoneRole(StrEnum):
    """What a zone is for: it reviews in the county's stead, it only overlaps, or it only groups units."""

    REVIEWING = "reviewing"
    OVERLAY = "overlay"
    GROUP = "group"


PARENT_LEVELS = {
    Level.PROVINCE: frozenset[Level](),
    Level.CITY: frozenset({Level.PROVINCE}),
    Level.COUNTY: frozenset({Level.CITY, Level.PROVINCE}),
    Level.ZONE: frozenset(Level),
}


@dataclass(frozen=True, slots=True)
class Region:
    """One region: one row per code.

    `host_codes` are the regions on whose land a zone lies; a host may itself be a zone.
    """

    code: str
    name_zh: str
    name_en: str
    level: Level
    parent_code: str | None
    zone_role: ZoneRole | None = None
    host_codes: tuple[str, ...] = ()

    @property
    def reviews(self) -> bool:
        """Whether the region has a seat, that is, reviews returns: every region but overlays and groups."""
        return self.level is not Level.ZONE or self.zone_role is ZoneRole.REVIEWING


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a list of regions is no register; `index` is the place in the list, from 0."""

    index: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Return the fault as one clause."""
        return f"{self.column} {self.found or '（空）'}: {self.expected}"


class Regions:
    """The regions of one province, immutable and checked as a whole.

    Raises RegisterError when codes repeat, parents or hosts are unknown or of the wrong level, parents run
    in a circle, a zone lacks its role, or there is not exactly one province.
    """

    __slots__ = ("_by_code", "_children", "_province")

    def __init__(self, regions: Iterable[Region]) -> None:
        listed = tuple(regions)
        faults = find_faults(listed)
        if faults:
            raise RegisterError("；".join(str(fault) for fault in faults[:20]))
        self._by_code = {region.code: region for region in sorted(listed, key=lambda region: region.code)}
        self._children: dict[str, list[Region]] = {code: [] for code in self._by_code}
        for region in self._by_code.values():
            if region.parent_code is not None:
                self._children[region.parent_code].append(region)
        self._province = next(region for region in listed if region.level is Level.PROVINCE)

    def __getitem__(self, code: str) -> Region:
        """Return the region of a code; raises UnknownRegionError (a RegisterError and a KeyError)."""
        try:
            return self._by_code[code]
        except KeyError:
            raise UnknownRegionError(code) from None

    def get(self, code: str) -> Region | None:
        """Return the region of a code, or None."""
        return self._by_code.get(code)

    def __contains__(self, code: object) -> bool:
        """Tell whether a code is in the register."""
        return code in self._by_code

    def __iter__(self) -> Iterator[Region]:
        """Give the regions in the order of their codes."""
        return iter(self._by_code.values())

    def __len__(self) -> int:
        """Return the number of regions, zones included."""
        return len(self._by_code)

    @property
    def province(self) -> Region:
        """The one region without a parent."""
        return self._province

    def children(self, code: str, *, zones: bool = False) -> tuple[Region, ...]:
        """Return the regions directly below, in code order; zones, which count land twice, on request."""
        self[code]
        return tuple(child for child in self._children[code] if zones or child.level is not Level.ZONE)

    def lineage(self, code: str) -> tuple[Region, ...]:
        """Return the region itself, then its parent, and so on up to the province."""
        line = [self[code]]
        while (parent := line[-1].parent_code) is not None:
            line.append(self._by_code[parent])
        return tuple(line)

    def subtree(self, code: str) -> frozenset[str]:
        """Return the codes of a territory: the region's own and all below it, zones included."""
        codes = [self[code].code]
        for inner in codes:
            codes.extend(child.code for child in self._children[inner])
        return frozenset(codes)

    def is_within(self, code: str, territory: str) -> bool:
        """Tell whether a region is a territory or lies below it; raises UnknownRegionError for `code`."""
        return any(region.code == territory for region in self.lineage(code))


def find_faults(regions: Sequence[Region]) -> list[Fault]:
    """Return every reason why these regions cannot be the register of one province, in the order listed."""
    by_code = {region.code: region for region in regions}
    faults = _province_faults(regions)
    seen = Counter[str]()
    for index, region in enumerate(regions):
        seen[region.code] += 1
        if seen[region.code] > 1:
            faults.append(Fault(index, "code", region.code, "每个代码只出现一次 (a code used once)"))
        found = (
            _parent_fault(index, region, by_code),
            _zone_role_fault(index, region),
            *_host_faults(index, region, by_code),
        )
        faults.extend(fault for fault in found if fault is not None)
    return sorted(faults, key=lambda fault: fault.index)


def _province_faults(regions: Sequence[Region]) -> list[Fault]:
    places = [index for index, region in enumerate(regions) if region.level is Level.PROVINCE]
    expected = "名录库中恰有一个省级行政区划 (exactly one province)"
    if not places:
        return [Fault(0, "level", "no province", expected)]
    return [Fault(index, "level", f"province {regions[index].code}", expected) for index in places[1:]]


def _parent_fault(index: int, region: Region, by_code: dict[str, Region]) -> Fault | None:
    code = region.parent_code
    if region.level is Level.PROVINCE:
        return Fault(index, "parent_code", code, "省级没有上级，应为空 (blank for a province)") if code else None
    parent = by_code.get(code or "")
    if parent is None:
        return Fault(index, "parent_code", code or "", "名录库中的上级代码 (the code of a region in the register)")
    if parent.level not in PARENT_LEVELS[region.level]:
        levels = " / ".join(sorted(PARENT_LEVELS[region.level]))
        return Fault(index, "parent_code", parent.code, f"上级的级别应为 {levels} (level of the parent)")
    if _runs_in_a_circle(region, by_code):
        return Fault(index, "parent_code", parent.code, "上级关系不得循环 (no circle of parents)")
    return None


def _runs_in_a_circle(region: Region, by_code: dict[str, Region]) -> bool:
    passed = {region.code}
    above = by_code.get(region.parent_code or "")
    while above is not None:
        if above.code in passed:
            return True
        passed.add(above.code)
        above = by_code.get(above.parent_code or "")
    return False


def _zone_role_fault(index: int, region: Region) -> Fault | None:
    if region.level is Level.ZONE and region.zone_role is None:
        return Fault(index, "zone_role", "", "reviewing / overlay / group，功能区必填 (required for a zone)")
    if region.level is not Level.ZONE and region.zone_role is not None:
        return Fault(index, "zone_role", region.zone_role, "非功能区应为空 (blank unless the level is zone)")
    return None


def _host_faults(index: int, region: Region, by_code: dict[str, Region]) -> list[Fault]:
    if region.host_codes and region.level is not Level.ZONE:
        found = "|".join(region.host_codes)
        return [Fault(index, "host_codes", found, "非功能区应为空 (blank unless the level is zone)")]
    return [
        Fault(
            index,
            "host_codes",
            host,
            "名录库中的所在地代码，以 | 分隔 (codes of other regions in the register)",
        )
        for host in region.host_codes
        if host not in by_code or host == region.code
    ]
