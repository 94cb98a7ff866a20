"""A state as bytes: its JSON, compressed against words that every state has.

Each KB of a submission's item is paid with every step, twice inside a transaction; so a state that waits at its third
level still fits, with all its places in the indexes, into the first KB.
"""

import zlib

from infra.codec import state_from_text, state_to_text
from workflows.machine.states import State

_WORDS = (
    b'"last_return":{"accepted":false,"queries":[{"number":,"status":"open","asked_at":"answered_at":"disposition":'
    b'"extension":{"claim":{"until":"reminders":["late":true,"confirmed_by":"proposed_by":"withdrawn","reopened",'
    b'"returned",{"stage":"not_started","draft","accepted","route":[["county",""],["city",""],["province",""]],'
    b'{"stage":"in_review","route":[["county","990101"],["city","990100"],["province","990000"]],"revision":1,'
    b'"revision_hash":"","form_version":"107-2/2021","rule_set":"","filers":[""],"first_sent_at":"20",'
    b'"sealed_at":"20T00:00:00.000000Z","decisions":[{"accepted":true,"person":"","level":"county","region":"",'
    b'"revision":1,"revision_hash":"","at":"2026T:00.000000Z","reason":"","items":[],"event_number":4},'
    b'"accepted":{"revision":1,"revision_hash":"","event_number":,"before":null},"since":"20:00.000000Z","events":6}'
)
"""Never edited: what was compressed against it is read with it."""


def pack_state(state: State) -> bytes:
    """The inverse of `unpack_state`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_WORDS)
    return packer.compress(state_to_text(state).encode()) + packer.flush()


def state_text(packed: bytes) -> str:
    """The JSON of a state. Raises `ValueError` for what this program did not write."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_WORDS)
    try:
        return (unpacker.decompress(packed) + unpacker.flush()).decode()
    except zlib.error as error:
        raise ValueError("not a state") from error


def unpack_state(packed: bytes) -> State:
    """The state that `pack_state` wrote."""
    return state_from_text(state_text(packed))
