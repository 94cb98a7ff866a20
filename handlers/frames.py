"""What the tables need of a year's collections, read from the store: the bridge from workflows to indicators."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from forms.definition import Approval
from indicators.ports import CollectionFrame, ProgressRow
from workflows.deadlines import to_text
from workflows.machine.states import DispositionKind, Stage
from workflows.services import Services


class CollectionFrames:
    """The `Frames` port of `indicators` over the workflows' store."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def frame(self, year: int) -> CollectionFrame | None:
        """The frame of one year, as it stands now; None when the year has no collection."""
        store, now = self._services.store, self._services.clock.now()
        collections = store.collections(year)
        if not collections:
            return None
        versions = {collection.form: collection.form_version for collection in collections}
        return CollectionFrame(
            year=year,
            regions=store.regions(collections[0].regions_snapshot),
            versions=versions,
            samples=frozenset(form for form, version in versions.items() if self._is_sample(version)),
            provisional=any(not collection.is_closed(now) for collection in collections),
            progress=self._progress(year),
        )

    def years(self) -> Sequence[int]:
        """The years that have a collection, newest first."""
        return sorted({collection.year for collection in self._services.store.collections()}, reverse=True)

    @contextmanager
    def building(self, year: int) -> Iterator[None]:
        """The note that `workflows.undoing` reads; a build that fails has ended all the same."""
        from workflows.undoing import BUILDING, build_note

        store, name = self._services.store, build_note(year)
        store.set_mark(name, BUILDING)
        try:
            yield
        finally:
            store.set_mark(name, to_text(self._services.clock.now()))

    def _is_sample(self, version: str) -> bool:
        return self._services.forms.by_version(version).header.approval is Approval.SAMPLE

    def _progress(self, year: int) -> list[ProgressRow]:
        return [
            ProgressRow(
                form=count.form,
                region_code=count.region_code,
                reviewing_body=count.reviewing_body,
                stage=count.stage,
                level=count.level if count.waiting_at else "",
                late=count.late,
                sent=count.sent,
                excepted=count.stage == Stage.DISPOSED and count.level != DispositionKind.REFUSED,
                count=count.count,
            )
            for count in self._services.store.progress(year)
        ]
