"""The return guard: words that direct a figure are stopped, words that say what was seen pass."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from workflows.directives import directive_in

HERE = Path(__file__).parent
SENTENCES: list[Mapping[str, str]] = yaml.safe_load((HERE / "directives.yaml").read_text(encoding="utf-8"))
LATER: list[Mapping[str, str]] = yaml.safe_load((HERE / "later_directives.yaml").read_text(encoding="utf-8"))
SLIPPED_LATER = 2
"""Directives of the later batches that still pass; never more."""
RULES = yaml.safe_load((HERE.parents[1] / "workflows" / "directives.yaml").read_text(encoding="utf-8"))


def texts(found: list[Mapping[str, str]], says: str) -> list[str]:
    return [one["text"] for one in found if one["says"] == says]


def test_there_are_sixty_sentences_half_of_each_kind() -> None:
    assert (len(texts(SENTENCES, "directive")), len(texts(SENTENCES, "observation"))) == (30, 30)


@pytest.mark.parametrize("text", texts(SENTENCES, "directive"))
def test_no_directive_passes(text: str) -> None:
    assert directive_in(text)


def test_at_most_two_of_thirty_observations_are_stopped() -> None:
    assert len([text for text in texts(SENTENCES, "observation") if directive_in(text)]) <= 2


def test_later_sentences_fare_no_worse_than_when_they_were_written() -> None:
    assert [text for text in texts(LATER, "observation") if directive_in(text)] == []
    assert len([text for text in texts(LATER, "directive") if not directive_in(text)]) <= SLIPPED_LATER


@pytest.mark.parametrize("example", [one["example"] for one in RULES["directs"]])
def test_each_pattern_stops_its_own_example(example: str) -> None:
    assert directive_in(example)


@pytest.mark.parametrize(
    "text",
    ["改\u200b为 500", "改 为 500", "改为\n\n５００", "改为 伍佰", "請改為 500", "改為：500", "SHOULD  BE 500"],
    ids=["zero-width", "blank", "full-width", "capital numerals", "traditional", "colon", "English"],
)
def test_another_spelling_does_not_slip_through(text: str) -> None:
    assert directive_in(text)


def test_it_says_which_words_it_means() -> None:
    assert directive_in("研发费用偏低，请改为５００千元。") == "改为500"


@pytest.mark.parametrize("text", ["", " ", "请" * 2000, "1" * 2000, "请改" * 1000, "应 " * 1000, "从1到" * 700])
def test_long_and_empty_words_are_read_in_reasonable_steps(text: str) -> None:
    assert isinstance(directive_in(text), str)
