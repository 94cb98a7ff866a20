"""The synthetic enterprises: two or three in each of the 129 counties, all marked 示例（合成）."""

from dataclasses import dataclass
from typing import Final

from handlers.demo.draws import draw, pick
from register.regions import Level, Region, Regions
from register.units import Size, Unit, UnitKind, make_synthetic_credit_code


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of business: a class of GB/T 4754-2017, and the word that names the works."""

    industry_code: str
    word: str


TRADES: Final = (
    Trade("0911", "铜矿"),
    Trade("1351", "屠宰加工厂"),
    Trade("1530", "制茶厂"),
    Trade("2710", "原料药厂"),
    Trade("2730", "中药饮片厂"),
    Trade("3011", "水泥厂"),
    Trade("3240", "合金厂"),
    Trade("3421", "机床厂"),
    Trade("3985", "电子材料厂"),
    Trade("4413", "水电站"),
    Trade("4416", "光伏电站"),
    Trade("4790", "建筑公司"),
    Trade("5431", "货运公司"),
    Trade("6513", "软件公司"),
    Trade("7211", "企业管理公司"),
    Trade("7320", "工程技术研究院"),
    Trade("7721", "水处理公司"),
    Trade("8411", "医院"),
    Trade("8810", "演艺公司"),
)
ORDINALS: Final = "一二三"
SIZES: Final = (Size.LARGE, *(Size.MEDIUM,) * 3, *(Size.SMALL,) * 5, Size.MICRO)
EVERY_THIRD: Final = 3
"""Every third county has a third enterprise."""
STARRED_SIZES: Final = {Size.LARGE, Size.MEDIUM}
REVIEWING_ZONES: Final = ("530171", "530172", "530173")


def enterprises(regions: Regions) -> list[Unit]:
    """About 300 units over all counties: one row per enterprise, in the order of region codes."""
    counties = [region for region in regions if region.level is Level.COUNTY]
    found: list[Unit] = []
    for index, county in enumerate(counties):
        count = len(ORDINALS) if index % EVERY_THIRD == 0 else len(ORDINALS) - 1
        for number in range(count):
            found.append(_enterprise(len(found) + 1, county, number, _zone_of(county, number, regions)))
    return found


def _enterprise(serial: int, county: Region, number: int, zone: str | None) -> Unit:
    trade = pick(TRADES, "trade", county.code, number)
    size = pick(SIZES, "size", county.code, number)
    return Unit(
        unit_id=make_synthetic_credit_code(serial),
        name=f"示例（合成）{_short_name(county)}第{ORDINALS[number]}{trade.word}",
        kind=UnitKind.ENTERPRISE,
        region_code=county.code,
        reviewing_body=zone,
        industry_code=trade.industry_code,
        email=f"qy{serial:04d}@enterprise.example",
        size=size,
        starred=size in STARRED_SIZES and draw(1, 5, "starred", county.code, number) == 1,
    )


def _short_name(county: Region) -> str:
    """东川区 → 东川; a name of two characters or of an autonomous county stays whole."""
    name = county.name_zh
    return name if len(name) <= len("云县") or name.endswith("自治县") else name[:-1]


def _zone_of(county: Region, number: int, regions: Regions) -> str | None:
    """The second enterprise of a county that hosts a reviewing zone files through the first such zone."""
    if number != 1:
        return None
    hosts = (zone for zone in REVIEWING_ZONES if county.code in regions[zone].host_codes)
    return next(hosts, None)
