"""Figures as typed: what is read, what is a mistake, and that nothing is guessed or rounded."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.definition import FormDefinition, Item, ItemKind, ItemType, Requirement
from forms.values import BLANK, Cell, Status, ValueMistake, format_number, read_number, show_number

COUNT = Item(
    key="papers",
    code="40",
    name_zh="论文",
    name_en="Papers",
    unit="篇",
    type=ItemType.INTEGER,
    decimals=0,
    kind=ItemKind.FLOW,
    parent=None,
    starred=False,
    required=Requirement.ALWAYS,
    scope_zh="",
    note_zh="",
    depth=0,
)
MONEY = replace(COUNT, key="gdp", unit="万元", type=ItemType.DECIMAL, decimals=2)


@pytest.mark.parametrize("text", ["", " ", "\u3000", " \t\u3000\r\n", "\u00a0"])
def test_a_blank_is_no_figure_and_not_zero(text: str) -> None:
    assert read_number(text, COUNT) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("１２３", "123"),
        ("１，２３４．５０", "1234.5"),
        ("12,345", "12345"),
        ("1 234 567", "1234567"),
        ("1\u00a0234", "1234"),
        ("1\u3000234", "1234"),
        ("　8970　", "8970"),
        ("10.", "10"),
        ("10.00", "10"),
        ("10.000000", "10"),
        (".5", "0.5"),
        ("0.50", "0.5"),
        ("007", "7"),
        ("+5", "5"),
        ("＋5", "5"),
        ("999999999999999.99", "999999999999999.99"),
        ("0000000000000000000012", "12"),
    ],
)
def test_a_figure_is_read_as_the_person_meant_it(text: str, value: str) -> None:
    assert read_number(text, MONEY) == Decimal(value)


@pytest.mark.parametrize("text", ["10.", "10.0", "10.000"])
def test_a_whole_number_written_with_a_point_is_a_whole_number(text: str) -> None:
    assert str(read_number(text, COUNT)) == "10"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1e5", "not_a_number"),
        ("1E5", "not_a_number"),
        ("１２abc", "not_a_number"),
        ("--", "not_a_number"),
        ("-", "not_a_number"),
        ("+", "not_a_number"),
        (".", "not_a_number"),
        (",", "grouping"),
        ("NaN", "not_a_number"),
        ("sNaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-inf", "not_a_number"),
        ("١٢", "not_a_number"),
        ("१२", "not_a_number"),
        ("12²", "not_a_number"),
        ("①", "not_a_number"),
        ("½", "not_a_number"),
        ("十二", "not_a_number"),
        ("100元", "not_a_number"),
        ("50%", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1_000", "not_a_number"),
        ("=1+1", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("1。5", "not_a_number"),
        ("1\x00", "not_a_number"),
        ("12,34", "grouping"),
        ("1,2345", "grouping"),
        ("1,234,5", "grouping"),
        ("1, 234", "grouping"),
        ("1,234 567", "grouping"),
        ("0,123", "grouping"),
        ("12 34", "grouping"),
        ("1.234,5", "grouping"),
        ("-5", "negative"),
        ("－５", "negative"),
        ("\u22125", "negative"),
        ("-0", "negative"),
        ("1.234", "decimals"),
        ("1000000000000000", "too_large"),
        ("1" * 65, "too_long"),
        (" " * 65, "too_long"),
        ("1" * 1_000_000, "too_long"),
    ],
)
def test_what_is_no_proper_figure_is_a_mistake_with_both_languages(text: str, code: str) -> None:
    with pytest.raises(ValueMistake) as caught:
        read_number(text, MONEY)
    assert caught.value.code == code
    assert caught.value.zh
    assert caught.value.en


def test_too_many_decimals_are_a_mistake_and_never_rounded() -> None:
    with pytest.raises(ValueMistake, match="整数") as caught:
        read_number("10.5", COUNT)
    assert caught.value.code == "decimals"
    assert read_number("10.55", MONEY) == Decimal("10.55")
    with pytest.raises(ValueMistake, match="2 位小数"):
        read_number("10.555", MONEY)


@given(st.text(max_size=80))
def test_any_text_is_a_figure_a_blank_or_a_mistake(text: str) -> None:
    try:
        value = read_number(text, MONEY)
    except ValueMistake:
        return
    if value is not None:
        assert value.is_finite()
        assert 0 <= value < 10**15
        assert read_number(format_number(value), MONEY) == value


@given(st.decimals(min_value=0, max_value=10**15 - 1, places=2))
def test_what_is_formatted_or_shown_reads_back_the_same(value: Decimal) -> None:
    assert read_number(format_number(value), MONEY) == value
    assert read_number(show_number(value, MONEY), MONEY) == value


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_figure_typed_in_full_width_is_the_same_figure(number: int) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in f"{number:,}")
    assert read_number(wide, COUNT) == number


@pytest.mark.parametrize(
    ("value", "plain", "shown"),
    [
        (None, "", ""),
        (Decimal("8970.00"), "8970", "8,970.00"),
        (Decimal("1E+3"), "1000", "1,000.00"),
        (Decimal("0.50"), "0.5", "0.50"),
        (Decimal("0.00"), "0", "0.00"),
        (Decimal("-0"), "0", "0.00"),
        (Decimal("1234567.125"), "1234567.125", "1,234,567.125"),
        (Decimal("-0.5"), "-0.5", "-0.50"),
        (Decimal("1E-7"), "0.0000001", "0.0000001"),
    ],
)
def test_a_figure_is_plain_in_files_and_grouped_for_people(value: Decimal | None, plain: str, shown: str) -> None:
    assert format_number(value) == plain
    assert show_number(value, MONEY) == shown


def test_a_whole_figure_is_shown_without_decimals() -> None:
    assert show_number(Decimal(1234567), COUNT) == "1,234,567"


def test_blank_zero_not_applicable_refused_and_unknown_are_different_cells() -> None:
    cells = {
        BLANK,
        Cell(Decimal(0)),
        Cell(status=Status.NOT_APPLICABLE),
        Cell(status=Status.REFUSED, note="商业秘密"),
        Cell(status=Status.UNKNOWN),
    }
    assert len(cells) == 5
    assert [cell for cell in cells if cell.is_blank] == [BLANK]


def test_a_note_alone_is_no_answer() -> None:
    assert Cell(note="待核").is_blank


@pytest.mark.parametrize("status", [Status.NOT_APPLICABLE, Status.REFUSED, Status.UNKNOWN])
def test_a_figure_cannot_stand_beside_a_mark_that_there_is_none(status: Status) -> None:
    with pytest.raises(ValueMistake) as caught:
        Cell(Decimal(1), status, "原因")
    assert caught.value.code == "value_beside_status"


def test_an_estimate_needs_its_figure() -> None:
    assert Cell(Decimal(1), Status.ESTIMATED).value == 1
    with pytest.raises(ValueMistake) as caught:
        Cell(status=Status.ESTIMATED)
    assert caught.value.code == "estimate_without_value"


@pytest.mark.parametrize("note", ["", "  ", "\u3000"])
def test_a_refusal_needs_its_reason(note: str) -> None:
    with pytest.raises(ValueMistake) as caught:
        Cell(status=Status.REFUSED, note=note)
    assert caught.value.code == "refused_without_reason"


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_cell_holds_finite_figures_only(value: str) -> None:
    with pytest.raises(ValueMistake):
        Cell(Decimal(value))


def test_every_shipped_item_reads_zero_as_a_figure(enterprise_form: FormDefinition) -> None:
    assert {read_number("0", item) for item in enterprise_form.items.values()} == {Decimal(0)}
