"""An XLSForm becomes a definition that the linter accepts, and whatever is not in it is named with row and column."""

import re
from functools import cache
from typing import Any

import pytest

from forms.checking import check_file
from forms.definition import Approval, FormDefinition
from forms.fields import content_of, findings_of, form_from_raw
from forms.language import Outcome, compile_rule
from forms.language_functions import Kind
from forms.language_types import Scope, Type
from forms.loading import load_definition, shipped_forms
from forms.records import Surroundings, record_of
from forms.required import is_shown
from forms.xlsform import Converted, XlsFormRefused, convert_xlsform
from forms.xlsform_expressions import condition, figure
from forms.xlsform_questions import Asked, Place, Question, Untranslatable
from tests.forms.hostile_workbooks import HOSTILE
from tests.forms.xlsforms import EXAMPLES, NOTHING_LEFT, YES_NO, Example

STRUCTURE = ("begin", "end")


def imported(example: Example) -> Converted:
    return convert_xlsform(example.workbook(), "demo.xlsx", first_year=2026, known=shipped_forms())


def definition_of(example: Example) -> FormDefinition:
    return load_definition(imported(example).text, "demo.yaml")


@cache
def of(name: str) -> tuple[Converted, FormDefinition]:
    """One of the examples, imported once."""
    converted = imported(EXAMPLES[name])
    return converted, load_definition(converted.text, "demo.yaml")


def survey(*rows: tuple[Any, ...], header: tuple[str, ...] = ("type", "name", "label")) -> Example:
    return Example("", (header, *rows), YES_NO)


def test_there_are_at_least_twelve_examples_each_with_its_section() -> None:
    assert len(EXAMPLES) >= 12
    assert all(example.section.startswith("#") for example in EXAMPLES.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_comes_out_loads_as_a_sample_and_the_linter_has_nothing_to_say(name: str) -> None:
    converted, definition = of(name)
    assert check_file(converted.text, "demo.yaml", shipped_forms()) == ()
    assert definition.header.approval is Approval.SAMPLE
    assert definition.header.form_number == "待填"
    assert any("表头" in note.zh for note in converted.notes)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_question_is_an_item_or_is_listed(name: str) -> None:
    example = EXAMPLES[name]
    converted, definition = of(name)
    listed = {note.row for note in converted.notes if note.sheet == "survey"}
    columns = [item.key for table in definition.tables.values() for item in table.columns]
    keys = {*definition.items, *columns}
    for number, row in enumerate(example.survey[1:], start=2):
        kind, asked = str(row[0]), str(row[1])
        if not kind.startswith(STRUCTURE):
            carried = any(key == asked or key.startswith(f"{asked}_") for key in keys)
            assert carried or number in listed, (number, kind, asked)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_cell_that_says_something_is_carried_over_or_listed(name: str) -> None:
    example = EXAMPLES[name]
    converted, definition = of(name)
    listed = {(note.row, note.column) for note in converted.notes if note.sheet == "survey"}
    sources = " ".join(rule.source for rule in definition.rules) + " "
    header = [str(column) for column in example.survey[0]]
    for number, row in enumerate(example.survey[1:], start=2):
        cells = dict(zip(header, row, strict=False))
        if (number, "type") in listed and not str(cells["type"]).startswith(("select", "barcode")):
            continue
        for column in ("constraint", "calculation", "repeat_count", "parameters"):
            text = str(cells.get(column) or "")
            carried = f"survey:{number} {column} " in sources or text.isdigit()
            assert not text or carried or (number, column) in listed, (number, column, text)
        for column in ("choice_filter", "default", "read_only", "appearance", "required_message"):
            assert not cells.get(column) or (number, column) in listed, (number, column)


@pytest.mark.parametrize("name", NOTHING_LEFT)
def test_an_xlsform_of_which_nothing_can_be_used_is_refused_with_a_list(name: str) -> None:
    with pytest.raises(XlsFormRefused) as refused:
        imported(NOTHING_LEFT[name])
    assert refused.value.notes
    assert all(note.zh for note in refused.value.notes)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("only what a telephone can ask", "geopoint"),
        ("a reference to nothing", "nobody"),
        ("a group that is not closed", "end_group"),
        ("no survey", "survey"),
        ("a list that is not there", "nothing"),
        ("two questions of one name", "'a'"),
    ],
)
def test_the_refusal_says_what_is_wrong(name: str, said: str) -> None:
    with pytest.raises(XlsFormRefused, match=re.escape(said)):
        imported(NOTHING_LEFT[name])


DAMAGED = (
    *("macros", "a part cut short", "nothing", "an old or encrypted workbook", "entities in the sheet"),
    *("ten thousand sheets", "an element that never ends", "half of a character", "parts under a password"),
)


@pytest.mark.parametrize("case", DAMAGED)
def test_a_file_that_is_no_sound_workbook_is_refused(case: str) -> None:
    with pytest.raises(XlsFormRefused):
        convert_xlsform(HOSTILE[case](EXAMPLES["range"].workbook()), "x.xlsx", first_year=2026, known=shipped_forms())


QUESTIONS = {
    "n": Question("n", "n", Asked.FIGURE),
    "m": Question("m", "m", Asked.FIGURE),
    "one": Question("one", "one", Asked.ONE, codes={"yes": "1", "no": "2"}),
    "many": Question("many", "many", Asked.MANY, parts={"a": "many_a", "b": "many_b"}),
    "words": Question("words", "words", Asked.TEXT),
    "day": Question("day", "day", Asked.DATE),
    "cost": Question("cost", "cost", Asked.FIGURE, table="rows"),
}
PLACE = Place(QUESTIONS, {"rows": "rows"}, own=QUESTIONS["n"])
NUMBER, CHOICE = Type(Kind.NUMBER), Type(Kind.CHOICE, options=("0", "1", "2"))
SCOPE = Scope(
    {
        **{"n": NUMBER, "m": NUMBER, "one": CHOICE, "many_a": CHOICE, "many_b": CHOICE},
        **{"words": Type(Kind.TEXT), "day": Type(Kind.DATE)},
    },
    {"rows": {"cost": NUMBER}},
)


@pytest.mark.parametrize(
    ("xpath", "ours"),
    [
        (". >= 18", "n >= 18"),
        (".>=18 and .<=65", "(n >= 18 and n <= 65)"),
        ("${n} = 1 or ${n} = 2 or ${n} = 3", "((n == 1 or n == 2) or n == 3)"),
        ("${one} = 'yes'", 'one == "1"'),
        ("'yes' = ${one}", 'one == "1"'),
        ("${one} != 'no'", 'one != "2"'),
        ("selected(${one}, 'no')", 'one == "2"'),
        ("selected(${many}, 'b')", 'many_b == "1"'),
        ("not(selected(${many}, 'a'))", 'not (many_a == "1")'),
        ("${words} = 'abc'", 'words == "abc"'),
        ("${words} != ''", "(filled(words))"),
        ("${many} = ''", "not (filled(many_a) or filled(many_b))"),
        ("${day} <= '2026-12-31'", 'day <= "2026-12-31"'),
        ("-${n} < 5 - 2 * (${m} + 1)", "(-n) < (5 - (2 * (m + 1)))"),
        ("${n} div ${m} > .5", "(n / m) > 0.5"),
        ("round(${n} div 3, 1) = 2", "round((n / 3), 1) == 2"),
        ("${n} = if(${m} > 1, ${m}, 0)", "n == (m if m > 1 else 0)"),
        ("sum(${cost}) = ${n}", "sum(rows.cost) == n"),
        ("count(${rows}) > 0", "count(rows) > 0"),
        ("5 > ${n}", "5 > n"),
        ("number(${n}) = '12'", "n == 12"),
    ],
)
def test_an_expression_in_our_words_can_be_used(xpath: str, ours: str) -> None:
    said = condition(xpath, PLACE)
    assert said == ours
    compile_rule(said, SCOPE)


@pytest.mark.parametrize(
    ("xpath", "why"),
    [
        ("regex(., '[0-9]+')", "regex"),
        ("${n} mod 2 = 0", "mod"),
        ("${one} = ${words}", "同一种"),
        ("${n} = ${day}", "同一种"),
        ("${cost} > 1", "重复"),
        ("${nobody} = 1", "nobody"),
        ("${one} = 'maybe'", "maybe"),
        ("${one} > 'yes'", "不分大小"),
        ("${many} = 'a'", "selected"),
        ("${words} = '中文'", "半角"),
        ("${words} + 1 = 2", "数值"),
        ("today() > ${day}", "today"),
        ("string-length(${words}) < 5", "字数"),
        ("../n = 1", "."),
        ("/data/n = 1", "/"),
        ("${n} =", "没有写完"),
        ("(${n} = 1", "“)”"),
        ("${n} = 1 ${m}", "m"),
        ("${n}", "条件"),
        ("true()", "true"),
        ("(${n} = 1) = (${m} = 1)", "比较"),
        ("selected(${many}, ${one})", "选项名"),
        ("count-selected(${one}) > 1", "多选"),
        ("sum(${n}) = 1", "重复"),
        ("round(${n}, 99) = 1", "0 到 10"),
        ("(" * 100 + "${n} = 1" + ")" * 100, "太深"),
        ("coalesce(${n}, 0) = 0", "coalesce"),
        ("jr:choice-name(${one}, '${one}') = 'x'", "jr:choice-name"),
    ],
)
def test_what_our_words_cannot_say_is_refused_with_its_reason(xpath: str, why: str) -> None:
    with pytest.raises(Untranslatable) as refused:
        condition(xpath, PLACE)
    assert why in refused.value.zh
    assert refused.value.en


def test_a_condition_is_no_figure_and_a_figure_no_condition() -> None:
    assert figure("${n} * 2", PLACE) == "(n * 2)"
    with pytest.raises(Untranslatable):
        figure("${n} = 2", PLACE)


@pytest.mark.parametrize(
    ("xpath", "blank", "yes", "no"),
    [
        ("${one} = 'yes'", False, True, False),
        ("${one} != 'yes'", True, False, True),
        ("not(${one} = 'yes')", True, False, True),
        ("${one} = ''", True, False, False),
        ("${one} != ''", False, True, True),
        ("selected(${one}, 'yes') or ${one} = 'no'", False, True, True),
    ],
)
def test_what_is_shown_depends_on_a_blank_as_in_xpath(xpath: str, blank: bool, yes: bool, no: bool) -> None:
    """XPath 1.0, 3.4: a blank is a text without characters, equal to no option."""
    said = compile_rule(condition(xpath, Place(QUESTIONS, {}, shown=True)), SCOPE)
    outcomes = [said.outcome({"one": answer}) is Outcome.HOLDS for answer in (None, "1", "2")]
    assert outcomes == [blank, yes, no]


def test_a_relevant_question_is_shown_and_required_where_the_xlsform_says_so() -> None:
    definition = of("relevant")[1]
    for does_rd, shown in (("", False), ("no", True), ("yes", False)):
        form = form_from_raw(definition, {"does_rd": does_rd}, starred=False)
        record = record_of(definition, content_of(form, definition), Surroundings())
        assert is_shown(definition, definition.items["why_not"], record) is shown, does_rd
        assert is_shown(definition, definition.items["fields_chem"], record) is (does_rd == "yes")


def test_a_required_question_is_missed_and_one_that_depends_only_where_it_does() -> None:
    definition = of("required")[1]

    def missed(**typed: str) -> set[str]:
        return {found.rule_id for found in findings_of(form_from_raw(definition, typed, starred=False))}

    assert missed() == {"required:staff"}
    assert missed(staff="0") == set()
    assert missed(staff="3") == {"required:phd", "required:women"}


def test_a_constraint_and_a_calculation_are_fatal_rules_with_the_forms_own_message() -> None:
    definition = of("constraints")[1]
    found = findings_of(form_from_raw(definition, {"months": "13"}, starred=False))
    assert [(one.rule_id, one.severity.value) for one in found] == [("C1", "fatal")]
    assert "A year has twelve months." in found[0].en
    total = of("calculation")[1]
    typed = {"labour": "1.50", "material": "2.25", "total": "3.70"}
    assert [one.rule_id for one in findings_of(form_from_raw(total, typed, starred=False))] == ["T1"]
    assert findings_of(form_from_raw(total, {**typed, "total": "3.75"}, starred=False)) == ()


def test_a_repeat_is_a_table_whose_rules_are_asked_of_each_row() -> None:
    definition = of("repeats")[1]
    assert [item.key for item in definition.tables["project"].columns] == ["title", "cost", "grant"]
    typed = {
        **{"number": "3", "project.1.title": "甲", "project.1.cost": "20", "project.1.grant": "25"},
        **{"project.2.title": "乙", "project.2.cost": "5", "all_cost": "25", "counted": "2"},
    }
    found = findings_of(form_from_raw(definition, typed, starred=False))
    assert [(one.rule_id, one.row) for one in found] == [("C2", 1), ("N1", 0)]


def test_a_fixed_repeat_has_that_many_rows_and_groups_name_their_sections() -> None:
    assert of("fixed repeats")[1].tables["quarter"].max_rows == 4
    sections = [section.title_en for section in of("grouping")[1].sections]
    assert sections == ["General", "The unit", "The unit / The laboratory", "The unit"]


def test_units_languages_and_options_are_taken_from_where_they_stand() -> None:
    basic = of("basic format")[1]
    assert (basic.items["staff"].unit, basic.items["staff"].name_en) == ("人", "Staff at the end of the year")
    kinds = basic.items["kind"].options
    assert kinds is not None
    assert [option.code for option in kinds.options] == ["1", "2", "3"]
    assert basic.title_zh == "企业基本情况"
    two = of("languages")[1].items["age"]
    assert (two.name_zh, two.name_en, two.note_zh) == ("成立年数", "Years since it was founded", "按整年填")
    ranged = of("range")[1].items
    assert [ranged[key].decimals for key in ("level", "share")] == [0, 1]


def test_what_the_linter_will_not_have_is_left_out_and_listed() -> None:
    example = survey(
        ("integer", "a", "A", ". > 5 and . < 3", None),
        ("integer", "b", "B", None, "${a} > 5 and ${a} < 3"),
        header=("type", "name", "label", "constraint", "relevant"),
    )
    converted = imported(example)
    listed = {(note.row, note.column) for note in converted.notes}
    assert {(2, "constraint"), (3, "relevant")} <= listed
    assert definition_of(example).rules == ()


def test_names_that_cannot_be_keys_are_changed_and_listed() -> None:
    example = survey(
        ("integer", "Year", "Year"),
        ("integer", "class", "Class"),
        ("text", "_x.y-z", "Text"),
        ("text", "phone", "Phone"),
    )
    definition, converted = definition_of(example), imported(example)
    assert list(definition.items) == ["year_item", "class_item", "x_y_z", "phone_item"]
    assert [note.row for note in converted.notes if note.column == "name"] == [2, 3, 4, 5]


def test_a_form_of_a_shipped_name_does_not_pass_for_it() -> None:
    example = Example("", (("type", "name", "label"), ("integer", "a", "A")), settings=(("form_id",), ("107-2",)))
    assert definition_of(example).form == "x-107-2"


def test_an_item_computed_by_what_has_no_equal_is_left_out_with_what_depends_on_it() -> None:
    example = survey(
        ("calculate", "now", None, "once(now())"),
        ("calculate", "later", None, "${now} + 1"),
        ("integer", "a", "A", None),
        header=("type", "name", "label", "calculation"),
    )
    assert list(definition_of(example).items) == ["a"]
    assert [note.row for note in imported(example).notes if note.column == "calculation"] == [2, 3]
