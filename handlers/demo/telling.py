"""What `zhibao demo` says at its end, Chinese first: tables, figures, comparisons, where to look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from handlers.demo.comparing import Comparison, Figures, Verdict
from handlers.demo.shipped import Cell, Contradiction

Out = Callable[[str], None]

VERDICTS = {
    Verdict.AGREES: "一致 agrees",
    Verdict.LAST_DIGIT: "末位不符 last digit differs",
    Verdict.DIFFERS: "不符 differs",
}
SHORT_NAMES = {"gdp": "GDP", "rd_expenditure": "R&D expenditure"}
HEADLINES = (
    Cell("530113", 2015, "rd_expenditure"),
    Cell("530113", 2019, "rd_expenditure"),
    Cell("530100", 2015, "rd_expenditure"),
    Cell("530100", 2020, "rd_expenditure"),
    Cell("530100", 2020, "rd_expenditure_growth_avg"),
    Cell("530100", 2020, "hnte_count"),
    Cell("530900", 2020, "rd_expenditure"),
    Cell("530900", 2021, "higher_level_funds"),
    Cell("530000", 2020, "rd_intensity_gdp"),
)
LOOK = (
    ("zhibao serve", "打开页面 (pages at {base_url}; the mailbox is {base_url}/mailbox)"),
    ("zhibao mail", "看信箱里的信与链接 (the letters and their links)"),
    ("zhibao tables list", "有哪些表 (which tables there are)"),
    ("zhibao tables get region_indicators --year 2019 --format csv", "取一张表 (one table)"),
    ("zhibao tables verify", "核对各表的校验值 (verify the tables)"),
    ("zhibao audit verify", "核对每份报送的链 (verify every chain)"),
)


@dataclass(frozen=True, slots=True)
class Wording:
    """Names and units of measure: key of an item or indicator → Chinese name, English name, unit."""

    names: Mapping[str, tuple[str, str, str]]

    def zh(self, key: str) -> str:
        """The Chinese name, as it reads outside the form."""
        return self.names[key][0].removeprefix("其中：")

    def en(self, key: str) -> str:
        """A short English name."""
        return SHORT_NAMES.get(key, self.names[key][1].removeprefix("of which "))

    def unit(self, key: str) -> str:
        """The unit of measure."""
        return self.names[key][2]


def tell_tables(out: Out, built: Mapping[int, list[tuple[str, int]]]) -> None:
    """Which tables were built, with their rows."""
    out("")
    out("已建的表 Tables built（年份 表 行数）")
    for year, tables in built.items():
        out(f"  {year}  " + "  ".join(f"{name} {rows}" for name, rows in tables))


def tell_headlines(out: Out, figures: Figures, words: Wording) -> None:
    """A few figures, so that something is seen at once."""
    out("")
    out("一些数字 Some figures")
    for cell in HEADLINES:
        out(f"  {_cell(cell, figures, words)}")


def tell_comparisons(out: Out, comparisons: list[Comparison], figures: Figures, words: Wording) -> None:
    """Printed beside computed, then what cannot be computed, and why."""
    out("")
    out("文件所印与本系统所算 What the documents print, and what we compute")
    for comparison in comparisons:
        if comparison.verdict in VERDICTS:
            out(f"  {_compared(comparison, figures, words)}")
    out("")
    out("算不出来的 What cannot be computed, because a part was never printed or verified")
    for comparison in comparisons:
        if comparison.verdict not in VERDICTS:
            out(f"  {_reason(comparison, figures, words)}")


def tell_contradictions(out: Out, found: tuple[Contradiction, ...], figures: Figures, words: Wording) -> None:
    """The documents' own contradictions, with the computed cells beside them."""
    out("")
    out(f"文件自身的矛盾 The documents' own contradictions（{len(found)}）")
    for one in found:
        out(f"  {one.number:>2}. {one.document}：{one.text}")
        for cell in one.beside:
            out(f"        表中 in the table: {_cell(cell, figures, words)}")


def tell_where_to_look(out: Out, base_url: str) -> None:
    """Commands and pages."""
    out("")
    out("接下来 Where to look")
    for command, what in LOOK:
        out(f"  {command}    {what.format(base_url=base_url)}")


def not_computable(missing: tuple[Cell, ...], words: Wording) -> str:
    """Why, as one clause in both languages."""
    zh = "、".join(f"{cell.year}年{words.zh(cell.key)}" for cell in missing)
    en = ", ".join(f"{words.en(cell.key)} {cell.year}" for cell in missing)
    if not missing:
        return "算不出来：下级区域没有报齐 (not computable: some regions below are missing)"
    return f"算不出来：缺{zh} (not computable: {en} missing)"


def shown(value: Decimal, step: Decimal) -> str:
    """A computed value two digits finer than printed, so that the rounding can be seen."""
    return format(value.quantize(step / 100, ROUND_HALF_UP), "f")


def _compared(one: Comparison, figures: Figures, words: Wording) -> str:
    check = one.check
    computed = shown(one.computed, check.step) if one.computed is not None else ""
    return (
        f"{figures.name(check.region_code, check.year)} {check.year} {words.zh(check.indicator)}："
        f"印 printed {check.printed}，算 computed {computed}{words.unit(check.indicator)}"
        f" → {VERDICTS[one.verdict]}（{check.where}）"
    )


def _reason(one: Comparison, figures: Figures, words: Wording) -> str:
    check = one.check
    name = figures.name(check.region_code, check.year)
    head = f"{name} {check.year} {words.zh(check.indicator)}：印 printed {check.printed}；"
    if one.verdict is Verdict.NOT_COMPARABLE:
        return head + (
            f"不可比：{one.siblings} 个同级区域中只有 {one.known} 个有数"
            f" (not comparable: {one.known} of {one.siblings} regions have a figure)（{check.where}）"
        )
    return head + f"{not_computable(one.missing, words)}（{check.where}）"


def _cell(cell: Cell, figures: Figures, words: Wording) -> str:
    value = figures.value(cell)
    head = f"{figures.name(cell.region_code, cell.year)} {cell.year} {words.zh(cell.key)}"
    if value is None:
        missing = figures.missing(cell)
        return f"{head}：空 blank" if missing == (cell,) else f"{head}：{not_computable(missing, words)}"
    return f"{head} {_short(value)} {words.unit(cell.key)}{_caveat(cell, figures)}"


def _caveat(cell: Cell, figures: Figures) -> str:
    """What keeps a computed cell from being the whole truth."""
    if figures.is_partial(cell):
        return "（下级区域没有报齐 partial sum）"
    coverage = figures.rank_coverage(cell)
    if coverage is not None and coverage[0] < coverage[1]:
        return f"（{coverage[1]} 个同级区域中只有 {coverage[0]} 个有数 {coverage[0]} of {coverage[1]} have a figure）"
    return ""


def _short(value: Decimal) -> str:
    """At most four decimals, no zeros at the end."""
    text = format(value.quantize(Decimal("0.0001"), ROUND_HALF_UP), ",f")
    return text.rstrip("0").rstrip(".")
