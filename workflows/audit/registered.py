"""Whether a submission is what the register and the calendar of its collection say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from register.errors import UnknownRegionError
from register.regions import Regions
from workflows.collecting import identity_of
from workflows.collections import Collection
from workflows.filing import open_seal, opened_content
from workflows.machine.duties import next_moment
from workflows.outlines import outline_of
from workflows.routes import RouteError
from workflows.services import Services
from workflows.story import DAMAGED, Story
from workflows.submissions import Identity, Submission, submission_id

LONGEST_PAUSE = timedelta(days=2)
"""How far ahead the sweep may put off what has come but cannot be done (a seat that nobody holds)."""


class Registered:
    """The collections as they stand, and the register snapshots they froze, each read once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._home_key = services.store.home_key()
        self.collections: Mapping[tuple[int, str], Collection] = {
            (one.year, one.form): one for one in services.store.collections()
        }
        self._regions: dict[str, Regions] = {}

    def faults(self, story: Story) -> Iterator[str]:
        """What is wrong with the row of a submission that its events do not tell."""
        submission = story.submission
        if submission is None:
            return
        identity = submission.identity
        if story.id != submission_id(self._home_key, identity.year, identity.form, identity.unit_id):
            yield "the submission is not of the unit, form and year it names"
            return
        collection = self.collections.get((identity.year, identity.form))
        own = self._identity(collection, identity) if collection else None
        if collection is None or own is None:
            yield "the submission belongs to no collection, or to no unit of its register"
            return
        moved_to = submission.state.route[0].region if submission.state.route else ""
        if identity not in (own, replace(own, reviewing_body=moved_to)):
            yield "the submission's particulars are not those of its register"
        if not self._is_outlined(story, submission):
            yield "amount or findings beside the state are not those of the latest revision"
        if not self._is_its_moment(story, submission, collection):
            yield "the next moment of the submission is not the calendar's"

    def _identity(self, collection: Collection, identity: Identity) -> Identity | None:
        store, snapshot = self._services.store, collection.regions_snapshot
        unit = store.unit(collection.units_snapshot, identity.unit_id)
        if unit is None:
            return None
        if snapshot not in self._regions:
            self._regions[snapshot] = store.regions(snapshot)
        try:
            return identity_of(identity.id, collection, unit, self._regions[snapshot])
        except (RouteError, UnknownRegionError):
            return None

    def _is_outlined(self, story: Story, submission: Submission) -> bool:
        """What lists are sorted by is what the latest revision says; what was sealed before outlines has none."""
        amount, findings = story.outline
        if (amount, findings) == (None, None):
            return True
        revision = story.revisions.get(submission.state.revision)
        if revision is None or not isinstance(amount, str) or type(findings) is not int:
            return False
        try:
            definition, content = opened_content(self._services, revision)
            fired = len(open_seal(revision)["findings"])
        except DAMAGED:
            return False
        own = outline_of(definition, content, ()).amount
        is_plain = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", amount, re.ASCII) is not None
        return findings == fired and (amount == "" if own is None else is_plain and Decimal(amount) == own)

    def _is_its_moment(self, story: Story, submission: Submission, collection: Collection) -> bool:
        """The calendar's, until it has come; then it may be put off a little, and after the close for ever."""
        now, moment = self._services.clock.now(), next_moment(submission.state, collection.calendar)
        if story.next_at == moment:
            return True
        if story.next_at is None:
            return collection.is_closed(now)
        return moment is not None and moment <= now and moment < story.next_at <= now + LONGEST_PAUSE
