"""The regions of a province as a checked whole."""

from __future__ import annotations

import pytest

from register.importing import read_regions
from register.regions import Level, Region, Regions, RegisterError, ZoneRole
from register.shipped import yunnan_regions_csv

PROVINCE = Region("530000", "云南省", "Yunnan", Level.PROVINCE, None)
CITY = Region("530100", "昆明市", "Kunming", Level.CITY, "530000")
COUNTY = Region("530102", "五华区", "Wuhua", Level.COUNTY, "530100")


def zone(
    code: str = "530171",
    parent: str | None = "530100",
    role: ZoneRole | None = ZoneRole.REVIEWING,
    hosts: tuple[str, ...] = (),
) -> Region:
    return Region(code, "高新区", "Zone", Level.ZONE, parent, role, hosts)


def test_regions_stand_in_code_order_whatever_the_order_of_the_file() -> None:
    regions = Regions([COUNTY, PROVINCE, CITY])
    assert [region.code for region in regions] == ["530000", "530100", "530102"]
    assert len(regions) == 3
    assert regions.province is PROVINCE


def test_a_region_is_found_by_its_code_and_an_unknown_one_is_named(regions: Regions) -> None:
    assert regions["530102"].name_zh == "五华区"
    assert regions.get("530102") is regions["530102"]
    assert regions.get("440000") is None
    assert "530102" in regions
    assert "440000" not in regions
    with pytest.raises(KeyError):
        regions["440000"]
    with pytest.raises(RegisterError, match=r"^名录库中没有行政区划 440000"):
        regions.lineage("440000")


def test_children_leave_zones_out_unless_they_are_asked_for(regions: Regions) -> None:
    assert [child.code for child in regions.children("530100")] == ["530102", "530127"]
    with_zones = [child.code for child in regions.children("530100", zones=True)]
    assert with_zones == ["530102", "530127", "530171", "530174"]
    assert regions.children("530102") == ()
    with pytest.raises(RegisterError):
        regions.children("440000")


def test_a_lineage_climbs_to_the_province(regions: Regions) -> None:
    assert [region.code for region in regions.lineage("530177")] == ["530177", "530127", "530100", "530000"]
    assert [region.code for region in regions.lineage("530000")] == ["530000"]


def test_a_territory_holds_the_zones_whose_parent_lies_in_it(regions: Regions) -> None:
    assert regions.subtree("530127") == {"530127", "530177"}
    assert regions.subtree("530102") == {"530102"}
    assert regions.subtree("530000") == {region.code for region in regions}
    with pytest.raises(RegisterError):
        regions.subtree("440000")


def test_a_region_lies_within_itself_and_all_above_it_only(regions: Regions) -> None:
    assert regions.is_within("530102", "530102")
    assert regions.is_within("530102", "530000")
    assert regions.is_within("530177", "530127")
    assert not regions.is_within("530100", "530102")
    assert not regions.is_within("530102", "530127")
    assert not regions.is_within("530102", "440000")
    with pytest.raises(RegisterError):
        regions.is_within("440000", "530000")


def test_the_territory_and_being_within_it_say_the_same() -> None:
    yunnan = read_regions(yunnan_regions_csv(), "regions.csv")
    for territory in ("530000", "530100", "530127", "530171"):
        within = {region.code for region in yunnan if yunnan.is_within(region.code, territory)}
        assert within == yunnan.subtree(territory)


def test_overlay_and_group_zones_hold_no_seat(regions: Regions) -> None:
    assert [region.code for region in regions if not region.reviews] == ["530174", "530177"]


def test_a_county_directly_under_the_province_is_allowed() -> None:
    county = Region("429004", "仙桃市", "Xiantao", Level.COUNTY, "530000")
    assert Regions([PROVINCE, county]).children("530000") == (county,)


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ([], r"no province.*恰有一个省级"),
        ([CITY], r"恰有一个省级"),
        (
            [PROVINCE, Region("520000", "贵州省", "Guizhou", Level.PROVINCE, None)],
            r"province 520000.*恰有一个省级",
        ),
        ([PROVINCE, CITY, CITY], r"code 530100: 每个代码只出现一次"),
        (
            [Region("530000", "云南省", "Yunnan", Level.PROVINCE, "530100"), CITY],
            r"parent_code 530100: 省级没有上级",
        ),
        ([PROVINCE, COUNTY], r"parent_code 530100: 名录库中的上级代码"),
        (
            [PROVINCE, Region("530100", "昆明市", "", Level.CITY, None)],
            r"parent_code （空）: 名录库中的上级代码",
        ),
        (
            [PROVINCE, CITY, Region("530200", "某市", "", Level.CITY, "530100")],
            r"parent_code 530100: 上级的级别应为 province",
        ),
        (
            [PROVINCE, CITY, COUNTY, Region("530103", "盘龙区", "", Level.COUNTY, "530102")],
            r"parent_code 530102: 上级的级别应为 city / province",
        ),
        ([PROVINCE, zone(parent="530100")], r"parent_code 530100: 名录库中的上级代码"),
        ([PROVINCE, zone(parent="530171")], r"上级关系不得循环"),
        (
            [PROVINCE, zone("530171", "530172"), zone("530172", "530171")],
            r"上级关系不得循环.*上级关系不得循环",
        ),
        ([PROVINCE, CITY, zone(role=None)], r"zone_role （空）: reviewing / overlay / group"),
        (
            [PROVINCE, Region("530100", "昆明市", "", Level.CITY, "530000", ZoneRole.GROUP)],
            r"zone_role group: 非功能区应为空",
        ),
        ([PROVINCE, CITY, zone(hosts=("530109",))], r"host_codes 530109: 名录库中的所在地代码"),
        ([PROVINCE, CITY, zone(hosts=("530171",))], r"host_codes 530171: 名录库中的所在地代码"),
        (
            [PROVINCE, Region("530100", "昆明市", "", Level.CITY, "530000", None, ("530000",))],
            r"host_codes 530000: 非功能区应为空",
        ),
    ],
)
def test_regions_that_contradict_each_other_are_refused(listed: list[Region], message: str) -> None:
    with pytest.raises(RegisterError, match=message):
        Regions(listed)


def test_a_zone_may_lie_on_another_zone() -> None:
    listed = [PROVINCE, CITY, zone(), zone("530174", role=ZoneRole.OVERLAY, hosts=("530171",))]
    assert Regions(listed)["530174"].host_codes == ("530171",)


def test_yunnan_ships_with_sixteen_cities_129_counties_and_ten_zones() -> None:
    yunnan = read_regions(yunnan_regions_csv(), "regions.csv")
    counts = {level: sum(region.level is level for region in yunnan) for level in Level}
    assert counts == {Level.PROVINCE: 1, Level.CITY: 16, Level.COUNTY: 129, Level.ZONE: 10}
    reviewing = {region.code for region in yunnan if region.zone_role is ZoneRole.REVIEWING}
    assert reviewing == {"530171", "530172", "530173", "530176"}
    assert yunnan["530174"].host_codes == ("530111", "530172")


def test_two_counties_share_an_english_name_and_stay_apart() -> None:
    yunnan = read_regions(yunnan_regions_csv(), "regions.csv")
    assert yunnan["530125"].name_en == yunnan["530628"].name_en
    assert yunnan["530125"].name_zh != yunnan["530628"].name_zh
