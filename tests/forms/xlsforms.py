"""XLSForms after the documented examples of the XLSForm reference (https://xlsform.org/en/), in words of our own."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import openpyxl

Table = Sequence[Sequence[str | int | None]]
YES_NO: Table = (("list_name", "name", "label"), ("yes_no", "yes", "Yes"), ("yes_no", "no", "No"))


@dataclass(frozen=True, slots=True)
class Example:
    """One XLSForm: its sheets, and the section of the reference it is a variant of."""

    section: str
    survey: Table
    choices: Table = ()
    settings: Table = ()
    more: dict[str, Table] = field(default_factory=dict)

    def workbook(self) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        sheets = {"survey": self.survey, "choices": self.choices, "settings": self.settings, **self.more}
        for name, rows in sheets.items():
            if rows:
                sheet = book.create_sheet(name)
                for row in rows:
                    sheet.append(list(row))
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()


EXAMPLES = {
    "basic format": Example(
        "#basic-format, The survey worksheet and The choices worksheet",
        (
            ("type", "name", "label"),
            ("today", "today", None),
            ("select_one kind", "kind", "Kind of enterprise"),
            ("integer", "staff", "Staff at the end of the year (人)"),
        ),
        (
            ("list_name", "name", "label"),
            ("kind", "manufacturing", "Manufacturing"),
            ("kind", "services", "Services"),
            ("kind", "other", "Other"),
        ),
        (("form_title", "form_id"), ("企业基本情况", "basic 1")),
    ),
    "question types": Example(
        "#question-types",
        (
            ("type", "name", "label"),
            ("integer", "a_integer", "Projects"),
            ("decimal", "a_decimal", "Spent（千元）"),
            ("text", "a_text", "Remarks"),
            ("date", "a_date", "Day of the survey"),
            ("time", "a_time", "Hour"),
            ("dateTime", "a_moment", "Moment"),
            ("note", "a_note", "Thank you"),
            ("geopoint", "a_place", "Where is it?"),
            ("image", "a_picture", "Picture of the site"),
            ("barcode", "a_barcode", "Label of the instrument"),
            ("acknowledge", "a_yes", "I understand"),
        ),
    ),
    "multiple choice": Example(
        "#multiple-choice",
        (
            ("type", "name", "label"),
            ("select_one yes_no", "has_lab", "Is there a laboratory?"),
            ("select_multiple equipment", "equipment", "Which equipment is there?"),
        ),
        (
            *YES_NO,
            ("equipment", "microscope", "Microscope"),
            ("equipment", "oven", "Oven"),
            ("equipment", "laser_cutter", "Laser cutter"),
        ),
    ),
    "specify other": Example(
        "#specify-other",
        (
            ("type", "name", "label"),
            ("select_one source or_other", "source", "Main source of funds"),
            ("select_multiple source or_other", "sources", "All sources"),
        ),
        (("list_name", "name", "label"), ("source", "own", "Own funds"), ("source", "state", "Government")),
    ),
    "range": Example(
        "#range",
        (
            ("type", "name", "label", "parameters"),
            ("range", "level", "Level of the project", "start=1 end=9 step=1"),
            ("range", "share", "Share of own funds", "start=0 end=1 step=0.1"),
        ),
    ),
    "metadata": Example(
        "#metadata",
        (
            ("type", "name", "label"),
            ("start", "start", None),
            ("end", "end", None),
            ("deviceid", "deviceid", None),
            ("username", "username", None),
            ("integer", "papers", "论文（篇）"),
        ),
    ),
    "hints": Example(
        "#hints, Guidance hints",
        (
            ("type", "name", "label", "hint", "guidance_hint"),
            ("integer", "cost", "研发费用（千元）", "含人员人工费", "Count what was booked, not what was planned"),
        ),
    ),
    "constraints": Example(
        "#constraints, Constraint message",
        (
            ("type", "name", "label", "constraint", "constraint_message"),
            ("integer", "months", "Months worked", ". <= 12", "A year has twelve months."),
            ("integer", "staff", "Staff", ". >= 1 and . <= 100000", None),
            ("text", "code", "Code", "regex(., '[A-Z]{3}')", None),
        ),
    ),
    "relevant": Example(
        "#relevant",
        (
            ("type", "name", "label", "relevant"),
            ("select_one yes_no", "does_rd", "Was there any R&D?", None),
            ("select_multiple field", "fields", "In which fields?", "${does_rd} = 'yes'"),
            ("text", "chemistry", "Which part of chemistry?", "selected(${fields}, 'chem')"),
            ("text", "why_not", "Why not?", "${does_rd} != 'yes' and ${does_rd} != ''"),
        ),
        (*YES_NO, ("field", "chem", "Chemistry"), ("field", "phys", "Physics")),
    ),
    "calculation": Example(
        "#calculation",
        (
            ("type", "name", "label", "calculation"),
            ("decimal", "labour", "Labour（千元）", None),
            ("decimal", "material", "Material（千元）", None),
            ("calculate", "total", "Total（千元）", "${labour} + ${material}"),
            ("calculate", "stamp", None, "once(decimal-date-time(now()))"),
            ("note", "shown", "The total is ${total}", None),
        ),
    ),
    "required": Example(
        "#required, Required message",
        (
            ("type", "name", "label", "required", "required_message", "relevant"),
            ("integer", "staff", "Staff", "yes", "Please say how many.", None),
            ("integer", "phd", "Doctors", "${staff} > 0", None, None),
            ("integer", "women", "Women", "true()", None, "${staff} > 0"),
            ("text", "remarks", "Remarks", "no", None, None),
        ),
    ),
    "grouping": Example(
        "#grouping-questions, Nesting groups within groups, Skipping",
        (
            ("type", "name", "label", "relevant"),
            ("integer", "staff", "Staff", None),
            ("begin group", "unit", "The unit", "${staff} > 0"),
            ("text", "name", "Name", None),
            ("begin group", "lab", "The laboratory", None),
            ("select_one yes_no", "open", "Is it open to others?", None),
            ("end group", None, None, None),
            ("integer", "rooms", "Rooms", None),
            ("end group", None, None, None),
        ),
        YES_NO,
    ),
    "repeats": Example(
        "#repeats, Dynamic repeat counts",
        (
            ("type", "name", "label", "repeat_count", "constraint", "relevant"),
            ("integer", "number", "Number of projects", None, None, None),
            ("begin repeat", "project", "项目", "${number}", None, None),
            ("text", "title", "Title", None, None, None),
            ("begin group", "money", "Money", None, None, None),
            ("decimal", "cost", "Cost（千元）", None, ". > 0", None),
            ("decimal", "grant", "of which granted（千元）", None, ". <= ${cost}", "${cost} > 10"),
            ("end group", None, None, None, None, None),
            ("end repeat", None, None, None, None, None),
            ("decimal", "all_cost", "Cost of all（千元）", None, ". = sum(${cost})", None),
            ("integer", "counted", "Projects counted", None, ". = count(${title})", None),
        ),
    ),
    "fixed repeats": Example(
        "#fixed-repeat-counts; #repeats, a repeat within a repeat",
        (
            ("type", "name", "label", "repeat_count"),
            ("begin repeat", "quarter", "Quarter", "4"),
            ("integer", "spent", "Spent（千元）", None),
            ("begin repeat", "month", "Month", None),
            ("integer", "spent_month", "Spent in the month", None),
            ("end repeat", None, None, None),
            ("end repeat", None, None, None),
        ),
    ),
    "languages": Example(
        "#multiple-language-support",
        (
            ("type", "name", "label::English (en)", "label::中文 (zh)", "label::Español (es)", "hint::中文 (zh)"),
            ("integer", "age", "Years since it was founded", "成立年数", "Años", "按整年填"),
        ),
    ),
    "choice filters": Example(
        "#cascading-selects",
        (
            ("type", "name", "label", "choice_filter"),
            ("select_one province", "province", "Province", None),
            ("select_one county", "county", "County", "province=${province}"),
        ),
        (
            ("list_name", "name", "label", "province"),
            ("province", "yn", "Yunnan", None),
            ("province", "sc", "Sichuan", None),
            ("county", "dc", "Dongchuan", "yn"),
            ("county", "wh", "Wuhua", "yn"),
        ),
    ),
    "settings and defaults": Example(
        "#settings-worksheet, #default, #read-only, #styling-forms, #randomize-choices",
        (
            ("type", "name", "label", "default", "read_only", "appearance", "parameters"),
            ("integer", "staff", "Staff", "10", None, None, None),
            ("text", "remarks", "Remarks", None, "yes", "multiline", None),
            ("select_one yes_no", "open", "Open?", None, None, "minimal", "randomize=true"),
        ),
        YES_NO,
        (
            ("form_title", "form_id", "version", "style", "instance_name"),
            ("Staff", "staff-1", "3", "pages", "${staff}"),
        ),
    ),
    "formulas": Example(
        "#formulas",
        (
            ("type", "name", "label", "constraint"),
            ("integer", "a", "First", None),
            ("integer", "b", "Second", "round(. div 2, 1) <= ${a} * 3 - 1"),
            ("integer", "c", "Third", ". = if(${a} > ${b}, ${a}, ${b})"),
            ("integer", "d", "Fourth", "not(. > 5) or ${a} mod 2 = 0"),
            ("select_multiple kind", "kinds", "Kinds", "count-selected(.) <= 2"),
            ("integer", "e", "Fifth", ". = pulldata('fees', 'fee', 'key', 'x')"),
            ("integer", "f", "Sixth", ". < ${last-saved#a}"),
            ("integer", "g", "Seventh", ". > -1 or ${b} = .5"),
        ),
        (("list_name", "name", "label"), ("kind", "x", "X"), ("kind", "y", "Y"), ("kind", "z", "Z")),
    ),
}
"""Those that come over, in whole or in part."""

NOTHING_LEFT = {
    "only what a telephone can ask": Example(
        "#gps, #image",
        (("type", "name", "label"), ("geopoint", "place", "Where?"), ("image", "picture", "Picture")),
    ),
    "a reference to nothing": Example(
        "#relevant, a name that is not there",
        (("type", "name", "label", "relevant"), ("text", "a", "A", "${nobody} = 1")),
    ),
    "a group that is not closed": Example(
        "#grouping-questions, an end that is missing",
        (("type", "name", "label"), ("begin group", "g", "G"), ("text", "a", "A")),
    ),
    "no survey": Example("#basic-format, without its sheet", (), YES_NO),
    "a list that is not there": Example(
        "#multiple-choice, without its list",
        (("type", "name", "label"), ("select_one nothing", "a", "A")),
        YES_NO,
    ),
    "two questions of one name": Example(
        "#the-survey-worksheet, a name twice",
        (("type", "name", "label"), ("text", "a", "A"), ("integer", "a", "B")),
    ),
}
"""Those of which nothing can be used; pyxform, or we, say why."""
