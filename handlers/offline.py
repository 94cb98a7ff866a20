"""The filler's files: where an imported draft came from."""

from flask import Blueprint

from handlers.context import services
from workflows.filing import Desk
from workflows.importing_returns import ImportedFrom, imported_from

door = Blueprint("offline", __name__)


@door.app_template_global("draft_imported_from")
def draft_imported_from(desk: Desk) -> ImportedFrom | None:
    """Where a draft that was imported came from; None when its unit typed it."""
    return imported_from(services(), desk.submission.id) if desk.draft else None
