"""The returns below that an upper level waits for (`waits_for` in `routes.yaml`; off by default).

A city office's return may be set to wait until the county offices of the city have theirs accepted on the same form.
"""

from register.units import Unit
from workflows.machine.states import Stage
from workflows.routes import route_rules
from workflows.services import Services
from workflows.submissions import Submission

IN = frozenset({Stage.ACCEPTED, Stage.REOPENED, Stage.DISPOSED})
"""Stages in which nobody waits for a return any more: accepted once, or confirmed as not to be had."""


def missing_children(services: Services, submission: Submission, unit: Unit) -> int:
    """How many returns below are not in yet; 0 where the route of this kind of unit waits for none.

    Counted from the progress of the year: of the same form, from regions below the unit's own, of the levels named.
    """
    levels = frozenset(route_rules()[unit.kind].get("waits_for", ()))
    if not levels:
        return 0
    identity, snapshot = submission.identity, services.collection_of(submission).regions_snapshot
    regions = services.store.regions(snapshot)
    return sum(
        row.count
        for row in services.store.progress(identity.year)
        if row.form == identity.form
        and row.stage not in IN
        and row.region_code != unit.region_code
        and regions[row.region_code].level.value in levels
        and regions.is_within(row.region_code, unit.region_code)
    )
