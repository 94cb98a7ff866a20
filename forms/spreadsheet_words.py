"""The words of the workbook a unit fills: Chinese, English."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "items": ("填报", "Return"),
    "rules": ("填报说明", "Explanations"),
    "name": ("指标名称", "Item"),
    "unit": ("计量单位", "Unit of measure"),
    "code": ("代码", "Code"),
    "now": ("本年", "This year"),
    "before": ("上年", "Last year"),
    "status": ("情况", "Status"),
    "note": ("说明", "Note"),
    "rule": ("审核关系", "Edit rule"),
    "asked": ("内容", "What it asks"),
    "statistical_edit": (
        "与本单位上年、与通常的情形相差很大的数（统计审核）",
        "A figure far from the unit's own last year or from what is usual (statistical edit)",
    ),
    "explanation": ("填报说明（不成立时写明原因）", "Explanation (where it does not hold)"),
    "number": ("序号", "No."),
    "sign_off": ("签署", "Sign-off"),
    "sample": ("示例", "SAMPLE"),
    "how": (
        "只填浅黄色的格子；填好后在填报页面上传。没有发生填 0。",
        "Fill in the yellow cells only, then upload the file on the filing page. Nothing happened: 0.",
    ),
    "header": (
        "表号 {number}  制定机关 {issuer}  文号 {document}  有效期至 {until}",
        "{number}  {issuer}  {document}  valid until {until}",
    ),
    "unit_line": ("{name}（{id}）  {year} 年度", "{name} ({id})  {year}"),
    "locked": (
        "上年数：确认设备后重新下载，就在模板里。",
        " Last year's figures: confirm this device and download again.",
    ),
    "number_wanted": ("请填 0 或正数。", "Enter 0 or a positive number."),
    "option_wanted": ("请从列表中选。", "Choose one of the list."),
    "month_wanted": ("6 位年月，如 202403；没有完成的填 000000", "6 digits such as 202403; 000000 if not ended"),
}
