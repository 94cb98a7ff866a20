"""What the province watches while a collection runs: where returns wait, and which seats nobody holds."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from register.regions import Region
from workflows.collections import Collection
from workflows.services import Services


@dataclass(frozen=True, slots=True)
class Standing:
    """How one collection stands: one row per form of a year, counts of units."""

    collection: Collection
    expected: int
    sent: int
    late: int
    stages: Mapping[str, int]
    """Units by stage; `in_review` is split into in_review_county, in_review_city and in_review_province."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A seat with waiting returns that nobody holds today: one row per region."""

    region: Region
    waiting: int


def standings(services: Services, year: int) -> tuple[Standing, ...]:
    """How every form of a year stands."""
    counts = services.store.progress(year)
    found = []
    for collection in services.store.collections(year):
        own = [count for count in counts if count.form == collection.form]
        stages: Counter[str] = Counter()
        for count in own:
            stages[f"{count.stage}_{count.level}" if count.level else count.stage] += count.count
        found.append(
            Standing(
                collection=collection,
                expected=sum(count.count for count in own),
                sent=sum(count.count for count in own if count.sent),
                late=sum(count.count for count in own if count.late),
                stages=stages,
            )
        )
    return tuple(found)


def uncovered_seats(services: Services, year: int) -> tuple[Uncovered, ...]:
    """Seats where returns of a year wait for nobody, most waiting first."""
    collections = services.store.collections(year)
    if not collections:
        return ()
    regions = services.store.regions(collections[0].regions_snapshot)
    waiting: Counter[str] = Counter()
    for count in services.store.progress(year):
        if count.waiting_at:
            waiting[count.waiting_at] += count.count
    today = services.today()
    return tuple(
        Uncovered(regions[code], number)
        for code, number in waiting.most_common()
        if not services.store.holders(code, today)
    )
