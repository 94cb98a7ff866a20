"""A local stand-in for AWS: moto's server over HTTP, one for each test process, with credentials that open nothing."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from infra.aws_clients import client

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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

    def client(self, service: str, region: str = REGION) -> Any:
        """A client of one of its services."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )


class Gate:
    """In front of moto: one DynamoDB request at a time, because its transactions are not atomic under threads, and an
    answer to the one question of Zappa's that it does not know (which function URLs there are: none)."""

    def __init__(self, application: "WSGIApplication") -> None:
        self.application = application
        self.one_at_a_time = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass a request on."""
        if environ["PATH_INFO"].startswith("/2021-10-31/functions/") and environ["PATH_INFO"].endswith("/urls"):
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"FunctionUrlConfigs": []}']
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB_"):
            with self.one_at_a_time:
                return list(self.application(environ, start_response))
        return self.application(environ, start_response)


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """Start the stand-in on a free port; its state begins empty and ends with it."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log(self, *_args: object) -> None:
            """No access log: a year is thousands of calls."""

    application = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, name="aws", daemon=True)
    thread.start()
    client.cache_clear()  # a client made for another stand-in would look for that one
    running = LocalAws(f"http://127.0.0.1:{server.port}")
    try:
        yield running
    finally:
        client.cache_clear()
        requests.post(f"{running.url}/moto-api/reset", timeout=10)  # what it holds is the process's, not the server's
        server.shutdown()
        thread.join()
        server.server_close()
