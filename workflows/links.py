"""Signed links: who may open what, without a password. A salt per purpose, keys that rotate, nothing readable inside.

A payload names opaque ids only. Single use follows from the submission's state, never from a table of used tokens:
several spellings of one signature verify, so token text is no key.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from workflows.ports import Clock

MAX_TOKEN_LENGTH = 512


class Purpose(StrEnum):
    """What a link is for; each has its own salt, so that one never passes for another."""

    FILE = "file"
    REVIEW = "review"
    CHECK = "check"
    INBOX = "inbox"
    SIGN_IN = "sign-in"
    DEVICE = "device"
    SECTION = "section"


class LinkInvalid(Exception):
    """Not one of our links, or altered."""


class LinkExpired(Exception):
    """One of our links, past its time. `link` is what it was, so that a new one can be sent to the same address."""

    def __init__(self, link: "Link") -> None:
        super().__init__("link expired")
        self.link = link


@dataclass(frozen=True, slots=True)
class FilingLink:
    """Opens one submission for its filler."""

    PURPOSE: ClassVar[Purpose] = Purpose.FILE
    MAX_AGE: ClassVar[timedelta] = timedelta(days=400)
    submission: str
    person: str


@dataclass(frozen=True, slots=True)
class SectionLink:
    """Opens one section of one draft for a colleague of its filler; `person` is the filler who gave it to him."""

    PURPOSE: ClassVar[Purpose] = Purpose.SECTION
    MAX_AGE: ClassVar[timedelta] = timedelta(days=14)
    submission: str
    person: str
    handover: str


@dataclass(frozen=True, slots=True)
class ReviewLink:
    """Opens one revision of one submission for one holder of the seat whose turn it is."""

    PURPOSE: ClassVar[Purpose] = Purpose.REVIEW
    MAX_AGE: ClassVar[timedelta] = timedelta(days=120)
    submission: str
    revision: int
    level: str
    region: str
    person: str


@dataclass(frozen=True, slots=True)
class CheckLink:
    """Shows that a revision was received, and its hash; for whoever holds the receipt."""

    PURPOSE: ClassVar[Purpose] = Purpose.CHECK
    MAX_AGE: ClassVar[timedelta | None] = None
    submission: str
    revision: int


@dataclass(frozen=True, slots=True)
class InboxLink:
    """Opens a seat's inbox for one of its holders."""

    PURPOSE: ClassVar[Purpose] = Purpose.INBOX
    MAX_AGE: ClassVar[timedelta] = timedelta(days=60)
    region: str
    person: str


@dataclass(frozen=True, slots=True)
class SignInLink:
    """Shows the button that signs a member of staff in."""

    PURPOSE: ClassVar[Purpose] = Purpose.SIGN_IN
    MAX_AGE: ClassVar[timedelta] = timedelta(minutes=30)
    person: str


@dataclass(frozen=True, slots=True)
class DeviceSeal:
    """Kept by a browser: this person confirmed this device by a mailed code."""

    PURPOSE: ClassVar[Purpose] = Purpose.DEVICE
    MAX_AGE: ClassVar[timedelta] = timedelta(days=30)
    person: str


Link = FilingLink | SectionLink | ReviewLink | CheckLink | InboxLink | SignInLink | DeviceSeal
AnyLink = TypeVar("AnyLink", FilingLink, SectionLink, ReviewLink, CheckLink, InboxLink, SignInLink, DeviceSeal)


class Links:
    """Signs and reads links under a list of keys: the newest signs, all of them verify."""

    def __init__(self, keys: Sequence[str], clock: Clock) -> None:
        self._code_key = hmac.digest(keys[0].encode(), b"zhibao.code.v1", hashlib.sha256)
        self._serializers = {purpose: _serializer(keys, purpose, clock) for purpose in Purpose}

    def sign(self, link: Link) -> str:
        """The token of a link."""
        token = self._serializers[link.PURPOSE].dumps(list(astuple(link)))
        return token if isinstance(token, str) else token.decode()

    def code(self, person: str, device: str, window: int) -> str:
        """The six digits mailed to a person who uses a link on a new device."""
        digest = hmac.digest(self._code_key, f"{person}\n{device}\n{window}".encode(), hashlib.sha256)
        return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"

    @staticmethod
    def same_code(typed: str, codes: Sequence[str]) -> bool:
        """Compare in constant time; full-width digits count as digits."""
        plain = unicodedata.normalize("NFKC", typed)
        matches = [hmac.compare_digest(plain.encode(), code.encode()) for code in codes]
        return any(matches)

    def read(self, kind: type[AnyLink], token: str) -> AnyLink:
        """What a token says. Raises `LinkInvalid`, or `LinkExpired` with the link it was."""
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            raise LinkInvalid
        serializer = self._serializers[kind.PURPOSE]
        age = kind.MAX_AGE
        try:
            return _link(kind, serializer.loads(token, max_age=None if age is None else int(age.total_seconds())))
        except SignatureExpired as error:
            raise LinkExpired(_link(kind, serializer.loads(token))) from error
        except BadData as error:
            raise LinkInvalid from error


def _link(kind: type[AnyLink], payload: Any) -> AnyLink:
    try:
        return kind(*payload)
    except TypeError as error:
        raise LinkInvalid from error


def _serializer(keys: Sequence[str], purpose: Purpose, clock: Clock) -> URLSafeTimedSerializer:
    class ClockedSigner(TimestampSigner):
        """Takes the time from our clock, so that a year can be played through in a minute."""

        def get_timestamp(self) -> int:
            return int(clock.now().timestamp())

    return URLSafeTimedSerializer(
        list(reversed(keys)),
        salt=f"zhibao.link.{purpose}.v1",
        signer=ClockedSigner,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )
