"""What the people of the simulated year do when mail arrives; they act on nothing but mail and the list.

So a letter that is lost, or that leads nowhere, leaves its submission open at the year's end.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from forms.content import Content, SignOff
from forms.values import Cell
from register.seats import Role, StaffMember
from workflows import casework
from workflows.answering import answer_query
from workflows.asking import ask, close_query
from workflows.bulk_accepting import Outcome, accept_many
from workflows.casework import Caseworker
from workflows.claiming import claim
from workflows.deadlines import CHINA
from workflows.filing import Entry, submit
from workflows.links import FilingLink, InboxLink, ReviewLink
from workflows.machine.refusals import RefusalCode
from workflows.machine.states import DispositionKind, QueryStatus, Stage
from workflows.permissions import NotAllowed
from workflows.reviewing import Verdict, decide_case
from workflows.services import Services
from workflows.stepping import CommandRefused
from workflows.submissions import Submission, Trace
from workflows.undoing import undo
from workflows.withdrawing import withdraw

TRACE = Trace("submit", "web", "192.0.2.7", "simulated")
WAITING_FOR_THE_UNIT = (Stage.NOT_STARTED, Stage.DRAFT, Stage.RETURNED, Stage.REOPENED)
PATIENCE = timedelta(days=5)
"""How long a reviewer waits for an answer before he decides without it."""
Later = Callable[[datetime, Callable[[], None]], None]


@dataclass
class People:
    """All of them: fillers by their submission, holders by their seat, two of the office."""

    services: Services
    chance: random.Random
    later: Later
    done: Counter[str] = field(default_factory=Counter)
    """How often each thing was done: `filed`, `accepted`, `returned`, `asked`, …"""
    _habits: dict[str, str] = field(default_factory=dict)
    _letters: Counter[str] = field(default_factory=Counter)
    _busy: set[str] = field(default_factory=set)
    """Submissions and stints whose next step somebody has in his diary."""

    # --- the filler

    def filler_reads(self, link: FilingLink) -> None:
        """An invitation, a return, a query or a reminder has come: he puts into his diary what it asks for."""
        key = link.submission
        self._letters[key] += 1
        habit = self._habits.setdefault(key, self._some_habit())
        state = self._submission(key).state
        if state.revision == 0 and (habit == "never" or (habit == "forgetful" and self._letters[key] < 3)):
            return
        if state.revision and habit == "gives up":
            return
        if key in self._busy:
            return
        self._busy.add(key)
        longest = 60 if state.revision == 0 and self._letters[key] == 1 else 4
        self.later(self._hour(self.chance.randint(0, longest), late=True), lambda: self._filler_acts(link))

    def _some_habit(self) -> str:
        return self.chance.choices(("diligent", "forgetful", "never", "gives up"), (80, 14, 4, 2))[0]

    def _filler_acts(self, link: FilingLink) -> None:
        self._busy.discard(link.submission)
        submission = self._submission(link.submission)
        for query in submission.state.queries:
            if query.status is QueryStatus.OPEN:
                answer_query(self.services, link, query.number, f"第{self.done['answered']}号：新开了一条生产线")
                self.done["answered"] += 1
        if submission.state.stage in WAITING_FOR_THE_UNIT:
            self._file(link)

    def _file(self, link: FilingLink) -> None:
        draft = self.services.store.draft(link.submission)
        total = self.chance.randint(10, 90_000)
        cells = {"cost_total": Cell(Decimal(total)), "cost_labour": Cell(Decimal(self.chance.randint(1, total)))}
        signed = SignOff("张三", "李四", "王五", "0871-1", "2026-03-01")
        typed = {key: str(cell.value) for key, cell in cells.items()}
        sealed = submit(
            self.services, link, Entry(typed, Content(cells, {}, signed), draft.version if draft else 0), TRACE
        )
        self.done["filed"] += 1
        if self.chance.random() < 0.03:
            self.later(self.services.clock.now() + timedelta(minutes=3), lambda: self._take_back(link, sealed.number))

    def _take_back(self, link: FilingLink, revision: int) -> None:
        try:
            withdraw(self.services, link, revision)
        except CommandRefused:
            return
        self.done["withdrawn"] += 1
        self._busy.add(link.submission)
        self.later(self._hour(1), lambda: self._filler_acts(link))

    # --- the holder of a seat

    def holder_reads(self, region: str, person: str) -> None:
        """A request, a digest, an answer or a reminder has come: he sits down to his inbox at the next office hour."""
        stint = f"{region}:{person}"
        if stint not in self._busy:
            self._busy.add(stint)
            self.later(self._hour(self.chance.randint(0, 1)), lambda: self._sit_down(region, person))

    def _sit_down(self, region: str, person: str) -> None:
        self._busy.discard(f"{region}:{person}")
        link = InboxLink(region, person)
        waiting = list(self.services.store.inbox(region, "", 400).rows)
        try:
            self._work_off(link, waiting)
        except NotAllowed:
            self.done["came after his term"] += 1  # his successor was written to
            return
        if len(waiting) == 400:
            self.holder_reads(region, person)

    def _work_off(self, link: InboxLink, waiting: list[Submission]) -> None:
        plain = [one for one in waiting if not one.state.queries and self.chance.random() < 0.7]
        at_once = {one.id for one in plain}
        for start in range(0, len(plain), 50):
            picks = [(one.id, one.state.revision_hash) for one in plain[start : start + 50]]
            outcomes = Counter(one.outcome for one in accept_many(self.services, link, picks))
            self.done["accepted in bulk"] += outcomes[Outcome.ACCEPTED]
            self.done["held back"] += outcomes[Outcome.HELD]
        for submission in waiting:
            if submission.id not in at_once:
                self._look_at(submission, link)

    def _look_at(self, submission: Submission, inbox: InboxLink) -> None:
        state = submission.state
        if state.turn is None:
            raise LookupError(submission.id)
        link = ReviewLink(submission.id, state.revision, state.turn.level.value, inbox.region, inbox.person)
        for query in state.queries:
            if query.status is QueryStatus.CLOSED or query.region != link.region:
                continue
            if query.status is QueryStatus.OPEN and self.services.clock.now() < query.asked_at + PATIENCE:
                return  # waits for the answer
            close_query(self.services, link, query.number)
            self.done["content with an answer" if query.answer else "asked in vain"] += 1
        dice = self.chance.random()
        if dice < 0.04:
            claim(self.services, link)
            self.done["claimed"] += 1
        if dice < 0.10 and state.revision < 5:
            decide_case(
                self.services, link, Verdict(accept=False, reason="arithmetic", items=("cost_total",), comment="请核实")
            )
            self.done["returned"] += 1
        elif dice < 0.15 and not state.queries:
            ask(self.services, link, "cost_total", "比上年增长较多，请说明")
            self.done["asked"] += 1
        else:
            after = decide_case(self.services, link, Verdict(accept=True))
            self.done["accepted"] += 1
            if dice > 0.98:
                self._think_again(link, after.state.decisions[-1].event_number)

    def _think_again(self, link: ReviewLink, decision: int) -> None:
        undo(self.services, link, decision)
        self.done["undone"] += 1
        self.holder_reads(link.region, link.person)

    # --- the office

    def clear_the_list(self) -> None:
        """What is still owed by a unit weeks after its time is disposed of: proposed by one, confirmed by another."""
        for submission in self._all():
            state = submission.state
            if state.stage in WAITING_FOR_THE_UNIT and state.overdue and submission.id not in self._busy:
                proposed = casework.propose_disposition(
                    self.services, self._clerk("wang"), submission.id, kind=self._some_kind(), reason="催报三次未报"
                )
                self.later(self._hour(1), partial(self._confirm, proposed))

    def _some_kind(self) -> DispositionKind:
        return self.chance.choices(list(DispositionKind), (3, 2, 2, 1, 8))[0]

    def _confirm(self, proposed: Submission) -> None:
        shown = proposed.state.disposition
        if shown is None:
            raise LookupError(proposed.id)
        try:
            casework.confirm_disposition(self.services, self._clerk("li"), proposed.id, proposal=shown.event_number)
        except CommandRefused as refused:
            if refused.refusal.code is not RefusalCode.NOTHING_PROPOSED:  # it has filed after all
                raise
            return
        self.done["disposed"] += 1

    def reopen_some(self) -> None:
        """One accepted return of a hundred is given back to its unit."""
        for submission in self._all():
            if submission.state.stage is Stage.ACCEPTED and self.chance.random() < 0.01:
                casework.reopen(
                    self.services,
                    self._clerk("wang"),
                    submission.id,
                    reason="unit",
                    items=("cost_total",),
                    comment="请核对计量单位",
                )
                self.done["reopened"] += 1

    def _clerk(self, name: str) -> Caseworker:
        email = f"{name}@office.example"
        return Caseworker(StaffMember(email, name, Role.OFFICE, "990000"), self.services.store.person_of(email).id)

    def _all(self) -> list[Submission]:
        found: list[Submission] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.services.store.submissions(cursor, 500)
            found += page.rows
            cursor = page.cursor or None
        return found

    def _submission(self, key: str) -> Submission:
        found = self.services.store.submission(key)
        if found is None:
            raise LookupError(key)
        return found

    def _hour(self, days: int, *, late: bool = False) -> datetime:
        """Some minute from nine to five in China, or to eleven at night, on a day from now on; never in the past."""
        now = self.services.clock.now()
        day = (now.astimezone(CHINA) + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
        moment = (day + timedelta(minutes=self.chance.randint(0, (14 if late else 8) * 60))).astimezone(now.tzinfo)
        return moment if moment > now else moment + timedelta(days=1)
