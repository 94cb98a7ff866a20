"""The office's page of one return: what was sent, who decided, where it stands, and what can be done with it."""

from flask import abort, render_template, request, session

from forms.content import Content
from forms.definition import FormDefinition
from handlers.context import services
from handlers.presenting import Block, blocks, sealed_rows
from handlers.signing_in import staff
from handlers.table_rows import sealed_grids
from register.regions import Region, Regions
from workflows.bounces import stopped
from workflows.casework import Caseworker, open_acts
from workflows.dispositions import disposition_names
from workflows.evidence import evidence
from workflows.filing import sealed_content
from workflows.machine.duties import duty_of
from workflows.machine.guards import fitting_kinds
from workflows.permissions import Action, NotAllowed, covers, may
from workflows.reasons import return_reasons
from workflows.reviewing import told_decisions
from workflows.submissions import Submission
from workflows.words import name_of, words_of

_SECOND_PERSON = frozenset({"confirm-disposition", "decline-disposition", "confirm-waiver", "grant-extension"})
"""Acts that stand beside the proposal they answer."""


def caseworker() -> Caseworker:
    """Who is signed in, as somebody who acts on returns."""
    return Caseworker(staff(), session["person"])


def own_regions(year: int) -> Regions:
    """The regions of the year's own snapshot; 404 when the year has no collection."""
    collections = services().store.collections(year)
    if not collections:
        abort(404)
    return services().store.regions(collections[0].regions_snapshot)


def require_territory(region_code: str, regions: Regions) -> None:
    """Raises `NotAllowed` for a region outside the territory of who is signed in."""
    if not covers(staff().region_code, region_code, regions):
        raise NotAllowed("territory")


def submission_page(submission_id: str, problem: str = "") -> str:
    """The page; `problem` says why the last act led to nothing."""
    found = services().store.submission(submission_id)
    if found is None:
        abort(404)
    regions = own_regions(found.identity.year)
    require_territory(found.identity.region_code, regions)
    collection = services().collection_of(found)
    definition = services().forms.by_version(collection.form_version)
    number = request.args.get("revision", found.state.revision, type=int)
    content = sealed_content(services(), found, number)
    if content is None and number:
        abort(404)
    acts = _acts(found)
    return render_template(
        "office/submission.html",
        submission=found,
        unit=services().unit_of(found),
        definition=definition,
        content=content,
        number=number,
        blocks=_blocks(definition, content) if content else [],
        decisions=told_decisions(services(), found),
        events=services().store.events(found.id),
        regions=regions,
        duty=duty_of(found.state, collection.calendar),
        acts=acts,
        offered=acts - _SECOND_PERSON,
        kinds={kind.value: disposition_names()[kind.value] for kind in sorted(fitting_kinds(found.state))},
        disposition_names=disposition_names(),
        bodies=_bodies(found, regions),
        reasons=return_reasons(),
        name_of=lambda person: name_of(services(), person),
        words_of=lambda event: words_of(services(), found, event),
        reminders=list(evidence(services(), found.identity.year, found.identity.form, found.identity.unit_id)),
        stopped=stopped(services(), services().address_of(found)),
        problem=problem,
        typed=request.form,
        done=request.args.get("done", ""),
    )


def _blocks(definition: FormDefinition, content: Content) -> list[Block]:
    return blocks(definition, sealed_rows(definition, content, None), sealed_grids(definition, content))


def _acts(found: Submission) -> frozenset[str]:
    """An auditor looks and does nothing."""
    return open_acts(services(), caseworker(), found) if may(staff().role, Action.HANDLE_CASES) else frozenset()


def _bodies(found: Submission, regions: Regions) -> list[Region]:
    """Where the return could be reviewed first, other than now."""
    level = found.state.route[0].level.value
    now = found.state.route[0].region
    levels = {level, "zone"} if level == "county" else {level}
    return [region for region in regions if region.reviews and region.level.value in levels and region.code != now]
