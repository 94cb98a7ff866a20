"""The shape of the table: its key, its indexes, and how work is spread over partitions. The template says the same.

Every index is sparse and holds keys only: what is found there is read by key, consistently, before it is believed.
"""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any
from zlib import crc32

PK, SK = "pk", "sk"
EXPIRES = "expires_at"
"""Seconds since 1970 after which DynamoDB may forget an item: counters against guessing, imports that failed."""
INDEXES: Mapping[str, tuple[str, str]] = {
    "all": ("all_pk", PK),
    "listed": ("listed_pk", "listed_sk"),
    "due": ("due_pk", "due_sk"),
    "waiting": ("waiting_pk", "waiting_sk"),
    "amount": ("waiting_pk", "amount_sk"),
    "findings": ("waiting_pk", "findings_sk"),
    "unsent": ("unsent_pk", PK),
    "proposed": ("proposed_pk", PK),
    "sealed_year": ("sealed_year", "sealed_sk"),
    "sealed_county": ("sealed_county", "sealed_sk"),
    "sealed_city": ("sealed_city", "sealed_sk"),
    "sealed_body": ("sealed_body", "sealed_sk"),
    "sealed_unit": ("sealed_unit", "sealed_sk"),
    "moved": ("moved_pk", "moved_sk"),
    "tally": ("tally_pk", PK),
    "told": ("told_pk", "told_sk"),
}
"""Name → partition and sort attribute."""
SHARDS = 4
"""Partitions of what is read in the order of time (promises, due submissions, seals of a year)."""
_BOUNDS = ("6", "c", "g", "k", "o", "s", "w")
BUCKETS = len(_BOUNDS) + 1
"""Partitions of what is read in the order of ids: ranges of base32, over which ids are spread evenly."""
LAST = "\U0010ffff"
"""Sorts after every text of ours."""


def shard_of(key: str) -> int:
    """One of `SHARDS`, by the key's own bytes."""
    return crc32(key.encode(errors="surrogateescape")) % SHARDS


def bucket_of(submission_id: str) -> int:
    """One of `BUCKETS`; a greater id is never in a smaller bucket."""
    return bisect_right(_BOUNDS, submission_id)


def table_request(name: str) -> dict[str, Any]:
    """What `CreateTable` is told: for a local stand-in; on AWS the stack of infra/template.yaml makes the table."""
    attributes = sorted({PK, SK, *(attribute for pair in INDEXES.values() for attribute in pair)})
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": one, "AttributeType": "S"} for one in attributes],
        "KeySchema": _key_schema(PK, SK),
        "GlobalSecondaryIndexes": [
            {"IndexName": index, "KeySchema": _key_schema(*pair), "Projection": {"ProjectionType": "KEYS_ONLY"}}
            for index, pair in INDEXES.items()
        ],
    }


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
