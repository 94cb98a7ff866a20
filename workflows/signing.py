"""The key that signs the days (Ed25519, RFC 8032), and checking what a key signed.

A signature tells the state of all chains on a day to whoever holds the public key, without trust in our database.
`cryptography` is loaded where it is used: most processes never sign.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

SEED_BYTES = 32


class KeyUnusable(ValueError):
    """The text is not the seed of an Ed25519 key: 32 bytes in base64."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks signatures: one row per key that ever signed a day. `hex` is the raw 32 bytes of RFC 8032."""

    hex: str

    @property
    def id(self) -> str:
        """Short, and made from the key itself, so that an altered key does not keep its id."""
        return hashlib.sha256(bytes.fromhex(self.hex)).hexdigest()[:16]

    def signed(self, signature: str, message: bytes) -> bool:
        """Whether this key made the signature (hex) over these bytes; False for what is no signature at all."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            given = bytes.fromhex(signature)
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.hex)).verify(given, message)
        except (InvalidSignature, ValueError):
            return False
        return given.hex() == signature  # one spelling only: capitals would be another text for the same bytes


class SigningKey:
    """The private key of a home. Nothing shows it: not its text, not its representation."""

    def __init__(self, text: str) -> None:
        """From the text of the key file. Raises `KeyUnusable`."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.from_private_bytes(_seed(text))
        self.public = PublicKey(self._key.public_key().public_bytes_raw().hex())

    def sign(self, message: bytes) -> str:
        """The signature in hex; the same message always gives the same one."""
        return self._key.sign(message).hex()


def check_key(text: str) -> None:
    """Whether a text could be a key, without loading the library. Raises `KeyUnusable`."""
    _seed(text)


def new_key() -> str:
    """The text of a fresh key: any 32 random bytes are one."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SEED_BYTES)).decode()


def _seed(text: str) -> bytes:
    try:
        seed = base64.b64decode(text.strip().encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise KeyUnusable("not base64") from error
    if len(seed) != SEED_BYTES:
        raise KeyUnusable(f"{len(seed)} bytes instead of {SEED_BYTES}")
    return seed
