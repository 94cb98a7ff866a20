"""Totals of enterprise returns: exact sums and contributors by region and section, and what they do not count."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from forms.loading import FormCatalogue
from indicators.compaction import compact
from indicators.enterprise_table import enterprise_totals
from indicators.facts import AcceptedReturn, FactKind, document_name, record, to_bytes
from indicators.ports import CollectionFrame, Objects
from indicators.table import Table
from register.industries import section_of
from register.regions import Level, Region, Regions, ZoneRole
from tests.indicators.conftest import MemoryObjects

FORM = "107-2"
STAFF, COST = "rd_staff_total", "rd_cost_total"
Returns = Callable[..., AcceptedReturn]
Frames = Callable[..., CollectionFrame]
Key = tuple[str, str, str]


def built(objects: Objects, frame: CollectionFrame, catalogue: FormCatalogue, batch: int = 2) -> Table:
    facts = compact(objects, frame.year, FORM, catalogue, batch=batch)
    return enterprise_totals(objects, frame, {FORM: facts}, catalogue)


def totals(table: Table) -> dict[Key, tuple[str, int]]:
    """(region, section, item) → value and contributors."""
    return {
        (row["region_code"], row["industry_section"], row["item"]): (row["value"], int(row["contributors"]))
        for row in table.records()
    }


def filed(objects: Objects, returns: Iterable[AcceptedReturn]) -> None:
    for accepted in returns:
        record(objects, accepted)


def test_sums_are_exact_decimals_and_roll_up_to_city_and_province(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(
        objects,
        [
            accepted_return(1, {COST: "10.10", STAFF: 3}),
            accepted_return(2, {COST: "20.20", STAFF: 4}),
            accepted_return(3, {COST: "0.000001"}, region_code="990102", reviewing_body="990102"),
            accepted_return(4, {COST: "99999999999999.999999"}, region_code="990201", reviewing_body="990201"),
        ],
    )
    found = totals(built(objects, frame_of(), catalogue))
    assert found["990101", "", COST] == ("30.3", 2)
    assert found["990101", "", STAFF] == ("7", 2)
    assert found["990100", "", COST] == ("30.300001", 3)
    assert found["990000", "", COST] == ("100000000000030.3", 4)
    assert ("990103", "", COST) not in found, "nobody filed there"


def test_the_columns_the_order_and_every_item_of_the_form(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(objects, [accepted_return(1, {COST: 5}), accepted_return(2, {COST: 6}, industry_code="0111")])
    table = built(objects, frame_of(), catalogue)
    columns = "year,region_code,region_name_zh,level,industry_section,form,item,unit,value,contributors"
    assert table.names == tuple(columns.split(","))
    items = list(catalogue.in_force(FORM, 2025).items)
    assert [row[6] for row in table.rows] == items * 9
    places = [(row[1], row[4]) for row in table.rows[:: len(items)]]
    assert places == [(code, section) for code in ("990000", "990100", "990101") for section in ("", "A", "C")]
    assert table.rows[items.index(COST)] == (
        "2025", "990000", "示例省", "province", "", "107-2", COST, "千元", "11", "2"
    )  # fmt: skip


def test_the_total_of_a_region_is_the_sum_of_its_sections(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    codes = ["3911", "3990", "6510", "0111", ""]
    returns = [accepted_return(n, {COST: 10**n}, industry_code=code) for n, code in enumerate(codes)]
    filed(objects, returns)
    found = totals(built(objects, frame_of(), catalogue))
    assert found["990101", "", COST] == ("11111", 5)
    assert [found["990101", section, COST] for section in "CIA"] == [("11", 2), ("100", 1), ("1000", 1)]
    assert {section for _, section, _ in found} == {"", "A", "C", "I"}, "a unit without a class is in the total only"


def test_a_zero_contributes_and_a_blank_does_not(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    refused = {"status": "refused", "note": "不予提供"}
    filed(objects, [accepted_return(1, {COST: 0, STAFF: refused}), accepted_return(2, {COST: 0, STAFF: {}})])
    found = totals(built(objects, frame_of(), catalogue))
    assert found["990101", "", COST] == ("0", 2)
    assert found["990101", "", STAFF] == ("", 0)


def test_starred_items_of_units_without_a_star_are_blank_and_not_zero(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    starred = next(key for key, item in catalogue.in_force(FORM, 2025).items.items() if item.starred)
    filed(objects, [accepted_return(1, {COST: 5})])
    assert totals(built(objects, frame_of(), catalogue))["990101", "", starred] == ("", 0)
    filed(objects, [accepted_return(2, {COST: 5, starred: 7}, starred=True)])
    assert totals(built(objects, frame_of(), catalogue))["990101", "", starred] == ("7", 1)


def test_a_reviewing_zone_is_an_overlay_over_the_county(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(objects, [accepted_return(1, {COST: 5}, reviewing_body="990171"), accepted_return(2, {COST: 6})])
    table = built(objects, frame_of(), catalogue)
    found = totals(table)
    assert found["990171", "", COST] == ("5", 1)
    assert found["990171", "C", COST] == ("5", 1)
    assert found["990101", "", COST] == found["990100", "", COST] == found["990000", "", COST] == ("11", 2)
    assert {row["level"] for row in table.records() if row["region_code"] == "990171"} == {"zone"}


def test_units_of_no_county_stand_in_an_unallocated_row_that_closes_the_sum(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(
        objects,
        [
            accepted_return(1, {COST: 100}),
            accepted_return(2, {COST: 20}, region_code="990100", reviewing_body="990100"),
            accepted_return(3, {COST: 3}, region_code="990171", reviewing_body="990171"),
        ],
    )
    table = built(objects, frame_of(), catalogue)
    found = totals(table)
    assert found["990100", "", COST] == ("123", 3)
    assert found["990101", "", COST] == ("100", 1)
    assert found["990100-00", "", COST] == ("23", 2), "addressed at the city, and at a zone directly under it"
    assert found["990171", "", COST] == ("3", 1)
    row = next(row for row in table.records() if row["region_code"] == "990100-00")
    assert (row["level"], row["region_name_zh"]) == ("unallocated", "甲市（未分县）")


def test_the_latest_acceptance_of_a_submission_counts_alone(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    first, second = accepted_return(1, {COST: 5}), accepted_return(1, {COST: 50}, event=9, revision=2)
    filed(objects, [second, first, accepted_return(2, {COST: 1})])
    for batch in (1, 10):
        table = built(objects, frame_of(), catalogue, batch)
        assert totals(table)["990000", "", COST] == ("51", 2)
        assert first.revision_hash not in table.revisions
        assert second.revision_hash in table.revisions


def test_a_later_acceptance_replaces_one_that_was_compacted_long_ago(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(objects, [accepted_return(1, {COST: "5.5", STAFF: 2}), accepted_return(2, {COST: 1})])
    assert totals(built(objects, frame_of(), catalogue))["990000", "", COST] == ("6.5", 2)
    moved = accepted_return(1, {COST: 7}, event=12, region_code="990201", reviewing_body="990201")
    filed(objects, [moved])
    found = totals(built(objects, frame_of(), catalogue))
    assert found["990101", "", COST] == ("1", 1)
    assert found["990101", "", STAFF] == ("", 0), "what was taken out leaves a blank and not a zero"
    assert found["990201", "", COST] == ("7", 1)
    assert found["990000", "", COST] == ("8", 2)


def test_a_withdrawal_takes_out_what_was_accepted_until_it_is_accepted_anew(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(objects, [accepted_return(1, {COST: 5}), accepted_return(2, {COST: 6}, region_code="990102")])
    built(objects, frame_of(), catalogue)
    filed(objects, [accepted_return(1, event=6, kind=FactKind.WITHDRAWN)])
    table = built(objects, frame_of(), catalogue)
    found = totals(table)
    assert ("990101", "", COST) not in found, "a region without an accepted filing has no row"
    assert found["990000", "", COST] == ("6", 1)
    assert table.revisions == (accepted_return(2).revision_hash,)
    filed(objects, [accepted_return(1, {COST: 8}, event=9)])
    assert totals(built(objects, frame_of(), catalogue))["990000", "", COST] == ("14", 2)


def test_withdrawing_everything_leaves_an_empty_table(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(objects, [accepted_return(1, {COST: 5}), accepted_return(1, event=6, kind=FactKind.WITHDRAWN)])
    table = built(objects, frame_of(), catalogue)
    assert (table.rows, table.revisions) == ((), ())


def test_the_same_facts_twice_count_once(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    filed(objects, [accepted_return(1, {COST: 5})] * 3)
    assert totals(built(objects, frame_of(), catalogue))["990000", "", COST] == ("5", 1)
    filed(objects, [accepted_return(1, {COST: 5})])
    assert totals(built(objects, frame_of(), catalogue))["990000", "", COST] == ("5", 1)


def test_the_revisions_are_those_that_count_and_sorted(
    objects: Objects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    returns = [accepted_return(number, {COST: 1}) for number in range(5)]
    filed(objects, returns)
    assert list(built(objects, frame_of(), catalogue).revisions) == sorted(one.revision_hash for one in returns)


def test_marks_say_sample_and_provisional(objects: Objects, frame_of: Frames, catalogue: FormCatalogue) -> None:
    marks = built(objects, frame_of(provisional=True), catalogue).marks
    assert [mark["mark"] for mark in marks] == ["sample", "provisional"]
    assert built(objects, frame_of(samples=frozenset({"region-st"})), catalogue).marks == ()


@st.composite
def provinces(draw: st.DrawFn) -> Regions:
    """A province of up to three cities with up to three counties each, and zones of every role."""
    found = [Region("990000", "省", "P", Level.PROVINCE, None)]
    for city in range(1, draw(st.integers(1, 3)) + 1):
        code = f"99{city:02d}00"
        found.append(Region(code, f"市{city}", "C", Level.CITY, "990000"))
        counties = [f"99{city:02d}{county:02d}" for county in range(1, draw(st.integers(0, 3)) + 1)]
        found += [Region(county, f"县{county}", "D", Level.COUNTY, code) for county in counties]
        for zone in range(draw(st.integers(0, 2))):
            parent, role = draw(st.sampled_from([code, *counties])), draw(st.sampled_from(list(ZoneRole)))
            found.append(Region(f"99{city:02d}{71 + zone}", "区", "Z", Level.ZONE, parent, role))
    return Regions(found)


@st.composite
def filings(draw: st.DrawFn, regions: Regions) -> list[tuple[int, str, str, str, Decimal | None, str]]:
    """(submission, region, body, industry, value or None, accepted or withdrawn), in the order they happened."""
    codes = [region.code for region in regions if region.level is not Level.PROVINCE]
    value = st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=6))
    filing = st.tuples(
        st.integers(1, 6),
        st.sampled_from(codes),
        st.sampled_from(codes),
        st.sampled_from(["", "3911", "0111", "6510"]),
        value,
        st.sampled_from(["accepted"] * 4 + ["withdrawn"]),
    )
    return draw(st.lists(filing, max_size=12))


def naive(regions: Regions, returns: Iterable[AcceptedReturn]) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    """(row, section) → sum and contributors of the costs, by walking every return that counts."""
    latest = {one.submission: one for one in returns}
    values: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for one in latest.values():
        if one.kind is FactKind.WITHDRAWN:
            continue
        places, code = set(), one.region_code
        while code:
            places.add(code)
            code = regions[code].parent_code or ""
        if not any(regions[place].level is Level.COUNTY for place in places):
            places.add(next(place for place in places if regions[place].level is Level.CITY) + "-00")
        if regions[one.reviewing_body].level is Level.ZONE:
            places.add(one.reviewing_body)
        for key in {(place, section) for place in places for section in {"", section_of(one.industry_code)}}:
            values[key] += [Decimal(one.cells[COST]["value"])] if one.cells[COST] else []
    return {key: (sum(its, Decimal(0)) if its else None, len(its)) for key, its in values.items()}


@settings(max_examples=25, deadline=None)
@given(data=st.data(), regions=provinces(), batch=st.integers(1, 5), compactions=st.integers(1, 3))
def test_totals_equal_a_naive_rollup(
    new_objects: Callable[[], Objects],
    frame_of: Frames,
    accepted_return: Returns,
    catalogue: FormCatalogue,
    data: st.DataObject,
    regions: Regions,
    batch: int,
    compactions: int,
) -> None:
    objects, frame = new_objects(), frame_of(regions=regions)
    returns = [
        accepted_return(
            number,
            {COST: {} if value is None else value} if kind == "accepted" else {},
            event=event,
            kind=FactKind(kind),
            region_code=region,
            reviewing_body=body,
            industry_code=industry,
        )
        for event, (number, region, body, industry, value, kind) in enumerate(data.draw(filings(regions)))
    ]
    for part in range(compactions):
        filed(objects, returns[part::compactions])
        table = built(objects, frame, catalogue, batch)
    found = {
        (region, section): (Decimal(value) if value else None, count)
        for (region, section, item), (value, count) in totals(table).items()
        if item == COST
    }
    assert found == naive(regions, returns)


def test_a_lost_part_is_named_and_nothing_is_made_up(
    objects: MemoryObjects, frame_of: Frames, accepted_return: Returns, catalogue: FormCatalogue
) -> None:
    held = objects.held
    filed(objects, [accepted_return(1, {COST: 5})])
    facts = compact(objects, 2025, FORM, catalogue)
    sums = next(name for name in held if "/sums/" in name)
    del held[sums]
    again = enterprise_totals(objects, frame_of(), {FORM: facts}, catalogue)
    assert totals(again)["990000", "", COST] == ("5", 1), "sums follow from the part"
    assert sums in held


def test_documents_are_canonical_json(accepted_return: Returns) -> None:
    one = accepted_return(1, {COST: 5})
    data = to_bytes(one)
    assert data == json.dumps(json.loads(data), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert document_name(one.year, one.form, one.event) == "facts/2025/107-2/s0001-0005.json"
