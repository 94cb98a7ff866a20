"""What a filled workbook says of itself in its hidden sheet, and how its sheets and rows are known again.

Each sheet of ours begins with a hidden row whose first cell says which it is; each row to fill has its input's name in
a hidden column. So a sheet that was renamed, moved or sorted is still read right.
"""

from dataclasses import dataclass
from typing import Final

LAYOUT: Final = "1"
"""Of the workbook itself; a template of another one is out of date."""
ITEMS: Final = "zhibao:items"
TABLE: Final = "zhibao:table:"
RULES: Final = "zhibao:rules"
STAMP: Final = "zhibao:stamp"
OPTIONS: Final = "zhibao:options"
VALUE, STATUS, NOTE = 4, 6, 7
"""Columns of an item's row, from 0: E the figure, G its status, H its note."""
EXPLANATION: Final = 3
"""Column of a rule's row."""
FIRST_COLUMN: Final = 1
"""Column of a table's first column; before it stands the number of the row."""
KEY_ROW, FIRST_ROW = 1, 8
"""Rows of a table's sheet, from 0: the hidden names of its columns, the first row to fill."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which return, layout and draft a template was made of. `submission` is opaque."""

    submission: str
    form_version: str
    draft_version: int
