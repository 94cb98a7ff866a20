"""The composition root: the only place that names an adapter. Every collaborator is a parameter with a default.

An adapter is loaded where it is chosen: a function on AWS has no use for SQLite, one machine none for boto3.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from forms.catalogue import FormCatalogue
from forms.shipped import shipped_forms
from handlers.frames import CollectionFrames
from indicators.ports import Objects
from infra.parameters import with_parameters
from infra.settings import LOADING, Settings, SettingsError, audit_key_of, make_home, read_settings, require_keys
from workflows.links import Links
from workflows.ports import BulkEdits, Clock, Mailer, Store
from workflows.rule_sets import forms_in_force
from workflows.services import Services

if TYPE_CHECKING:
    from indicators.tables import Workshop
    from infra.maildir import Received
    from infra.payload_keys import HomeKeys
    from infra.sqlite.store import SqliteStore
    from workflows.moving import MovingStore
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
    make_sweep: "Callable[[], Sweep]"
    """Gives the same sweep each time; its letters and transports are loaded when it is first asked for."""
    mailbox: "Callable[[int, str], Iterator[Received]]"
    """The newest letters of the local mailbox, optionally to one address."""
    start_tables: Callable[[int, str], None]
    """Have a year's tables built elsewhere, with everything accepted until an instant (in the store's own text)."""

    @property
    def workshop(self) -> "Workshop":
        """Builds the tables. What that needs is loaded here: no page of a unit or a reviewer waits for it."""
        from indicators.tables import Workshop

        return Workshop(self.objects, self.frames, self.forms)

    @property
    def sweep(self) -> "Sweep":
        """Delivers what was promised."""
        return self.make_sweep()

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
    return read_settings(with_parameters(os.environ if environment is None else environment))


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
    has_data = (settings.home / "zhibao.sqlite3").exists()
    is_local = store is None and settings.store == "sqlite"
    if is_local and not has_data and (settings.home / LOADING).exists():
        raise NoHome(f"{settings.home} 的 zhibao load 没有做完：请再运行一次 (cut short: run zhibao load FILE again)")
    if make:
        make_home(settings.home)
        settings = settings_from_environment({**os.environ, "ZHIBAO_HOME": str(settings.home)})
        if settings.mail == "maildir":
            mail_transport(settings)  # the mailbox is part of a home, before there is a letter in it
    elif is_local and not has_data:
        raise NoHome(f"{settings.home} 里还没有数据：先运行 zhibao init，或 zhibao demo (no home there yet)")
    require_keys(settings)
    clock = clock or SystemClock()
    objects = objects or object_store(settings)
    store = store or store_of(settings, objects)
    links = Links(settings.secret_keys, clock)
    services = Services(
        store=store, clock=clock, links=links, forms=forms_in_force(store, shipped_forms()), base_url=settings.base_url
    )
    return Zhibao(
        settings=settings,
        services=services,
        objects=objects,
        frames=CollectionFrames(services),
        make_sweep=cache(partial(make_sweep, settings, services, objects, mailer or mail_transport)),
        mailbox=partial(local_mailbox, settings),
        start_tables=table_starter(settings),
    )


def make_sweep(
    settings: Settings, services: Services, objects: Objects, mailer: Callable[[Settings], Mailer]
) -> "Sweep":
    """What delivers, reminds and closes days. No page waits for what that needs."""
    from handlers.facts_bridge import facts_recorder
    from workflows.days import Closing
    from workflows.signing import SigningKey
    from workflows.sweep import Sweep

    return Sweep(
        services=services,
        mailer=mailer(settings),
        on_accepted=facts_recorder(services, objects),
        once_by_id=settings.mail == "maildir",
        closing=Closing(services.store, lambda: SigningKey(audit_key_of(settings))),
    )


def moving_store(installation: Zhibao) -> "MovingStore":
    """What gives and takes the whole of an installation's store."""
    settings = installation.settings
    if settings.store == "dynamodb":
        from infra.dynamodb.moving import MovingItems

        return MovingItems(settings.aws.table, installation.objects)
    from infra.sqlite.moving import SqliteMoving

    return SqliteMoving(local_database(installation))


def local_database(installation: Zhibao) -> "SqliteStore":
    """The store as the file on this machine. Raises `SettingsError` where it is none."""
    from infra.sqlite.store import SqliteStore

    if not isinstance(installation.store, SqliteStore):
        raise SettingsError(f"ZHIBAO_STORE: {installation.settings.store}: 只用于本机 (for one machine only)")
    return installation.store


def store_of(settings: Settings, objects: Objects) -> Store:
    """The store the settings name. DynamoDB lays what is too large for an item beside the objects."""
    if settings.store == "dynamodb":
        from infra.dynamodb.store import DynamoStore

        return DynamoStore(settings.aws.table, objects)
    from infra.sqlite.store import SqliteStore

    return SqliteStore(settings.home / "zhibao.sqlite3", payload_keys(settings))


def payload_keys(settings: Settings) -> "HomeKeys | None":
    """The keys that encrypt figures and words at rest; None where there are none. On AWS the table and the bucket are
    encrypted as a whole, under the installation's key in KMS."""
    if not settings.payload_keys:
        return None
    from infra.payload_keys import HomeKeys, check_payload_key

    return HomeKeys([check_payload_key(key) for key in settings.payload_keys])


def local_mailbox(settings: Settings, limit: int, to: str = "") -> "Iterator[Received]":
    """The newest letters of the Maildir on this machine."""
    from infra.maildir import read_mailbox

    return read_mailbox(settings.home / "mail", limit, to)


def mail_transport(settings: Settings) -> Mailer:
    """The transport the settings name."""
    if settings.mail == "maildir":
        from infra.maildir import Maildir

        return Maildir(settings.home / "mail", settings.mail_from)
    if settings.mail == "ses":
        from infra.ses_mail import SesMailer

        return SesMailer(settings.mail_from, settings.aws.ses_configuration_set)
    from infra.smtp_mail import SmtpMailer, SmtpServer

    smtp = settings.smtp
    return SmtpMailer(SmtpServer(smtp.host, smtp.port, smtp.security, smtp.user, smtp.password, settings.mail_from))


def bulk_edits() -> BulkEdits:
    """What asks all returns of a form at once."""
    from infra.bulk_edits import DuckdbEdits

    return DuckdbEdits()


def object_store(settings: Settings) -> Objects:
    """The object store the settings name."""
    if settings.objects == "files":
        from infra.file_objects import FileObjects

        return FileObjects(settings.home / "objects")
    from infra.s3_objects import S3Objects

    return S3Objects(settings.aws.bucket, settings.aws.kms_key)


def table_starter(settings: Settings) -> Callable[[int, str], None]:
    """What starts the tables after acceptances: nothing where no function is named, as on one machine."""
    if not settings.aws.tables_function:
        return lambda _year, _since: None
    from infra.table_starter import TableStarter

    return TableStarter(settings.aws.tables_function)
