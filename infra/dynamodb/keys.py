"""Where each kind of item lies: its partition and sort key, and its places in the indexes."""

from infra.dynamodb.design import BUCKETS, SHARDS, bucket_of, shard_of
from infra.dynamodb.writes import Key

STATE, DRAFT, PROMISE, LETTER, PERSON, ONLY = "STATE", "DRAFT", "PROMISE", "LETTER", "PERSON", "ONLY"
EVENT, PAYLOAD, REVISION, TRACE, BACK, SENT = "EVENT#", "PAYLOAD#", "REVISION#", "TRACE#", "BACK#", "SENT#"
COLLECTIONS, POINTERS, TOKENS, READS, DAYS, AUDIT_KEYS, NOTES = (
    "COLLECTIONS",
    "POINTERS",
    "TOKENS",
    "READS",
    "DAYS",
    "AUDIT_KEYS",
    "NOTES",
)
LEAVES_IN_A_PARTITION = 1000


def submission(key: str) -> str:
    """Everything of one submission lies in one partition."""
    return f"S#{key}"


def submission_id(partition: str) -> str:
    """The inverse of `submission`."""
    return partition.removeprefix("S#")


def state(key: str) -> Key:
    """A submission's state, with its places in the indexes."""
    return submission(key), STATE


def draft(key: str) -> Key:
    """What its filler last saved."""
    return submission(key), DRAFT


def numbered(key: str, kind: str, number: int) -> Key:
    """An event, payload, revision or return of a submission."""
    return submission(key), f"{kind}{number:06d}"


def sent_under(submission_key: str, key: str) -> Key:
    """That a program sent a revision under a key of its own."""
    return submission(submission_key), f"{SENT}{key}"


def promise(key: str) -> Key:
    """An outbox row."""
    return f"O#{key}", PROMISE


def letter(key: str) -> Key:
    """That a letter was handed over."""
    return f"L#{key}", LETTER


def note(name: str) -> Key:
    """A note of the store's own, or a counter."""
    return NOTES, name


def leaf(day: str, place: int) -> Key:
    """A head of a day, at its place in the day's tree."""
    return f"LEAVES#{day}#{place // LEAVES_IN_A_PARTITION}", f"{place:08d}"


# Partitions of the indexes


def every(bucket: int) -> str:
    """`all`: every submission."""
    return f"ALL#{bucket}"


def of_collection(year: int, form: str, bucket: int) -> str:
    """`listed`: the submissions of one collection."""
    return f"OF#{year}#{form}#{bucket}"


def of_promise(outbox_id: str) -> str:
    """`listed`: the letters that kept one promise."""
    return f"LETTERS#{outbox_id}"


def heads_of(key: str) -> str:
    """`listed`: the heads of one submission in signed days."""
    return f"HEADS#{key}"


def returns_of(year: int) -> str:
    """`listed`: what became of the returns of a year."""
    return f"RETURNS#{year}"


def due_submissions(shard: int) -> str:
    """`due`: submissions by their next moment."""
    return f"SUBMISSIONS#{shard}"


def due_promises(shard: int) -> str:
    """`due`: promises that are not kept, by their time."""
    return f"PROMISES#{shard}"


def sealed_in(year: int, shard: int) -> str:
    """`sealed_year`."""
    return f"{year}#{shard}"


def moved(bucket: int) -> str:
    """`moved`: chains that no signed day covers, by day and submission."""
    return f"MOVED#{bucket}"


def untallied(shard: int) -> str:
    """`tally`: submissions that are counted elsewhere than they stand."""
    return f"TALLY#{shard}"


ALL_SHARDS = range(SHARDS)
ALL_BUCKETS = range(BUCKETS)


def due_at(moment: str, key: str) -> tuple[str, str]:
    """Where a submission stands in `due`."""
    return due_submissions(shard_of(key)), f"{moment}|{key}"


def listed_in(year: int, form: str, key: str) -> tuple[str, str]:
    """Where a submission stands in `listed`."""
    return of_collection(year, form, bucket_of(key)), key
