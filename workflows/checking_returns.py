"""An operator's file of returns against the collection: every reason why any of it must not be written.

A unit's return is written to while nobody but an import has touched it. What a file wrote once it does not write again.
"""

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from forms.definition import FormDefinition, Severity
from forms.explanation_marks import INPUT
from forms.explanations import NEEDS_REASON
from forms.fields import SIGN_OFF, FilingForm, content_of, form_from_raw
from forms.records import Surroundings
from forms.whole_check import whole_check
from register.csv_rows import Row
from register.problems import ProblemLog
from workflows.collections import Collection
from workflows.imported import CHANNEL, import_trace
from workflows.machine.states import Stage
from workflows.returns_file import Expected, FiledRows, read_returns
from workflows.services import Services
from workflows.submissions import Submission, Trace, submission_id
from workflows.surroundings import neighbours_now

UNSIGNED = "历史数据导入，无签署 (imported, unsigned)"
"""What stands in the sign-off of an imported return that came without one: that nobody signed it."""


@dataclass(frozen=True, slots=True)
class ReturnsFile:
    """The file an import comes from: its name for people, its bytes, and their SHA-256 for the record."""

    name: str
    data: bytes
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.data).hexdigest())

    def trace(self, action: str) -> Trace:
        """What is recorded beside each draft that came from it."""
        return import_trace(action, self.name, self.digest)


class _Standing(Enum):
    """How a unit's return stands to the file."""

    FREE = "free"
    """Nothing there, or only an import that nobody touched."""
    DONE = "done"
    """This very file was written to it, whatever the unit has made of it since."""
    TYPED = "typed"
    SENT = "sent"


class Checking:
    """Reads the file against the collection; after `read`, `base_versions` are the drafts it may replace."""

    def __init__(
        self, services: Services, collection: Collection, file: ReturnsFile, problems: ProblemLog, *, sealed: bool
    ) -> None:
        self._services = services
        self._collection = collection
        self._file = file
        self._problems = problems
        self._sealed = sealed
        self._definition = services.forms.by_version(collection.form_version)
        self._today = services.today().isoformat()
        self._starred: dict[str, bool] = {}
        self._finished: set[str] = set()
        self.base_versions: dict[str, int] = {}

    @property
    def done(self) -> int:
        """Units to which this file was written before."""
        return len(self._finished)

    def read(self) -> list[FiledRows]:
        """The units to write. Raises `ImportProblems` with all that is wrong."""
        units = read_returns(self._file.data, self._definition, self._problems, self._expected)
        if self._sealed:
            for filed in units:
                self._check_sealable(filed)
        self._problems.raise_if_any()
        return [filed for filed in units if filed.unit_id not in self._finished]

    def _expected(self, row: Row) -> Expected | None:
        """Whether the unit of a row may be spoken of; why not is noted."""
        unit_id, services, collection = row.cells["unit_id"], self._services, self._collection
        unit = services.store.unit(collection.units_snapshot, unit_id)
        if unit is None:
            wanted = f"{collection.year} 年名录库里的 unit_id (a unit of the collection's register)"
            self._problems.add(row.line, "unit_id", unit_id, wanted)
            return None
        key = submission_id(services.store.home_key(), collection.year, collection.form, unit_id)
        submission = services.store.submission(key)
        if submission is None or submission.state.stage is Stage.DISPOSED:
            wanted = f"{collection.form} 的应报单位 (a unit that this form is expected of)"
            self._problems.add(row.line, "unit_id", unit_id, wanted)
            return None
        self._starred[unit_id] = unit.starred
        return Expected(unit.starred) if self._may_write(row, submission) else None

    def _may_write(self, row: Row, submission: Submission) -> bool:
        unit_id = row.cells["unit_id"]
        match self._standing(submission):
            case _Standing.TYPED:
                wanted = "本单位还没有动过的草稿：已填的不会被覆盖 (a draft its unit has not typed in)"
                self._problems.add(row.line, "unit_id", unit_id, wanted)
                return False
            case _Standing.SENT:
                wanted = "还没有报送过的单位 (a unit that has not sent this return)"
                self._problems.add(row.line, "unit_id", unit_id, wanted)
                return False
            case _Standing.DONE:
                self._finished.add(unit_id)
            case _Standing.FREE:
                draft = self._services.store.draft(submission.id)
                self.base_versions[unit_id] = draft.version if draft else 0
        return True

    def _standing(self, submission: Submission) -> _Standing:
        traces = [trace for _, trace in self._services.store.traces(submission.id)]
        if self._file.trace("submit" if self._sealed else "save") in traces:
            return _Standing.DONE
        if submission.state.revision:
            return _Standing.SENT
        untouched = all(trace.channel == CHANNEL for trace in traces)
        return _Standing.FREE if untouched else _Standing.TYPED

    def _check_sealable(self, filed: FiledRows) -> None:
        """A return to be sealed must stand all that its unit's own would have to."""
        if filed.unit_id in self._finished:
            return
        for name in SIGN_OFF:
            filed.inputs.setdefault(name, self._today if name == "report_date" else UNSIGNED)
        around, starred = self._around(filed.unit_id), self._starred[filed.unit_id]
        content = content_of(as_typed(self._definition, filed, around, starred=starred), self._definition)
        for finding in whole_check(self._definition, content, around, starred=starred):
            if finding.severity is Severity.FATAL:
                lines = [filed.lines[key] for key in finding.items if key in filed.lines]
                wanted = f"{finding.zh} {finding.en}"
                self._problems.add(min(lines, default=filed.line), "value", filed.unit_id, wanted)

    def _around(self, unit_id: str) -> Surroundings:
        """What the unit's return is checked beside."""
        services, collection = self._services, self._collection
        key = submission_id(services.store.home_key(), collection.year, collection.form, unit_id)
        submission = services.store.submission(key)
        if submission is None:
            return Surroundings()
        return neighbours_now(services, submission, services.unit_of(submission), self._definition).around


def as_typed(definition: FormDefinition, filed: FiledRows, around: Surroundings, *, starred: bool) -> FilingForm:
    """The page as if the unit had typed it; an item's explanation answers for the rules that ask about the item."""
    form = form_from_raw(definition, filed.inputs, starred=starred)
    said = dict(filed.inputs)
    for finding in whole_check(definition, content_of(form, definition), around, starred=starred):
        reason = next((filed.reasons[key] for key in finding.items if key in filed.reasons), "")
        if reason and finding.severity in NEEDS_REASON:
            said.setdefault(f"{INPUT}{finding.rule_id}", reason)
    return form_from_raw(definition, said, starred=starred) if said != filed.inputs else form
