"""The province's door to the record of reminders: the same CSV as `zhibao reminders export`, within one's territory."""

from flask import Blueprint, Response, abort, request

from handlers.context import services
from handlers.evidence_csv import evidence_csv
from handlers.signing_in import Answer, requires, staff
from workflows.evidence import evidence
from workflows.permissions import Action, covers

door = Blueprint("evidence", __name__, url_prefix="/office")


@door.get("/<int:year>/reminders.csv")
@requires(Action.SEE_SUBMISSIONS)
def download(year: int) -> Answer:
    """Every reminder of one form of a year, written out as it is read."""
    collection = services().store.collection(year, request.args.get("form", "")[:50])
    if collection is None:
        abort(404)
    regions, territory = services().store.regions(collection.regions_snapshot), staff().region_code
    rows = evidence(
        services(), year, collection.form, covers=lambda identity: covers(territory, identity.region_code, regions)
    )
    answer = Response(evidence_csv(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="reminders-{year}-{collection.form}.csv"'
    return answer
