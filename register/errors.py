"""The one error of the register: something in it cannot be true."""

from __future__ import annotations


class RegisterError(ValueError):
    """A code, a unit or a set of regions breaks a rule of the register; the message says which."""


class UnknownRegionError(RegisterError, KeyError):
    """A region code that is not in the register. Also a KeyError, because Regions is read like a mapping."""

    def __init__(self, code: str) -> None:
        super().__init__(f"名录库中没有行政区划 {code} (region {code} is not in the register)")
        self.code = code

    def __str__(self) -> str:
        """Return the message itself, where KeyError would show its repr."""
        return str(self.args[0])
