"""Reading definitions: what is refused, where the message points, and which layout is in force."""

from pathlib import Path

import pytest

from forms.definition import FormDefinition
from forms.fields import FilingForm
from forms.linting import RESERVED_KEYS
from forms.loading import (
    DefinitionError,
    FormCatalogue,
    FormNotFound,
    load_definition,
    load_folder,
    shipped_forms,
)

TOTAL = "key: total, zh: 合计"
AREA = "type: decimal, decimals: 2"


def test_the_small_form_loads_with_its_codes_as_written(small: FormDefinition) -> None:
    assert [item.code for item in small.items.values()] == ["01", "02", "03", "04", "05"]
    assert small.rules[1].items == ("total", "staff")


@pytest.mark.parametrize(
    ("old", "new", "path", "expected"),
    [
        ("title: {zh: 小表,", "titel: x\ntitle: {zh: 小表,", "titel", "Unknown field"),
        (", unit: 人,", ", unit: 公斤,", "sections.0.items.2.unit", "千元"),
        (", unit: 人, kind: stock", ", kind: stock", "sections.0.items.2", "needs its unit"),
        ("kind: stock}\n  - {code: 04", "kind: heap}\n  - {code: 04", "sections.0.items.2.kind", "amount"),
        ("key: staff", "key: Staff", "sections.0.items.2.key", "lower-case"),
        ("key: staff", "key: implies", "sections.0.items.2.key", "reserved"),
        ("key: staff", "key: phone", "sections.0.items.2.key", "reserved"),
        ("key: staff", "key: lambda", "sections.0.items.2.key", "reserved"),
        ("key: staff", "key: total", "sections.0.items.2.key", "used twice"),
        ("code: 03", "code: 02", "sections.0.items.2.code", "used twice"),
        ("parent: total", "parent: whole", "sections.0.items.1.parent", "no item 'whole'"),
        ("parent: total", "parent: staff", "sections.0.items.1.parent", "units of measure differ"),
        (TOTAL, TOTAL + ", parent: part", "sections.0.items.0.parent", "part of itself"),
        (AREA, "type: decimal", "sections.0.items.3", "how many decimals"),
        (AREA, "decimals: 2", "sections.0.items.3.decimals", "integer item"),
        ("required: starred}", "required: always}", "sections.0.items.4.required", "starred units only"),
        ("kind: stock}", "kind: stock, required: starred}", "sections.0.items.2.required", "a starred item"),
        ("2099-12-31", "2099-02-30", "header.valid_until", "date"),
        ("示例1号", '""', "header.document_number", "minimum length"),
        ("示例1号", '" "', "header", "document_number"),
        ("{zh: 示例, en: sample}", "{zh: 国家统计局, en: x}", "header", "国家统计局"),
        ("approval: sample", "approval: maybe", "header.approval", "official"),
        ("first_year: 2020", "first_year: soon", "first_year", "integer"),
        ("[enterprise]", "[village]", "unit_kinds.0", "enterprise"),
        ("id: S2", "id: S1", "rules.1.id", "used twice"),
        ("severity: query", "severity: hard", "rules.1.severity", "fatal"),
        ("total >= part", "total >= parts", "rules.0.expression", "the form has no item 'parts'"),
        ("total >= part", "total >= staff", "rules.0.expression", "千元 and 人"),
        ("total >= part", "total + staff > 0", "rules.0.expression", "千元 and 人"),
        ("total >= part", "total", "rules.0.expression", "a comparison"),
        ("form: small", "form: small\nform: small", "", "'form' stands twice"),
        ("title: {zh: 小表,", "name: &t x\nalias: *t\ntitle: {zh: 小表,", "alias", "anchors"),
        ("sections:\n", "sections: 3\nsection:\n", "sections", "list"),
    ],
)
def test_a_faulty_definition_is_refused_with_its_place(
    small_text: str, old: str, new: str, path: str, expected: str
) -> None:
    faulty = small_text.replace(old, new, 1)
    assert faulty != small_text
    with pytest.raises(DefinitionError) as caught:
        load_definition(faulty, "small/2020.yaml")
    problems = [problem for problem in caught.value.problems if problem.path.startswith(path)]
    assert any(expected in problem.message for problem in problems)
    assert str(caught.value).startswith("small/2020.yaml: line ")


def test_the_message_points_at_the_line_and_column(small_text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load_definition(small_text.replace("parent: total", "parent: whole"), "f.yaml")
    (problem,) = caught.value.problems
    line = small_text.splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("total")


def test_all_problems_are_told_at_once(small_text: str) -> None:
    faulty = small_text.replace("parent: total", "parent: whole").replace("total >= part", "total >= p")
    with pytest.raises(DefinitionError) as caught:
        load_definition(faulty, "f.yaml")
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("text", ["", "# nothing", "a: [1", "a: b: c", "- 1", "just text", "{[1]: 2}", "a: \x00"])
def test_text_that_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError, match=r"f\.yaml: line"):
        load_definition(text, "f.yaml")


def test_an_overlong_definition_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(DefinitionError, match="over 1000000 characters"):
        load_definition("a" * 1_000_001, "f.yaml")


def test_a_self_containing_text_is_refused() -> None:
    with pytest.raises(DefinitionError, match="anchors"):
        load_definition("&a [*a]", "f.yaml")


def test_no_item_can_take_a_name_the_filing_page_needs() -> None:
    needed = {name for name in dir(FilingForm) if not name.startswith("_")} - {"Meta"}
    assert needed <= RESERVED_KEYS


def dated(small_text: str, year: int) -> FormDefinition:
    return load_definition(small_text.replace("first_year: 2020", f"first_year: {year}"), f"small/{year}.yaml")


def test_a_layout_is_in_force_from_its_first_year_until_the_next(small_text: str) -> None:
    catalogue = FormCatalogue([dated(small_text, 2024), dated(small_text, 2020)])
    years = {2020: "small/2020", 2023: "small/2020", 2024: "small/2024", 2040: "small/2024"}
    assert {year: catalogue.in_force("small", year).version for year in years} == years


def test_a_year_before_the_first_layout_is_refused_and_says_so(small_text: str) -> None:
    with pytest.raises(FormNotFound, match=r"2020 年起.*2019 年没有"):
        FormCatalogue([dated(small_text, 2020)]).in_force("small", 2019)


def test_an_unknown_form_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FormNotFound, match=r"107-9.*107-2、region-st"):
        shipped_forms().in_force("107-9", 2021)
    with pytest.raises(FormNotFound, match=r"107-2/1999.*107-2/2021"):
        shipped_forms().by_version("107-2/1999")


def test_one_version_cannot_be_defined_twice(small: FormDefinition) -> None:
    with pytest.raises(ValueError, match="twice"):
        FormCatalogue([small, small])


def test_the_shipped_forms_are_read_once() -> None:
    assert shipped_forms() is shipped_forms()
    assert shipped_forms().forms == ("107-1", "107-2", "region-st")
    assert shipped_forms().in_force("region-st", 2010).version == "region-st/2010"


def test_a_folder_of_definitions_is_read_by_form_and_first_year(tmp_path: Path, small_text: str) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "2020.yaml").write_text(small_text, encoding="utf-8")
    (tmp_path / "small" / "notes.txt").write_text("not a form", encoding="utf-8")
    (tmp_path / "README.yaml").write_text("not a form", encoding="utf-8")
    assert load_folder(tmp_path).forms == ("small",)


def test_a_definition_under_the_wrong_name_is_refused(tmp_path: Path, small_text: str) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "2021.yaml").write_text(small_text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"small/2021\.yaml.*holds small/2020"):
        load_folder(tmp_path)
