"""The record of letters in DynamoDB: who was written to, when, by which channel, and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from infra.dynamodb import keys
from infra.dynamodb.table import Table
from infra.dynamodb.writes import NEW, Item, Value, equal, put, update
from workflows.deadlines import from_text, to_text
from workflows.ports import LetterRecord


class LetterItems(Table):
    """The `LetterStore` port over DynamoDB."""

    def letter_outcomes(self, letter_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of these letters were handed over already."""
        found = self.batch_get([keys.letter(key) for key in letter_ids])
        return {_id(item): str(item["outcome"]) for item in found.values()}

    def letter(self, letter_id: str) -> LetterRecord | None:
        """One letter by id."""
        item = self.get(keys.letter(letter_id))
        return letter_from(item) if item else None

    def record_letters(self, records: Sequence[LetterRecord]) -> None:
        """Mark letters as handed over, at once; the first record of a letter stands."""
        for record in records:
            self.offer(put(keys.letter(record.letter), letter_values(record), NEW))

    def letters_of(self, outbox_id: str) -> Sequence[LetterRecord]:
        """The letters of one promise, by id."""
        entries = self.walk("listed", keys.of_promise(outbox_id))
        return [letter_from(item) for _, item in self.standing(entries)]

    def letters_since(self, person: str, since: datetime, kinds: frozenset[str]) -> int:
        """Letters of these kinds to one person, counted in the index; one sent this second may not be in it yet."""
        entries = self.walk("told", person, to_text(since))
        return sum(entry.sort.split("|")[1] in kinds for entry in entries)

    def change_outcome(self, letter: str, was: str, outcome: str) -> bool:
        """What came of a letter after all."""
        return self.offer(update(keys.letter(letter), {"outcome": outcome}, equal(outcome=was)))


def letter_values(record: LetterRecord) -> dict[str, Value | None]:
    """The item of a letter, listed under its promise and its person."""
    at = to_text(record.at)
    return {
        "outbox": record.outbox,
        "person": record.person,
        "at": at,
        "outcome": record.outcome,
        "channel": record.channel,
        "kind": record.kind,
        "listed_pk": keys.of_promise(record.outbox),
        "listed_sk": record.letter,
        "told_pk": record.person or None,
        "told_sk": f"{at}|{record.kind}|{record.letter}",
    }


def _id(item: Item) -> str:
    return str(item["pk"]).removeprefix("L#")


def letter_from(item: Item) -> LetterRecord:
    """The inverse of `letter_values`."""
    at, kind = from_text(item["at"]), item["kind"]
    return LetterRecord(_id(item), item["outbox"], item["person"], at, item["outcome"], item["channel"], kind)
