"""Use cases of the tables: building them from facts, reading what is published."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from forms.catalogue import FormCatalogue, FormNotFound
from indicators.compaction import Facts, compact, read_cells
from indicators.definition import TableDefinition, check_names, shipped_tables
from indicators.enterprise_table import enterprise_totals
from indicators.ports import REGION_FORM, CollectionFrame, Frames, Objects
from indicators.published_checks import run_checks
from indicators.publishing import Manifest, latest, publish
from indicators.rates_table import response_rates
from indicators.reference import ReferenceSeries, load_reference
from indicators.region_table import RegionYear, region_indicators
from indicators.table import Table


class NoCollection(LookupError):
    """A table was asked for a year in which nothing was collected, or under a name there is no table of."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What building needs: the object store, the frames of the years, the forms."""

    objects: Objects
    frames: Frames
    catalogue: FormCatalogue

    def build(self, name: str | None, year: int, now: datetime) -> list[Manifest]:
        """Build and publish one table, or all of a year. Raises `NoCollection`."""
        frame = self.frame(year)
        definitions = [definition_of(name)] if name else list(shipped_tables().values())
        with self.frames.building(year), _uncollected():
            facts = {form: compact(self.objects, year, form, self.catalogue) for form in sorted(frame.versions)}
            reference = load_reference(self.objects)
            with ThreadPoolExecutor(len(definitions)) as beside:  # one is reckoned in DuckDB, the others in Python
                return list(beside.map(lambda one: self._publish(one, frame, facts, reference, now), definitions))

    def frame(self, year: int) -> CollectionFrame:
        """The frame of a year. Raises `NoCollection`."""
        frame = self.frames.frame(year)
        if frame is None:
            years = ", ".join(map(str, self.frames.years())) or "—"
            raise NoCollection(f"{year} 年没有开过年报；有的是 {years} (no collection in that year)")
        return frame

    def _publish(
        self,
        definition: TableDefinition,
        frame: CollectionFrame,
        facts: Mapping[str, Facts],
        reference: ReferenceSeries,
        now: datetime,
    ) -> Manifest:
        if definition.name == "response_rates":
            table = response_rates(frame)
        elif definition.name == "enterprise_totals":
            own = {form: its for form, its in facts.items() if self._is_enterprise(frame, form)}
            table = enterprise_totals(self.objects, frame, own, self.catalogue)
        else:
            table = self._region_table(definition, frame, facts, reference)
        inputs = {
            "forms": dict(sorted(frame.versions.items())),
            "rule_sets": {f: self.catalogue.by_version(v).rule_set for f, v in sorted(frame.versions.items())},
            "reference_snapshot": reference.snapshot if definition.form else "",
        }
        return publish(self.objects, table, definition, inputs, now)

    def _is_enterprise(self, frame: CollectionFrame, form: str) -> bool:
        return "enterprise" in self.catalogue.by_version(frame.versions[form]).unit_kinds

    def _region_table(
        self,
        definition: TableDefinition,
        frame: CollectionFrame,
        facts: Mapping[str, Facts],
        reference: ReferenceSeries,
    ) -> Table:
        years = _RegionYears(self, frame, facts, reference)
        present = years.of(frame.year)
        if present is None:
            raise NoCollection(f"{REGION_FORM}: {frame.year} 年没有这张表的版式 (no layout for that year)")
        check_names(definition, present.form.items)
        own = facts.get(REGION_FORM)
        table = region_indicators(present, definition, tuple(sorted(own.live.values())) if own else ())
        return replace(table, checks=tuple(one.as_data() for one in run_checks(reference, frame.year)))


class _RegionYears:
    """The years a region table looks back on, each read once; a year nobody filed still has its reference figures."""

    def __init__(
        self, workshop: Workshop, frame: CollectionFrame, facts: Mapping[str, Facts], reference: ReferenceSeries
    ) -> None:
        self._workshop = workshop
        self._frame = frame
        self._facts = facts
        self._reference = reference
        self._years: dict[int, RegionYear | None] = {}

    def of(self, year: int) -> RegionYear | None:
        """One year's cells; None before the form's first layout."""
        if year not in self._years:
            self._years[year] = self._read(year)
        return self._years[year]

    def _read(self, year: int) -> RegionYear | None:
        frame = self._frame if year == self._frame.year else self._workshop.frames.frame(year)
        frame = frame or replace(self._frame, year=year, versions={}, progress=())
        catalogue, objects = self._workshop.catalogue, self._workshop.objects
        try:
            form = catalogue.in_force(REGION_FORM, year)
        except FormNotFound:
            return None
        if REGION_FORM in frame.versions:
            form = catalogue.by_version(frame.versions[REGION_FORM])
            cells = read_cells(objects, self._facts_of(frame, year))
        else:
            cells = {}
        return RegionYear(frame, form, cells, self._reference, self.of)

    def _facts_of(self, frame: CollectionFrame, year: int) -> Facts:
        """A year that is looked back on is read, and so noted, like the year that is built."""
        if frame is self._frame:
            return self._facts[REGION_FORM]
        with self._workshop.frames.building(year):
            return compact(self._workshop.objects, year, REGION_FORM, self._workshop.catalogue)


def definition_of(name: str) -> TableDefinition:
    """The definition of a table. Raises `NoCollection` with the names there are."""
    definitions = shipped_tables()
    if name not in definitions:
        raise NoCollection(f"没有表 {name}；有的是 {', '.join(definitions)} (no such table)")
    return definitions[name]


def published(objects: Objects, years: Sequence[int]) -> list[Manifest]:
    """The tables in force, newest year first."""
    found = (latest(objects, name, year) for year in sorted(years, reverse=True) for name in shipped_tables())
    return [manifest for manifest in found if manifest is not None]


@contextmanager
def _uncollected() -> Iterator[None]:
    """A build makes a million small tuples that hold no cycle: the cycle collector would go through them in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
