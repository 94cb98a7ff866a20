"""The bulk edits over DuckDB: one statement over all returns of a form at once."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from forms.outliers import Moved, Outlier, outliers_sql
from forms.statistical_settings import OutlierSettings
from indicators.duck import duckdb_over

_COLUMNS = ("unit", "item", "industry", "size", "city", "now", "before")
_READ = """
CREATE TABLE moved AS SELECT * FROM read_csv($1, header = true, columns = {
  'unit': 'VARCHAR', 'item': 'VARCHAR', 'industry': 'VARCHAR', 'size': 'VARCHAR', 'city': 'VARCHAR',
  'now': 'DECIMAL(38, 6)', 'before': 'DECIMAL(38, 6)'
})
"""


class DuckdbEdits:
    """The `BulkEdits` port. What it is given passes through a temporary folder, which is gone afterwards."""

    def outliers(self, rows: Iterable[Moved], settings: OutlierSettings) -> Sequence[Outlier]:
        """The figures outside their group's bounds, the greatest score first."""
        with TemporaryDirectory() as name, duckdb_over(Path(name)) as connection:
            file = Path(name) / "moved.csv"
            with file.open("w", encoding="utf-8", newline="") as text:
                writer = csv.writer(text)
                writer.writerow(_COLUMNS)
                writer.writerows([getattr(row, column) for column in _COLUMNS] for row in rows)
            connection.execute(_READ, [str(file)])
            found = connection.execute(outliers_sql("moved", settings)).fetchall()
        return [Outlier(unit, item, effect, score) for unit, item, effect, score in found]
