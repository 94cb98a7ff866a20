"""What a check says of a return."""

from dataclasses import dataclass

from forms.definition import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the check says of a return: the rule, its severity, the cells concerned, the message.

    `items` are item keys, cells of a table as `table.row.column`, or lines of the sign-off block; `row` is the row
    the rule was asked of, from 1, 0 for the whole form; `part` which sentence of the rule it is.
    """

    rule_id: str
    severity: Severity
    items: tuple[str, ...]
    zh: str
    en: str
    part: int = 0
    row: int = 0
