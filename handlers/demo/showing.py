"""`make run`: a demo home where there is none yet, and a link into it for each kind of person."""

from collections.abc import Callable, Mapping

from handlers.bootstrap import Zhibao, settings_from_environment, wire
from handlers.demo.enterprise_years import OPEN_YEAR
from handlers.demo.leads import leads
from handlers.demo.story import run_demo
from infra.settings import Settings


def show_example(settings: Settings, out: Callable[[str], None], *, progress: bool) -> Zhibao:
    """The installation to serve, its links printed. Raises `DemoRefused` for a folder no demo made."""
    if not settings.is_demo or not (settings.home / "zhibao.sqlite3").exists():
        run_demo(settings.home, out, progress=progress)
    installation = wire(settings_from_environment())
    out("")
    for who, link in _doors(installation).items():
        out(f"{who}\n  {link}\n")
    out(f"正在 {settings.base_url} 服务，按 Ctrl-C 结束 (serving; Ctrl-C ends it)")
    return installation


def _doors(installation: Zhibao) -> Mapping[str, str]:
    """Where each kind of person comes in; once all returns are settled, the mailbox still has every letter."""
    mailbox = {"本机邮箱 local mailbox": f"{installation.settings.base_url}/mailbox"}
    try:
        found = leads(installation.services, OPEN_YEAR)
    except LookupError:
        return mailbox
    return {
        "填报人（还没填） filler": found.filler,
        "填报人（被退回） filler, returned": found.filler_returned,
        "县级审核人 county reviewer": found.county_reviewer,
        "市级审核人 city reviewer": found.city_reviewer,
        "省级审核人 provincial reviewer": found.province_reviewer,
        "县级席位收件页 a county seat's inbox": found.county_inbox,
        f"省级统计人员 office ({found.office_address})": found.sign_in,
        **mailbox,
    }
