"""The record of reminders as CSV: one row per reminder, addressee and channel, in China time to the second."""

import csv
import io
from collections.abc import Iterable, Iterator

from indicators.formats import safe_text
from workflows.deadlines import show_second
from workflows.evidence import Evidence

COLUMNS = (
    "year",
    "form",
    "unit_id",
    "unit_name",
    "step",
    "reminded",
    "decided_at",
    "sent_at",
    "channel",
    "addressee",
    "outcome",
    "letter",
    "text",
)


def evidence_csv(rows: Iterable[Evidence]) -> Iterator[str]:
    """The lines, header first; no cell is a formula to a spreadsheet. A text keeps its own lines in its cell."""
    yield _line(COLUMNS)
    for row in rows:
        yield _line(_cells(row))


def _cells(row: Evidence) -> tuple[str, ...]:
    return (
        str(row.year),
        row.form,
        row.unit_id,
        row.unit_name,
        f"T{row.step}",
        row.reminded,
        show_second(row.decided_at),
        show_second(row.sent_at) if row.sent_at else "",
        row.channel,
        row.addressee,
        row.outcome,
        row.letter,
        row.text,
    )


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([safe_text(cell) for cell in cells])
    return out.getvalue()
