"""Reading a home out of a checked file into an empty ground: rows in the order that makes a home work only at the end.

Nothing is written over anything. Whoever dies half-way begins anew with the same file: what is there already is left
alone (a local home is simply made again, see `infra.moving.growing`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from indicators.ports import Objects
from infra.moving.archive import ArchiveRefused, CheckedArchive, Part
from infra.moving.leaving import COUNTS, FORMAT, HOME, KEYS, POINTER, Counts, HeadsDigest
from infra.moving.plain import from_plain
from workflows.machine.evolving import VERSION
from workflows.moving import ROW_TYPES, Kind, MovedRow, MovingStore
from workflows.ports import Store

PAGE = 1000


class Arrival:
    """One loading: takes part after part, and knows at the end whether all of them came."""

    def __init__(
        self, store: MovingStore, objects: Objects, keep: Callable[[str, bytes], None] = lambda _name, _data: None
    ) -> None:
        """`keep` is given what belongs to one machine: `keys.json`, `demo-home` and `mail/…`."""
        self._store = store
        self._objects = objects
        self._keep = keep
        self._pointers: list[tuple[str, bytes]] = []
        self._counts = Counts()
        self._expected: Counts | None = None
        self._begun = False

    def load(self, archive: CheckedArchive) -> Counts:
        """All of it. Raises `ArchiveRefused`, `HomeNotEmpty`."""
        for part in archive.parts():
            self._take(part)
        for name, data in self._pointers:
            self._create(name, data)
        if self._expected is None or self._expected.rows != self._counts.rows:
            raise ArchiveRefused(f"{COUNTS}: 行数不符 (not the rows that left): {self._counts.rows}")
        return self._expected

    def _take(self, part: Part) -> None:
        room, _, name = part.name.partition("/")
        if (room == HOME) is self._begun:
            raise ArchiveRefused(f"{part.name}: 不在第一位 (not in its place)")
        if room == HOME:
            self._begin(part)
        elif room == "rows":
            self._rows(part, name)
        elif room == "objects":
            self._object(part, name)
        elif room == COUNTS:
            self._expected = _read(Counts, part)
        elif room in {KEYS, "mail"}:
            self._keep(part.name, part.data)
        else:
            raise ArchiveRefused(f"{part.name}: 不认识 (unknown)")

    def _begin(self, part: Part) -> None:
        home = _read(Mapping[str, Any], part)
        fold, key = home.get("fold"), str(home.get("home_key", ""))
        if home.get("format") != FORMAT or not isinstance(fold, int) or fold > VERSION or len(key) != 64:
            raise ArchiveRefused(f"{HOME}: 由更新的 Zhibao 导出，或不是导出的文件 (made by a newer Zhibao, or no home)")
        self._store.take_over(bytes.fromhex(key))
        if home.get("demo") is True:
            self._keep("demo-home", b"")
        self._begun = True

    def _rows(self, part: Part, name: str) -> None:
        word = name.partition("/")[0]
        if word not in {kind.value for kind in Kind}:
            raise ArchiveRefused(f"{part.name}: 由更新的 Zhibao 导出 (made by a newer Zhibao)")
        kind = Kind(word)
        rows = list(_lines(kind, part))
        try:
            self._store.arrive(kind, rows)
        except ValueError as error:
            raise ArchiveRefused(f"{part.name}: {error}") from error
        self._counts.rows[word] = self._counts.rows.get(word, 0) + len(rows)

    def _object(self, part: Part, name: str) -> None:
        if name.endswith(POINTER):
            self._pointers.append((name, part.data))
        else:
            self._create(name, part.data)

    def _create(self, name: str, data: bytes) -> None:
        """Raises `ArchiveRefused` for another object under this name."""
        try:
            made = self._objects.create(name, data)
        except ValueError as error:
            raise ArchiveRefused(str(error)) from error
        if not made and self._objects.read(name) != data:
            raise ArchiveRefused(f"objects/{name}: 已有另一个 (another one is there)")


def heads_of(store: Store) -> str:
    """All chains of a store in one value, to compare with what left."""
    heads, cursor = HeadsDigest(), ""
    while True:
        page = store.submissions(cursor, PAGE)
        for one in page.rows:
            heads.add(one.id, one.head)
        if not page.cursor:
            return heads.value
        cursor = page.cursor


def _lines(kind: Kind, part: Part) -> Iterator[MovedRow]:
    for number, line in enumerate(part.data.splitlines(), start=1):
        try:
            yield from_plain(ROW_TYPES[kind], json.loads(line))
        except (ValueError, RecursionError) as error:
            raise ArchiveRefused(f"{part.name} 第 {number} 行 (line {number}): {error}") from error


def _read(kind: Any, part: Part) -> Any:
    try:
        return from_plain(kind, json.loads(part.data))
    except (ValueError, RecursionError) as error:
        raise ArchiveRefused(f"{part.name}: {error}") from error
