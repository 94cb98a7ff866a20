"""Figures that moved unlike those of similar units (S02), ranked by what they may do to the published total.

Selective editing (`forms.outliers`): whoever reviews looks first where a mistake would be seen in the province's
figure. The whole form is asked at once, by an operator's command; what was found lies in one note for each seat, bound
to the revision it was found in. It names items, never a figure, a bound or a peer, and is no part of what the unit was
asked.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from forms.content import Content
from forms.edits import Finding
from forms.outliers import Moved, Outlier, outlier_findings
from forms.statistical_settings import OutlierSettings, statistical_settings
from workflows.ports import BulkEdits
from workflows.seals import sealed_content
from workflows.services import Services
from workflows.submissions import Submission
from workflows.surroundings import STANDS, last_accepted

PAGE: Final = 500
MOST: Final = 200
"""Returns that are ranked for one seat, at most: the greatest effects."""


@dataclass(frozen=True, slots=True)
class Outlying:
    """One return with figures that moved unlike their group's: one row per return. `score` is a share of a total."""

    submission: str
    revision_hash: str
    items: tuple[str, ...]
    score: float


def find_outliers(services: Services, bulk: BulkEdits, year: int) -> int:
    """Ask all returns of the year that stand, and rank what was found for every seat they pass; how many there are."""
    settings = statistical_settings()
    returns: dict[str, Submission] = {}

    def rows() -> Iterator[Moved]:
        for submission in _standing(services, year, settings.form):
            returns[submission.id] = submission
            yield from _moved(services, submission, settings.outliers)

    found = _by_return(bulk.outliers(rows(), settings.outliers))
    seats: dict[str, list[Outlying]] = defaultdict(list)
    for key, ranked in found.items():
        submission = returns[key]
        items = tuple(dict.fromkeys(each.item for each in ranked))
        outlying = Outlying(key, submission.state.revision_hash, items, max(each.score for each in ranked))
        for body in submission.state.route:
            seats[body.region].append(outlying)
    for region in {*seats, *_ranked_before(services, year)}:
        _keep(services, year, region, seats.get(region, []))
    services.store.set_mark(f"outlying:{year}", " ".join(sorted(seats)))
    return len(found)


def ranked_for(services: Services, year: int, region: str) -> tuple[Outlying, ...]:
    """What was found among the returns that pass a seat, the greatest effect first."""
    kept = services.store.mark(f"outlying:{year}:{region}")
    rows: list[list[Any]] = json.loads(kept) if kept else []
    return tuple(Outlying(key, digest, tuple(items), score) for key, digest, items, score in rows)


def outlying_findings(services: Services, submission: Submission, region: str) -> tuple[Finding, ...]:
    """What was found in the revision that stands, for one seat of its route."""
    if submission.identity.form != statistical_settings().form:
        return ()
    definition = services.forms.by_version(submission.state.form_version)
    for each in ranked_for(services, submission.identity.year, region):
        if (each.submission, each.revision_hash) == (submission.id, submission.state.revision_hash):
            said = [Outlier(each.submission, item, 0, each.score) for item in each.items]
            return outlier_findings(definition, said)[submission.id]
    return ()


def _standing(services: Services, year: int, form: str) -> Iterator[Submission]:
    cursor: str | None = ""
    while cursor is not None:
        page = services.store.submissions_of(year, form, cursor, PAGE)
        yield from (submission for submission in page.rows if submission.state.stage in STANDS)
        cursor = page.cursor or None


def _moved(services: Services, submission: Submission, settings: OutlierSettings) -> Iterator[Moved]:
    """The figures of one return that have a year before."""
    before = last_accepted(services, submission)
    now = sealed_content(services, submission, submission.state.revision) if before else None
    if now is None or before is None:
        return
    unit = services.unit_of(submission)
    size = unit.size.value if unit.size else ""
    for item in settings.items:
        figures = _both(now, before, item)
        if figures:
            yield Moved(submission.id, item, unit.industry_code[:2], size, submission.identity.city_code, *figures)


def _both(now: Content, before: Content, item: str) -> tuple[Any, Any] | None:
    figures = now.cell(item).value, before.cell(item).value
    return None if None in figures else figures


def _by_return(found: Any) -> Mapping[str, list[Outlier]]:
    ranked: dict[str, list[Outlier]] = {}
    for each in found:
        ranked.setdefault(each.unit, []).append(each)
    return ranked


def _ranked_before(services: Services, year: int) -> list[str]:
    return (services.store.mark(f"outlying:{year}") or "").split()


def _keep(services: Services, year: int, region: str, rows: list[Outlying]) -> None:
    best = sorted(rows, key=lambda row: (-row.score, row.submission))[:MOST]
    plain = [[row.submission, row.revision_hash, list(row.items), round(row.score, 9)] for row in best]
    services.store.set_mark(f"outlying:{year}:{region}", json.dumps(plain, separators=(",", ":")))
