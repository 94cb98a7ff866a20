"""Queries (查询) as pages show them: a reviewer's question about one item, beside the filler's answer.

The state of a submission knows each query by number, item and status; this room adds the words and the names. Asking
and closing are use cases of the reviewer, answering is one of the filler.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from register.regions import Regions
from workflows.machine.states import Query, QueryStatus
from workflows.services import Services
from workflows.submissions import Submission
from workflows.words import name_of, words_of

MAX_WORDS = 2000
"""Characters of a question or an answer, at most."""


@dataclass(frozen=True, slots=True)
class Thread:
    """One query with all that is said in it: one row per question. Blank words were erased, or are still to come."""

    query: Query
    body_zh: str
    """The body that asked."""
    body_en: str
    by: str
    """Who asked for it."""
    question: str
    answer: str = ""
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the filler still owes the answer."""
        return self.query.status is QueryStatus.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether the body that asked is content, or took its question back."""
        return self.query.status is QueryStatus.CLOSED


def threads_of(services: Services, submission: Submission) -> tuple[Thread, ...]:
    """The queries that stand on the latest revision, in the order in which they were asked; those closed on it too."""
    queries = submission.state.queries
    if not queries:
        return ()
    regions = services.store.regions(services.collection_of(submission).regions_snapshot)
    events = services.store.events(submission.id) if any(query.answer for query in queries) else ()
    answered = {query.answer: events[query.answer - 1].at for query in queries if query.answer}
    return tuple(_thread(services, submission, regions, query, answered) for query in queries)


def threads_by_item(threads: Iterable[Thread]) -> Mapping[str, tuple[Thread, ...]]:
    """The queries beside the item each is about, by item key."""
    found: dict[str, tuple[Thread, ...]] = {}
    for thread in threads:
        found[thread.query.item] = (*found.get(thread.query.item, ()), thread)
    return found


def _thread(
    services: Services, submission: Submission, regions: Regions, query: Query, answered: Mapping[int, datetime]
) -> Thread:
    body_zh, body_en = _names(regions, query.region)
    return Thread(
        query=query,
        body_zh=body_zh,
        body_en=body_en,
        by=name_of(services, query.person),
        question=words_of(services, submission, query.number),
        answer=words_of(services, submission, query.answer) if query.answer else "",
        answered_at=answered.get(query.answer),
    )


def _names(regions: Regions, code: str) -> tuple[str, str]:
    """Chinese and English; a body that the collection's snapshot does not know (a later code) is shown by its code."""
    region = regions.get(code)
    return (region.name_zh, region.name_en or region.name_zh) if region else (code, code)
