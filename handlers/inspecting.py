"""The inspector's door: one submission's whole story to take away. It is recorded, so it is asked for by POST."""

from flask import Blueprint, abort

from handlers.context import download, services
from handlers.signing_in import Answer, requires, staff
from handlers.submission_page import own_regions, require_territory
from workflows.exporting import export_story
from workflows.permissions import Action

door = Blueprint("inspecting", __name__, url_prefix="/office")


@door.post("/submissions/<submission_id>/export")
@requires(Action.EXPORT_STORIES)
def export(submission_id: str) -> Answer:
    """The document `docs/verify_export.py` verifies."""
    found = services().store.submission(submission_id)
    if found is None:
        abort(404)
    require_territory(found.identity.region_code, own_regions(found.identity.year))
    return download(export_story(services(), found.id, reader=staff().email), f"story-{found.id}.json")
