"""Reads the lists shipped in register/data, so that no other room knows where they lie."""

from __future__ import annotations

import csv
from importlib import resources


def shipped_bytes(name: str) -> bytes:
    """Return one shipped file as it stands."""
    return resources.files("register.data").joinpath(name).read_bytes()


def shipped_rows(name: str) -> list[dict[str, str]]:
    """Return one shipped CSV file, one dict per row, keyed by the header."""
    return list(csv.DictReader(shipped_bytes(name).decode("utf-8").splitlines()))


def yunnan_regions_csv() -> bytes:
    """Return Yunnan's regions as an import file: the province, 16 cities, 129 counties (GB/T 2260), 10 zones.

    The codes of the zones are this project's own; GB/T 2260 has none for them. The host of one zone
    (530174, the free-trade area) is another zone (530172).
    """
    return shipped_bytes("regions.csv")
