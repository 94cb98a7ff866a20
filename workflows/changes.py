"""What changed in a return since a reviewer last looked at it, cell by cell (content-bound acceptance).

His last look is the last earlier revision on which his seat decided or asked; where there is none, the revision before.
Blank, zero, another status and another note are told apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.content import Content
from forms.definition import FormDefinition, Item
from forms.values import Cell
from workflows.filing import changed_items, sealed_content
from workflows.links import ReviewLink
from workflows.machine.events import Event, LevelAccepted, QueryAsked, Reopened, Returned
from workflows.row_changes import RowChange, row_changes
from workflows.services import Services
from workflows.submissions import Submission


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that differs from the earlier revision."""

    item: Item
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between the revision a link shows and an earlier one: cells, and explanations by rule."""

    since: int
    """Number of the earlier revision."""
    looked: bool
    """Whether his seat acted on that revision; else it is simply the one before."""
    cells: tuple[CellChange, ...]
    rows: tuple[RowChange, ...]
    explanations: tuple[str, ...]
    """Rules whose explanation is new, gone or worded otherwise."""

    def before(self) -> dict[str, Cell]:
        """Item key → what stood there, for the cells that changed."""
        return {change.item.key: change.before for change in self.cells}

    def rows_before(self, table: str) -> dict[int, Mapping[str, Cell] | None]:
        """Row number → the row that stood there, for the rows of a table that changed; None for a new one."""
        return {change.row: change.before for change in self.rows if change.table.key == table and change.row}


def changes_since_last_look(
    services: Services, link: ReviewLink, submission: Submission, definition: FormDefinition, content: Content | None
) -> Changes | None:
    """What differs from the revision his seat last acted on; None on a first revision."""
    if link.revision < 2 or content is None:
        return None
    looked = _last_look(services, link)
    since = looked or link.revision - 1
    before = sealed_content(services, submission, since)
    if before is None:
        return None
    changed, items = changed_items(definition, before, content), definition.items
    return Changes(
        since=since,
        looked=bool(looked),
        cells=tuple(CellChange(items[key], before.cell(key), content.cell(key)) for key in changed if key in items),
        rows=row_changes(definition, before, content),
        explanations=_reworded(before, content),
    )


def _last_look(services: Services, link: ReviewLink) -> int:
    """The latest revision before this one on which his seat acted; 0 when it never has."""
    acts = (recorded.event() for recorded in services.store.events(link.submission))
    return max((_acted_on(event, link) for event in acts), default=0)


def _acted_on(event: Event, link: ReviewLink) -> int:
    if not isinstance(event, (LevelAccepted, Returned, Reopened, QueryAsked)):
        return 0
    is_his = (event.level, event.region) == (link.level, link.region)
    return event.revision if is_his and event.revision < link.revision else 0


def _reworded(before: Content, after: Content) -> tuple[str, ...]:
    rules = sorted({*before.explanations, *after.explanations})
    return tuple(rule for rule in rules if before.explanations.get(rule) != after.explanations.get(rule))
