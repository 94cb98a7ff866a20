"""Why a command of the review machine led to nothing, in words that say what to do."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handlers.language import _
from workflows.deadlines import show_instant
from workflows.machine.refusals import Refusal, RefusalCode

if TYPE_CHECKING:
    from workflows.reviewing import Told


def refusal_text(refusal: Refusal, told: "Sequence[Told]" = ()) -> str:
    """Why a command cannot be taken, with who decided and when where a decision stands in its way."""
    if refusal.decision is not None:
        by = next((one.by for one in told if one.decision == refusal.decision), "")
        when, verdict = show_instant(refusal.decision.at), verdict_name(accepted=refusal.decision.accepted)
        return _("这一版已由 %(by)s 于 %(when)s 决定：%(verdict)s。无须再做。", by=by, when=when, verdict=verdict)
    return _texts()[refusal.code]


def verdict_name(*, accepted: bool) -> str:
    """Accept or return, in words."""
    return _("通过") if accepted else _("退回")


def _texts() -> Mapping[RefusalCode, str]:
    """Every refusal in the language of the page; a test asks for all of them."""
    return {
        RefusalCode.COLLECTION_CLOSED: _("本年度年报已经截止，不能再改动。确有需要请联系省级统计机构。"),
        RefusalCode.NOT_EDITABLE: _("这份报表已经报送，正在审核或已验收，现在不能再改。"),
        RefusalCode.NOT_IN_REVIEW: _("这份报表现在不在审核中。"),
        RefusalCode.NOT_ACCEPTED: _("只有已验收的报表才能重新打开。"),
        RefusalCode.DISPOSED: _("这份报表已确认为例外，不再填报。如有不符请联系省级统计机构。"),
        RefusalCode.ALREADY_DECIDED: _("这一级已经决定过了，无须再做。"),
        RefusalCode.OVERTAKEN: _("这个链接对应的那一版已被新的版本取代，请用最新一封邮件里的链接。"),
        RefusalCode.NOT_YET: _("还没有轮到这一级审核。"),
        RefusalCode.NOT_ON_ROUTE: _("贵处不在这份报表的审核路径上，不能这样做。"),
        RefusalCode.OWN_FILING: _("这是您自己填报的报表，须由他人审核。"),
        RefusalCode.TWO_LEVELS: _("您已在另一级审核过这一版，同一人不能在两级审核。"),
        RefusalCode.SAME_PERSON: _("这是您自己提出的，须由另一人确认。"),
        RefusalCode.NOT_ON_SEAT: _("您现在不担任这个席位的审核人。"),
        RefusalCode.INCOMPLETE: _("还没有填全：请选择原因，并指明涉及的指标或审核关系。"),
        RefusalCode.DIRECTS_A_FIGURE: _("意见里写了应当填多少。任何人不得要求填报指定的数字，请改写成您看到的情况。"),
        RefusalCode.FATAL_FINDINGS: _("强制性审核关系没有通过，不能报送或通过。"),
        RefusalCode.UNEXPLAINED: _("有审核关系还没有填报说明，请逐条写明真实原因。"),
        RefusalCode.FIRM_FINDINGS: _("还有准强制性审核关系没有消除：请退回更正，或由两人核定豁免，再通过。"),
        RefusalCode.CHILDREN_MISSING: _("下级的报表还没有到齐，请稍候再决定。"),
        RefusalCode.QUERY_OPEN: _("您提的查询还没有答复：请等答复，或者先撤回查询。"),
        RefusalCode.QUERY_UNKNOWN: _("没有这条查询，或者它随新的版本结束了。"),
        RefusalCode.TOO_MANY_QUERIES: _("这份报表未结的查询已经太多，请改用退回。"),
        RefusalCode.UNDER_REVIEW: _("审核已经开始，不能再撤回。需要更正请联系审核机构退回。"),
        RefusalCode.CLAIMED: _("同席位的另一位审核人正在处理这份报表。"),
        RefusalCode.NOT_YOURS: _("只能撤销自己作出的、最后的一次决定。"),
        RefusalCode.NEXT_ACTED: _("上一级已经开始处理，不能再撤销。"),
        RefusalCode.FILLER_ACTED: _("填报单位已经开始更正，不能再撤销。"),
        RefusalCode.IN_A_TABLE: _("已有汇总表用了这次验收，不能再撤销；需要更正请重新打开。"),
        RefusalCode.NOTHING_PROPOSED: _("没有等待确认的提议。"),
        RefusalCode.ALREADY_PROPOSED: _("已经有一个提议在等待确认。"),
        RefusalCode.UNFIT_DISPOSITION: _("按这份报表现在的状态，不能这样处置。"),
        RefusalCode.SAME_ROUTE: _("审核路径没有变化。"),
        RefusalCode.OTHER_PROVINCE: _("只能在本省之内移交；迁出本省请另作处置。"),
        RefusalCode.EXPIRED: _("期限已过，或者超出了允许的时间。"),
        RefusalCode.ALREADY_DONE: _("已经做过了，无须再做。"),
    }
