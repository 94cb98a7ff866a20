"""Clients of AWS, made where they are used: boto3 takes a fifth of a second to load and has no place on one machine."""

from functools import cache
from typing import Any


@cache
def client(service: str, *, attempts: int = 5, read_seconds: int = 20, signature_version: str | None = None) -> Any:
    """A client of one service, from the process's own credentials and region (`AWS_ENDPOINT_URL` for a local one).

    One for the whole process: clients may be shared by threads, and making one costs 50 ms. Waits are bounded.
    `attempts` counts the first one: 1 where the caller's own loop decides what to repeat.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=5,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=32,
        signature_version=signature_version,
    )
    return boto3.session.Session().client(service, config=config)
