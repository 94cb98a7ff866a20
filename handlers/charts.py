"""Charts drawn as SVG in the page itself: nothing is loaded, and they print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One region's bar: widths are per cent of its expected filers."""

    code: str
    sent: Decimal
    accepted: Decimal
    label: str


def bars(rows: Sequence[Mapping[str, str]]) -> tuple[Bar, ...]:
    """Sent and accepted as a share of expected less exceptions (报送率), lowest rate first: look where work is due."""
    found = []
    for row in rows:
        due = Decimal(row["expected"]) - Decimal(row["exceptions"])
        if due <= 0:
            continue
        sent, accepted = (Decimal(row[name]) / due * 100 for name in ("sent", "accepted"))
        label = f"{row['sent']}/{due} · {sent:.0f}%"
        found.append(Bar(row["region_code"], round(sent, 2), round(accepted, 2), label))
    return tuple(sorted(found, key=lambda bar: (bar.sent, bar.code)))
