"""Each thing that can go wrong has a page of its own: what happened, what to do, and a reference for the log."""

import logging
import secrets
from dataclasses import dataclass

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from handlers import problems
from handlers.context import services
from handlers.language import _
from workflows.filing import SubmissionUnknown
from workflows.links import LinkExpired, LinkInvalid, SectionLink, SignInLink
from workflows.permissions import NotAllowed
from workflows.section_filing import HandoverEnded

logger = logging.getLogger(__name__)

Answer = tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error page."""

    title: str
    happened: str
    advice: str
    reference: str = ""
    relink: str = ""
    """Token of an expired link for which a new one can be asked."""


def answer(trouble: Trouble, status: int) -> Answer:
    """The page of one trouble, under its status; a program is given a problem document."""
    if request.path.startswith("/api/"):
        return problems.answer(problems.ProblemFound(problems.of_status(status), reference=trouble.reference))
    return render_template("error.html", trouble=trouble), status


def install_errors(app: Flask) -> None:
    """Give every exception its page."""
    app.register_error_handler(LinkInvalid, _invalid)
    app.register_error_handler(SubmissionUnknown, _invalid)
    app.register_error_handler(LinkExpired, _expired)
    app.register_error_handler(HandoverEnded, _handover_ended)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(problems.ProblemFound, problems.answer)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(413, _too_large)
    app.register_error_handler(404, _not_found)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _invalid(_error: Exception) -> Answer:
    return answer(
        Trouble(
            _("链接无效"),
            _("这个链接不完整，或不是本系统发出的。"),
            _("请回到邮件里重新点开链接；如果是手工复制的，请确认复制了整行。"),
        ),
        404,
    )


def _expired(error: LinkExpired) -> Answer:
    if isinstance(error.link, SectionLink):
        return _handover_ended(error)
    renewable = not isinstance(error.link, SignInLink)
    token = (request.view_args or {}).get("token", "") if renewable else ""
    return answer(
        Trouble(
            _("链接已过期"),
            _("为了安全，链接只在一段时间内有效。您已经保存或报送的内容都还在。"),
            _("可以要一个新链接：它只会发到登记的邮箱。") if renewable else _("请重新登录，系统会发来新的链接。"),
            relink=token,
        ),
        410,
    )


def _handover_ended(_error: Exception) -> Answer:
    return answer(
        Trouble(
            _("这个链接已经结束"),
            _("交给您的那一部分已经收回、过期，或者报表已经报送。您存下的内容都在填表人那里。"),
            _("如果还要填，请向交给您的同事再要一个链接。"),
        ),
        410,
    )


def _not_allowed(_error: NotAllowed) -> Answer:
    return answer(
        Trouble(
            _("您现在不能打开这一页"),
            _("这个链接属于另一位经办人，或者您已不在这个岗位上。"),
            _("如果岗位有变动，请联系省级统计机构更新名录；接任的人会收到自己的链接。"),
        ),
        403,
    )


def _csrf(_error: CSRFError) -> Answer:
    return answer(
        Trouble(
            _("这一页没有提交成功"),
            _("浏览器没有带上本页的校验码，可能是因为禁用了 Cookie，或页面放得太久。什么也没有改动。"),
            _("请按浏览器的“后退”，填的内容通常还在；再重新打开邮件里的链接试一次。"),
        ),
        400,
    )


def _too_large(_error: Exception) -> Answer:
    return answer(
        Trouble(
            _("提交的内容太大"),
            _("一页最多 4 MB，这次提交超过了。什么也没有保存。"),
            _("请检查是否把整个文件粘贴进了某一格。"),
        ),
        413,
    )


def _not_found(_error: Exception) -> Answer:
    return answer(Trouble(_("没有这一页"), _("地址可能写错了。"), _("请从邮件里的链接进入。")), 404)


def _http(error: HTTPException) -> Answer:
    page = answer(Trouble(_("这个请求不能处理"), error.name, _("请返回上一页再试。")), error.code or 500)
    if isinstance(error, MethodNotAllowed) and isinstance(page, Response):
        page.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return page


def _unexpected(error: Exception) -> Answer:
    """The page shows a reference only; the log has the rest, without the path (it may be a link)."""
    reference = secrets.token_hex(4)
    logger.error("unexpected %s, reference %s", type(error).__name__, reference, exc_info=error)
    return answer(
        Trouble(
            _("系统出了问题"),
            _("您的操作没有完成，但已保存的内容不会丢。"),
            _("请过一会儿再试；如果还是不行，请把下面的编号告诉省级统计机构。"),
            reference=f"{reference} · {services().clock.now():%Y-%m-%d %H:%M}Z",
        ),
        500,
    )
