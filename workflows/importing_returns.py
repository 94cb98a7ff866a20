"""The operator's import of returns: drafts in the units' names, which each unit looks through and seals itself.

All or nothing: the whole file is checked before the first draft is written. The writing is one transaction a unit and
resumable: killed half-way, the same command goes on where it stopped, because each draft's trace names its file. A unit
that begins to type in between keeps what it typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from forms.fields import content_of, raw_inputs
from register.problems import ProblemLog
from workflows.checking_returns import Checking, ReturnsFile, as_typed
from workflows.collections import Collection
from workflows.filing import Desk, Entry, NotReadyToSend, open_desk, save, submit
from workflows.links import FilingLink
from workflows.ports import DraftConflict
from workflows.returns_file import FiledRows
from workflows.services import Services
from workflows.stepping import CommandRefused
from workflows.submissions import submission_id

__all__ = ["ImportRefused", "ReturnsFile", "import_returns", "overtaken_text"]


class ImportRefused(ValueError):
    """Returns cannot be imported into this collection; the text says why and what to do."""


@dataclass(slots=True)
class ImportReport:
    """What an import did: how many units each, and the units that moved meanwhile and were left alone."""

    written: int = 0
    already: int = 0
    overtaken: list[str] = field(default_factory=list)


def import_returns(
    services: Services, file: ReturnsFile, *, year: int, form: str, sealed: bool = False, demo: bool = False
) -> ImportReport:
    """Make the drafts a file says, or with `sealed` the returns themselves: only in a demo home or a closed past year.

    Raises `ImportRefused`, `ImportProblems`; then nothing was written.
    """
    collection = _collection(services, year, form, sealed=sealed, demo=demo)
    checking = Checking(services, collection, file, ProblemLog(file.name), sealed=sealed)
    units = checking.read()
    report = ImportReport(already=checking.done)
    writer = _Writer(services, collection, file, sealed=sealed)
    for filed in units:
        if writer.write(filed, checking.base_versions.get(filed.unit_id, 0)):
            report.written += 1
        else:
            report.overtaken.append(filed.unit_id)
    return report


def _collection(services: Services, year: int, form: str, *, sealed: bool, demo: bool) -> Collection:
    collection = services.store.collection(year, form)
    if collection is None:
        raise ImportRefused(f"没有 {year} 年 {form} 的年报：先运行 zhibao collection open (no such collection)")
    if collection.opening_cursor is not None:
        raise ImportRefused(f"{year} 年 {form} 还没有开完：再运行一次 zhibao collection open (not fully open yet)")
    closed = collection.is_closed(services.clock.now())
    if closed and not sealed:
        raise ImportRefused(f"{year} 年 {form} 已经截止，单位不能再封存草稿 (closed: no unit could seal its draft)")
    if sealed and not demo and not (closed and year < services.today().year):
        raise ImportRefused(
            f"--sealed 只用于示例库，或已经截止的历史年度；{year} 年 {form} 请不带 --sealed 导入草稿，由各单位自己封存"
            " (--sealed is for a demo home or a closed past year; import drafts, which each unit seals itself)"
        )
    return collection


class _Writer:
    """Writes the drafts or returns of a checked file, unit by unit."""

    def __init__(self, services: Services, collection: Collection, file: ReturnsFile, *, sealed: bool) -> None:
        self._services = services
        self._collection = collection
        self._file = file
        self._sealed = sealed
        self._today = services.today().isoformat()

    def write(self, filed: FiledRows, base_version: int) -> bool:
        """Whether it was written; not when the unit was faster."""
        link = self._link(filed.unit_id)
        desk = open_desk(self._services, link)
        entry = self._entry(desk, filed, base_version)
        try:
            if self._sealed:
                submit(self._services, link, entry, self._file.trace("submit"), self._archive(desk))
            else:
                save(self._services, link, entry, self._file.trace("save"), desk)
        except (DraftConflict, CommandRefused, NotReadyToSend):
            return False
        return True

    def _link(self, unit_id: str) -> FilingLink:
        """The link of the unit's own invitation: the draft is in its name."""
        services, collection = self._services, self._collection
        key = submission_id(services.store.home_key(), collection.year, collection.form, unit_id)
        submission = services.store.submission(key)
        if submission is None:
            raise LookupError(f"the submission of {key} was there a moment ago")
        return FilingLink(key, services.store.person_of(services.address_of(submission)).id)

    def _entry(self, desk: Desk, filed: FiledRows, base_version: int) -> Entry:
        filed.inputs.setdefault("report_date", self._today)
        form = as_typed(desk.definition, filed, desk.neighbours.around, starred=desk.unit.starred)
        return Entry(raw_inputs(form), content_of(form, desk.definition), base_version)

    @staticmethod
    def _archive(desk: Desk) -> Desk:
        """A closed past year taken over as an archive: the close binds people's steps, and this is not one of them."""
        desk = replace(desk, owes_reasons=False)
        if not desk.closed:
            return desk
        open_again = replace(desk.collection.calendar, close=None)
        return replace(desk, collection=replace(desk.collection, closed_at=None, calendar=open_again), closed=False)


def overtaken_text(units: Sequence[str], shown: int = 20) -> str:
    """What the operator reads of units that were faster than the import."""
    more = f" … ({len(units)})" if len(units) > shown else ""
    listed = "、".join(units[:shown]) + more
    return f"没有写入（写入时本单位已开始填报，或情况已变）: {listed} (left alone: the unit began to fill meanwhile)"
