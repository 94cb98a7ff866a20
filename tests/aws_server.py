"""A local stand-in for AWS: moto's server over HTTP, one for each test process, with credentials that open nothing."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

REGION = "ap-southeast-1"


@dataclass(frozen=True, slots=True)
class LocalAws:
    """Where the stand-in listens."""

    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs in order to take it for AWS."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A client of one of its services."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """Start the stand-in on a free port; its state begins empty and ends with it."""
    os.environ.setdefault("MOTO_ENABLE_ISO_REGIONS", "false")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        yield LocalAws(f"http://127.0.0.1:{port}")
    finally:
        server.stop()
