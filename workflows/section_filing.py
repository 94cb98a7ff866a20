"""Use cases around a handed-over section: giving it, ending it, and a colleague filling it. He sends nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.definition import FormDefinition, Section
from workflows.filing import Desk, own_submission
from workflows.handovers import Handover, digest_of, handovers_of, new_handover, part_of, with_section
from workflows.links import FilingLink, SectionLink
from workflows.machine.commands import Save
from workflows.machine.refusals import Refusal, RefusalCode
from workflows.ports import DraftConflict
from workflows.services import Services
from workflows.stepping import ATTEMPTS, CommandRefused, carry_out, prepare, refusal_of
from workflows.submissions import Draft, Submission, Trace, Transition


class HandoverEnded(Exception):
    """The section is not out under this link any more: ended, too old, or the return was sent since."""


class SectionConflict(Exception):
    """The cells of the section were changed since the page was opened; `stored` is what stands now."""

    def __init__(self, stored: Mapping[str, str], digest: str) -> None:
        super().__init__("the section changed since it was read")
        self.stored = stored
        self.digest = digest


@dataclass(frozen=True, slots=True)
class SectionDesk:
    """What a colleague's page shows: one section of one draft, and nothing else of the return."""

    submission: Submission
    definition: FormDefinition
    section: Section
    handover: Handover
    draft: Draft
    starred: bool
    unit_name: str

    @property
    def inputs(self) -> dict[str, str]:
        """What stands in the section."""
        return part_of(self.section, self.draft.inputs)

    @property
    def digest(self) -> str:
        """What the section reads now, for telling later whether it still does."""
        return digest_of(self.section, self.draft.inputs)


def hand_over(services: Services, link: FilingLink, desk: Desk, section: int, name: str, trace: Trace) -> Handover:
    """Give a section to a colleague.

    Raises `UnfitHandover`, `CommandRefused`, `DraftConflict` when something else was saved at the same moment.
    """
    handover = new_handover(desk.definition, desk.draft, section, name, services.clock.now())
    inputs = dict(desk.draft.inputs) if desk.draft else {}
    _write(services, link.person, desk.submission, desk.draft, {**inputs, **handover.written()}, trace)
    return handover


def end_handover(services: Services, link: FilingLink, desk: Desk, handover: str, trace: Trace) -> None:
    """Take a section back; what came in stays. Ended twice is ended. Raises `CommandRefused`, `DraftConflict`."""
    found = next((one for one in handovers_of(desk.draft) if one.id == handover), None)
    if found is not None and desk.draft is not None:
        inputs = {name: text for name, text in desk.draft.inputs.items() if name not in found.written()}
        _write(services, link.person, desk.submission, desk.draft, inputs, trace)


def open_section(services: Services, link: SectionLink) -> SectionDesk:
    """What the colleague sees. Changes nothing. Raises `HandoverEnded`, `SubmissionUnknown`, `NotAllowed`."""
    submission = own_submission(services, link)
    draft = services.store.draft(submission.id)
    handover = next((one for one in handovers_of(draft) if one.id == link.handover), None)
    is_open = refusal_of(services, submission, Save(link.person)) is None
    if draft is None or handover is None or not is_open or services.clock.now() >= handover.ends_at:
        raise HandoverEnded
    definition = services.forms.by_version(services.collection_of(submission).form_version)
    unit = services.unit_of(submission)
    section = definition.sections[handover.section - 1]
    return SectionDesk(submission, definition, section, handover, draft, unit.starred, unit.name)


def save_section(
    services: Services, link: SectionLink, typed: Mapping[str, str], digest: str, trace: Trace
) -> SectionDesk:
    """Keep the cells of the section and nothing else, whatever else the page holds; the desk as it stands then.

    `digest` is what the section read when the page was opened. The filler may save at the same time: his other cells
    stay his. Raises `SectionConflict`, `HandoverEnded`, `CommandRefused`, `NotAllowed`.
    """
    for _ in range(ATTEMPTS):
        desk = open_section(services, link)
        own = part_of(desk.section, typed)
        if own == desk.inputs:
            return desk
        if desk.digest != digest:
            raise SectionConflict(desk.inputs, desk.digest)
        now = services.clock.now()
        inputs = with_section(desk.draft, desk.section, desk.handover.came(now, len(own)), own)
        try:
            _write(services, link.person, desk.submission, desk.draft, inputs, trace)
        except DraftConflict:
            continue
        return open_section(services, link)
    raise CommandRefused(Refusal(RefusalCode.OVERTAKEN))


def _write(
    services: Services,
    person: str,
    submission: Submission,
    before: Draft | None,
    inputs: Mapping[str, str],
    trace: Trace,
) -> None:
    """Store the draft anew, in one step of the submission."""
    version = before.version if before else 0

    def step() -> Transition:
        now = services.store.submission(submission.id) or submission
        draft = Draft(version + 1, inputs, services.clock.now())
        return prepare(services, now, Save(person), draft=draft, draft_before=version, trace=trace)

    carry_out(services, step)
