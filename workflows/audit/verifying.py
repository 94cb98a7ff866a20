"""The whole verification, and that of one submission."""

from collections import Counter
from collections.abc import Iterator

from workflows.audit.chains import chain_faults
from workflows.audit.findings import Fault, Verification, printable
from workflows.audit.registered import Registered
from workflows.audit.signed_days import SignedDays
from workflows.services import Services
from workflows.story import Story

BATCH = 500


def verify(services: Services) -> Verification:
    """Replay every submission and build every signed day again. Reads only."""
    result, registered = Verification(), Registered(services)
    days = SignedDays(services.store)
    faults = list(days.faults())
    found: Counter[tuple[int, str]] = Counter()
    for key in _ids(services):
        story = services.store.story(key)
        result.submissions += 1
        result.events += len(story.events)
        result.revisions += len(story.revisions)
        if story.submission is not None:
            found[story.submission.identity.year, story.submission.identity.form] += 1
        faults += _first(story, registered)
    faults += _dropped(registered, found)
    faults += [
        Fault(printable(loose.submission), 0, f"rows of {loose.table} belong to nothing that is there")
        for loose in services.store.loose_rows()
    ]
    result.days, result.signed_until = days.count, str(days.last or "")
    result.faults = tuple(faults)
    return result


def verify_one(services: Services, submission_id: str) -> Fault | None:
    """The first bad link of one submission: in its chain, in what hangs on it, or in its own row."""
    return next(iter(_first(services.store.story(submission_id), Registered(services))), None)


def verify_days(services: Services) -> tuple[Fault, ...]:
    """What is wrong with the signed days."""
    return tuple(SignedDays(services.store).faults())


def _first(story: Story, registered: Registered) -> list[Fault]:
    for number, what in chain_faults(story):
        return [Fault(printable(story.id), number, what)]
    for what in registered.faults(story):
        return [Fault(printable(story.id), 0, what)]
    return []


def _dropped(registered: Registered, found: Counter[tuple[int, str]]) -> Iterator[Fault]:
    """A collection knows how many filers it expected; a row less is a submission that somebody dropped."""
    for (year, form), collection in registered.collections.items():
        if collection.opening_cursor is None and found[year, form] != collection.expected:
            expected = f"{collection.expected} submissions were expected, {found[year, form]} can be read"
            yield Fault(f"{form} {year}", 0, expected)


def _ids(services: Services) -> Iterator[str]:
    after = ""
    while page := services.store.submission_ids(after, BATCH):
        yield from page
        after = page[-1]
