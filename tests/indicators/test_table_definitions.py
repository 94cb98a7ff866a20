"""Table definitions: what does not hold together is refused when it is loaded."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from forms.loading import FormCatalogue
from indicators.definition import (
    DefinitionMistake,
    IndicatorKind,
    TableClass,
    TableDefinition,
    check_names,
    load_table,
)
from indicators.ports import REGION_FORM

TABLE = """
name: sample
title_zh: 例
title_en: Sample
class: open
form: region-st
indicators:
"""
RATIO = (
    "  - {key: intensity, name_zh: 强度, name_en: I, unit: '%', kind: ratio, numerator: rd, denominator: gdp,"
    " factor: 100, decimals: 2}\n"
)
CHANGE = "  - {key: change, name_zh: 变动, name_en: C, unit: 点, kind: difference, numerator: intensity, decimals: 2}\n"
ITEMS = ("gdp", "rd")


def loaded(*lines: str) -> TableDefinition:
    definition = load_table(TABLE + "".join(lines), "sample.yaml")
    check_names(definition, ITEMS)
    return definition


def test_the_shipped_tables_hold_together(definitions: Mapping[str, TableDefinition], catalogue: FormCatalogue) -> None:
    assert {name: one.table_class for name, one in definitions.items()} == {
        "region_indicators": TableClass.OPEN,
        "enterprise_totals": TableClass.RESTRICTED,
        "response_rates": TableClass.OPEN,
    }
    check_names(definitions["region_indicators"], catalogue.in_force(REGION_FORM, 2025).items)
    assert len(definitions["region_indicators"].indicators) == 14


def test_an_indicator_is_loaded_with_its_arithmetic() -> None:
    ratio, change = loaded(RATIO, CHANGE).indicators
    assert (ratio.kind, ratio.factor, ratio.denominator) == (IndicatorKind.RATIO, Decimal(100), "gdp")
    assert (change.kind, change.factor, change.denominator) == (IndicatorKind.DIFFERENCE, Decimal(1), "")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((RATIO.replace("numerator: rd", "numerator: r_and_d"),), "intensity names r_and_d, which is not above it"),
        ((RATIO.replace("denominator: gdp", "denominator: gnp"),), "intensity names gnp, which is not above it"),
        ((CHANGE, RATIO), "change names intensity, which is not above it"),
        ((RATIO.replace("numerator: rd", "numerator: intensity"),), "intensity names intensity"),
        (
            (RATIO.replace("numerator: rd", "numerator: change"), CHANGE),
            "intensity names change, which is not above it",
        ),
        ((RATIO, RATIO), "intensity is used twice"),
        ((RATIO.replace("key: intensity", "key: gdp"),), "gdp is used twice"),
        ((RATIO.replace(" denominator: gdp,", ""),), "a ratio, and only a ratio, has a denominator"),
        ((RATIO, CHANGE.replace("numerator: i", "denominator: gdp, numerator: i")), "only a ratio, has a denominator"),
    ],
)
def test_unknown_names_cycles_and_duplicate_keys_are_refused(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(DefinitionMistake, match=said):
        loaded(*lines)


@pytest.mark.parametrize(
    "text",
    [
        "name: [",
        TABLE.replace("class: open", "class: secret"),
        TABLE.replace("title_zh: 例\n", ""),
        TABLE + RATIO.replace("kind: ratio", "kind: average"),
        TABLE + RATIO.replace("decimals: 2", "decimals: 12"),
        TABLE + RATIO.replace("key: intensity", "key: 强度"),
        TABLE + RATIO.replace("factor: 100", "factor: many"),
        TABLE + RATIO.replace("factor: 100", "weight: 100"),
        "- a list",
    ],
)
def test_a_file_of_another_shape_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(DefinitionMistake, match=r"^sample\.yaml: "):
        load_table(text, "sample.yaml")
