"""The composition root: the only place that names an adapter. Every collaborator is a parameter with a default."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from forms.loading import FormCatalogue, shipped_forms
from handlers.facts_bridge import facts_recorder
from handlers.frames import CollectionFrames
from indicators.ports import Objects
from indicators.tables import Workshop
from infra.file_objects import FileObjects
from infra.maildir import Maildir, Received, read_mailbox
from infra.settings import Settings, SettingsError, audit_key_of, make_home, read_settings
from infra.smtp_mail import SmtpMailer, SmtpServer
from infra.sqlite.store import SqliteStore
from workflows.days import Closing
from workflows.links import Links
from workflows.ports import Clock, Mailer, Store
from workflows.services import Services
from workflows.signing import SigningKey
from workflows.sweep import Sweep


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Zhibao:
    """One installation, wired: what the doors are given."""

    settings: Settings
    services: Services
    objects: Objects
    frames: CollectionFrames
    sweep: Sweep
    workshop: Workshop
    """Builds the tables."""
    mailbox: Callable[[int, str], Iterator[Received]]
    """The newest letters of the local mailbox, optionally to one address."""

    @property
    def forms(self) -> FormCatalogue:
        """The form definitions."""
        return self.services.forms

    @property
    def store(self) -> Store:
        """The store."""
        return self.services.store

    def close(self) -> None:
        """Let go of files and connections."""
        self.services.store.close()


class NoHome(RuntimeError):
    """The folder named by ZHIBAO_HOME holds no Zhibao yet."""


def settings_from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises `SettingsError`."""
    return read_settings(os.environ if environment is None else environment)


def wire(
    settings: Settings,
    *,
    clock: Clock | None = None,
    store: Store | None = None,
    objects: Objects | None = None,
    mailer: Callable[[Settings], Mailer] | None = None,
    make: bool = False,
) -> Zhibao:
    """Put an installation together. With `make`, an empty home is made where there is none. Raises `NoHome`."""
    if make:
        make_home(settings.home)
        settings = settings_from_environment({**os.environ, "ZHIBAO_HOME": str(settings.home)})
    elif store is None and not (settings.home / "zhibao.sqlite3").exists():
        raise NoHome(f"{settings.home} 里还没有数据：先运行 zhibao init，或 zhibao demo (no home there yet)")
    if not settings.secret_keys:
        raise SettingsError("ZHIBAO_SECRET_KEYS: 没有密钥；运行 zhibao init 会生成 (no secret keys)")
    clock = clock or SystemClock()
    store = store or SqliteStore(settings.home / "zhibao.sqlite3")
    objects = objects or FileObjects(settings.home / "objects")
    links = Links(settings.secret_keys, clock)
    services = Services(store=store, clock=clock, links=links, forms=shipped_forms(), base_url=settings.base_url)
    sweep = Sweep(
        services=services,
        mailer=(mailer or mail_transport)(settings),
        on_accepted=facts_recorder(services, objects),
        once_by_id=settings.mail == "maildir",
        closing=Closing(store, lambda: SigningKey(audit_key_of(settings))),
    )
    mailbox = partial(read_mailbox, settings.home / "mail")
    frames = CollectionFrames(services)
    workshop = Workshop(objects, frames, services.forms)
    return Zhibao(settings, services, objects, frames, sweep, workshop, mailbox)


def mail_transport(settings: Settings) -> Mailer:
    """The transport the settings name."""
    if settings.mail == "maildir":
        return Maildir(settings.home / "mail", settings.mail_from)
    smtp = settings.smtp
    return SmtpMailer(SmtpServer(smtp.host, smtp.port, smtp.security, smtp.user, smtp.password, settings.mail_from))
