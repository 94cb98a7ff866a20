"""The canonical form is RFC 8785, whichever way it is written."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from workflows.canonical import LARGEST_INTEGER, canonical

_TEXTS = st.text(st.characters(codec="utf-8"))
_NUMBERS = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | st.booleans() | st.none() | st.floats(-1e9, 1e9)
_DATA = st.dictionaries(
    _TEXTS,
    st.recursive(_TEXTS | _NUMBERS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner), max_leaves=12),
)
_ASCII = st.dictionaries(st.text(st.characters(max_codepoint=127)), _TEXTS | st.lists(_TEXTS | st.booleans()))


@given(_DATA | _ASCII)
def test_the_canonical_form_is_what_rfc_8785_says(data: dict[str, Any]) -> None:
    assert canonical(data) == rfc8785.dumps(data)


def test_marks_and_control_characters_are_spelled_as_the_standard_spells_them() -> None:
    data: dict[str, Any] = {"b": '\u0000\b\t\n\f\r\u001f\u007f\u2028"\\/', "a": ["千元", "😀", 0, -1, True]}
    assert canonical(data) == rfc8785.dumps(data)


@pytest.mark.parametrize("value", [LARGEST_INTEGER + 1, float("nan"), "\ud800", object()])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical({"a": value})
