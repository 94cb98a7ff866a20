"""The canonical plain form of a return: exact, sorted, and nothing else is accepted back."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.content import Content, ContentError, SignOff, from_json, to_json
from forms.definition import FormDefinition
from forms.loading import shipped_forms
from forms.values import BLANK, Cell, Status

REGION = shipped_forms().by_version("region-st/2010")
PLAIN: dict[str, Any] = {
    "cells": {"area": {"value": "1.50"}, "total": {"note": "约数", "status": "estimated", "value": "10"}},
    "explanations": {"S2": "外包"},
    "signoff": {
        "filler": "王",
        "phone": "1",
        "report_date": "2027-03-01",
        "statistician": "",
        "unit_head": "张",
    },
}


def test_figures_are_text_at_the_declared_decimals_and_blanks_are_left_out(small: FormDefinition) -> None:
    content = Content(
        {
            "total": Cell(Decimal("10.0"), Status.ESTIMATED, "约数"),
            "part": BLANK,
            "area": Cell(Decimal("1.5")),
        },
        {"S2": "外包", "S1": ""},
        SignOff("张", "", "王", "1", "2027-03-01"),
    )
    plain = to_json(content, small)
    assert plain == PLAIN
    assert json.dumps(plain) == json.dumps(PLAIN)
    assert from_json(plain, small) == content


def test_a_cell_of_the_content_is_blank_where_nothing_was_answered(small: FormDefinition) -> None:
    content = from_json(PLAIN, small)
    assert content.cell("part") == BLANK
    assert content.cell("area") == Cell(Decimal("1.5"))


def test_zero_is_kept_and_a_note_without_a_figure_is_kept(small: FormDefinition) -> None:
    content = Content({"total": Cell(Decimal("-0")), "part": Cell(note="待核")}, {}, SignOff())
    assert to_json(content, small)["cells"] == {"part": {"note": "待核"}, "total": {"value": "0"}}


def test_equal_content_is_equal_however_it_was_typed() -> None:
    typed = Content({"b": Cell(Decimal("1.0")), "a": Cell(Decimal(2)), "c": BLANK}, {"x": ""}, SignOff())
    assert typed == Content({"a": Cell(Decimal(2)), "b": Cell(Decimal(1))}, {}, SignOff())
    assert list(typed.cells) == ["a", "b"]


def test_content_cannot_be_changed_after_it_was_made() -> None:
    cells = {"a": Cell(Decimal(1))}
    content = Content(cells, {}, SignOff())
    cells["a"] = Cell(Decimal(2))
    assert content.cell("a").value == 1
    held: Any = content.cells
    with pytest.raises(TypeError):
        held["a"] = BLANK


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"whole": {"value": "1"}}, "no item 'whole'"),
        ({"total": "1"}, "a mapping"),
        ({"total": {"value": 1}}, "text was expected, found int"),
        ({"total": {"value": "1.0"}}, "canonical"),
        ({"total": {"value": "01"}}, "canonical"),
        ({"total": {"value": "1e0"}}, "canonical"),
        ({"total": {"value": "1.5"}}, "more than 0 decimals"),
        ({"total": {"value": "-0"}}, "canonical"),
        ({"total": {"value": ""}}, "total"),
        ({"total": {"value": "x"}}, "total"),
        ({"total": {"value": "NaN"}}, "total"),
        ({"area": {"value": "1.5"}}, "canonical"),
        ({"total": {"status": "guess"}}, "guess"),
        ({"total": {"status": "refused"}}, "拒报"),
        ({"total": {"value": "1", "colour": "red"}}, "unknown name 'colour'"),
        ({"total": {"note": "\ud800"}}, "half a character"),
        ([], "cells: a mapping"),
    ],
)
def test_whatever_is_not_the_canonical_form_is_refused(small: FormDefinition, cells: object, expected: str) -> None:
    with pytest.raises(ContentError, match=expected):
        from_json(PLAIN | {"cells": cells}, small)


@pytest.mark.parametrize(
    "changed",
    [{"extra": {}}, {"signoff": {"boss": "x"}}, {"signoff": {"phone": 1}}, {"explanations": {"S2": None}}],
)
def test_unknown_names_and_wrong_shapes_are_refused(small: FormDefinition, changed: dict[str, Any]) -> None:
    with pytest.raises(ContentError):
        from_json(PLAIN | changed, small)


def test_a_figure_finer_than_its_item_is_not_written_rounded(small: FormDefinition) -> None:
    content = Content({"area": Cell(Decimal("1.005"))}, {}, SignOff())
    with pytest.raises(ContentError, match="more than 2 decimals"):
        to_json(content, small)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
figures = st.decimals(min_value=0, max_value=10**15 - 1, places=0)
cells = st.one_of(
    st.just(BLANK),
    st.builds(Cell, figures, st.sampled_from([Status.REPORTED, Status.ESTIMATED]), words),
    st.builds(Cell, st.none(), st.sampled_from([Status.UNKNOWN, Status.NOT_APPLICABLE]), words),
    words.filter(str.strip).map(lambda reason: Cell(None, Status.REFUSED, reason)),
)
contents = st.builds(
    Content,
    st.dictionaries(st.sampled_from(sorted(REGION.items)), cells),
    st.dictionaries(st.sampled_from(["Q1", "Q2"]), words),
    st.builds(SignOff, words, words, words, words, words),
)


@given(contents)
def test_content_goes_through_json_unchanged(content: Content) -> None:
    plain = json.loads(json.dumps(to_json(content, REGION)))
    assert from_json(plain, REGION) == content
    assert to_json(from_json(plain, REGION), REGION) == plain
