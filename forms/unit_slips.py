"""Money that looks as if it were in another unit of measure: the "thousand" error of business surveys."""

from collections.abc import Iterable
from decimal import Decimal


def scale_slip(now: Decimal, reference: Decimal, powers: Iterable[int], around: Decimal) -> int | None:
    """The power of ten by which a figure is off its reference, if the ratio is within a factor `around` of one.

    1 is 千元 for 万元, 3 is 元 for 千元, 4 is 元 for 万元; below 0 the figure is too small.
    """
    if now <= 0 or reference <= 0:
        return None
    for power in powers:
        for sign in (power, -power):
            apart = now / reference.scaleb(sign)
            if 1 / around <= apart <= around:
                return sign
    return None
