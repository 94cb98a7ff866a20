"""A QR code as the outline of its dark squares, for an SVG inside the page: nothing is loaded from outside."""

from dataclasses import dataclass
from itertools import groupby

BORDER = 4
"""Light squares around the code; the standard (ISO/IEC 18004) wants four."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """One code: squares to a side, border included, and the SVG path of the dark ones."""

    size: int
    path: str


def qr_code(address: str) -> QrCode:
    """The code of an address. The encoder loads when it is needed."""
    import segno

    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=BORDER)]
    return QrCode(len(rows), "".join(_runs(row, y) for y, row in enumerate(rows)))


def _runs(row: list[int], y: int) -> str:
    """One subpath for each run of dark squares."""
    path, x = "", 0
    for is_dark, squares in groupby(row):
        length = len(list(squares))
        if is_dark:
            path += f"M{x} {y}h{length}v1h-{length}z"
        x += length
    return path
