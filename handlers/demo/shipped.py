"""Reads the figures shipped in `handlers/demo/data`; its README says from which documents they come."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class OfficeFigure:
    """A printed figure: one row per office × year × item of `region-st`, in the item's own unit of measure.

    `value` is blank where the document says that the figure is unknown.
    """

    region_code: str
    year: int
    item: str
    value: str
    unit: str
    status: str
    note: str
    source_id: str
    document: str


@dataclass(frozen=True, slots=True)
class PrintedCheck:
    """An indicator as a document prints it: one row per place. `step` is the worth of its last digit."""

    relations: str
    region_code: str
    year: int
    indicator: str
    printed: str
    value: Decimal
    step: Decimal
    where: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of `region_indicators`."""

    region_code: str
    year: int
    key: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What a document contradicts in itself, and the cells to show beside it."""

    number: int
    document: str
    text: str
    beside: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FillerReason:
    """One row per text: the rule it is for, and what the figure did since last year (more, less, none, other)."""

    rule: str
    course: str
    text: str


@cache
def filler_reasons() -> tuple[FillerReason, ...]:
    """What example fillers write for fired rules."""
    return tuple(FillerReason(row["rule"], row["course"], row["text"]) for row in _rows("reasons.csv"))


def office_figures() -> tuple[OfficeFigure, ...]:
    """The figures that the offices file."""
    texts = ("region_code", "item", "value", "unit", "status", "note", "source_id", "document")
    return tuple(
        OfficeFigure(year=int(row["year"]), **{name: row[name] for name in texts})
        for row in _rows("office_filings.csv")
    )


def printed_checks() -> tuple[PrintedCheck, ...]:
    """What the documents print of indicators."""
    return tuple(
        PrintedCheck(
            relations=row["relations"],
            region_code=row["region_code"],
            year=int(row["year"]),
            indicator=row["indicator"],
            printed=row["printed"],
            value=Decimal(row["value"]),
            step=Decimal(row["step"]),
            where=row["where"],
        )
        for row in _rows("printed_checks.csv")
    )


def contradictions() -> tuple[Contradiction, ...]:
    """The documents' own contradictions."""
    return tuple(
        Contradiction(
            int(row["number"]),
            row["document"],
            row["text"],
            tuple(_cell(reference) for reference in row["beside"].split()),
        )
        for row in _rows("contradictions.csv")
    )


def reference_csv() -> bytes:
    """The reference series, as the file that `zhibao import reference` takes."""
    return _bytes("reference.csv")


def _cell(reference: str) -> Cell:
    region, year, key = reference.split(":")
    return Cell(region, int(year), key)


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(_bytes(name).decode("utf-8").splitlines())


def _bytes(name: str) -> bytes:
    return resources.files("handlers.demo.data").joinpath(name).read_bytes()
