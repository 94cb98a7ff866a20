"""The people behind addresses, in DynamoDB: an address leads to its person by a keyed hash, never by itself.

So an address stands in one attribute of one item, and is erased there.
"""

import hashlib
import hmac
import itertools
import secrets
from collections.abc import Iterable

from infra.dynamodb import keys
from infra.dynamodb.table import Refused, Table
from infra.dynamodb.writes import NEW, Key, Part, Write, put
from workflows.ports import Person

_BATCH = 50
"""Addresses of one transaction: two items each."""


class PeopleItems(Table):
    """`home_key`, `person_of` and `person` of the `RegisterStore` port over DynamoDB."""

    _home_key = b""

    def home_key(self) -> bytes:
        """The home's own 256-bit key, made when it is first asked for; it never changes."""
        if not self._home_key:
            key = keys.note("home_key")
            if self.get(key) is None:
                self.offer(put(key, {"value": secrets.token_hex(32)}, NEW))
            self._home_key = bytes.fromhex((self.get(key) or {})["value"])
        return self._home_key

    def person_of(self, email: str) -> Person:
        """The person behind an address."""
        address = email.lower()
        found = self.get(self.way(address))
        if found is None:
            self.meet([address])
            found = self.get(self.way(address)) or {}
        return Person(found["person"], address)

    def person(self, person_id: str) -> Person | None:
        """The address behind an opaque id, unless it was erased."""
        item = self.get((f"P#{person_id}", keys.PERSON))
        return Person(person_id, item["email"]) if item and "email" in item else None

    def meet(self, emails: Iterable[str]) -> None:
        """Make persons of the addresses that have none yet."""
        stream = iter(emails)
        while batch := list(itertools.islice(stream, _BATCH)):
            ways = {self.way(email.lower()): email.lower() for email in batch}
            known = self.batch_get(list(ways))
            self._meet({way: address for way, address in ways.items() if way not in known})

    def _meet(self, ways: dict[Key, str]) -> None:
        """One transaction; again without those whom somebody else met meanwhile."""
        while ways:
            writes = [write for way, address in ways.items() for write in _met(way, address)]
            try:
                self.transact(writes)
            except Refused as error:
                known = {write.key for write in error.writes}
                ways = {way: address for way, address in ways.items() if way not in known}
            else:
                return

    def way(self, address: str) -> Key:
        """Where an address leads to its person."""
        digest = hmac.digest(self.home_key(), f"address\n{address}".encode(), hashlib.sha256).hex()
        return f"ADDRESS#{digest}", keys.ONLY


def _met(way: Key, address: str) -> list[Write]:
    person = secrets.token_hex(8)
    return [
        put(way, {"person": person}, NEW, Part.STATE),
        put((f"P#{person}", keys.PERSON), {"email": address}, NEW),
    ]
