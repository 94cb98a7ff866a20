"""Encryption of figures and words inside SQLite: two functions of SQL, `sealed` and `opened`, on every connection.

So everything above (steps, reading with care, moving) is written once, and a row is the same row to all of it whether
it is encrypted or not. Without keys both functions give what they are given. Wrapped data keys lie in `meta`.
"""

import secrets
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from infra.payload_keys import KEY_BYTES, Cipher, HomeKeys, PayloadKeyMissing, is_sealed, key_id

DATA_KEY = "payload_key:"
NEWEST = "payload_newest"
CONTENT = "opened(CAST(content AS BLOB),'revisions|'||submission||'|'||number) AS content"
INPUTS = "CASE WHEN typeof(inputs)='blob' THEN opened(inputs,'drafts|'||submission) ELSE inputs END AS inputs"
WORDS = "CASE WHEN typeof(text)='blob' THEN opened(text,'payloads|'||submission||'|'||number) ELSE text END AS text"
"""Encrypted columns as they are read; without a blank after a comma, because lists of columns are split there."""
ADD_REVISION = "INSERT INTO revisions VALUES (?1, ?2, ?3, sealed(?4, 'revisions|' || ?1 || '|' || ?2), ?5)"
ADD_WORDS = "INSERT INTO payloads VALUES (?1, ?2, sealed(?3, 'payloads|' || ?1 || '|' || ?2), ?4)"
ADD_DRAFT = "INSERT INTO drafts VALUES (?1, ?2, sealed(?3, 'drafts|' || ?1), ?4)"
SAVE_DRAFT = (
    "UPDATE drafts SET version = ?1, inputs = sealed(?2, 'drafts|' || ?4), saved_at = ?3"
    " WHERE submission = ?4 AND version = ?5"
)


class Encrypting:
    """The cipher of one open file, made when the first value asks for it."""

    def __init__(self, path: Path, keys: HomeKeys | None) -> None:
        self._path = path
        self._keys = keys
        self._cipher: Cipher | None = None
        self._making = threading.Lock()

    def teach(self, connection: sqlite3.Connection) -> None:
        """Give a connection the two functions."""
        connection.create_function("sealed", 2, self._sealed)
        connection.create_function("opened", 2, self._opened)

    def _sealed(self, value: str | bytes, place: str) -> str | bytes:
        return value if self._keys is None else self._known().seal(value, place)

    def _opened(self, stored: str | bytes, place: str) -> str | bytes:
        """What was altered is given as it is stored: whoever reads with care names it, and no hash fits it."""
        if not isinstance(stored, bytes) or not is_sealed(stored):
            return stored
        try:
            return self._known().open(stored, place)
        except KeyError:
            self._forget()
        except ValueError:
            return stored
        try:
            return self._known().open(stored, place)
        except (KeyError, ValueError):
            return stored

    def _known(self) -> Cipher:
        with self._making:
            if self._cipher is None:
                self._cipher = self._make()
            return self._cipher

    def _forget(self) -> None:
        """Another process has made a data key since."""
        with self._making:
            self._cipher = None

    def _make(self) -> Cipher:
        """By a connection of its own: a function of SQL may not use the one that calls it."""
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as reader:
            rows = dict(reader.execute("SELECT name, value FROM meta WHERE name GLOB 'payload_*'").fetchall())
        if self._keys is None or NEWEST not in rows:
            raise PayloadKeyMissing("没有数据密钥：先运行 zhibao keys rotate (no data key yet: run zhibao keys rotate)")
        wrapped = {name.removeprefix(DATA_KEY): text for name, text in rows.items() if name.startswith(DATA_KEY)}
        return Cipher({name: self._keys.unwrap(text, name) for name, text in wrapped.items()}, rows[NEWEST])


def rotate(db: sqlite3.Connection, keys: HomeKeys) -> int:
    """Wrap every data key anew by the newest home's key and add one for what comes, in the caller's transaction; how
    many data keys there are now. Raises `PayloadKeyMissing` when one of them cannot be opened: then nothing changes."""
    rows = db.execute("SELECT name, value FROM meta WHERE name GLOB ?", (f"{DATA_KEY}*",)).fetchall()
    fresh = secrets.token_bytes(KEY_BYTES)
    known = {name.removeprefix(DATA_KEY): keys.unwrap(text, name.removeprefix(DATA_KEY)) for name, text in rows}
    known[key_id(fresh).hex()] = fresh
    wrapped = [(f"{DATA_KEY}{name}", keys.wrap(key, name)) for name, key in known.items()]
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", wrapped)
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (NEWEST, key_id(fresh).hex()))
    return len(known)


def prepare(db: sqlite3.Connection, keys: HomeKeys | None) -> bool:
    """Whether a first data key has to be made. Raises `PayloadKeyMissing` when a key that is needed is not here."""
    rows = db.execute("SELECT value FROM meta WHERE name GLOB ?", (f"{DATA_KEY}*",)).fetchall()
    if keys is None and rows:
        raise PayloadKeyMissing("ZHIBAO_PAYLOAD_KEYS: 缺少密钥 (the figures are encrypted, and no key is here)")
    if keys is None:
        return False
    for (wrapped,) in rows:
        keys.check(wrapped)
    return not rows
