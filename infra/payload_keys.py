"""Figures and words at rest under a key of the installation's own: AES-256-GCM, a data key wrapped by the home's key.

The home's key (a file, or a setting) encrypts no row. It wraps data keys, and those encrypt: so another home's key
takes its place at once, however many rows there are, and a new data key takes over for what comes then. Rows are bound
to their place (table, submission, number): a ciphertext that was moved to another row does not open. What was written
before there was a key is read as it is.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KEY_BYTES = 32
NONCE_BYTES = 12
MARK = b"\x00zb1"
"""How an encrypted value begins; no JSON and no text of ours does."""
_TEXT, _BYTES = b"t", b"b"
_ID_BYTES = 8


class PayloadKeyMissing(RuntimeError):
    """A value is encrypted under a key that is not here; the text says under which."""


def check_payload_key(text: str) -> bytes:
    """The 32 bytes of a key in base64. Raises `ValueError`."""
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("not 32 bytes")
    return key


def new_payload_key() -> str:
    """A fresh key as its file holds it."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class HomeKeys:
    """The keys that wrap data keys, newest first: the first wraps, all unwrap. Nothing shows them."""

    keys: Sequence[bytes]

    def __repr__(self) -> str:
        return f"HomeKeys({len(self.keys)})"

    def wrap(self, data_key: bytes, name: str) -> str:
        """A data key as the store keeps it: `<id of the home's key>.<nonce and ciphertext in hex>`."""
        key = self.keys[0]
        return f"{key_id(key).hex()}.{_encrypt(key, data_key, name.encode()).hex()}"

    def unwrap(self, wrapped: str, name: str) -> bytes:
        """The inverse of `wrap`. Raises `PayloadKeyMissing`."""
        self.check(wrapped)
        own, _, sealed = wrapped.partition(".")
        key = next(key for key in self.keys if key_id(key).hex() == own)
        return _decrypt(key, bytes.fromhex(sealed), name.encode())

    def check(self, wrapped: str) -> None:
        """Whether the key is here. Raises `PayloadKeyMissing`; loads no library and decrypts nothing."""
        own = wrapped.partition(".")[0]
        if all(key_id(key).hex() != own for key in self.keys):
            raise PayloadKeyMissing(
                f"ZHIBAO_PAYLOAD_KEYS: 缺少密钥 {own} (the key {own} is not here: figures and words cannot be read)"
            )

    def wraps(self, wrapped: str) -> bool:
        """Whether a data key is wrapped by the newest key."""
        return wrapped.partition(".")[0] == key_id(self.keys[0]).hex()


class Cipher:
    """Encrypts with the newest data key, decrypts with any; the data keys stay in memory for the life of a process."""

    def __init__(self, data_keys: Mapping[str, bytes], newest: str) -> None:
        self._keys = dict(data_keys)
        self._newest = newest

    def seal(self, value: str | bytes, place: str) -> bytes:
        """The stored form: mark, id of the data key, nonce, kind and ciphertext."""
        kind, data = (_TEXT, value.encode()) if isinstance(value, str) else (_BYTES, value)
        head = MARK + bytes.fromhex(self._newest)
        return head + _encrypt(self._keys[self._newest], kind + data, head + place.encode())

    def open(self, stored: bytes, place: str) -> str | bytes:
        """The inverse of `seal`. Raises `KeyError` for an unknown data key, `ValueError` for what was altered."""
        head = stored[: len(MARK) + _ID_BYTES]
        data = _decrypt(self._keys[head[len(MARK) :].hex()], stored[len(head) :], head + place.encode())
        return data[1:].decode() if data[:1] == _TEXT else data[1:]


def is_sealed(stored: object) -> bool:
    """Whether a stored value is encrypted."""
    return isinstance(stored, bytes) and stored.startswith(MARK)


def key_id(key: bytes) -> bytes:
    """Short, and made from the key itself."""
    return hashlib.sha256(b"zhibao.payload.key\n" + key).digest()[:_ID_BYTES]


def _encrypt(key: bytes, data: bytes, bound: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except InvalidTag as error:
        raise ValueError("an encrypted value was altered") from error
