"""Units of measure as what they are made of: 千元/人月 is one power of 千元 over one of 人 and one of 月."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_PERSON_MONTHS: Final = "人月"
_MADE_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({_PERSON_MONTHS: ("人", "月")})


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of powers of named units, sorted by name; no powers at all is a pure ratio.

    千元 and 万元 are different names: the language converts nothing, it refuses.
    """

    powers: tuple[tuple[str, int], ...] = ()

    def times(self, other: "Unit") -> "Unit":
        return _unit(Counter(dict(self.powers)), other, 1)

    def over(self, other: "Unit") -> "Unit":
        return _unit(Counter(dict(self.powers)), other, -1)

    def __str__(self) -> str:
        """As people write it: 千元/人月, 人·件, 1/人; a pure ratio is 1."""
        above = _written([(name, power) for name, power in self.powers if power > 0])
        below = _written([(name, -power) for name, power in self.powers if power < 0])
        return f"{above or '1'}/{below}" if below else above or "1"


PURE: Final = Unit()


def unit_named(name: str) -> Unit:
    """The unit an item carries: 人月 is 人·月, so that 12 months of a person compare with person-months."""
    return Unit(tuple(sorted((part, 1) for part in _MADE_OF.get(name, (name,)))))


def _unit(powers: Counter[str], other: Unit, sign: int) -> Unit:
    for name, power in other.powers:
        powers[name] += sign * power
    return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)))


def _written(powers: list[tuple[str, int]]) -> str:
    names = [name for name, power in powers for _ in range(power)]
    if "人" in names and "月" in names:
        names.remove("人")
        names.remove("月")
        names.append(_PERSON_MONTHS)
    return "·".join(names)
