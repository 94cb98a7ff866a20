"""Verifies, without Zhibao, one submission's story as `zhibao audit export` writes it, or the proof a receipt gives.

    python verify_export.py STORY_OR_PROOF.json [--key PUBLIC_KEY_HEX ...]

Only Python's standard library; signatures need the package `cryptography`, and it is said when they were not checked.
`--key` names the public keys you already know (from `zhibao audit keys`, or an earlier receipt): a day signed by any
other key is then a fault. The rules it follows stand in docs/audit.md, for whoever would rather write his own.
Exit: 0 everything holds; 1 something does not; 2 the file is not such a story.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHINA = timezone(timedelta(hours=8))
STORY, PROOF = "zhibao.export.v1", "zhibao.proof.v1"
ZEROS = "0" * 64
LATE = timedelta(hours=1)
"""A step that was written just before midnight may have reached the disk after its day was closed."""
WORDS = ("comment_hash", "question_hash", "answer_hash", "reason_hash", "text_hash")
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)
Data = dict[str, Any]


def main() -> int:
    """Read the file, print every fault and what was checked, and say whether it holds."""
    parser = argparse.ArgumentParser(description="Verify a story of zhibao audit export, or the proof of a receipt.")
    parser.add_argument("file")
    parser.add_argument("--key", action="append", default=[], help="a public key you know, in hex")
    given = parser.parse_args()
    try:
        story = json.loads(Path(given.file).read_text(encoding="utf-8"))
        if story["format"] not in (STORY, PROOF):
            raise ValueError(story["format"])
    except (OSError, *UNREADABLE) as error:
        sys.stderr.write(f"neither a story of zhibao audit export nor the proof of a receipt: {error}\n")
        return 2
    faults = list(faults_of(story, given.key))
    lines = [*(f"FAULT: {fault}" for fault in faults), *remarks(story), "DOES NOT HOLD" if faults else "HOLDS"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0


def faults_of(story: Data, known_keys: list[str]) -> Iterator[str]:
    """Everything that is wrong; what cannot even be read is a fault too."""
    if story.get("format") == PROOF:
        yield from proof_faults(story, known_keys)
        return
    if story.get("found"):
        yield f"Zhibao itself found a fault when it exported: {story['found']}"
    for check in (chain_faults, identity_faults, word_faults, revision_faults, day_faults):
        try:
            yield from check(story)
        except UNREADABLE as error:
            yield f"{check.__name__}: cannot be read: {type(error).__name__}: {error}"
    try:
        yield from signature_faults(story, known_keys)
    except UNREADABLE as error:
        yield f"signatures: cannot be read: {type(error).__name__}: {error}"


def proof_faults(receipt: Data, known_keys: list[str]) -> Iterator[str]:
    """The proof of one receipt: the seal's event, the events after it up to the day's head, the path, the signature."""
    try:
        proof, key = receipt["proof"], receipt["key"]
        if proof is None:
            yield f"there is no proof yet: the day is signed from {receipt['signed_from']}"
            return
        sealing, last, day = proof["links"][0], proof["links"][-1], proof["day"]
        told = (receipt["submission"], receipt["revision"], receipt["revision_hash"], receipt["sealed_at"])
        data = sealing["data"]
        if told != (sealing["submission"], data["revision"], data["revision_hash"], sealing["at"]):
            yield "the first link is not the event that sealed this revision"
        yield from link_faults(proof["links"], receipt["submission"], sealing["number"], sealing["previous"])
        if (day["head"]["number"], day["head"]["hash"]) != (last["number"], last["hash"]):
            yield f"{day['date']}: the head that was signed is not event {last['number']}"
        if climb(day["head"]["hash"], day["path"], day["head"]["place"], day["count"] + 1) != day["root"]:
            yield f"{day['date']}: the path does not lead to the root"
        yield from signature_faults({"keys": [key], "days": [day]}, known_keys)
    except UNREADABLE as error:
        yield f"the proof cannot be read: {type(error).__name__}: {error}"


def link_faults(events: list[Data], submission: str, first: int, before: str) -> Iterator[str]:
    """Each event's hash covers all of it, with the hash of the event before; numbers run on."""
    for number, event in enumerate(events, start=first):
        body = {name: event[name] for name in ("submission", "number", "at", "type", "data", "previous")}
        if event["submission"] != submission or event["number"] != number:
            yield f"event {number}: another event stands in its place"
        if event["previous"] != before:
            yield f"event {number}: does not continue the event before it"
        if event["hash"] != sha256(canonical(body)):
            yield f"event {number}: its hash is not that of its content"
        before = event["hash"]


def chain_faults(story: Data) -> Iterator[str]:
    """The whole chain, from the first event to the head that the submission names."""
    events, identity = story["events"], story["identity"]
    yield from link_faults(events, identity["submission"], 1, ZEROS)
    if not events or events[-1]["hash"] != identity["head"]:
        yield "the last event is not the head of the chain"


def identity_faults(story: Data) -> Iterator[str]:
    """The unit, year and form named are those that the unit itself sealed."""
    identity = story["identity"]
    for revision in story["revisions"]:
        seal = json.loads(revision["content"])
        for name in ("submission", "unit", "year", "form"):
            if seal[name] != identity[name]:
                yield f"revision {revision['number']}: was sealed for another {name}"


def word_faults(story: Data) -> Iterator[str]:
    """Words kept beside an event are those whose salted hash it holds; words may have been erased after their term."""
    for event in story["events"]:
        words = event["words"]
        bound = [event["data"][name] for name in WORDS if name in event["data"]]
        if words is not None and bound != [sha256(f"{words['nonce']}\n{words['text']}".encode())]:
            yield f"event {event['number']}: the words kept with it are not those it was recorded with"


def revision_faults(story: Data) -> Iterator[str]:
    """Each sealed revision has one event that sealed it, with the hash of exactly these bytes, at that instant."""
    sealing = {event["data"]["revision"]: event for event in story["events"] if event["type"] == "Submitted"}
    numbers = [revision["number"] for revision in story["revisions"]]
    if sorted(numbers) != sorted(sealing):
        yield f"revisions {sorted(numbers)} are here, events sealed {sorted(sealing)}"
    for revision in story["revisions"]:
        number, content = revision["number"], revision["content"].encode()
        if sha256(content) != revision["hash"]:
            yield f"revision {number}: its hash is not that of its content"
        if json.loads(content)["revision"] != number:
            yield f"revision {number}: the content is that of another revision"
        event = sealing.get(number)
        if event and (event["data"]["revision_hash"], event["at"]) != (revision["hash"], revision["sealed_at"]):
            yield f"revision {number}: is not the one event {event['number']} sealed"


def day_faults(story: Data) -> Iterator[str]:
    """Each day's root is reached from the head of the chain on that day, and no event is left out."""
    hashes = {event["number"]: event["hash"] for event in story["events"]}
    covered = 0
    for day in story["days"]:
        head = day["head"]
        if hashes.get(head["number"]) != head["hash"]:
            yield f"{day['date']}: the head that was signed is not event {head['number']}"
        if climb(head["hash"], day["path"], head["place"], day["count"] + 1) != day["root"]:
            yield f"{day['date']}: the path does not lead to the root"
        if head["number"] <= covered:
            yield f"{day['date']}: covers nothing new"
        covered = head["number"]
    yield from left_out(story)


def left_out(story: Data) -> Iterator[str]:
    """Every event is on the day it happened on. One written late may be on the next; today's wait for tonight."""
    days = iter([*story["days"], None])
    day = next(days)
    for event in story["events"]:
        while day is not None and day["head"]["number"] < event["number"]:
            day = next(days)
        happened = datetime.fromisoformat(event["at"])
        on = china_day(datetime.fromisoformat(story["exported_at"]) - LATE) if day is None else day["date"]
        if china_day(happened + LATE) < on:
            yield f"event {event['number']}: happened on {china_day(happened)}, and no day that was signed then has it"


def signature_faults(story: Data, known_keys: list[str]) -> Iterator[str]:
    """Each day is signed, by a key whose id is made from the key itself."""
    keys = {key["id"]: key["public"] for key in story["keys"]}
    for name, public in keys.items():
        if hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16] != name:
            yield f"key {name}: the id is not that of the key"
    for day in story["days"]:
        public = keys.get(day["key"])
        if public is None:
            yield f"{day['date']}: its key is not here"
        elif known_keys and public not in known_keys:
            yield f"{day['date']}: was signed by a key you do not know"
        elif has_cryptography() and not is_signed(public, day["signature"], statement(day)):
            yield f"{day['date']}: the signature does not hold"


def statement(day: Data) -> bytes:
    """The bytes a day's signature is over."""
    names = ("date", "count", "previous", "root", "key")
    return canonical({"type": "zhibao.day.v1", **{name: day[name] for name in names}})


def climb(head: str, path: list[Data], place: int, leaves: int) -> str:
    """The root reached from a head; the path must have the sides that the leaf's place in such a tree gives."""
    found, steps = sha256(b"\x00" + bytes.fromhex(head)), iter(path)
    while leaves > 1:
        if place ^ 1 < leaves:
            step = next(steps, None)
            if step is None or step["side"] != ("left" if place % 2 else "right"):
                raise ValueError("a path that does not fit the tree")
            pair = (step["hash"], found) if place % 2 else (found, step["hash"])
            found = sha256(b"\x01" + b"".join(map(bytes.fromhex, pair)))
        place, leaves = place // 2, (leaves + 1) // 2
    if next(steps, None) is not None:
        raise ValueError("a path longer than the tree is high")
    return found


def canonical(data: Data) -> bytes:
    """RFC 8785 for what stands in a chain: texts, whole numbers, truth values and lists of them, names in ASCII."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def china_day(moment: datetime) -> str:
    """The date in China."""
    return moment.astimezone(CHINA).date().isoformat()


def has_cryptography() -> bool:
    """Whether signatures can be checked here."""
    return find_spec("cryptography") is not None


def is_signed(public: str, signature: str, message: bytes) -> bool:
    """Ed25519, RFC 8032."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except InvalidSignature:
        return False
    return True


def remarks(story: Data) -> Iterator[str]:
    """What was looked at, and what could not be; a story that cannot be read has its faults above."""
    try:
        yield from _remarks(story)
    except UNREADABLE:
        return


def _remarks(story: Data) -> Iterator[str]:
    if not has_cryptography():
        yield "SIGNATURES WERE NOT CHECKED: the package cryptography is missing; chains, seals and paths were checked"
    if story["format"] == PROOF:
        yield f"{len(story['proof']['links'])} events, 1 signed day; what was sealed is not here, only its hash"
        return
    events, days = story["events"], story["days"]
    yield f"{len(events)} events, {len(story['revisions'])} revisions, {len(days)} signed days"
    covered = days[-1]["head"]["number"] if days else 0
    if len(events) > covered:
        yield f"events after number {covered} are on no signed day yet: only their own chain was checked"
    missing = [one for one in events if one["words"] is None and set(WORDS) & set(one["data"])]
    for one in missing:
        mark = one.get("erased")
        told = f"erased {mark['at']} by {mark['by']}: {mark['why']}" if mark else "and no erasure is on record"
        yield f"the words of event {one['number']} are not here ({told}); their hash is in the chain"
    yield "not covered by any hash: names of people and of the unit, codes of its regions, the stage"


if __name__ == "__main__":
    sys.exit(main())
