"""How figures, forms and states are shown: view models of the official table, and the filters of the templates."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from flask import Flask

from forms.content import Content
from forms.definition import UNITS, FormDefinition, Item, Section, unit_en
from forms.edits import Finding
from forms.statistical_edits import watched_items
from forms.values import BLANK, Cell
from handlers.cells import install_cell_filters
from handlers.language import _, language
from handlers.table_rows import Grid, rule_places
from indicators.table import Column, ColumnKind
from register.regions import Regions
from workflows.deadlines import show_deadline, show_instant
from workflows.dispositions import disposition_names
from workflows.machine.states import Stage
from workflows.queries import Thread, threads_by_item
from workflows.reasons import return_reasons


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an item with what is typed or sealed, last year's figure, and what was found."""

    item: Item
    typed: str = ""
    status: str = ""
    note: str = ""
    cell: Cell = BLANK
    last_year: Cell = BLANK
    mistake: str = ""
    findings: tuple[Finding, ...] = ()
    marked: bool = False
    stored: str | None = None
    """What another window saved for this cell, when that differs."""
    required: bool = False
    was: Cell | None = None
    """What stood here in the revision a reviewer last looked at, when that differs."""
    threads: tuple[Thread, ...] = ()
    """What reviewers asked about this item."""
    parts: tuple[str, ...] = ()
    """The items that add up to this one, by key."""
    parts_sum: Decimal | None = None
    """What they add up to as they stand."""

    @property
    def change(self) -> Decimal | None:
        """This year less last year, where both are figures."""
        if self.cell.value is None or self.last_year.value is None:
            return None
        return self.cell.value - self.last_year.value

    @property
    def change_percent(self) -> str:
        """The change in per cent of last year, one decimal; blank where last year is zero or blank."""
        if self.change is None or not self.last_year.value:
            return ""
        percent = (self.change / self.last_year.value * 100).quantize(Decimal("0.1"))
        return f"{percent:+,}%"


@dataclass(frozen=True, slots=True)
class Block:
    """One section of the form with its lines, or with its table of rows."""

    section: Section
    number: int
    """Its place on the form, from 1."""
    rows: tuple[Row, ...]
    grid: Grid | None = None


def blocks(
    definition: FormDefinition, rows: Mapping[str, Row], grids: Mapping[str, Grid] = MappingProxyType({})
) -> list[Block]:
    """The lines in the order and under the headings of the form; items that are not asked are left out."""
    found = (
        Block(
            section,
            number,
            tuple(rows[item.key] for item in section.items if item.key in rows),
            grids.get(section.table.key) if section.table else None,
        )
        for number, section in enumerate(definition.sections, start=1)
    )
    return [block for block in found if block.rows or block.grid]


def sealed_rows(
    definition: FormDefinition,
    content: Content,
    last_year: Content | None,
    *,
    findings: Sequence[Finding] = (),
    marked: Iterable[str] = (),
    was: Mapping[str, Cell] = MappingProxyType({}),
    threads: Sequence[Thread] = (),
) -> dict[str, Row]:
    """Lines of a revision that cannot be edited."""
    by_item, marks, asked = findings_by_item(findings), set(marked), threads_by_item(threads)
    return {
        key: Row(
            item=item,
            cell=content.cell(key),
            last_year=last_year.cell(key) if last_year else BLANK,
            findings=by_item.get(key, ()),
            marked=key in marks,
            was=was.get(key),
            threads=asked.get(key, ()),
        )
        for key, item in definition.items.items()
    }


def findings_by_item(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """Findings beside each cell they name."""
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        for key in finding.items:
            found[key] = (*found.get(key, ()), finding)
    return found


def marked_items(definition: FormDefinition, names: Iterable[str]) -> Iterator[str]:
    """The item keys a return names, and those of each rule it names, in any of its sentences."""
    rules: dict[str, list[str]] = {edit: sorted(items) for edit, items in watched_items(definition).items()}
    for rule in definition.rules:
        rules.setdefault(rule.id, []).extend(rule_places(rule))
    for name in names:
        yield from rules.get(name, (name,))


def finding_text(finding: Finding) -> str:
    """The message in the language of the page."""
    return finding.en if language() == "en" else finding.zh


def stage_name(stage: str, level: str = "") -> str:
    """The stage in the words of the trade."""
    names = {
        Stage.NOT_STARTED: _("未填报"),
        Stage.DRAFT: _("填报中"),
        Stage.IN_REVIEW: _("审核中"),
        Stage.RETURNED: _("已退回"),
        Stage.ACCEPTED: _("已验收"),
        Stage.REOPENED: _("重新打开"),
        Stage.DISPOSED: _("例外"),
    }
    levels = {"county": _("县级审核中"), "city": _("市级审核中"), "province": _("省级审核中")}
    return levels.get(level) or names[Stage(stage)]


def event_name(kind: str) -> str:
    """An event of the chain in words."""
    return {
        "FilingExpected": _("列入应报"),
        "DraftStarted": _("开始填报"),
        "Submitted": _("报送"),
        "Withdrawn": _("撤回"),
        "LevelAccepted": _("通过"),
        "Returned": _("退回"),
        "Reopened": _("重新打开"),
        "DecisionUndone": _("撤销决定"),
        "QueryAsked": _("查询"),
        "QueryAnswered": _("答复查询"),
        "QueryClosed": _("了结查询"),
        "Claimed": _("正在处理"),
        "DispositionProposed": _("提出例外处置"),
        "DispositionConfirmed": _("确认例外处置"),
        "DispositionDeclined": _("不采纳例外处置"),
        "Reinstated": _("恢复"),
        "WaiverProposed": _("提出豁免"),
        "WaiverConfirmed": _("核定豁免"),
        "ExtensionProposed": _("提出截止后的例外"),
        "ExtensionGranted": _("批准截止后的例外"),
        "Moved": _("移交审核机构"),
        "Reminded": _("催报"),
        "DeadlinePassed": _("期限已过"),
    }[kind]


def level_name(level: str) -> str:
    """The level in words."""
    return {
        "province": _("省级"),
        "city": _("市级"),
        "county": _("县级"),
        "zone": _("开发区"),
        "unallocated": _("未分县"),
    }.get(level, level)


def basis_name(basis: str) -> str:
    """What a row of the region table stands on, in words."""
    return {
        "own": _("本级上报"),
        "sum": _("下级合计"),
        "mixed": _("本级与下级"),
        "reference": _("已发布数据"),
    }.get(basis, basis)


def check_outcome(outcome: str) -> str:
    """What came out of a published check, in words."""
    return {
        "exact": _("成立（分毫不差）"),
        "within": _("在容差内成立"),
        "fails": _("不成立"),
        "not_computed": _("数据不全，没有核对"),
    }.get(outcome, outcome)


def reason_name(code: str) -> str:
    """A coded reason in words."""
    return return_reasons().get(code, {}).get(language(), code)


def disposition_name(kind: str) -> str:
    """Why a return is not to be had, in words."""
    return disposition_names().get(kind, {}).get(language(), kind)


def body_name(code: str, regions: Regions) -> str:
    """A reviewing body in the language of the page."""
    region = regions.get(code)
    if region is None:
        return code
    return region.name_zh if language() == "zh" else region.name_en or region.name_zh


def unit_of_measure(item: Item) -> str:
    """The item's unit of measure in the language of the page."""
    return unit_en(item.unit) if language() == "en" else item.unit


def column_unit(column: Column) -> str:
    """The unit of a table's column in the language of the page: one of the forms, or of an indicator."""
    units = {**UNITS, "元": "yuan", "位": "place", "百分点": "percentage points"}
    return units.get(column.unit, column.unit) if language() == "en" else column.unit


def _instant(moment: datetime | None) -> str:
    return show_instant(moment) if moment else ""


def _deadline(moment: datetime | None) -> str:
    return show_deadline(moment) if moment else ""


def _table_figure(text: str, column: Column) -> str:
    """A table's number for people: separators, and the decimals its column says."""
    if column.kind is ColumnKind.TEXT or not text:
        return text
    value = Decimal(text)
    if column.decimals is not None and len(text.partition(".")[2]) > column.decimals:
        value = round(value, column.decimals)
    return f"{value:,}"


def install_filters(app: Flask) -> None:
    """The filters of the templates."""
    install_cell_filters(app)
    app.jinja_env.filters.update(
        instant=_instant,
        deadline=_deadline,
        finding=finding_text,
        stage=stage_name,
        event=event_name,
        level=level_name,
        basis=basis_name,
        check_outcome=check_outcome,
        reason=reason_name,
        disposition=disposition_name,
        body=body_name,
        unit_of_measure=unit_of_measure,
        column_unit=column_unit,
        table_figure=_table_figure,
    )
