"""Response rates: who was expected, sent and how far it went, in every region that has expected filers below it."""

from collections.abc import Callable

from indicators.ports import CollectionFrame, ProgressRow
from indicators.rates_table import response_rates

FORM = "107-2"
Frames = Callable[..., CollectionFrame]


def row(
    stage: str,
    count: int = 1,
    *,
    region: str = "990101",
    body: str = "",
    form: str = FORM,
    level: str = "",
    late: bool = False,
    sent: bool = True,
    excepted: bool = False,
) -> ProgressRow:
    return ProgressRow(form, region, body or region, stage, level, late, sent, excepted, count)


def counts(frame: CollectionFrame) -> dict[tuple[str, str], dict[str, int]]:
    """(region, form) → the counts that are not zero."""
    names = response_rates(frame).names[5:]
    return {
        (record["region_code"], record["form"]): {name: int(record[name]) for name in names if record[name] != "0"}
        for record in response_rates(frame).records()
    }


def test_the_columns_are_those_agreed(frame_of: Frames) -> None:
    columns = (
        "year,region_code,region_name_zh,level,form,expected,exceptions,sent,late,"
        "in_review_county,in_review_city,in_review_province,returned,accepted"
    )
    assert response_rates(frame_of()).names == tuple(columns.split(","))


def test_every_stage_is_counted_where_it_belongs_and_everywhere_above(frame_of: Frames) -> None:
    progress = [
        row("not_started", 64, sent=False),
        row("draft", 32, sent=False),
        row("in_review", 16, level="county"),
        row("in_review", 8, level="city"),
        row("in_review", 4, level="province", late=True),
        row("returned", 2),
        row("accepted", 1, late=True),
        row("withdrawn", 128),
        row("closed", 256, sent=False, excepted=True),
    ]
    expected = {
        "expected": 511,
        "exceptions": 256,
        "sent": 159,
        "late": 5,
        "in_review_county": 16,
        "in_review_city": 8,
        "in_review_province": 4,
        "returned": 2,
        "accepted": 1,
    }
    found = counts(frame_of(progress=progress))
    assert found == {(code, FORM): expected for code in ("990000", "990100", "990101")}


def test_a_regions_own_office_is_counted_in_its_own_row(frame_of: Frames) -> None:
    progress = [row("accepted", form="region-st", region="990100"), row("accepted", form="region-st")]
    found = counts(frame_of(progress=progress))
    assert found["990100", "region-st"]["expected"] == 2
    assert found["990101", "region-st"]["expected"] == 1
    assert ("990200", "region-st") not in found
    assert ("990100", FORM) not in found


def test_a_zones_row_holds_what_it_reviews_and_adds_to_nothing(frame_of: Frames) -> None:
    progress = [row("in_review", 3, body="990171", level="county"), row("accepted", 2)]
    found = counts(frame_of(progress=progress))
    assert found["990171", FORM] == {"expected": 3, "sent": 3, "in_review_county": 3}
    assert found["990101", FORM]["expected"] == found["990100", FORM]["expected"] == 5


def test_a_unit_addressed_at_its_own_zone_is_counted_once_there(frame_of: Frames) -> None:
    found = counts(frame_of(progress=[row("returned", 3, region="990171")]))
    assert found["990171", FORM] == {"expected": 3, "sent": 3, "returned": 3}
    assert found["990100", FORM]["expected"] == 3


def test_rows_stand_in_the_order_of_codes_and_forms(frame_of: Frames) -> None:
    progress = [row("accepted", form="region-st"), row("accepted", region="990201"), row("accepted")]
    found = [(one["region_code"], one["form"]) for one in response_rates(frame_of(progress=progress)).records()]
    assert found == sorted(found)
    assert ("990000", "region-st") in found


def test_a_year_nobody_was_expected_in_has_no_rows(frame_of: Frames) -> None:
    table = response_rates(frame_of(provisional=True))
    assert table.rows == ()
    assert [mark["mark"] for mark in table.marks] == ["sample", "provisional"]
