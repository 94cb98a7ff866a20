"""The command line of staff and operators: `zhibao`. Exit 0 on success, 2 on bad usage or bad input, 1 otherwise."""

import logging
import sys

import click

from handlers.bootstrap import NoHome
from handlers.commands import (
    auditing,
    collecting,
    forms,
    keeping,
    keys,
    moving,
    reminding,
    running,
    submissions,
    tables,
    tokens,
)
from handlers.commands.base import zhibao
from handlers.demo.home import DemoRefused
from indicators.tables import NoCollection
from infra.backup import BackupRefused
from infra.moving.archive import ArchiveRefused
from infra.payload_keys import PayloadKeyMissing
from infra.settings import SettingsError
from register.problems import ImportProblems
from workflows.collecting import CollectionRefused
from workflows.deadlines import DeadlineError
from workflows.moving import HomeNotEmpty
from workflows.retention import RetentionRefused
from workflows.tokens import TokenRefused

ROOMS = (running, collecting, submissions, reminding, tables, tokens, auditing, forms, keeping, keys, moving)
"""Importing a room registers its commands."""

BAD_INPUT = (
    ArchiveRefused,
    BackupRefused,
    SettingsError,
    ImportProblems,
    CollectionRefused,
    DeadlineError,
    DemoRefused,
    HomeNotEmpty,
    NoCollection,
    NoHome,
    PayloadKeyMissing,
    RetentionRefused,
    TokenRefused,
)
"""What the user gave is wrong; the error's text says what and what to do, and nothing was written."""


def main() -> None:
    """Entry point: turns what can go wrong into an exit status and one clear message."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        zhibao(prog_name="zhibao")
    except BAD_INPUT as error:
        click.echo(str(error), err=True)
        sys.exit(2)
