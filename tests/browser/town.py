"""The people of the demo home: who has not filed yet, who reviews, and the letters they got."""

import re
import time
from dataclasses import dataclass, field
from datetime import timedelta

from forms.definition import FormDefinition
from forms.explanations import wanted_of
from forms.fields import content_of, form_from_raw
from handlers.bootstrap import Zhibao, wire
from handlers.demo.acting import filing_link, review_link
from handlers.demo.clock import SteppingClock
from handlers.demo.enterprise_years import OPEN_YEAR
from handlers.demo.enterprises import enterprises
from handlers.demo.figures import figures_of
from handlers.demo.leads import FORM, Leads, leads
from handlers.demo.people import reviewer_address
from infra.settings import read_settings
from register.units import Unit
from tests.journeys.driver import Home
from workflows.filing import open_desk
from workflows.links import CheckLink, FilingLink, InboxLink, Links, ReviewLink
from workflows.machine.states import Stage
from workflows.registering import current_regions
from workflows.submissions import Submission, submission_id

PATIENCE = 90.0
"""Seconds a letter may take on a busy machine."""


@dataclass(slots=True)
class Town:
    """A served demo home, looked into from outside to choose whose journey to walk; it is changed by pages only."""

    home: Home
    taken: set[str] = field(default_factory=set)
    _zhibao: Zhibao = field(init=False)

    def __post_init__(self) -> None:
        self._zhibao = wire(read_settings(self.home.environment()))
        self.taken.add(next(unit.unit_id for unit, found in self.returns() if found.state.stage is Stage.NOT_STARTED))

    @property
    def base(self) -> str:
        """The address of its server."""
        return self.home.base

    @property
    def zhibao(self) -> Zhibao:
        """The installation, to read."""
        return self._zhibao

    def leads(self) -> Leads:
        """A link for each kind of person; what they open, no journey touches."""
        return leads(self._zhibao.services, OPEN_YEAR)

    def returns(self) -> list[tuple[Unit, Submission]]:
        """The open year's returns of the enterprises, in the order of the register."""
        store, home_key = self._zhibao.store, self._zhibao.store.home_key()
        found = []
        for unit in enterprises(current_regions(self._zhibao.services, "")):
            submission = store.submission(submission_id(home_key, OPEN_YEAR, FORM, unit.unit_id))
            if submission is not None:
                found.append((self._zhibao.services.unit_of(submission), submission))
        return found

    def newcomer(self) -> Unit:
        """An enterprise that has not begun, of whose figures no rule asks anything, for one journey alone."""
        for unit, submission in self.returns():
            if submission.state.stage is Stage.NOT_STARTED and unit.unit_id not in self.taken and not self.asked(unit):
                self.taken.add(unit.unit_id)
                return unit
        raise LookupError("every enterprise of the town has filed")

    def asked(self, unit: Unit) -> tuple[str, ...]:
        """The rules that want a reason for the unit's figures, beside its year before."""
        services = self._zhibao.services
        desk = open_desk(services, filing_link(services, unit, OPEN_YEAR, FORM))
        form = form_from_raw(desk.definition, self.figures(unit), starred=unit.starred)
        return wanted_of(desk.findings_of(content_of(form, desk.definition)))

    def reviewers(self, unit: Unit) -> list[str]:
        """The addresses of the seats on its route, county first."""
        regions = current_regions(self._zhibao.services, "")
        return [reviewer_address(regions[body.region]) for body in self.submission(unit).state.route]

    def waiting_review(self) -> tuple[str, str]:
        """A review link of a seat that no journey has used, and the address of its holder."""
        regions = current_regions(self._zhibao.services, "")
        for _unit, submission in self.returns():
            turn = submission.state.turn
            if turn is not None and turn.region not in self.taken:
                self.taken.add(turn.region)
                link = review_link(self._zhibao.services, submission)
                return self._signed("r", self._zhibao.services.links, link), reviewer_address(regions[turn.region])
        raise LookupError("every seat with waiting work was taken")

    def mailed_code(self, address: str, arrived: int) -> str:
        """The digits of the newest letter with a code, once so many have arrived."""
        end = time.monotonic() + PATIENCE
        while len(found := self._codes(address)) < arrived:
            assert time.monotonic() < end, f"no code reached {address}"
            time.sleep(0.2)
        return found[0]

    def _codes(self, address: str) -> list[str]:
        texts = (letter.text for letter in self._zhibao.mailbox(100, address) if "验证码" in letter.subject)
        return [found[0] for text in texts if (found := re.search(r"\b\d{6}\b", text))]

    def figures(self, unit: Unit) -> dict[str, str]:
        """A return that breaks no rule: item key → what is typed."""
        definition: FormDefinition = self._zhibao.forms.in_force(FORM, OPEN_YEAR)
        return {key: str(figure) for key, figure in figures_of(unit, OPEN_YEAR, definition).items()}

    def submission(self, unit: Unit) -> Submission:
        """Its return of the open year, as it stands now."""
        key = submission_id(self._zhibao.store.home_key(), OPEN_YEAR, FORM, unit.unit_id)
        found = self._zhibao.store.submission(key)
        assert found is not None
        return found

    def filing_address(self, unit: Unit) -> str:
        """The address in its invitation."""
        return self._signed("f", self._zhibao.services.links, filing_link(self._zhibao.services, unit, OPEN_YEAR, FORM))

    def filed_address(self) -> str:
        """The filling link of one that is accepted; the unit has the longest name of all."""
        unit, _submission = self._accepted()
        return self.filing_address(unit)

    def receipt_address(self) -> str:
        """The receipt of the same."""
        _unit, submission = self._accepted()
        link = CheckLink(submission.id, submission.state.revision)
        return self._signed("c", self._zhibao.services.links, link)

    def decided_review_address(self) -> str:
        """A review link under which the decision is taken already."""
        _unit, submission = self._accepted()
        body, services = submission.state.route[0], self._zhibao.services
        address = reviewer_address(current_regions(services, "")[body.region])
        person = services.store.person_of(address).id
        link = ReviewLink(submission.id, submission.state.revision, body.level.value, body.region, person)
        return self._signed("r", services.links, link)

    def inbox_address(self, region: str) -> str:
        """The inbox of a region's seat."""
        services = self._zhibao.services
        address = reviewer_address(current_regions(services, "")[region])
        return self._signed("i", services.links, InboxLink(region, services.store.person_of(address).id))

    def _accepted(self) -> tuple[Unit, Submission]:
        return next(pair for pair in self.returns() if pair[1].state.stage is Stage.ACCEPTED)

    def expired_address(self) -> str:
        """The address in an invitation of years ago."""
        unit, _submission = self.returns()[0]
        past = SteppingClock(self._zhibao.services.clock.now() - timedelta(days=3000))
        links = Links(self._zhibao.settings.secret_keys, past)
        return self._signed("f", links, filing_link(self._zhibao.services, unit, OPEN_YEAR, FORM))

    def close(self) -> None:
        """Let go of the home."""
        self._zhibao.close()

    def _signed(self, door: str, links: Links, link: FilingLink | ReviewLink | CheckLink | InboxLink) -> str:
        return self._zhibao.services.url(door, links.sign(link))
