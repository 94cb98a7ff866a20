"""The province's door to the record of reminders: the same CSV as `zhibao reminders export`, within one's territory."""

from collections.abc import Iterator, Sequence
from functools import partial

from flask import Blueprint, Response, abort, request

from handlers.context import services
from handlers.evidence_csv import evidence_csv
from handlers.signing_in import Answer, requires, staff
from register.regions import Regions
from workflows.collections import Collection
from workflows.evidence import Evidence, evidence
from workflows.permissions import Action, covers
from workflows.services import Services
from workflows.submissions import Identity

door = Blueprint("evidence", __name__, url_prefix="/office")


@door.get("/<int:year>/reminders.csv")
@requires(Action.SEE_SUBMISSIONS)
def download(year: int) -> Answer:
    """Every reminder of a year, or of one form of it, written out as it is read."""
    form = request.args.get("form", "")
    collections = [one for one in services().store.collections(year) if form in {"", one.form}]
    if not collections:
        abort(404)
    rows = _rows(services(), collections, staff().region_code)
    answer = Response(evidence_csv(rows), mimetype="text/csv")
    name = f"reminders-{year}-{form}.csv" if form else f"reminders-{year}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(ground: Services, collections: Sequence[Collection], territory: str) -> Iterator[Evidence]:
    for collection in collections:
        regions = ground.store.regions(collection.regions_snapshot)
        own = partial(_is_in, territory, regions)
        yield from evidence(ground, collection.year, collection.form, covers=own)


def _is_in(territory: str, regions: Regions, identity: Identity) -> bool:
    return covers(territory, identity.region_code, regions)
