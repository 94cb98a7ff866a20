"""The check of returns: one at a time as a filler waits for it, and all rules over many by SQL and by closures.

`python -m benchmarks.checks --filings 100000`

The returns are the invented ones of `tests/generator` (two years, both forms of a firm), so that rules have something
to compare; each firm is repeated until there are enough filings. One filing: p50 and p95 of single checks, in
milliseconds of wall time, one process. Many: seconds of wall and processor time; the loading of the relation is
measured apart.
"""

import argparse
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from forms.bulk import FILING, GIVEN, LAST_YEAR, UNTOLD, outcomes_sql, relation_columns
from forms.content import Content
from forms.definition import FormDefinition
from forms.edits import Surroundings, check_in, evaluate
from forms.fields import content_of, findings_of, form_from_content, form_from_raw, raw_inputs
from forms.records import record_of, untold
from forms.whole_check import whole_check
from tests.forms.records import load_rows
from tests.generator.checking import FORMS, attributes, content, definition
from tests.generator.enterprises import YEAR, firms

FIRMS = 2_000
SEED = 107
Filing = tuple[Content, Surroundings, bool]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The check of returns.")
    parser.add_argument("--filings", type=int, default=100_000)
    parser.add_argument("--single", type=int, default=2_000)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {FIRMS} invented firms, seed {SEED}")
    listed = {form: list(_filings(form)) for form in FORMS}
    print(f"one filing, {options.single} checks       p50 ms   p95 ms")
    for form in FORMS:
        for name, check in _single(definition(form)).items():
            one = _percentiles(check, listed[form], options.single)
            print(f"{form}  {name:26}{one[0]:8.3f} {one[1]:8.3f}", flush=True)
    print(f"all rules over {options.filings} filings          wall s    CPU s")
    for form in FORMS:
        for name, (wall, used) in _many(definition(form), listed[form], options.filings):
            print(f"{form}  {name:26}{wall:8.2f} {used:8.2f}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f} at the end")


def _filings(form: str) -> Iterator[Filing]:
    """Each firm's return of this year on one form, with all that a check may know beside it."""
    other = next(one for one in FORMS if one != form)
    for firm in firms(FIRMS, SEED):
        before = content(form, firm.before) if firm.before else None
        around = Surroundings(before, {other: content(other, firm.now)}, attributes(firm), YEAR)
        yield content(form, firm.now), around, firm.starred


def _single(layout: FormDefinition) -> Mapping[str, Callable[[Filing], object]]:
    """What a check is, in three reaches."""

    def rules(filing: Filing) -> object:
        return check_in(layout, filing[0], filing[1], starred=filing[2])

    def whole(filing: Filing) -> object:
        return whole_check(layout, filing[0], filing[1], starred=filing[2])

    typed: dict[int, Mapping[str, str]] = {}

    def from_page(filing: Filing) -> object:
        now, around, starred = filing
        if id(now) not in typed:
            typed[id(now)] = raw_inputs(form_from_content(layout, now, starred=starred))
        form = form_from_raw(layout, typed[id(now)], starred=starred)
        return content_of(form, layout), findings_of(form, around)

    return {"rules and required items": rules, "and statistical edits": whole, "as typed: read and checked": from_page}


def _percentiles(check: Callable[[Filing], object], filings: Sequence[Filing], count: int) -> tuple[float, float]:
    """p50 and p95 of single checks, of firms that do R&D; each is done once before, so that nothing is compiled."""
    chosen = [filing for filing in filings if _has_figures(filing[0])][:count]
    took = []
    for filing in chosen:
        check(filing)
        began = time.perf_counter()
        check(filing)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=20)[18]


def _has_figures(now: Content) -> bool:
    return bool(now.rows) or bool(now.cell("rd_cost_total").value)


def _many(layout: FormDefinition, filings: Sequence[Filing], count: int) -> Iterator[tuple[str, tuple[float, float]]]:
    with tempfile.TemporaryDirectory(prefix="zhibao-bench-") as folder, duckdb.connect() as connection:
        yield "SQL: the relation loaded", _timed(lambda: _load(connection, layout, filings, count, Path(folder)))
        statement = f"CREATE OR REPLACE TABLE answers AS {outcomes_sql(layout, 'filings')}"
        yield "SQL: all rules", _timed(lambda: connection.execute(statement))
    repeated = list(itertools.islice(itertools.cycle(filings), count))
    yield "closures: all rules", _timed(lambda: [_evaluated(layout, filing) for filing in repeated])


def _evaluated(layout: FormDefinition, filing: Filing) -> int:
    """How many sentences were asked; the findings are let go."""
    return len(evaluate(layout, filing[0], filing[1]))


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - used


def _load(
    connection: duckdb.DuckDBPyConnection, layout: FormDefinition, filings: Sequence[Filing], count: int, folder: Path
) -> None:
    """The firms' filings as a table, then that table repeated under new numbers."""
    rows = (_row(layout, number, filing) for number, filing in enumerate(filings))
    load_rows(connection, "one", relation_columns(layout), rows, folder)
    turns = connection.table_function("range", [-(-count // len(filings))])
    numbered = f"CAST({FILING} + range * {len(filings)} AS BIGINT) AS {FILING}"
    repeated = connection.table("one").cross(turns).project(f"* EXCLUDE (range) REPLACE ({numbered})")
    repeated.limit(count).create("filings")


def _row(layout: FormDefinition, number: int, filing: Filing) -> dict[str, Any]:
    now, around, _ = filing
    given = [*around.other_forms, *([LAST_YEAR] if around.last_year else [])]
    hidden = sorted(untold(layout, now, around))
    return {FILING: number, **record_of(layout, now, around), UNTOLD: hidden, GIVEN: given}


if __name__ == "__main__":
    main()
