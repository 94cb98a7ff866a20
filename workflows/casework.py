"""Use cases of provincial staff on one submission: dispositions, exceptions after the close, reopening, moving.

None of them can write a value. What needs two people is proposed by one and confirmed by another (invariant 12); the
reason each gives is kept as words of the event.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from register.errors import UnknownRegionError
from register.regions import Level, Regions
from register.seats import StaffMember
from register.units import UnitKind
from workflows.chain import Payload
from workflows.directives import require_no_directive
from workflows.filing import SubmissionUnknown
from workflows.machine import commands as c
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.machine.states import DispositionKind, ExtensionScope, Stage
from workflows.permissions import Action, NotAllowed, covers, may
from workflows.reasons import return_reasons
from workflows.routes import Body, ReviewLevel, RouteError, route_through
from workflows.services import Services
from workflows.stepping import CommandRefused, carry_out, prepare, refusal_of
from workflows.submissions import Submission, Transition

MAX_REASON = 2000
Build = Callable[[Submission, str], c.Command]
"""From the submission as it stands and the hash of the words given, the command."""


class NoReason(ValueError):
    """What is recorded about a unit needs its reason; nothing was stored."""


@dataclass(frozen=True, slots=True)
class Caseworker:
    """A signed-in member of staff who acts on submissions of his territory."""

    member: StaffMember
    person: str

    def body(self, regions: Regions) -> Body:
        """The body he acts for: his own region's."""
        region = regions[self.member.region_code]
        level = ReviewLevel.COUNTY if region.level is Level.ZONE else ReviewLevel(region.level.value)
        return Body(level, region.code)


def propose_disposition(
    services: Services, who: Caseworker, submission_id: str, *, kind: DispositionKind, reason: str
) -> Submission:
    """Record that the return is not to be had, for another to confirm. Raises `NoReason`, `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, words: c.ProposeDisposition(who.person, _body(services, who, found), kind, words),
        reason,
    )


def confirm_disposition(services: Services, who: Caseworker, submission_id: str, *, proposal: int) -> Submission:
    """Another person confirms what he was shown; the unit is told. Raises `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, _: c.ConfirmDisposition(who.person, _body(services, who, found), proposal),
    )


def decline_disposition(services: Services, who: Caseworker, submission_id: str, *, proposal: int) -> Submission:
    """The proposal is not followed, or taken back. Raises `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, _: c.DeclineDisposition(who.person, _body(services, who, found), proposal),
    )


def confirm_waiver(services: Services, who: Caseworker, submission_id: str, *, waiver: int) -> Submission:
    """Another person lets a firm rule pass that he was shown. Raises `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, _: c.ConfirmWaiver(who.person, _body(services, who, found), waiver),
    )


def reinstate(services: Services, who: Caseworker, submission_id: str, *, reason: str) -> Submission:
    """A disposition was wrong; the submission goes on where it stood. Raises `NoReason`, `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, words: c.Reinstate(who.person, _body(services, who, found), words),
        reason,
    )


def propose_extension(
    services: Services, who: Caseworker, submission_id: str, *, scope: ExtensionScope, expires: datetime, reason: str
) -> Submission:
    """Propose an exception after the close. Raises `NoReason`, `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, words: c.ProposeExtension(who.person, _body(services, who, found), scope, expires, words),
        reason,
    )


def grant_extension(services: Services, who: Caseworker, submission_id: str, *, proposal: int) -> Submission:
    """Another person grants what he was shown; the unit is told. Raises `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, _: c.GrantExtension(who.person, _body(services, who, found), proposal),
    )


def reopen(
    services: Services, who: Caseworker, submission_id: str, *, reason: str, items: tuple[str, ...], comment: str
) -> Submission:
    """Give an accepted return back to the filler; it stays in the tables.

    Raises `NoReason`, `CommandRefused` (`DirectsAFigure` among them).
    """
    require_no_directive(comment)
    coded = reason if reason in return_reasons() else ""

    def command(found: Submission, words: str) -> c.Command:
        state = found.state
        shown = (state.revision, state.revision_hash)
        return c.Reopen(who.person, _body(services, who, found), *shown, coded, items, words)

    return _act(services, who, submission_id, command, comment)


def undo_reopening(services: Services, who: Caseworker, submission_id: str, *, decision: int) -> Submission:
    """Take one's own reopening back before the filler acts. Raises `CommandRefused`."""
    return _act(
        services,
        who,
        submission_id,
        lambda found, _: c.Undo(who.person, _body(services, who, found), found.state.revision, decision),
    )


def move(services: Services, who: Caseworker, submission_id: str, *, first_body: str) -> Submission:
    """Let another county, zone or city review it from now on. Raises `CommandRefused`."""

    def command(found: Submission, _: str) -> c.Command:
        regions = _regions(services, found)
        try:
            identity = found.identity
            own = "" if identity.unit_kind is UnitKind.ENTERPRISE else identity.region_code
            route = route_through(first_body, identity.unit_kind, regions, own=own)
        except (RouteError, UnknownRegionError) as error:
            raise CommandRefused(Refusal(RefusalCode.NOT_ON_ROUTE)) from error
        return c.Move(who.person, who.body(regions), route)

    return _act(services, who, submission_id, command)


def open_acts(services: Services, who: Caseworker, found: Submission) -> frozenset[str]:
    """What this person could do with the submission now, asked of the machine itself."""
    _require_caseworker(services, who, found)
    body, state = _body(services, who, found), found.state
    shown = (state.revision, state.revision_hash)
    proposal = state.disposition.event_number if state.disposition else 0
    extension = state.extension.event_number if state.extension else 0
    waiver = next((one.event_number for one in state.waivers if not one.confirmed_by), 0)
    reopening = state.last_return.event_number if state.last_return and state.stage is Stage.REOPENED else 0
    soon = services.clock.now() + timedelta(days=1)
    elsewhere = (Body(ReviewLevel.COUNTY, ""), *state.route[1:])
    asked: Mapping[str, c.Command] = {
        "propose-disposition": c.ProposeDisposition(who.person, body, DispositionKind.DUPLICATE, "hash"),
        "confirm-disposition": c.ConfirmDisposition(who.person, body, proposal),
        "decline-disposition": c.DeclineDisposition(who.person, body, proposal),
        "confirm-waiver": c.ConfirmWaiver(who.person, body, waiver),
        "reinstate": c.Reinstate(who.person, body, "hash"),
        "propose-extension": c.ProposeExtension(who.person, body, ExtensionScope.FILING, soon, "hash"),
        "grant-extension": c.GrantExtension(who.person, body, extension),
        "reopen": c.Reopen(who.person, body, *shown, "other", ("any",), "hash"),
        "undo-reopening": c.Undo(who.person, body, state.revision, reopening),
        "move": c.Move(who.person, body, elsewhere),
    }
    return frozenset(name for name, command in asked.items() if refusal_of(services, found, command) is None)


def _act(
    services: Services, who: Caseworker, submission_id: str, build: Build, reason: str | None = None
) -> Submission:
    """One step of casework; a `reason` that is asked for and blank raises `NoReason`."""
    payload = None if reason is None else Payload.of(reason.strip()[:MAX_REASON])
    if payload is not None and not payload.text:
        raise NoReason

    def step() -> Transition:
        found = services.store.submission(submission_id)
        if found is None:
            raise SubmissionUnknown(submission_id)
        _require_caseworker(services, who, found)
        return prepare(services, found, build(found, payload.hash if payload else ""), payload=payload)

    return carry_out(services, step).after


def _require_caseworker(services: Services, who: Caseworker, found: Submission) -> None:
    if not may(who.member.role, Action.HANDLE_CASES):
        raise NotAllowed(Action.HANDLE_CASES)
    if not covers(who.member.region_code, found.identity.region_code, _regions(services, found)):
        raise NotAllowed("territory")


def _regions(services: Services, found: Submission) -> Regions:
    return services.store.regions(services.collection_of(found).regions_snapshot)


def _body(services: Services, who: Caseworker, found: Submission) -> Body:
    return who.body(_regions(services, found))
