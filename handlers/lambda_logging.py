"""The log of the functions: one JSON object a line, each with the invocation it belongs to, nothing about people.

The Powertools formatter loads with the first line that is written, so a page that writes none does not wait for it.
No event is ever logged: its path may be a link, its body holds figures.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_INVOCATION: ContextVar[str] = ContextVar("invocation", default="")


@contextmanager
def named(context: Any) -> Iterator[None]:
    """Lines written inside bear this invocation's id."""
    token = _INVOCATION.set(getattr(context, "aws_request_id", ""))
    try:
        yield
    finally:
        _INVOCATION.reset(token)


class JsonLines(logging.StreamHandler[Any]):
    """Writes records as Powertools' logger would."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        if self.formatter is None:
            from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

            self.formatter = LambdaPowertoolsFormatter(service=os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "zhibao"))
        record.correlation_id = _INVOCATION.get()
        return super().format(record)


def log_as_json() -> None:
    """Make this the one way the process logs; the runtime's own handler would write each line a second time."""
    root = logging.getLogger()
    root.handlers[:] = [JsonLines()]
    root.setLevel(logging.INFO)
    logging.getLogger("botocore").setLevel(logging.WARNING)
